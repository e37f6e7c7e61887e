#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <durasim/explore.hpp>

namespace durasim {

struct ShrinkOptions {
  /// The model under which a Schedule's positions count, and whose faults may take the place of
  /// others. A file brings its own.
  FaultModel faults = FaultModel::standard();
  /// Identity of the scenario in files; by default the running test. A file brings its own.
  std::string name = {};
  SimulationOptions simulation = {};
  /// At most so many runs.
  std::uint64_t max_runs = 10'000;
};

/// The smallest schedule that was found to fail like another one.
/// One schedule is smaller than another if it has fewer faults; or as many but fewer random draws;
/// or as many, but they happen earlier; or at the same choices, but they are milder.
struct Shrunk {
  /// Its story. `minimal`: every schedule with fewer faults was run, and none fails alike.
  Verification smallest;
  bool smallest_of_all = false;    ///< every smaller schedule was run, and none fails alike
  std::uint64_t runs = 0;          ///< that it took
  std::filesystem::path original;  ///< the file of the schedule that it was made from
  /// Other failures that were met meanwhile, each with the schedule by which it was met first.
  std::vector<Verification> others;
};

/// Makes a failing schedule smaller. Failing alike is having a first finding of the same signature:
/// oracle, operation and place. Files are on disk before this returns: the smallest beside the
/// original, as X.shrunk.durasim.json, unless nothing is smaller; those of other failures under
/// their own names.
/// Replay:  the same schedules are run in the same order each time.
/// Errors:  std::invalid_argument if the schedule breaks no rule; ScheduleError for a file that cannot
///          be used; DivergedError if the scenario offers other choices than the file.
Shrunk shrink(const Scenario& scenario, const Schedule& schedule, ShrinkOptions options = {});
Shrunk shrink(const Scenario& scenario, const Script& script, ShrinkOptions options = {});
Shrunk shrink(const Scenario& scenario, const std::filesystem::path& file,
              ShrinkOptions options = {});

}  // namespace durasim
