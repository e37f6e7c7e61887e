#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include <durasim/explore.hpp>

#include "durasim/explore/census.hpp"
#include "durasim/explore/certificate.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/explore/tally.hpp"

namespace durasim {

/// A schedule that is still to be run.
struct Candidate {
  Schedule schedule;
  /// Of its faults: among schedules of as many, the plain ones are run first.
  std::uint32_t oddity = 0;
  std::size_t number = 0;     ///< in the order of their discovery
  std::uint64_t without = 0;  ///< the footprint of the run that has not got its last choice
  /// Where shards share the work: this one counts it, and where it stands among all schedules.
  bool counted = true;
  std::vector<std::uint64_t> place = {};

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::pair(a.oddity, a.number) < std::pair(b.oddity, b.number);
  }
};

/// One more choice of a schedule: what makes another one of it.
struct Branch {
  Schedule::Choice choice;
  std::uint32_t level = 0;   ///< the number of faults of the schedule that it makes
  std::uint32_t oddity = 0;  ///< of the choice alone
};

/// What a schedule came to, as far as the exploration goes on with it.
struct ScheduleOutcome {
  /// It broke a rule, asks for its test to be skipped, or ends the test by an exception.
  bool remarkable = false;
  bool fault_offered = false;
  std::uint32_t executions = 0;
  Margins margins = {};
  Certificate certificate;
  RunCoverage coverage;
  std::vector<std::uint64_t> states;    ///< those that no earlier run of the process met
  std::vector<std::uint64_t> shadowed;  ///< likewise
  std::vector<Branch> branches;         ///< of an unremarkable one
  std::vector<Finding> findings;        ///< without their paths
  RunCensus census;                     ///< for audits only

  void add_to(Tally& tally) const;
};

/// Runs the schedules of one exploration. A copy in another process knows what this one knew.
class ScheduleRunner {
 public:
  /// Both outlive it; `options.faults` is the model.
  ScheduleRunner(const Scenario& scenario, const VerifyOptions& options)
      : scenario_(scenario), options_(options), references_(scenario, options_.simulation) {}

  /// Runs and judges. `number`: of the schedule in the exploration, counted from 1.
  /// Errors:  rethrows test aborts.
  ScheduleOutcome run(const Schedule& schedule, std::uint64_t number);
  /// The same in a worker, which must not throw: the parent will run the schedule again.
  ScheduleOutcome run_in_worker(const Schedule& schedule, std::uint64_t number);
  /// What was run last.
  const RunResult& last() const { return run_; }
  /// Runs and judges as if nothing had been run before.
  RunResult run_afresh(const Schedule& schedule);

  /// What runs of another process met.
  void learn(std::span<const std::uint64_t> states, std::span<const std::uint64_t> shadowed);
  bool judges_simulator() const { return options_.simulation.oracles.contains(Oracle::simulator); }
  /// From now on each outcome has a census.
  void take_census() { takes_census_ = true; }

 private:
  std::vector<Branch> branches(const Schedule& schedule, bool& fault_offered) const;

  const Scenario& scenario_;
  const VerifyOptions& options_;
  References references_;
  ShadowedStates shadowed_;
  std::unordered_set<std::uint64_t> states_;
  RunResult run_;
  bool takes_census_ = false;
};

}  // namespace durasim
