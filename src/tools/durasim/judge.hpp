#pragma once

#include <string>
#include <vector>

#include "tools/durasim/files.hpp"
#include "tools/durasim/ledger.hpp"
#include "tools/durasim/replay.hpp"
#include "tools/durasim/result.hpp"

/// What has become of the failures that are known.
/// Source: docs/reference/cli.md#triage
namespace durasim::program {

/// The schedules of one failure in the folder.
struct Failure {
  std::vector<Stored> schedules;  ///< smallest first
  std::string first;              ///< when the oldest was written
  std::string last;
};

struct Judged {
  Known known;
  const Failure* failure = nullptr;  ///< null if no schedule of it is in the folder
  std::string state;
  std::string remark;
  Status status = Status::holds;

  bool is_expected() const { return !known.expected.empty(); }
  /// Nothing to be told of.
  bool is_quiet() const {
    return status == Status::holds && (state == "expected" || state == "not seen");
  }
};

/// Judges by the schedules that are there; with a program, by the replay of the smallest one, which
/// may be that of the ledger. Only a replay that holds says that a failure is no more: a search that
/// has missed it says nothing.
/// Errors:  UsageError if the program cannot be run.
Judged judge(const Known& known, const Failure* failure, bool is_new, const Command& program);

}  // namespace durasim::program
