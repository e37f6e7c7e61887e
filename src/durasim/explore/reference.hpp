#pragma once

#include <cstdint>
#include <unordered_map>

#include "durasim/explore/run.hpp"

namespace durasim {

/// The fault-free runs with which others are compared: one for each environment that was met.
class References {
 public:
  References(const Scenario& scenario, const SimulationOptions& options)
      : scenario_(scenario), options_(options) {}

  /// `run` was fault-free: it is the reference for its environment.
  void add(const RunResult& run) { runs_.emplace(run.environment.hash(), run.environment); }

  /// result-agreement for a run with faults and without other findings.
  void judge(RunResult& run, const std::string& inputs = {});

 private:
  const Scenario& scenario_;
  const SimulationOptions& options_;
  std::unordered_map<std::uint64_t, Environment> runs_;
};

}  // namespace durasim
