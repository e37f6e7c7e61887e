#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/durasim/replay.hpp"
#include "tools/durasim/result.hpp"

namespace durasim::program {

struct TriageOptions {
  std::filesystem::path folder;
  std::filesystem::path ledger;  ///< durasim-triage.json in the folder if empty
  std::vector<std::string>
      expected;     ///< "SIGNATURE=REF": known, and dealt with there; "SIGNATURE=": no more
  Command command;  ///< replays the smallest schedule of each failure, if not empty
  bool json = false;
};

/// Sorts the schedules below a folder into failures, and remembers in a ledger when each was seen. A
/// failure that is expected is none to this command, until it is there no more.
/// Errors:  UsageError.
/// Source: docs/how-to/triage.md
Result triage(const TriageOptions& options);

}  // namespace durasim::program
