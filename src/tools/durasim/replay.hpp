#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/durasim/result.hpp"

namespace durasim::program {

/// A program and its arguments.
using Command = std::vector<std::string>;

/// What the replay of a schedule by a program came to.
struct Replayed {
  Status status = Status::internal;  ///< of the schedule, whatever else the program ran
  bool reached = false;              ///< the program came to the scenario
  std::string ending;                ///< of the program: "status 1", "SIGSEGV"
  std::string oracle;                ///< that it violated again, if any
  std::string signature;             ///< of what it found
  std::string remark;                ///< what the status does not say; may be empty
};

/// Where the output of the program goes.
enum class ReplayOutput { through, to_stderr, nowhere };

/// Runs `command` with DURASIM_REPLAY=`file`, and with DURASIM_OUT=`out` if that is not empty. The
/// command is the caller's: nothing in the file is run.
/// Errors:  UsageError if it cannot be run.
Replayed run_replay(const std::filesystem::path& file, const Command& command, ReplayOutput output,
                    const std::filesystem::path& out = {});

/// The same as a command of the program, which checks the file first.
/// Errors:  UsageError.
Result replay(const std::filesystem::path& file, const Command& command, bool json);

}  // namespace durasim::program
