#pragma once

#include <optional>
#include <string>

#include "durasim/explore/run.hpp"

namespace durasim {

/// Makes `run`, which broke a rule, once more in a process of its own, forked from this one: whatever
/// this process has come to meanwhile, and whatever the run does to the process, is then of no effect.
/// A finding of the simulator, with the first difference, if it is another run there; nothing if it is
/// the same, or if there is no other process to be had.
std::optional<Finding> judge_in_fresh_process(const Scenario& scenario,
                                              const SimulationOptions& options,
                                              const RunResult& run, const std::string& inputs);

}  // namespace durasim
