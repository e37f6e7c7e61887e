#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <durasim/environment.hpp>
#include <durasim/explore.hpp>
#include <durasim/shards.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/core/hash.hpp"
#include "durasim/explore/audited.hpp"
#include "durasim/explore/corpus.hpp"
#include "durasim/explore/death.hpp"
#include "durasim/explore/fresh.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/schedule_batch.hpp"
#include "durasim/explore/schedule_runner.hpp"
#include "durasim/explore/stopwatch.hpp"
#include "durasim/explore/story.hpp"
#include "durasim/explore/workers.hpp"
#include "durasim/report/progress.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kWorthAWorker = 64;  // schedules

/// What the environment asks for comes before what the test says.
VerifyOptions with_environment(VerifyOptions options, const Settings& settings) {
  if (settings.max_faults) options.max_faults = *settings.max_faults;
  // What hurries searches would leave each verdict INCOMPLETE: here it may only ask for more.
  if (settings.runs) options.max_runs = std::max(options.max_runs, *settings.runs);
  if (settings.duration) options.duration = settings.duration;
  if (settings.jobs) options.jobs = *settings.jobs;
  if (options.after_run) {
    options.jobs = 1;
    options.isolation = Isolation::none;
  }
  options.simulation.faults = options.faults;
  return options;
}

/// One call of verify: enumerates schedules breadth-first by their number of faults.
class Exploration {
 public:
  /// `census`: what it is to count, if it is an audit.
  Exploration(const Scenario& scenario, VerifyOptions options, const Settings& settings,
              Census* census = nullptr)
      : scenario_(scenario),
        options_(with_environment(std::move(options), settings)),
        runner_(scenario, options_),
        census_(census) {
    if (census_ != nullptr) runner_.take_census();
    result_.shard = settings.shard;
    result_.scenario = verify_identity(options_.name);
    result_.max_faults = options_.max_faults;
    result_.faults = options_.faults;
    result_.inputs = scenario.inputs();
    result_.coverage = coverage_of(options_.simulation);
  }

  Verification run() {
    if (const ScheduleFile* file = replay_for(result_.scenario))
      return replay_file(scenario_, options_.simulation, *file, replayed_path());
    const FreshProcesses fresh(scenario_, options_.simulation);
    if (auto failed = replay_corpus(scenario_, options_.simulation, result_.scenario))
      return std::move(*failed);
    return run_all();
  }

  /// Counts, whatever failures are known.
  Verification run_audit() {
    const FreshProcesses fresh(scenario_, options_.simulation);
    return run_all();
  }

 private:
  Verification run_all() {
    const Campaign campaign(result_.scenario, result_.inputs, options_.faults,
                            options_.simulation.hang_after);
    explore();
    if (census_ == nullptr) judge_when_cold();
    if (made_ > 0 || result_.shard) result_.certificate = tally_.certificate.text();
    result_.runs = tally_.runs;
    result_.executions = tally_.executions;
    result_.margins = tally_.margins;
    if (forks()) result_.coverage.merge(elsewhere_.coverage());
    result_.durable_states = states_.size();
    if (result_.shard) save_shard();
    return std::move(result_);
  }

  void explore() {
    if ((forks() && !survives()) || !repeatable()) return;
    frontier_.resize(1);
    frontier_[0].push_back({});
    for (level_ = 0; level_ < frontier_.size(); ++level_) {
      std::sort(frontier_[level_].begin(), frontier_[level_].end());
      if (result_.shard) share(frontier_[level_]);
      if (!run_level()) return;
    }
    const bool nothing = !executed_ || (options_.max_faults > 0 && !offered_);
    result_.verdict = nothing ? Verdict::vacuous : Verdict::holds;
  }

  /// Leaves of the last level what is for this shard. Those before it are run by all of them, for
  /// what follows from them, and counted by one.
  void share(std::vector<Candidate>& level) const {
    for (std::size_t i = 0; i < level.size(); ++i) {
      level[i].place = {level_, i};
      level[i].counted = takes(level[i].schedule);
    }
    if (run_by_all()) return;
    std::erase_if(level, [](const Candidate& candidate) { return !candidate.counted; });
  }

  bool run_by_all() const { return level_ < options_.max_faults || level_ == 0; }

  bool takes(const Schedule& schedule) const {
    Hash64 hash;
    for (const Schedule::Choice& fault : schedule.choices)
      hash.add(std::uint64_t{fault.position} << 32U | fault.alternative);
    return result_.shard->takes(hash.value());
  }

  void save_shard() {
    std::vector<std::uint64_t> states(states_.begin(), states_.end());
    std::sort(states.begin(), states.end());
    const ShardResult part{*result_.shard, result_, std::move(states), failing_, {}};
    result_.notes.push_back(
        {"shard", fmt::format("{}; merge the results of all shards", part.save().string())});
  }

  bool forks() const { return options_.jobs > 1 || options_.isolation == Isolation::fork; }

  /// What happens without faults would end this process as well: it is tried in another one first.
  bool survives() {
    const auto death = death_without_faults(scenario_, options_.simulation);
    if (!death) return true;
    ++made_;
    ++tally_.runs;
    tell_death(scenario_, options_.simulation, {}, *death, result_);
    return false;
  }

  /// Runs the nominal schedule twice: nothing can be explored that does not repeat itself.
  bool repeatable() {
    if (!runner_.judges_simulator()) return true;
    const RunRecord record{Schedule{}};
    NominalChooser nominal;
    Trace trace;
    RunSetup setup{scenario_, options_.simulation, nominal};
    setup.monitors = {&trace};
    RunResult run = run_once(setup);
    if (skipped(run)) return false;
    auto finding = judge_repetition(scenario_, options_.simulation, {}, trace.text(), nullptr);
    result_.coverage.exercise(Oracle::simulator);
    if (!finding) return true;
    // A handler that disagrees with its own replay explains it, and comes first.
    std::vector<Finding>& findings = run.findings;
    const bool explained = !findings.empty() && findings.front().oracle == Oracle::replay_agreement;
    findings.insert(explained ? findings.end() : findings.begin(), std::move(*finding));
    result_.verdict = Verdict::refuted;
    result_.findings = std::move(findings);
    tell_run_without_faults(scenario_, options_.simulation, result_);
    tally_.runs = made_ = 2;
    return false;
  }

  /// What replays come to where no invocation has run before. Last: what is found without that says more
  /// of its cause.
  void judge_when_cold() {
    const bool nothing_found = made_ > 0 && result_.verdict != Verdict::refuted;
    if (!nothing_found || left_) return;
    const ColdJudgement cold = judge_cold_replays(scenario_, options_.simulation);
    if (auto note = cold.note()) result_.notes.push_back(std::move(*note));
    if (cold.findings.empty()) return;
    RunResult run = run_without_faults(scenario_, options_.simulation);
    run.findings = cold.findings;
    refute(run, &cold);
  }

  /// Runs all of a level, and what is added to it meanwhile. False when the exploration is over.
  bool run_level() {
    for (next_ = 0; next_ < frontier_[level_].size();) {
      const std::uint64_t allowed = options_.max_runs - made_;
      if (allowed == 0 || is_late()) {
        if (allowed > 0) result_.stopped = after(*options_.duration);
        result_.frontier = left();
        result_.verdict = Verdict::incomplete;
        return false;
      }
      // The references begin with the nominal run of this process, whatever the number of jobs.
      const bool here = !forks() || (level_ == 0 && next_ == 0);
      const std::uint64_t rest = frontier_[level_].size() - next_;
      const bool goes_on = here ? run_here() : run_elsewhere(std::min(rest, allowed));
      if (!goes_on) return false;
    }
    return true;
  }

  /// What happens without faults is tried in any case.
  bool is_late() const {
    return options_.duration && made_ > 0 && stopwatch_.elapsed() >= *options_.duration;
  }

  bool run_here() {
    const Candidate candidate = frontier_[level_][next_++];
    const RunRecord record(candidate.schedule);
    return settle(candidate, runner_.run(candidate.schedule, made_ + 1));
  }

  /// Leaves it to workers, and goes on with what they say as if it had run the schedules itself.
  bool run_elsewhere(std::uint64_t count) {
    const std::size_t first = next_;
    const std::uint64_t made = made_;
    bool goes_on = true;
    ScheduleBatch batch;  // of each worker
    WorkerTasks tasks;
    tasks.count = count;
    tasks.run = [&, first, made](std::uint64_t task) {
      const Candidate& candidate = frontier_[level_][first + task];
      batch.add(candidate, runner_.run_in_worker(candidate.schedule, made + task + 1));
      return WorkerResult{{}, batch.remarkable};
    };
    tasks.collect = [&] { return std::exchange(batch, {}).pack(); };
    tasks.take = [&](std::uint64_t, std::string_view bytes) {
      goes_on = settle(ScheduleBatch::unpack(bytes));
      return goes_on && !is_late();
    };
    tasks.died = [&](std::uint64_t, const WorkerDeath& death) {
      const Candidate candidate = frontier_[level_][next_];
      ++made_;
      tally_.runs += candidate.counted ? 1 : 0;
      failing_ = candidate.place;
      result_.minimal = death.repeated;
      tell_death(scenario_, options_.simulation, candidate.schedule, death, result_);
      return goes_on = false;
    };
    run_in_workers(workers_for(count), tasks);
    return goes_on;
  }

  /// To make a process takes about as long as some dozens of runs.
  std::uint32_t workers_for(std::uint64_t schedules) const {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(options_.jobs, 1 + schedules / kWorthAWorker));
  }

  /// Goes on with runs that were made elsewhere, and looks at the last one if it is remarkable.
  bool settle(ScheduleBatch&& batch) {
    made_ += batch.made;
    offered_ = offered_ || batch.fault_offered;
    executed_ = executed_ || batch.executed;
    tally_.add(batch.tally);
    elsewhere_.add(batch.coverage);
    if (census_ != nullptr && !DURASIM_MUTANT(audit_forgets_other_processes))
      census_->add(batch.census);
    states_.insert(batch.states.begin(), batch.states.end());
    runner_.learn(batch.states, batch.shadowed);
    runner_.learn(batch.other_states, {});
    for (const ScheduleBatch::Branching& one : batch.branching) {
      const Candidate candidate = frontier_[level_][next_ + one.place];
      branch(candidate, one.branches, one.footprint);
    }
    next_ += batch.made;
    progress_.update([&] { return figures(); });
    if (!batch.remarkable) return true;
    const Candidate candidate = frontier_[level_][next_++];
    return confirm(candidate, std::move(batch.findings));
  }

  /// Runs here what is remarkable elsewhere. A worker makes a shadow replay that an earlier schedule
  /// has spared this process: what only that one shows does not count, as it would not with one job.
  bool confirm(const Candidate& candidate, std::vector<Finding> findings) {
    const RunRecord record(candidate.schedule);
    const ScheduleOutcome outcome = runner_.run(candidate.schedule, made_ + 1);
    const bool vanished = !outcome.remarkable && !findings.empty() &&
                          runner_.run_afresh(candidate.schedule).findings.empty();
    if (!vanished) return settle(candidate, outcome);
    count(candidate, outcome);
    failing_ = candidate.place;
    RunResult run = runner_.last();
    run.findings = std::move(findings);
    refute(run);
    return false;
  }

  /// Goes on with a run that was made. False when the exploration is over.
  bool settle(const Candidate& candidate, const ScheduleOutcome& outcome) {
    count(candidate, outcome);
    if (!outcome.remarkable) {
      branch(candidate, outcome.branches, outcome.coverage.footprint);
      return true;
    }
    failing_ = candidate.place;
    if (!skipped(runner_.last())) refute(runner_.last());
    return false;
  }

  void count(const Candidate& candidate, const ScheduleOutcome& outcome) {
    ++made_;
    offered_ = offered_ || outcome.fault_offered;
    executed_ = executed_ || outcome.executions > 0;
    if (candidate.counted) {
      outcome.add_to(tally_);
      add(result_.coverage, outcome.coverage, &candidate.without);
      if (census_ != nullptr) census_->add(outcome.census);
      states_.insert(outcome.states.begin(), outcome.states.end());
    }
    progress_.update([&] { return figures(); });
  }

  ProgressFigures figures() const {
    ProgressFigures figures{.scenario = result_.scenario,
                            .schedules = made_,
                            .states = states_.size(),
                            .depth = level_,
                            .max_faults = options_.max_faults,
                            .left = left()};
    if (options_.duration) {
      figures.time_left =
          *options_.duration -
          std::chrono::duration_cast<std::chrono::milliseconds>(stopwatch_.elapsed());
    }
    return figures;
  }

  void branch(const Candidate& candidate, const std::vector<Branch>& branches,
              std::uint64_t footprint) {
    for (std::size_t i = 0; i < branches.size(); ++i) {
      const Branch& branch = branches[i];
      if (branch.level >= frontier_.size()) frontier_.resize(branch.level + 1);
      std::vector<Candidate>& level = frontier_[branch.level];
      level.push_back(
          {candidate.schedule, candidate.oddity + branch.oddity, level.size(), footprint});
      level.back().schedule.choices.push_back(branch.choice);
      if (result_.shard && branch.level == level_) adopt(candidate, i, level.back());
    }
  }

  /// A schedule that is added to the level that is run: no other shard may know of it.
  void adopt(const Candidate& parent, std::size_t number, Candidate& added) const {
    added.place = parent.place;
    added.place.push_back(number);
    added.counted = run_by_all() ? takes(added.schedule) : parent.counted;
  }

  /// Schedules that are known and were not run.
  std::uint64_t left() const {
    std::uint64_t known = frontier_[level_].size() - next_;
    for (std::size_t level = level_ + 1; level < frontier_.size(); ++level)
      known += frontier_[level].size();
    return known;
  }

  /// The scenario asked for its test to be skipped. Failures before that come first.
  bool skipped(const RunResult& run) {
    if (!run.skip || !run.findings.empty()) return false;
    forward_skip(*run.skip);
    result_.verdict = Verdict::incomplete;
    return left_ = true;
  }

  /// The run broke a rule.
  void refute(const RunResult& run, const ColdJudgement* cold = nullptr) {
    const bool of_simulator = run.findings.front().oracle == Oracle::simulator;
    result_.minimal = !of_simulator;  // found by a sample
    const Trace trace = tell_story(scenario_, options_.simulation, run, result_, true, cold);
    const bool told = result_.findings.front().oracle == Oracle::simulator;
    if (runner_.judges_simulator() && !told) judge_counterexample(trace);
    report_failures(run);
  }

  void judge_counterexample(const Trace& trace) {
    auto finding = judge_repetition(scenario_, options_.simulation, result_.counterexample,
                                    trace.text(), nullptr);
    if (finding) result_.findings.push_back(std::move(*finding));
  }

  const Scenario& scenario_;
  VerifyOptions options_;
  ScheduleRunner runner_;
  Census* census_;
  Verification result_;
  Tally tally_;                                   // of runs that count
  CoverageCounts elsewhere_;                      // of those that workers made
  std::unordered_set<std::uint64_t> states_;      // that runs which count came to
  std::vector<std::uint64_t> failing_;            // place of the counterexample
  std::vector<std::vector<Candidate>> frontier_;  // by number of faults
  std::uint64_t made_ = 0;                        // runs, counted or not
  std::uint32_t level_ = 0;                       // that is run
  std::size_t next_ = 0;                          // to be run, of it
  bool offered_ = false;
  bool executed_ = false;
  bool left_ = false;  // the test, as the scenario has asked for
  Stopwatch stopwatch_;
  ProgressLine progress_;
};

}  // namespace

Verification verify(const Scenario& scenario, VerifyOptions options) {
  return Exploration(scenario, std::move(options), settings_from_environment()).run();
}

Verification explore_audited(const Scenario& scenario, VerifyOptions options, Census& census) {
  Settings settings = settings_from_environment();
  settings.shard.reset();  // the counts of a part say nothing
  return Exploration(scenario, std::move(options), settings, &census).run_audit();
}

}  // namespace durasim
