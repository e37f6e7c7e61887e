#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <durasim/explore.hpp>

#include "durasim/core/oddity.hpp"
#include "durasim/explore/corpus.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/story.hpp"

namespace durasim {
namespace {

/// A schedule that is still to be run.
struct Candidate {
  Schedule schedule;
  std::uint32_t oddity =
      0;  ///< of its faults: among schedules of as many, the plain ones are run first
  std::size_t number = 0;  ///< in the order of their discovery

  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::pair(a.oddity, a.number) < std::pair(b.oddity, b.number);
  }
};
using Frontier = std::vector<std::vector<Candidate>>;  // by number of faults

/// One call of verify: enumerates schedules breadth-first by their number of faults.
class Exploration {
 public:
  Exploration(const Scenario& scenario, VerifyOptions options)
      : scenario_(scenario),
        options_(std::move(options)),
        references_(scenario, options_.simulation) {
    options_.simulation.faults = options_.faults;
    result_.scenario = verify_identity(options_.name);
    result_.max_faults = options_.max_faults;
    result_.faults = options_.faults;
    result_.inputs = scenario.inputs();
  }

  Verification run() {
    if (const ScheduleFile* file = replay_for(result_.scenario))
      return replay_file(scenario_, options_.simulation, *file, replayed_path());
    if (auto failed = replay_corpus(scenario_, options_.simulation, result_.scenario))
      return std::move(*failed);
    const Campaign campaign(result_.scenario, result_.inputs, options_.faults,
                            options_.simulation.hang_after);
    if (!repeatable()) return std::move(result_);
    Frontier frontier(1);
    frontier[0].push_back({});
    for (std::size_t faults = 0; faults < frontier.size(); ++faults) {
      std::sort(frontier[faults].begin(), frontier[faults].end());
      for (std::size_t i = 0; i < frontier[faults].size(); ++i) {
        if (result_.runs >= options_.max_runs) {
          for (const auto& level : frontier) result_.frontier += level.size();
          result_.frontier -= result_.runs;
          result_.verdict = Verdict::incomplete;
          return std::move(result_);
        }
        const Candidate candidate = frontier[faults][i];
        if (!run_one(candidate, frontier)) return std::move(result_);
      }
    }
    const bool nothing = result_.executions == 0 || (options_.max_faults > 0 && !offered_);
    result_.verdict = nothing ? Verdict::vacuous : Verdict::holds;
    return std::move(result_);
  }

 private:
  /// Runs the nominal schedule twice: nothing can be explored that does not repeat itself.
  bool repeatable() {
    if (!judges_simulator()) return true;
    const RunRecord record{Schedule{}};
    NominalChooser nominal;
    Trace trace;
    RunSetup setup{scenario_, options_.simulation, nominal};
    setup.monitors = {&trace};
    RunResult run = run_once(setup);
    if (skipped(run)) return false;
    auto finding = judge_repetition(scenario_, options_.simulation, {}, trace.text(), nullptr);
    if (!finding) return true;
    // A handler that disagrees with its own replay explains it, and comes first.
    std::vector<Finding>& findings = run.findings;
    const bool explained = !findings.empty() && findings.front().oracle == Oracle::replay_agreement;
    findings.insert(explained ? findings.end() : findings.begin(), std::move(*finding));
    result_.verdict = Verdict::refuted;
    result_.findings = std::move(findings);
    result_.runs = 2;
    return false;
  }

  bool judges_simulator() const { return options_.simulation.oracles.contains(Oracle::simulator); }

  /// False when the exploration is over.
  bool run_one(const Candidate& candidate, Frontier& frontier) {
    const Schedule& schedule = candidate.schedule;
    const RunRecord record(schedule);
    ScheduleChooser chooser(schedule);
    RunSetup setup{scenario_, options_.simulation, chooser};
    setup.shadowed = &shadowed_;
    if (options_.after_run)
      setup.after = [&](const Simulation& sim) { options_.after_run(sim, schedule); };
    const bool repeats = judges_simulator() && is_repeated(result_.runs + 1);
    const auto shadowed = repeats ? shadowed_ : std::unordered_set<std::uint64_t>();
    Trace trace;
    if (repeats) setup.monitors = {&trace};
    RunResult run = run_once(setup);
    ++result_.runs;
    result_.executions += run.executions;
    widen(result_.margins, run.margins);
    for (const std::uint64_t state : run.states) states_.insert(state);
    result_.durable_states = states_.size();
    if (skipped(run)) return false;
    if (schedule.faults.empty()) {
      references_.add(run);
    } else {
      references_.judge(run);
    }
    if (repeats && run.findings.empty()) {
      if (auto finding =
              judge_repetition(scenario_, options_.simulation, schedule, trace.text(), &shadowed))
        run.findings.push_back(std::move(*finding));
    }
    if (!run.findings.empty()) {
      refute(run);
      return false;
    }
    branch(candidate, run.decisions, frontier);
    return true;
  }

  /// Adds the schedules that differ from this one in one more choice, made after all others.
  void branch(const Candidate& candidate, const std::vector<Decision>& decisions,
              Frontier& frontier) {
    const Schedule& schedule = candidate.schedule;
    const Spent spent = spent_in(decisions);
    const Spent bounds{{options_.max_faults, options_.max_preemptions, options_.max_environment,
                        options_.max_data}};
    const std::size_t first = schedule.faults.empty() ? 0 : schedule.faults.back().position + 1;
    for (std::size_t i = first; i < decisions.size(); ++i) {
      const Budget budget = budget_of(decisions[i].site.choice);
      offered_ = offered_ || budget == Budget::faults;
      if (spent.on(budget) >= bounds.on(budget)) continue;
      const std::size_t level = spent.on(Budget::faults) + (budget == Budget::faults ? 1 : 0);
      if (level == frontier.size()) frontier.emplace_back();
      for (std::uint32_t alternative = 1; alternative < decisions[i].bound; ++alternative) {
        Candidate next{schedule, candidate.oddity + oddity(decisions[i].alternative(alternative)),
                       frontier[level].size()};
        next.schedule.faults.push_back({static_cast<std::uint32_t>(i), alternative});
        frontier[level].push_back(std::move(next));
      }
    }
  }

  /// The scenario asked for its test to be skipped. Failures before that come first.
  bool skipped(const RunResult& run) {
    if (!run.skip || !run.findings.empty()) return false;
    forward_skip(*run.skip);
    result_.verdict = Verdict::incomplete;
    return true;
  }

  /// The run broke a rule.
  void refute(const RunResult& run) {
    const bool of_simulator = run.findings.front().oracle == Oracle::simulator;
    result_.minimal = !of_simulator;  // found by a sample
    const Trace trace = tell_story(scenario_, options_.simulation, run, result_);
    if (judges_simulator() && !of_simulator) judge_counterexample(trace);
    report_failures(run);
  }

  void judge_counterexample(const Trace& trace) {
    auto finding = judge_repetition(scenario_, options_.simulation, result_.counterexample,
                                    trace.text(), nullptr);
    if (finding) result_.findings.push_back(std::move(*finding));
  }

  const Scenario& scenario_;
  VerifyOptions options_;
  References references_;
  Verification result_;
  std::unordered_set<std::uint64_t> shadowed_;
  std::unordered_set<std::uint64_t> states_;
  bool offered_ = false;
};

}  // namespace

Verification verify(const Scenario& scenario, VerifyOptions options) {
  return Exploration(scenario, std::move(options)).run();
}

}  // namespace durasim
