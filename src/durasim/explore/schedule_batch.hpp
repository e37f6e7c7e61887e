#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "durasim/explore/schedule_runner.hpp"
#include "durasim/explore/tally.hpp"

namespace durasim {

/// What schedules in a row came to, for the exploration to go on with: in another process, whose
/// results are handed over in one piece.
struct ScheduleBatch {
  /// Of a schedule: others that have one choice more.
  struct Branching {
    std::uint64_t place = 0;      ///< in the batch
    std::uint64_t footprint = 0;  ///< of its run
    std::vector<Branch> branches;
  };

  std::uint64_t made = 0;  ///< schedules, without the remarkable one
  Tally tally;             ///< of those that count
  CoverageCounts coverage;
  Census census;  ///< for audits only
  bool fault_offered = false;
  bool executed = false;
  std::vector<std::uint64_t> states;        ///< new to the process, of those that count
  std::vector<std::uint64_t> other_states;  ///< of those that do not
  std::vector<std::uint64_t> shadowed;
  std::vector<Branching> branching;
  bool remarkable = false;        ///< there is one more schedule, which is to be looked at
  std::vector<Finding> findings;  ///< of that one, without their paths

  void add(const Candidate& candidate, ScheduleOutcome outcome);
  std::string pack() const;
  static ScheduleBatch unpack(std::string_view bytes);
};

}  // namespace durasim
