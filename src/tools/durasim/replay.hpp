#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/durasim/result.hpp"

namespace durasim::program {

/// A program and its arguments.
using Command = std::vector<std::string>;

/// How a program ended that was to replay a schedule.
struct Replayed {
  Status status = Status::internal;
  std::string ending;  ///< "status 1", "SIGSEGV"
};

/// Where the output of the program goes.
enum class ReplayOutput { through, to_stderr, nowhere };

/// Runs `command` with DURASIM_REPLAY=`file`. The command is the caller's: nothing in the file is run.
/// Errors:  UsageError if it cannot be run.
Replayed run_replay(const std::filesystem::path& file, const Command& command, ReplayOutput output);

/// The same as a command of the program, which checks the file first.
/// Errors:  UsageError.
Result replay(const std::filesystem::path& file, const Command& command, bool json);

}  // namespace durasim::program
