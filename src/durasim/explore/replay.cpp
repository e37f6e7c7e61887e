#include "durasim/explore/replay.hpp"

#include <cstdio>

#include <fmt/format.h>

#include <durasim/shrink.hpp>

#include "durasim/core/script_chooser.hpp"
#include "durasim/explore/death.hpp"
#include "durasim/explore/fresh.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/replay_verdict.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/report/narrator.hpp"

namespace durasim {
namespace {

Finding divergence(const DivergedError& error) {
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what = fmt::format("DIVERGED: {}", error.what());
  finding.remedy =
      "run the test without DURASIM_REPLAY: it finds a schedule that fits the program as it is now";
  return finding;
}

std::uint32_t faults_of(const ScheduleFile& file) {
  std::uint32_t faults = 0;
  for (const auto& choice : file.choices) {
    faults += choice.answer != 0 && fault_from_string(choice.fault) != Fault::full_jitter ? 1 : 0;
  }
  return faults;
}

/// What was recorded, as far as this run differs from it.
std::string remarks(const ScheduleFile& file, const Verification& result) {
  std::string text;
  if (!file.ended.empty() && file.ended != ScheduleFile::kNotRun) {
    text = fmt::format("  recorded the process ended in this run ({}); now it came to its end\n",
                       file.ended);
  }
  text += fmt::format("  trace    {}", result.trace_hash);
  if (!file.trace_hash.empty() && file.trace_hash != result.trace_hash) {
    text +=
        fmt::format("; recorded was {}: the program or the scenario has changed", file.trace_hash);
  }
  const bool as_recorded = !result.findings.empty() &&
                           to_string(result.findings.front().oracle) == file.oracle &&
                           result.findings.front().operation == file.operation;
  if (!file.oracle.empty() && !as_recorded) {
    text += fmt::format("\n  recorded {}{}", file.oracle,
                        file.operation.empty() ? "" : fmt::format(" for \"{}\"", file.operation));
  }
  return text + "\n";
}

/// One replay.
class Replaying {
 public:
  Replaying(const Scenario& scenario, SimulationOptions options, const ScheduleFile& file)
      : scenario_(scenario), options_(options), file_(file) {
    options_.faults = offered_by(file);
    result_.scenario = file.scenario;
    result_.replayed = true;
    result_.inputs = file.inputs;
    result_.runs = 1;
    result_.max_faults = result_.counterexample_faults = faults_of(file);
    result_.script = file.script;
    for (std::uint32_t i = 0; i < file.choices.size(); ++i) {
      if (file.choices[i].answer != 0)
        result_.counterexample.choices.push_back({i, file.choices[i].answer});
    }
  }

  void run() {
    const Campaign campaign(file_.scenario, file_.inputs, options_.faults, options_.hang_after);
    const RunRecord record(result_.counterexample);
    ReplayChooser chooser(file_);
    try {
      make_run(chooser, {});
      chooser.expect_exhausted();
    } catch (const DivergedError& error) {
      diverged(error);
    }
    const bool skipped = run_.skip && run_.findings.empty();
    if (skipped) result_.verdict = Verdict::incomplete;
    if (result_.verdict != Verdict::incomplete) {
      result_.verdict = run_.findings.empty() ? Verdict::holds : Verdict::refuted;
    }
    result_.findings = run_.findings;
    result_.coverage = coverage_of(options_);
    add(result_.coverage, cover(run_), nullptr);
    result_.executions = run_.executions;
    result_.durable_states = run_.states.size();
  }

  const RunResult& last_run() const { return run_; }
  const std::vector<ScheduleFile::Event>& events() const { return events_; }
  const SimulationOptions& options() const { return options_; }
  Verification& result() { return result_; }

 private:
  void make_run(Chooser& chooser, std::vector<Monitor*> monitors) {
    Trace trace;
    Narrator narrator;
    RunSetup setup{scenario_, options_, chooser};
    setup.monitors = std::move(monitors);
    setup.monitors.insert(setup.monitors.end(), {&trace, &narrator});
    setup.inputs = file_.inputs;
    setup.replays_cold =
        file_.oracle == to_string(Oracle::replay_agreement) && judges_cold_replays(options_);
    const auto keep = [&] {
      result_.trace_hash = trace.hash_text();
      result_.history = narrative(narrator.events(), true);
      events_ = narrator.events();
    };
    try {
      run_ = run_once(setup);
      keep();
      References(scenario_, options_).judge(run_, file_.inputs);
    } catch (const DivergedError&) {
      keep();
      throw;
    }
  }

  void diverged(const DivergedError& error) {
    if (file_.script.lines.empty() && !result_.counterexample.choices.empty()) {
      run_ = {};  // a file of version 1: there is no other form to go by
      run_.findings = {divergence(error)};
      return;
    }
    options_.faults = file_.script.widen(options_.faults);
    ScriptChooser chooser(file_.script);
    make_run(chooser, {&chooser});
    result_.counterexample = schedule_of(run_.decisions);
    result_.counterexample_faults = taken(run_.decisions, ChoiceKind::fault);
    const std::size_t lines = file_.script.lines.size();
    result_.notes.push_back({"DIVERGED", error.what()});
    result_.notes.push_back(
        {"script", fmt::format("replayed by its script: {} of {} fault{} reached; run the test "
                               "without DURASIM_REPLAY to judge the program as it is now",
                               chooser.reached(), lines, lines == 1 ? "" : "s")});
    for (std::string& what : chooser.unreached()) {
      result_.notes.push_back({"", std::move(what)});
    }
    if (run_.findings.empty() && chooser.reached() < lines) {
      result_.verdict = Verdict::incomplete;
    }
  }

  const Scenario& scenario_;
  SimulationOptions options_;
  const ScheduleFile& file_;
  RunResult run_;
  std::vector<ScheduleFile::Event> events_;
  Verification result_;
};

constexpr std::uint64_t kShrinkingRuns = 2'000;

/// A failure of more faults than it takes: another one is easier to read.
void print_smaller(const Scenario& scenario, const SimulationOptions& options,
                   const ScheduleFile& file, const std::filesystem::path& path,
                   const Verification& result) {
  const bool diverged = !result.notes.empty();
  if (path.empty() || file.minimal || diverged || result.verdict != Verdict::refuted ||
      result.counterexample_faults == 0) {
    return;
  }
  const Shrunk shrunk = shrink(scenario, path, {.simulation = options, .max_runs = kShrinkingRuns});
  if (shrunk.smallest.counterexample_faults >= result.counterexample_faults) return;
  std::printf("\nThe same failure takes fewer faults:\n\n%s", shrunk.smallest.report().c_str());
}

/// The process that made the file did not come to store what it had found.
void store_finding(const ScheduleFile& file, const Replaying& replaying, Verification& result) {
  const bool diverged = !result.notes.empty();
  if (file.ended.empty() || diverged || result.verdict != Verdict::refuted) return;
  const RunResult& run = replaying.last_run();
  const Finding& main = run.findings.front();
  ScheduleFile stored =
      to_schedule_file(file.scenario, file.inputs, replaying.options().faults, run, &main);
  stored.trace_hash = result.trace_hash;
  stored.events = replaying.events();
  result.file = schedule_path(file.scenario, main);
  stored.save(result.file);
}

/// The file holds no story, and the run that follows does not come to tell one. A run that spins is made
/// once only.
void print_story_of_death(const Scenario& scenario, SimulationOptions options,
                          const ScheduleFile& file) {
  if (file.ended.empty() || file.ended == "hang") return;
  options.faults = offered_by(file);
  ReplayChooser chooser(file);
  const std::string story = story_of_death(scenario, options, chooser, file.inputs);
  if (story.empty()) return;
  std::printf("%s  until the process ended:\n%s", file.scenario.c_str(), kHistoryTitle);
  std::printf("%s", story.c_str());
  std::fflush(stdout);
}

}  // namespace

Verification replay_file(const Scenario& scenario, SimulationOptions options,
                         const ScheduleFile& file, const std::filesystem::path& path) {
  print_story_of_death(scenario, options, file);
  Replaying replaying(scenario, options, file);
  ReplayVerdict verdict;
  replaying.run();
  Verification& result = replaying.result();
  verdict.give(result);
  store_finding(file, replaying, result);
  std::printf("%s%s%s%s", result.report().c_str(), remarks(file, result).c_str(), kHistoryTitle,
              result.history.c_str());
  print_smaller(scenario, options, file, path, result);
  std::fflush(stdout);
  const RunResult& run = replaying.last_run();
  if (run.skip && run.findings.empty()) forward_skip(*run.skip);
  report_failures(run);
  return std::move(result);
}

}  // namespace durasim
