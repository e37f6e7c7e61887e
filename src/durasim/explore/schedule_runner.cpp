#include "durasim/explore/schedule_runner.hpp"

#include <utility>

#include "durasim/core/oddity.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/ring.hpp"

namespace durasim {
void ScheduleOutcome::add_to(Tally& tally) const {
  ++tally.runs;
  tally.executions += executions;
  widen(tally.margins, margins);
  tally.certificate.add(certificate);
}

ScheduleOutcome ScheduleRunner::run(const Schedule& schedule, std::uint64_t number) {
  ScheduleChooser chooser(schedule);
  RunSetup setup{scenario_, options_.simulation, chooser};
  setup.shadowed = &shadowed_;
  if (options_.after_run)
    setup.after = [&](const Simulation& sim) { options_.after_run(sim, schedule); };
  const bool repeats = judges_simulator() && is_repeated(number);
  const ShadowedStates shadowed = repeats ? shadowed_ : ShadowedStates();
  Trace trace;
  if (repeats) setup.monitors = {&trace};
  CensusTaker census;
  if (takes_census_) setup.monitors.push_back(&census);
  run_ = run_once(setup);
  ScheduleOutcome outcome;
  outcome.executions = run_.executions;
  outcome.margins = run_.margins;
  for (const std::uint64_t state : run_.states) {
    if (states_.insert(state).second) outcome.states.push_back(state);
  }
  outcome.shadowed = shadowed_.take_added();
  const bool skipped = run_.skip && run_.findings.empty();
  if (!skipped && schedule.choices.empty()) references_.add(run_);
  if (!skipped && !schedule.choices.empty()) references_.judge(run_);
  if (!skipped && repeats && run_.findings.empty()) {
    if (auto finding =
            judge_repetition(scenario_, options_.simulation, schedule, trace.text(), &shadowed))
      run_.findings.push_back(std::move(*finding));
  }
  outcome.remarkable = skipped || !run_.findings.empty();
  outcome.certificate = certify(schedule, run_);
  outcome.coverage = cover(run_);
  if (takes_census_) outcome.census = census.take(run_.decisions);
  if (!outcome.remarkable) outcome.branches = branches(schedule, outcome.fault_offered);
  return outcome;
}

ScheduleOutcome ScheduleRunner::run_in_worker(const Schedule& schedule, std::uint64_t number) {
  try {
    const RunRecord record(schedule);
    ScheduleOutcome outcome = run(schedule, number);
    outcome.findings = run_.findings;
    if (!run_.findings.empty()) store_at_once(run_);  // the parent may not come to it any more
    return outcome;
  } catch (...) {  // the parent comes to it as well
    ScheduleOutcome outcome;
    outcome.remarkable = true;
    return outcome;
  }
}

RunResult ScheduleRunner::run_afresh(const Schedule& schedule) {
  ScheduleChooser chooser(schedule);
  RunResult run = run_once({scenario_, options_.simulation, chooser});
  if (!schedule.choices.empty()) References(scenario_, options_.simulation).judge(run);
  return run;
}

void ScheduleRunner::learn(std::span<const std::uint64_t> states,
                           std::span<const std::uint64_t> shadowed) {
  states_.insert(states.begin(), states.end());
  for (const std::uint64_t state : shadowed) shadowed_.add(state);
  shadowed_.take_added();
}

/// Those that differ from this one in one more choice, made after all others.
std::vector<Branch> ScheduleRunner::branches(const Schedule& schedule, bool& fault_offered) const {
  const std::vector<Decision>& decisions = run_.decisions;
  const Spent spent = spent_in(decisions);
  const Spent bounds{
      {options_.max_faults, options_.max_preemptions, options_.max_environment, options_.max_data}};
  const std::size_t first = schedule.choices.empty() ? 0 : schedule.choices.back().position + 1;
  std::vector<Branch> branches;
  for (std::size_t i = first; i < decisions.size(); ++i) {
    const Budget budget = budget_of(decisions[i].site.choice);
    fault_offered = fault_offered || budget == Budget::faults;
    if (spent.on(budget) >= bounds.on(budget)) continue;
    const std::uint32_t level = spent.on(Budget::faults) + (budget == Budget::faults ? 1 : 0);
    for (std::uint32_t alternative = 1; alternative < decisions[i].bound; ++alternative) {
      branches.push_back({{static_cast<std::uint32_t>(i), alternative},
                          level,
                          oddity(decisions[i].alternative(alternative))});
    }
  }
  return branches;
}

}  // namespace durasim
