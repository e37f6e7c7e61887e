#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <durasim/explore.hpp>

/// Random exploration, where running every schedule would take too long.
namespace durasim {

struct SearchOptions {
  /// Without one: $DURASIM_SEED, or 1. A test draws the same each time.
  std::optional<std::uint64_t> seed = {};
  /// At most so many runs. Without it: kDefaultRuns, or as many as it takes if there is a duration
  /// or a plateau.
  std::optional<std::uint64_t> runs = {};
  /// At most so long. How far it comes then depends on the machine; what each run does does not.
  /// Where $DURASIM_RUNS or $DURASIM_SECONDS is set, these replace both limits.
  std::optional<std::chrono::milliseconds> duration = {};
  /// Ends once so many runs in a row have met no new durable state; 0: does not. Looked at after
  /// each block of kBlockRuns runs.
  std::uint64_t plateau = 0;
  /// At most so many faults in one run: what follows them shows whether it heals.
  std::uint32_t max_faults = 3;
  FaultModel faults = FaultModel::standard();
  /// At most so many times in one run does something else go first.
  std::uint32_t max_preemptions = 1;
  /// At most so many answers from outside in one run are other than the test says.
  std::uint32_t max_environment = 1;
  /// At most so many random draws other than the nominal one in one run.
  std::uint32_t max_data = 1;
  /// Goes on after a failure and collects one of each signature.
  bool keep_going = false;
  /// Makes each failure smaller before it is reported.
  bool shrink = true;
  /// Processes that share the work. Verdict, findings and figures do not depend on it. Two and more are
  /// isolated, whatever `isolation` says.
  std::uint32_t jobs = 1;
  /// With `fork` and `keep_going` the search goes on after runs that end their process.
  Isolation isolation = Isolation::none;
  /// Identity of the scenario in files; by default the running test and the ordinal of the call in
  /// it.
  std::string name = {};
  SimulationOptions simulation = {};
};

/// Runs of a search that is not told how long to go on.
inline constexpr std::uint64_t kDefaultRuns = 10'000;

/// Runs are made in blocks of so many: a block depends on the seed and its number only, so that
/// processes and machines can share a search.
inline constexpr std::uint64_t kBlockRuns = 1'024;

/// Runs `scenario` under random schedules: a portfolio of single faults in order of plainness, swarms,
/// faults at random places, and variations of runs that met a durable state for the first time.
/// REFUTED with the failures, each shrunk and on disk before this returns; INCOMPLETE if there is
/// none, as a search proves nothing.
/// Replay:  run number i is the same for the same seed, whatever the other options but `faults`,
///          bounds and `simulation`.
/// Errors:  as verify.
Verification search(const Scenario& scenario, SearchOptions options = {});

}  // namespace durasim
