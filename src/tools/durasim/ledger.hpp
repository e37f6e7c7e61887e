#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <durasim/schedule.hpp>

/// What is known of failures from one campaign to the next.
/// Source: docs/how-to/triage.md#the-ledger
namespace durasim::program {

/// A failure that was met.
struct Known {
  std::string scenario;
  std::string kind;  ///< the oracle, or how the process ended
  std::string operation;
  std::string signature;
  std::string first_seen;  ///< UTC, such as "2026-11-23T02:00:00Z": texts are in order of time
  std::string last_seen;
  std::string expected;  ///< where it is being dealt with; empty if it is not expected
  std::string schedule;  ///< JSON of the smallest one without its events; empty if there is none

  /// Makes it the schedule, unless the one that is kept has fewer faults: a new one fits the program
  /// better.
  void keep(ScheduleFile file);
};

/// A file of them, in the order of scenario, kind and signature.
class Ledger {
 public:
  /// Empty if there is no such file.
  /// Errors:  UsageError saying what is wrong and where.
  static Ledger load(const std::filesystem::path& file);
  /// Written to a temporary name and renamed. Leaves a file alone that says the same.
  void save(const std::filesystem::path& file) const;

  std::vector<Known>& entries() { return entries_; }
  const std::vector<Known>& entries() const { return entries_; }
  /// The entry for it, which may be a new one.
  Known& entry(const std::string& scenario, const std::string& kind, const std::string& signature);

  std::string to_json() const;

 private:
  std::vector<Known> entries_;
};

}  // namespace durasim::program
