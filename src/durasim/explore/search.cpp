#include <durasim/search.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include <durasim/environment.hpp>
#include <durasim/shrink.hpp>

#include "durasim/explore/block.hpp"
#include "durasim/explore/corpus.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/stopwatch.hpp"
#include "durasim/explore/story.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kDefaultSeed = 1;
constexpr std::uint64_t kShrinkingEach = 5'000;

/// What the environment asks for comes before what the test says.
SearchOptions with_environment(SearchOptions options, const Settings& settings) {
  if (settings.seed) options.seed = settings.seed;
  if (settings.runs) options.runs = *settings.runs;
  if (settings.duration) options.duration = settings.duration;
  if (settings.max_faults) options.max_faults = *settings.max_faults;
  if (settings.jobs) options.jobs = *settings.jobs;
  options.simulation.faults = options.faults;
  return options;
}

/// How often durable states were met.
class StateCounts {
 public:
  void add(std::uint64_t state, std::uint64_t runs) {
    std::uint64_t& known = runs_[state];
    if (known == 1) --once_;
    if (known == 0 && runs == 1) ++once_;
    known += runs;
    all_ += runs;
  }
  std::uint64_t states() const { return runs_.size(); }

  /// By Good and Turing: the share of what was met once is that of what was not met yet.
  std::string unseen() const {
    const double share = all_ == 0 ? 1 : static_cast<double>(once_) / static_cast<double>(all_);
    return fmt::format(
        "about {:.2g} % of the durable states that further runs meet are new (Good-Turing, f1/N = "
        "{}/{})",
        100 * share, once_, all_);
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> runs_;
  std::uint64_t once_ = 0;  ///< states that one run only has met
  std::uint64_t all_ = 0;   ///< meetings of a run with a state
};

/// One call of search.
class Search {
 public:
  Search(const Scenario& scenario, const SearchOptions& options, const Settings& settings)
      : scenario_(scenario),
        options_(with_environment(options, settings)),
        shard_(settings.shard.value_or(Shard{})),
        seed_(options_.seed.value_or(kDefaultSeed)),
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
    if (auto failed = replay_corpus(scenario_, options_.simulation, result_.scenario))
      return std::move(*failed);
    const Campaign campaign(result_.scenario, result_.inputs, options_.faults,
                            options_.simulation.hang_after);
    if (!plan()) return std::move(result_);
    std::string stopped = "after the runs asked for";
    for (std::uint64_t number = 0; number * kBlockRuns < options_.runs; ++number) {
      if (!shard_.takes(number)) continue;
      merge(runner_.run(number, stop()));
      if (const std::string why = why_over(); !why.empty()) {
        stopped = why;
        break;
      }
    }
    return conclude(std::move(stopped));
  }

 private:
  /// Makes a run again that its process did not survive, with those before it in its block: what was
  /// still to be drawn depends on them.
  Verification run_up_to(std::uint64_t run) {
    if (!plan()) return std::move(result_);
    merge(runner_.run(run / kBlockRuns, {run + 1, false, {}}));
    return conclude(fmt::format("after run {}, in which its process was killed", run));
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
    if (!finding) return true;
    // A handler that disagrees with its own replay explains it, and comes first.
    std::vector<Finding>& findings = nominal.findings;
    const bool explained = !findings.empty() && findings.front().oracle == Oracle::replay_agreement;
    findings.insert(explained ? findings.end() : findings.begin(), std::move(*finding));
    result_.verdict = Verdict::refuted;
    result_.findings = std::move(findings);
    result_.runs = 2;
    return false;
  }

  SearchStop stop() const {
    SearchStop stop{options_.runs, !options_.keep_going, {}};
    if (options_.duration) stop.now = [this] { return stopwatch_.elapsed() >= *options_.duration; };
    return stop;
  }

  /// Empty as long as the search goes on.
  std::string why_over() const {
    if (!stories_.empty() && !options_.keep_going) return "at the first failure";
    if (options_.duration && stopwatch_.elapsed() >= *options_.duration)
      return fmt::format("after {:g} seconds",
                         static_cast<double>(options_.duration->count()) / 1000);
    if (options_.plateau > 0 && runs_ - last_novelty_ >= options_.plateau)
      return fmt::format("after {} runs without a new durable state", runs_ - last_novelty_);
    return "";
  }

  void merge(const SearchBlock& block) {
    runs_ += block.runs;
    executions_ += block.executions;
    widen(margins_, block.margins);
    const std::uint64_t known = states_.states();
    for (const auto& state : block.states) states_.add(state.fingerprint, state.runs);
    if (states_.states() > known) last_novelty_ = runs_;
    for (const SearchBlock::Failing& failing : block.failing) {
      const bool met = std::any_of(found_.begin(), found_.end(), [&](const auto& one) {
        return one.signature == failing.signature;
      });
      if (!met) collect(failing);
    }
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
    found_.push_back({failing.signature, story.findings.front().oracle, story.findings.front().what,
                      failing.run, story.counterexample_faults, story.file});
    stories_.push_back(std::move(story));
  }

  RunResult run_again(const SearchBlock::Failing& failing) {
    ScheduleChooser chooser(failing.schedule);
    Trace trace;
    RunSetup setup{scenario_, options_.simulation, chooser};
    setup.monitors = {&trace};
    RunResult run = run_once(setup);
    if (!failing.schedule.faults.empty()) References(scenario_, options_.simulation).judge(run);
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
    if (!options_.shrink || of_simulator || story.counterexample.faults.empty()) return story;
    try {
      return durasim::shrink(scenario_, story.file,
                             {.simulation = options_.simulation, .max_runs = kShrinkingEach})
          .smallest;
    } catch (const DivergedError& error) {
      story.notes.push_back({"DIVERGED", error.what()});
      return story;
    }
  }

  Verification conclude(std::string stopped) {
    const bool refuted = !stories_.empty();
    Verification result = refuted ? stories_.front() : std::move(result_);
    if (!refuted) {
      const bool nothing =
          executions_ == 0 || (options_.max_faults > 0 && !runner_.offers_faults());
      result.verdict = nothing ? Verdict::vacuous : Verdict::incomplete;
    }
    result.seed = seed_;
    result.stopped = std::move(stopped);
    result.found = found_;
    result.max_faults = options_.max_faults;
    result.faults = options_.faults;
    result.runs = runs_;
    result.executions = executions_;
    result.durable_states = states_.states();
    result.margins = margins_;
    for (std::size_t i = 1; i < found_.size(); ++i) {
      result.notes.push_back(
          {"another",
           fmt::format("failure, in run {}: {}: {}; {}", found_[i].run, to_string(found_[i].oracle),
                       found_[i].what, found_[i].file.filename().string())});
    }
    result.notes.push_back(
        {"search", fmt::format("stopped {}; {}", result.stopped, states_.unseen())});
    return result;
  }

  const Scenario& scenario_;
  SearchOptions options_;
  Shard shard_;
  std::uint64_t seed_;
  Stopwatch stopwatch_;
  BlockRunner runner_;
  Verification result_;
  std::uint64_t runs_ = 0;
  std::uint64_t executions_ = 0;
  std::uint64_t last_novelty_ = 0;  ///< runs until then
  Margins margins_ = {};
  StateCounts states_;
  std::vector<Verification::Found> found_;
  std::vector<Verification> stories_;  ///< of each
};

}  // namespace

Verification search(const Scenario& scenario, SearchOptions options) {
  return Search(scenario, options, settings_from_environment()).run();
}

}  // namespace durasim
