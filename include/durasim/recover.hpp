#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <durasim/report.hpp>

/// What processes that died have left behind.
namespace durasim {

/// A run that a process did not survive.
struct Recovered {
  std::filesystem::path file;  ///< its schedule, as it is stored now
  std::string scenario;
  /// How the process ended; "killed" if it could not say so. Then the run need not be to blame.
  std::string ended;
  std::uint32_t process = 0;
};

/// Turns what dead processes left in `folder` into schedule files beside it, one for each run that
/// they were in the middle of, and removes it. What belongs to a living process is left alone.
/// Shape:   in the order of their names. A write-ahead file of another version of durasim is left
///          there and told of on stderr.
/// Errors:  std::runtime_error if a schedule cannot be written; nothing is removed then.
std::vector<Recovered> recover(const std::filesystem::path& folder = output_folder());

}  // namespace durasim
