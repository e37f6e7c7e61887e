#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <durasim/explore.hpp>

#include "durasim/explore/run.hpp"

/// Failures on disk, and how they come back.
namespace durasim {

/// The identity of a call of verify in this process: `name`, or the running test and which call of
/// it this is.
std::string verify_identity(const std::string& name);
/// The identity of a property's calls of check, which are many for one property.
std::string check_identity(const std::string& name);

/// A run as a file; `main` is the finding that it is about.
ScheduleFile to_schedule_file(const std::string& scenario, const std::string& inputs,
                              const FaultModel& faults, const RunResult& run, const Finding* main);

/// The fault model of a stored run.
FaultModel offered_by(const ScheduleFile& file);

/// Where a failure's schedule belongs.
std::filesystem::path schedule_path(const std::string& scenario, const Finding& main);

/// "Suite.Case", or empty outside tests.
std::string running_test();
/// The name of a scenario in letters that every file system takes.
std::string file_name_of(const std::string& scenario);
/// Where the result of a shard belongs.
std::filesystem::path shard_path(const std::string& scenario, const Shard& shard);

/// One line that shows the failure again, from any folder.
std::string reproduce_command(const std::filesystem::path& file);
/// The same for a file of the output folder that has no name yet: what comes before it and after it.
std::pair<std::string, std::string> reproduce_command_around();

/// From now on commands are without the arguments of this process: a replay does not ask for them.
void leave_arguments_out_of_commands();

/// The schedule that $DURASIM_REPLAY names, if it is for this scenario. From the first call on, a
/// process in which no scenario matches will exit with status 3.
/// Errors:  ScheduleError for a file
/// that cannot be used.
const ScheduleFile* replay_for(const std::string& scenario);
/// Where that schedule is; empty if there is none.
const std::filesystem::path& replayed_path();

}  // namespace durasim
