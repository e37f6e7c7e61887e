#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/schedule.hpp>

/// Schedule files as the program is told of them.
namespace durasim::program {

/// A schedule and where it is.
struct Stored {
  std::filesystem::path path;
  ScheduleFile file;
};

/// How a process ended that could not say how: its run need not be to blame.
inline constexpr std::string_view kKilled = "killed";

/// Errors:  UsageError.
ScheduleFile load_schedule(const std::filesystem::path& path);
/// The files themselves, and all below the folders whose names end so; those of a folder in the order
/// of their paths.
/// Errors:  UsageError for a folder that cannot be read.
std::vector<std::filesystem::path> files_below(const std::vector<std::filesystem::path>& from,
                                               std::string_view ending);
/// The files, and all *.durasim.json below the folders.
/// Errors:  UsageError for one that is not there or cannot be read.
std::vector<Stored> load_schedules(const std::vector<std::filesystem::path>& from);

/// Errors:  UsageError unless it is a folder.
void expect_folder(const std::filesystem::path& folder);

/// Choices that are not benign.
std::size_t fault_count(const ScheduleFile& file);
/// By number of faults, then of choices, then by path.
bool is_smaller(const Stored& a, const Stored& b);
/// What a failure is known by: scenario, what it broke or how the process ended, signature.
std::string identity_of(const ScheduleFile& file);
/// The oracle, or how the process ended; empty for a run that broke no rule, or was not made yet.
const std::string& kind_of(const ScheduleFile& file);

}  // namespace durasim::program
