#include <durasim/search.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <limits>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <durasim/environment.hpp>
#include <durasim/shards.hpp>
#include <durasim/shrink.hpp>

#include "durasim/explore/block.hpp"
#include "durasim/explore/corpus.hpp"
#include "durasim/explore/death.hpp"
#include "durasim/explore/fresh.hpp"
#include "durasim/explore/isolated_shrink.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/replay_verdict.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/explore/search_summary.hpp"
#include "durasim/explore/stopwatch.hpp"
#include "durasim/explore/story.hpp"
#include "durasim/explore/workers.hpp"
#include "durasim/report/progress.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kDefaultSeed = 1;
constexpr std::uint64_t kShrinkingEach = 5'000;
constexpr std::uint64_t kMostDeaths = 100;

/// What the environment asks for comes before what the test says.
SearchOptions with_environment(SearchOptions options, const Settings& settings) {
  if (settings.seed) options.seed = settings.seed;
  // One limit alone is all that is asked for: what the test says of the other one gives way.
  if (settings.runs || settings.duration) {
    options.runs = settings.runs;
    options.duration = settings.duration;
  }
  if (settings.max_faults) options.max_faults = *settings.max_faults;
  if (settings.jobs) options.jobs = *settings.jobs;
  options.simulation.faults = options.faults;
  return options;
}

std::uint64_t most_runs(const SearchOptions& options) {
  const bool ends_otherwise = options.duration || options.plateau > 0;
  return options.runs.value_or(ends_otherwise ? std::numeric_limits<std::uint64_t>::max()
                                              : kDefaultRuns);
}

/// Memory that this process shares with those that it forks.
class SharedTrail {
 public:
  SharedTrail()
      : memory_(::mmap(nullptr, sizeof(RunTrail), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::runtime_error("durasim: no memory for a search's trail");
    trail_ = new (memory_) RunTrail();
  }
  ~SharedTrail() { ::munmap(memory_, sizeof(RunTrail)); }
  SharedTrail(const SharedTrail&) = delete;
  SharedTrail& operator=(const SharedTrail&) = delete;
  RunTrail& operator*() const { return *trail_; }
  RunTrail* operator->() const { return trail_; }

 private:
  void* memory_;
  RunTrail* trail_ = nullptr;
};

/// One call of search.
class Search {
 public:
  Search(const Scenario& scenario, const SearchOptions& options, const Settings& settings)
      : scenario_(scenario),
        options_(with_environment(options, settings)),
        is_shard_(settings.shard.has_value()),
        shard_(settings.shard.value_or(Shard{})),
        seed_(options_.seed.value_or(kDefaultSeed)),
        most_runs_(most_runs(options_)),
        runner_(scenario_, options_.simulation,
                {.seed = seed_,
                 .bounds = {.max_faults = options_.max_faults,
                            .max_preemptions = options_.max_preemptions,
                            .max_environment = options_.max_environment,
                            .max_data = options_.max_data}}) {
    result_.scenario = verify_identity(options_.name);
    result_.inputs = scenario.inputs();
  }

  Verification run() {
    if (const ScheduleFile* file = replay_for(result_.scenario)) {
      if (file->ended != "killed" || !file->drawn)
        return replay_file(scenario_, options_.simulation, *file, replayed_path());
      options_.seed = file->drawn->seed;
      options_.name = result_.scenario;
      return Search(scenario_, options_, {}).run_up_to(file->drawn->run);
    }
    const FreshProcesses fresh(scenario_, options_.simulation);
    if (auto failed = replay_corpus(scenario_, options_.simulation, result_.scenario))
      return std::move(*failed);
    const Campaign campaign(result_.scenario, result_.inputs, options_.faults,
                            options_.simulation.hang_after);
    if ((forks() && !survives()) || !plan()) return saved(std::move(result_));
    explore();
    std::string stopped = why_over();
    if (share() > 0) judge_when_cold();
    return saved(conclude(std::move(stopped)));
  }

 private:
  /// The blocks of this shard, by as many processes as are wanted.
  void explore() {
    WorkerTasks tasks;
    tasks.count = share();
    tasks.largest_chunk = 1;
    tasks.run = [this](std::uint64_t task) {
      const SearchBlock block = runner_.run(block_of(task), stop());
      const bool failed = !options_.keep_going && !block.failing.empty();
      return WorkerResult{block.pack(), failed || is_late(block)};
    };
    tasks.take = [this](std::uint64_t /*task*/, std::string_view bytes) {
      return merge(SearchBlock::unpack(bytes));
    };
    tasks.died = [this](std::uint64_t task, const WorkerDeath& death) {
      return collect(block_of(task), death);
    };
    if (forks()) return run_in_workers(options_.jobs, tasks);
    for (std::uint64_t task = 0; task < tasks.count; ++task) {
      if (!merge(runner_.run(block_of(task), stop()))) return;
    }
  }

  /// Of all shards.
  std::uint64_t blocks() const {
    return most_runs_ / kBlockRuns + (most_runs_ % kBlockRuns != 0 ? 1 : 0);
  }

  /// Blocks of this shard.
  std::uint64_t share() const { return (blocks() + shard_.count - shard_.number) / shard_.count; }

  bool forks() const { return options_.jobs > 1 || options_.isolation == Isolation::fork; }

  /// What happens without faults would end this process as well: it is tried in another one first.
  bool survives() {
    const auto death = death_without_faults(scenario_, options_.simulation);
    if (!death) return true;
    result_.seed = seed_;
    result_.runs = 1;
    tell_death(scenario_, options_.simulation, {}, *death, result_);
    return false;
  }

  std::uint64_t block_of(std::uint64_t task) const {
    return task * shard_.count + shard_.number - 1;
  }

  /// Makes a run again that its process did not survive, with those before it in its block: what was
  /// still to be drawn depends on them.
  Verification run_up_to(std::uint64_t run) {
    ReplayVerdict verdict;
    if (!plan()) {
      verdict.give(result_);
      return std::move(result_);
    }
    merge(runner_.run(run / kBlockRuns, {run + 1, false, {}}));
    Verification result =
        conclude(fmt::format("after run {}, in which its process was killed", run));
    Verification judged;  // of this run alone: that a search proves nothing does not matter
    judged.verdict = result.verdict == Verdict::incomplete ? Verdict::holds : result.verdict;
    judged.findings = result.findings;
    verdict.give(judged);
    return result;
  }

  /// False if there is nothing to search: the scenario does not repeat itself, or leaves its test.
  bool plan() {
    Trace trace;
    const bool judged = options_.simulation.oracles.contains(Oracle::simulator);
    RunResult nominal = runner_.plan(judged ? &trace : nullptr);
    if (nominal.skip && nominal.findings.empty()) {
      forward_skip(*nominal.skip);
      result_.verdict = Verdict::incomplete;
      return false;
    }
    if (!judged) return true;
    auto finding = judge_repetition(scenario_, options_.simulation, {}, trace.text(), nullptr);
    coverage_.exercise(Oracle::simulator);
    if (!finding) return true;
    // A handler that disagrees with its own replay explains it, and comes first.
    std::vector<Finding>& findings = nominal.findings;
    const bool explained = !findings.empty() && findings.front().oracle == Oracle::replay_agreement;
    findings.insert(explained ? findings.end() : findings.begin(), std::move(*finding));
    result_.verdict = Verdict::refuted;
    result_.findings = std::move(findings);
    tell_run_without_faults(scenario_, options_.simulation, result_);
    result_.runs = 2;
    return false;
  }

  /// What replays come to where no invocation has run before, if nothing was found without that.
  void judge_when_cold() {
    if (!stories_.empty() || deaths_ > 0) return;
    const ColdJudgement cold = judge_cold_replays(scenario_, options_.simulation);
    if (auto note = cold.note()) notes_.push_back(std::move(*note));
    if (cold.findings.empty()) return;
    RunResult run = run_without_faults(scenario_, options_.simulation);
    run.findings = cold.findings;
    Verification story;
    story.scenario = result_.scenario;
    story.inputs = result_.inputs;
    tell_story(scenario_, options_.simulation, run, story, true, &cold);
    report_failures(run);
    keep(0, std::move(story));
  }

  SearchStop stop() {
    SearchStop stop{most_runs_, !options_.keep_going, {}};
    stop.now = [this] {
      ++in_block_;
      progress_.update([this] { return figures(); });
      return options_.duration && stopwatch_.elapsed() >= *options_.duration;
    };
    return stop;
  }

  /// It began when the time was over. Those before it count, however late they are merged.
  static bool is_late(const SearchBlock& block) { return block.cut && block.tally.runs == 0; }

  ProgressFigures figures() const {
    ProgressFigures figures{.scenario = result_.scenario,
                            .schedules = tally_.runs + in_block_,
                            .states = states_.states(),
                            .max_faults = options_.max_faults};
    if (most_runs_ != std::numeric_limits<std::uint64_t>::max())
      figures.left = runs_of_share() - std::min(figures.schedules, runs_of_share());
    if (options_.duration) {
      figures.time_left =
          *options_.duration -
          std::chrono::duration_cast<std::chrono::milliseconds>(stopwatch_.elapsed());
    }
    figures.may_end_before = options_.plateau > 0;
    return figures;
  }

  /// The last block may be shorter than the others.
  std::uint64_t runs_of_share() const {
    const std::uint64_t of_last = most_runs_ % kBlockRuns;
    const bool has_last = share() > 0 && block_of(share() - 1) + 1 == blocks();
    return share() * kBlockRuns - (has_last && of_last != 0 ? kBlockRuns - of_last : 0);
  }

  /// Empty if it has made all of its runs, or goes on.
  std::string why_over() const {
    if (deaths_ >= kMostDeaths)
      return fmt::format("after {} runs that ended their process", deaths_);
    if (deaths_ > 0 && !options_.keep_going) return "at a run that ended its process";
    if (!stories_.empty() && !options_.keep_going) return "at the first failure";
    if (cut_) return after(*options_.duration);
    if (on_plateau())
      return fmt::format("after {} runs without a new durable state", tally_.runs - last_novelty_);
    return "";
  }

  bool on_plateau() const {
    return options_.plateau > 0 && tally_.runs - last_novelty_ >= options_.plateau;
  }

  /// False if that is the end.
  bool merge(const SearchBlock& block) {
    tally_.add(block.tally);
    in_block_ = 0;
    cut_ = cut_ || block.cut;
    coverage_.merge(block.coverage);
    if (is_shard_) {
      blocks_.push_back(
          {block.number, block.tally.runs, block.tally.executions, block.tally.certificate.text()});
    }
    const std::uint64_t known = states_.states();
    for (const auto& state : block.states) states_.add(state.fingerprint, state.runs);
    if (states_.states() > known) last_novelty_ = tally_.runs;
    for (const SearchBlock::Failing& failing : block.failing) {
      if (met_.insert(failing.signature).second) collect(failing);
    }
    progress_.update([this] { return figures(); });
    const bool failed = !stories_.empty() && !options_.keep_going;
    return !failed && !on_plateau() && !is_late(block);
  }

  /// A worker did not survive a block: another one goes through it again and leaves a trail; and then
  /// without the run that this leads to, if all failures are wanted. False if that is the end.
  bool collect(std::uint64_t number, const WorkerDeath& first) {
    for (bool again = false; why_over().empty(); again = true) {
      cut_ = again && options_.duration && stopwatch_.elapsed() >= *options_.duration;
      if (cut_) break;
      const SharedTrail trail;
      const TriedBlock tried = try_block(number, *trail);
      if (tried.death) {
        ++deaths_;
        runner_.leave_out(trail->run);
        collect(*trail, *tried.death);
      } else {
        if (!again) tell_vanished(number, first);
        return merge(tried.block);
      }
    }
    return false;
  }

  struct TriedBlock {
    SearchBlock block;
    std::optional<WorkerDeath> death = std::nullopt;
  };
  TriedBlock try_block(std::uint64_t number, RunTrail& trail) {
    TriedBlock tried;
    WorkerTasks tasks;
    tasks.count = 1;
    tasks.run = [&](std::uint64_t /*task*/) {
      runner_.leave_trail(trail);
      return WorkerResult{runner_.run(number, {most_runs_, false, {}}).pack()};
    };
    tasks.take = [&](std::uint64_t /*task*/, std::string_view bytes) {
      tried.block = SearchBlock::unpack(bytes);
      return true;
    };
    tasks.died = [&](std::uint64_t /*task*/, const WorkerDeath& death) {
      tried.death = death;
      return true;
    };
    run_in_workers(1, tasks);
    return tried;
  }

  void collect(const RunTrail& trail, const WorkerDeath& death) {
    Verification story;
    story.scenario = result_.scenario;
    story.inputs = result_.inputs;
    tell_smaller_death(scenario_, options_.simulation, trail.schedule(), death, story);
    if (met_.insert(story.findings.front().signature()).second) keep(trail.run, std::move(story));
  }

  void tell_vanished(std::uint64_t number, const WorkerDeath& death) {
    notes_.push_back(
        {"worker", fmt::format("of runs {} to {} {}, and not when they were made again: "
                               "something outside ended it, or a fault that comes and "
                               "goes",
                               number * kBlockRuns, (number + 1) * kBlockRuns - 1, death.text())});
  }

  /// A failure is on disk before anything else is made of it.
  void collect(const SearchBlock::Failing& failing) {
    const RunResult run = run_again(failing);
    Verification story;
    story.scenario = result_.scenario;
    story.inputs = result_.inputs;
    tell_story(scenario_, options_.simulation, run, story);
    if (stories_.empty()) report_failures(run);
    story = smaller(std::move(story));
    keep(failing.run, std::move(story));
    if (found_.back().oracle != Oracle::simulator) found_.back().signature = failing.signature;
  }

  void keep(std::uint64_t run, Verification story) {
    const Finding& main = story.findings.front();
    found_.push_back(
        {main.signature(), main.oracle, main.what, run, story.counterexample_faults, story.file});
    stories_.push_back(std::move(story));
  }

  RunResult run_again(const SearchBlock::Failing& failing) {
    ScheduleChooser chooser(failing.schedule);
    Trace trace;
    RunSetup setup{scenario_, options_.simulation, chooser};
    setup.monitors = {&trace};
    RunResult run = run_once(setup);
    if (!failing.schedule.choices.empty()) References(scenario_, options_.simulation).judge(run);
    if (!run.findings.empty()) return run;
    auto finding =
        judge_repetition(scenario_, options_.simulation, failing.schedule, trace.text(), nullptr);
    if (!finding) {
      finding.emplace();
      finding->oracle = Oracle::simulator;
      finding->what = fmt::format(
          "run {} of the search broke a rule (signature {}), and did not when it was repeated: the "
          "scenario or the handler keeps state between runs",
          failing.run, failing.signature);
      finding->remedy =
          "make everything that the scenario changes inside it, with Simulation::make";
    }
    run.findings.push_back(std::move(*finding));
    return run;
  }

  Verification smaller(Verification story) const {
    const bool of_simulator = story.findings.front().oracle == Oracle::simulator;
    if (!options_.shrink || of_simulator || story.counterexample.choices.empty()) return story;
    const ShrinkOptions shrinking{.simulation = options_.simulation, .max_runs = kShrinkingEach};
    if (forks()) return shrink_in_worker(scenario_, std::move(story), shrinking);
    try {
      return durasim::shrink(scenario_, story.file, shrinking).smallest;
    } catch (const DivergedError& error) {
      story.notes.push_back({"DIVERGED", error.what()});
      return story;
    }
  }

  /// `stopped`: why, if it is not for what this process has come to.
  Verification conclude(std::string stopped = {}) {
    const bool refuted = !stories_.empty();
    Verification result = refuted ? stories_.front() : std::move(result_);
    if (!refuted)
      result.verdict = share() > 0 && has_nothing() ? Verdict::vacuous : Verdict::incomplete;
    result.seed = seed_;
    if (stopped.empty() && share() == 0) stopped = why_without_runs();
    if (stopped.empty() && !is_cold()) stopped = why_over();
    result.stopped = stopped.empty() ? "after the runs asked for" : std::move(stopped);
    result.certificate = tally_.certificate.text();
    result.failures = found_;
    result.max_faults = options_.max_faults;
    result.faults = options_.faults;
    result.runs = tally_.runs;
    result.executions = tally_.executions;
    result.margins = tally_.margins;
    result.coverage = coverage_;
    if (share() > 0) summarize(result, states_, notes_);
    return result;
  }

  /// What was found was not found by a run of the search.
  bool is_cold() const {
    return !stories_.empty() && is_of_cold_replay(stories_.front().findings.front());
  }

  /// With what the other shards need of this one on disk.
  Verification saved(Verification result) const {
    if (!is_shard_) return result;
    result.shard = shard_;
    ShardResult part{shard_, result, {}, {}, ShardResult::OfSearch{}};
    if (part.result.certificate.empty()) part.result.certificate = Certificate().text();
    part.result.max_faults = options_.max_faults;
    part.result.faults = options_.faults;
    part.search->seed = seed_;
    part.search->wanted = most_runs_;
    part.search->keep_going = options_.keep_going;
    part.search->blocks = blocks_;
    if (!stories_.empty()) part.search->notes = stories_.front().notes;
    for (const auto& [state, runs] : states_.sorted()) {
      part.states.push_back(state);
      part.search->met.push_back(runs);
    }
    result.notes.push_back(
        {"shard", fmt::format("{}; merge the results of all shards", part.save().string())});
    return result;
  }

  /// The run without faults shows it, whichever shard this is.
  bool has_nothing() const {
    return !runner_.executes() || (options_.max_faults > 0 && !runner_.offers_faults());
  }

  std::string why_without_runs() const {
    return fmt::format(
        "no block of this search is for shard {} of {}: {} runs are {} block{} of {}",
        shard_.number, shard_.count, most_runs_, blocks(), blocks() == 1 ? "" : "s", kBlockRuns);
  }

  const Scenario& scenario_;
  SearchOptions options_;
  bool is_shard_;
  Shard shard_;
  std::uint64_t seed_;
  std::uint64_t most_runs_;
  Stopwatch stopwatch_;
  BlockRunner runner_;
  Verification result_;
  Tally tally_;
  std::uint64_t in_block_ = 0;  ///< of the block that this process is at: runs begun
  Coverage coverage_ = coverage_of(options_.simulation);
  std::uint64_t last_novelty_ = 0;  ///< runs until then
  bool cut_ = false;                ///< its time was over before its runs were made
  std::uint64_t deaths_ = 0;
  ProgressLine progress_;
  StateCounts states_;
  std::set<std::string> met_;  ///< signatures, as the runs that met them first have them
  std::vector<Verification::Failure> found_;
  std::vector<Verification> stories_;  ///< of each
  std::vector<Verification::Note> notes_;
  std::vector<ShardResult::Block> blocks_;  ///< of a shard
};

}  // namespace

Verification search(const Scenario& scenario, SearchOptions options) {
  return Search(scenario, options, settings_from_environment()).run();
}

}  // namespace durasim
