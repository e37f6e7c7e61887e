#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <durasim/coverage.hpp>
#include <durasim/simulation.hpp>

#include "durasim/core/packed.hpp"

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

/// What is counted of runs elsewhere: cheap to add up, and to hand over between processes.
class CoverageCounts {
 public:
  void add(const RunCoverage& run, const std::uint64_t* without);
  void add(const CoverageCounts& other);
  void pack(PackedWriter& out) const;
  static CoverageCounts unpack(PackedReader& in);
  /// With nothing but what was counted.
  Coverage coverage() const;

  void count_offered(OperationKind operation, const FaultSet& menu);
  void count_injected(OperationKind operation, Fault fault, bool effective);
  void count_run(OracleSet exercised);

 private:
  /// Offered, injected, effective.
  using Counts = std::array<std::uint64_t, 3>;
  Counts& at(OperationKind operation, Fault fault);

  std::vector<Counts> counts_;  ///< kFaultCount for each kind of operation; empty until the first
  std::uint64_t runs_ = 0;
  OracleSet exercised_ = OracleSet::none();
};

/// Fills in what operation each choice of a run concerned, what its oracles had to judge, and its footprint.
void read_coverage(const World& world, RunResult& result);

}  // namespace durasim
