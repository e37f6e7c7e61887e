#include "durasim/explore/schedule_runner.hpp"

#include <utility>

#include "durasim/core/oddity.hpp"
#include "durasim/core/packed.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/ring.hpp"

namespace durasim {
namespace {

void pack_numbers(PackedWriter& out, const std::vector<std::uint64_t>& numbers) {
  out.add(numbers.size());
  for (const std::uint64_t number : numbers) out.add(number);
}

std::vector<std::uint64_t> unpack_numbers(PackedReader& in) {
  std::vector<std::uint64_t> numbers(in.number());
  for (std::uint64_t& number : numbers) number = in.number();
  return numbers;
}

void pack_finding(PackedWriter& out, const Finding& finding) {
  out.add(static_cast<std::uint64_t>(finding.oracle));
  for (const std::string* text :
       {&finding.what, &finding.operation, &finding.file, &finding.remedy})
    out.add(*text);
  out.add(finding.line);
  out.add(static_cast<std::uint64_t>(finding.at.time_since_epoch().count()));
}

Finding unpack_finding(PackedReader& in) {
  Finding finding;
  finding.oracle = in.as<Oracle>();
  for (std::string* text : {&finding.what, &finding.operation, &finding.file, &finding.remedy})
    *text = in.text();
  finding.line = in.as<std::uint32_t>();
  finding.at = Timestamp(Duration(in.as<Duration::rep>()));
  return finding;
}

void pack_coverage(PackedWriter& out, const RunCoverage& coverage) {
  out.add(coverage.exercised.bits());
  out.add(coverage.footprint);
  out.add(coverage.choices.size());
  for (const RunCoverage::Choice& choice : coverage.choices) {
    out.add(static_cast<std::uint64_t>(choice.operation) << 8U |
            static_cast<std::uint64_t>(choice.taken));
    for (const std::uint64_t word : choice.offered.words()) out.add(word);
  }
}

RunCoverage unpack_coverage(PackedReader& in) {
  RunCoverage coverage;
  coverage.exercised = OracleSet::from_bits(in.as<std::uint32_t>());
  coverage.footprint = in.number();
  coverage.choices.resize(in.number());
  for (RunCoverage::Choice& choice : coverage.choices) {
    const std::uint64_t word = in.number();
    const std::uint64_t first = in.number();
    choice = {static_cast<OperationKind>(word >> 8U), static_cast<Fault>(word & 0xffU),
              FaultSet::from_words({first, in.number()})};
  }
  return coverage;
}

}  // namespace

std::string ScheduleOutcome::pack() const {
  PackedWriter out;
  out.add(static_cast<std::uint64_t>(remarkable));
  out.add(static_cast<std::uint64_t>(fault_offered));
  out.add(executions);
  for (const Margin& margin : margins) {
    out.add(margin.used);
    out.add(margin.limit);
  }
  out.add(certificate.high);
  out.add(certificate.low);
  pack_coverage(out, coverage);
  pack_numbers(out, states);
  pack_numbers(out, shadowed);
  out.add(branches.size());
  for (const Branch& branch : branches) {
    out.add(std::uint64_t{branch.choice.position} << 32U | branch.choice.alternative);
    out.add(std::uint64_t{branch.level} << 32U | branch.oddity);
  }
  out.add(findings.size());
  for (const Finding& finding : findings) pack_finding(out, finding);
  return out.take();
}

ScheduleOutcome ScheduleOutcome::unpack(std::string_view bytes) {
  PackedReader in(bytes);
  ScheduleOutcome outcome;
  outcome.remarkable = in.number() != 0;
  outcome.fault_offered = in.number() != 0;
  outcome.executions = in.as<std::uint32_t>();
  for (std::size_t i = 0; i < kMarginCount; ++i) {
    const std::uint64_t used = in.number();
    outcome.margins[i] = {outcome.executions == 0 ? "" : kMarginNames[i], used, in.number()};
  }
  outcome.certificate.high = in.number();
  outcome.certificate.low = in.number();
  outcome.coverage = unpack_coverage(in);
  outcome.states = unpack_numbers(in);
  outcome.shadowed = unpack_numbers(in);
  outcome.branches.resize(in.number());
  for (Branch& branch : outcome.branches) {
    const std::uint64_t choice = in.number();
    const std::uint64_t rest = in.number();
    branch = {{static_cast<std::uint32_t>(choice >> 32U), static_cast<std::uint32_t>(choice)},
              static_cast<std::uint32_t>(rest >> 32U),
              static_cast<std::uint32_t>(rest)};
  }
  outcome.findings.resize(in.number());
  for (Finding& finding : outcome.findings) finding = unpack_finding(in);
  return outcome;
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
  run_ = run_once(setup);
  ScheduleOutcome outcome;
  outcome.executions = run_.executions;
  outcome.margins = run_.margins;
  for (const std::uint64_t state : run_.states) {
    if (states_.insert(state).second) outcome.states.push_back(state);
  }
  outcome.shadowed = shadowed_.take_added();
  const bool skipped = run_.skip && run_.findings.empty();
  if (!skipped && schedule.faults.empty()) references_.add(run_);
  if (!skipped && !schedule.faults.empty()) references_.judge(run_);
  if (!skipped && repeats && run_.findings.empty()) {
    if (auto finding =
            judge_repetition(scenario_, options_.simulation, schedule, trace.text(), &shadowed))
      run_.findings.push_back(std::move(*finding));
  }
  outcome.remarkable = skipped || !run_.findings.empty();
  outcome.certificate = certify(schedule, run_);
  outcome.coverage = cover(run_);
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
  if (!schedule.faults.empty()) References(scenario_, options_.simulation).judge(run);
  return run;
}

void ScheduleRunner::learn(const ScheduleOutcome& outcome) {
  states_.insert(outcome.states.begin(), outcome.states.end());
  for (const std::uint64_t state : outcome.shadowed) shadowed_.add(state);
  shadowed_.take_added();
}

/// Those that differ from this one in one more choice, made after all others.
std::vector<Branch> ScheduleRunner::branches(const Schedule& schedule, bool& fault_offered) const {
  const std::vector<Decision>& decisions = run_.decisions;
  const Spent spent = spent_in(decisions);
  const Spent bounds{
      {options_.max_faults, options_.max_preemptions, options_.max_environment, options_.max_data}};
  const std::size_t first = schedule.faults.empty() ? 0 : schedule.faults.back().position + 1;
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
