#pragma once

#include <cstdint>
#include <vector>

#include <durasim/coverage.hpp>
#include <durasim/simulation.hpp>

namespace durasim {

class World;
struct RunResult;

/// What one run adds to a coverage.
struct RunCoverage {
  struct Choice {
    OperationKind operation = OperationKind::execution;
    Fault taken = Fault::none;
    FaultSet offered = {};
  };
  std::vector<Choice> choices;
  OracleSet exercised = OracleSet::none();
  std::uint64_t footprint = 0;
};
RunCoverage cover(const RunResult& run);

/// Of an exploration of which nothing has been run yet.
Coverage coverage_of(const SimulationOptions& options);
/// Adds a run. `without`: the footprint of the run without its last fault; null where it is not known.
void add(Coverage& coverage, const RunCoverage& run, const std::uint64_t* without);

/// Fills in what operation each choice of a run concerned, what its oracles had to judge, and its footprint.
void read_coverage(const World& world, RunResult& result);

}  // namespace durasim
