#include "durasim/explore/story.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "durasim/core/anchors.hpp"
#include "durasim/explore/fresh.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/report/narrator.hpp"
#include "durasim/report/vicinity.hpp"

namespace durasim {
namespace {

/// What is told is the second run, down to the keys that a handler draws at random.
void expect_same_finding(const RunResult& again, Verification& result) {
  Finding& main = result.findings.front();
  if (main.oracle == Oracle::simulator) return;  // it is about other runs
  if (is_of_cold_replay(main)) return;           // by now there are no cold statics here
  if (!again.findings.empty() && again.findings.front().signature() == main.signature()) {
    result.findings = again.findings;
    return;
  }
  main.what += fmt::format(
      " (a second run of the same schedule {}: the scenario or the handler keeps "
      "state between runs)",
      again.findings.empty() ? "found nothing" : "found something else");
}

/// What only this process finds is no ordinary finding: what makes it another one comes first. A handler
/// that disagrees with its own replay explains itself.
void doubt(Doubt doubt, Verification& result) {
  const bool explained =
      doubt.repeats || result.findings.front().oracle == Oracle::replay_agreement;
  result.findings.insert(explained ? result.findings.end() : result.findings.begin(),
                         std::move(doubt.finding));
  if (!explained) result.minimal = false;
}

/// The file is about another finding than when it was stored.
void rename(Verification& result, bool named, bool store, ScheduleFile& file) {
  const Finding& main = result.findings.front();
  file.oracle = to_string(main.oracle);
  file.operation = main.operation;
  file.signature = main.signature();
  file.minimal = result.minimal;
  if (named) return;
  if (store) std::filesystem::remove(result.file);
  result.file = schedule_path(result.scenario, main);
}

}  // namespace

Trace tell_story(const Scenario& scenario, const SimulationOptions& options, const RunResult& run,
                 Verification& result, bool store, const ColdJudgement* cold) {
  const Finding& main = run.findings.front();
  result.verdict = Verdict::refuted;
  result.findings = run.findings;
  result.faults = options.faults;
  result.counterexample = schedule_of(run.decisions);
  result.counterexample_faults = taken(run.decisions, ChoiceKind::fault);
  const bool named = !result.file.empty();
  if (!named) result.file = schedule_path(result.scenario, main);
  ScheduleFile file = to_schedule_file(result.scenario, result.inputs, options.faults, run, &main);
  file.minimal = result.minimal;
  if (store) file.save(result.file);

  ScheduleChooser chooser(result.counterexample);
  Trace trace;
  Narrator narrator;
  Anchors anchors;
  Vicinity vicinity;
  RunSetup setup{scenario, options, chooser};
  setup.monitors = {&trace, &narrator, &anchors, &vicinity};
  setup.inputs = result.inputs;
  RunResult again = run_once(setup);
  if (!result.counterexample.choices.empty()) {
    References(scenario, options).judge(again, result.inputs);
  }
  expect_same_finding(again, result);
  if (main.oracle != Oracle::simulator && !is_of_cold_replay(main)) {
    if (auto found = judge_in_fresh_process(scenario, options, run, result.inputs))
      doubt(std::move(*found), result);
    if (result.findings.front().oracle != main.oracle) rename(result, named, store, file);
  }
  file.trace_hash = result.trace_hash = trace.hash_text();
  file.script = result.script = anchors.script();
  file.events = cold != nullptr ? cold->events : narrator.events();
  result.history = narrative(file.events, false);
  result.nearest = main.operation.empty() ? vicinity.last_fault() : vicinity.last_call();
  if (cold != nullptr) result.nearest = cold->nearest;
  if (store) file.save(result.file);
  result.reproduce = reproduce_command(result.file);
  return trace;
}

void tell_run_without_faults(const Scenario& scenario, const SimulationOptions& options,
                             Verification& result) {
  NominalChooser nominal;
  Narrator narrator;
  Vicinity vicinity;
  RunSetup setup{scenario, options, nominal};
  setup.monitors = {&narrator, &vicinity};
  run_once(setup);
  result.history = narrative(narrator.events(), false);
  result.nearest = vicinity.last_call();
}

}  // namespace durasim
