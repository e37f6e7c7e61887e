#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/durasim/replay.hpp"
#include "tools/durasim/result.hpp"

namespace durasim::program {

struct TriageOptions {
  std::filesystem::path folder;
  std::filesystem::path ledger = {};  ///< durasim-triage.json in the folder if empty
  /// "SIGNATURE=REF": known, and dealt with there; "SIGNATURE=": no more.
  std::vector<std::string> expected = {};
  bool save = false;     ///< write the ledger; so does each of `expected`
  Command command = {};  ///< replays the smallest schedule of each failure, if not empty
  bool json = false;
};

/// Sorts the schedules below a folder into failures, beside those that a ledger remembers. A failure
/// that is expected is none to this command, until its replay holds. Changes nothing on disk unless it
/// is to save.
/// Errors:  UsageError.
/// Source: docs/how-to/triage.md
Result triage(const TriageOptions& options);

}  // namespace durasim::program
