#include <cstdio>

#include <durasim/environment.hpp>
#include <durasim/explore.hpp>
#include <durasim/shrink.hpp>

#include "durasim/core/script_chooser.hpp"
#include "durasim/explore/corpus.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/explore/story.hpp"

/// One run at a time, for property tests and traces.
namespace durasim {
namespace {

RunResult judged_run(const Scenario& scenario, const SimulationOptions& options, Chooser& chooser,
                     std::vector<Monitor*> monitors, const std::string& inputs = {}) {
  RunSetup setup{scenario, options, chooser};
  setup.monitors = std::move(monitors);
  setup.inputs = inputs;
  RunResult run = run_once(setup);
  References(scenario, options).judge(run, inputs);
  return run;
}

/// Warnings instead of findings, if the options have it so.
void warn(std::vector<std::string>& unreached, const CheckOptions& options) {
  if (options.unreached == Unreached::fails) return;
  for (const std::string& what : unreached) {
    std::fprintf(stderr, "durasim: warning: %s\n", what.c_str());
  }
  unreached.clear();
}

/// Nothing was found, but the run was not the one that the test is about.
void refute(std::vector<std::string> unreached, const RunResult& run, Verification& result) {
  result.verdict = Verdict::refuted;
  result.counterexample = schedule_of(run.decisions);
  result.counterexample_faults = taken(run.decisions, ChoiceKind::fault);
  for (std::string& what : unreached) {
    Finding finding;
    finding.what = std::move(what);
    result.findings.push_back(std::move(finding));
  }
}

/// Of the run that failed. What it is compared with is run now.
Coverage coverage_of_run(const Scenario& scenario, const RunResult& run,
                         const SimulationOptions& options) {
  Coverage coverage = coverage_of(options);
  if (schedule_of(run.decisions).choices.size() != 1) {
    add(coverage, cover(run), nullptr);
    return coverage;
  }
  NominalChooser nominal;
  const RunResult without = run_once({scenario, options, nominal});
  add(coverage, cover(run), &without.footprint);
  return coverage;
}

/// Forwards what concerns the running test, and throws what was found. `unreached`: of a script.
void conclude(const Scenario& scenario, const std::string& identity, const RunResult& run,
              const CheckOptions& options, RunRecord& record,
              std::vector<std::string> unreached = {}) {
  // A property goes on: RapidCheck would take the exception by which a test is left for a failure.
  if (run.skip && test_framework() != nullptr) test_framework()->report(*run.skip);
  if (run.skip) unreached.clear();
  warn(unreached, options);
  if (run.findings.empty() && unreached.empty()) return;
  Verification result;
  result.scenario = identity;
  result.inputs = scenario.inputs();
  result.faults = options.simulation.faults;
  result.runs = 1;
  result.executions = run.executions;
  result.coverage = coverage_of_run(scenario, run, options.simulation);
  if (run.findings.empty()) {
    refute(std::move(unreached), run, result);
    throw CheckFailed(std::move(result));
  }
  for (std::string& what : unreached) result.notes.push_back({"script", std::move(what)});
  tell_story(scenario, options.simulation, run, result);
  if (!options.shrink) throw CheckFailed(std::move(result));
  record.end();
  Verification smallest =
      shrink(scenario, result.file, {.simulation = options.simulation}).smallest;
  smallest.coverage = std::move(result.coverage);
  throw CheckFailed(std::move(smallest));
}

/// $DURASIM_REPLAY is for this call: the stored schedule was run instead.
bool replayed(const Scenario& scenario, const std::string& identity, const CheckOptions& options) {
  const ScheduleFile* file = replay_for(identity);
  if (file == nullptr) return false;
  // A property calls again and again while it shrinks; the schedule is the same each time.
  static const Verification result =
      replay_file(scenario, options.simulation, *file, replayed_path());
  if (result.verdict == Verdict::refuted) throw CheckFailed(result);
  return true;
}

TracedRun traced(const Scenario& scenario, const SimulationOptions& options, const Trace& trace,
                 const Anchors& anchors, RunResult run, const std::string& name,
                 const std::string& inputs) {
  TracedRun result;
  result.trace = trace.text();
  result.trace_hash = trace.hash_text();
  result.schedule = schedule_of(run.decisions);
  result.script = anchors.script();
  const Finding* main = run.findings.empty() ? nullptr : &run.findings.front();
  result.file = to_schedule_file(check_identity(name), inputs.empty() ? scenario.inputs() : inputs,
                                 options.faults, run, main);
  result.file.script = result.script;
  result.file.trace_hash = result.trace_hash;
  result.findings = std::move(run.findings);
  result.decisions = std::move(run.decisions);
  return result;
}

}  // namespace

void check(const Scenario& scenario, const Schedule& schedule, CheckOptions options) {
  settings_from_environment();  // what is not accepted is said here as everywhere
  options.simulation.faults = options.faults;
  const std::string identity = check_identity(options.name);
  if (replayed(scenario, identity, options)) return;
  if (auto failed = replay_corpus_once(scenario, options.simulation, identity))
    throw CheckFailed(std::move(*failed));
  const Campaign campaign(identity, scenario.inputs(), options.faults,
                          options.simulation.hang_after);
  RunRecord record(schedule);
  ScheduleChooser chooser(schedule);
  conclude(scenario, identity, judged_run(scenario, options.simulation, chooser, {}), options,
           record);
}

TracedRun trace_run(const Scenario& scenario, const Schedule& schedule, CheckOptions options) {
  options.simulation.faults = options.faults;
  ScheduleChooser chooser(schedule);
  Trace trace;
  Anchors anchors;
  RunResult run = judged_run(scenario, options.simulation, chooser, {&trace, &anchors});
  return traced(scenario, options.simulation, trace, anchors, std::move(run), options.name, {});
}

TracedRun trace_file(const Scenario& scenario, const ScheduleFile& file,
                     SimulationOptions options) {
  options.faults = offered_by(file);
  ReplayChooser chooser(file);
  Trace trace;
  Anchors anchors;
  RunResult run = judged_run(scenario, options, chooser, {&trace, &anchors}, file.inputs);
  chooser.expect_exhausted();
  return traced(scenario, options, trace, anchors, std::move(run), file.scenario, file.inputs);
}

namespace detail {

void check_script(const Scenario& scenario, const Script& script, CheckOptions options) {
  settings_from_environment();  // as above
  options.simulation.faults = script.widen(options.faults);
  const std::string identity = check_identity(options.name);
  if (replayed(scenario, identity, options)) return;
  if (auto failed = replay_corpus_once(scenario, options.simulation, identity))
    throw CheckFailed(std::move(*failed));
  const Campaign campaign(identity, scenario.inputs(), options.simulation.faults,
                          options.simulation.hang_after);
  RunRecord record{Schedule{}};
  ScriptChooser chooser(script);
  const RunResult run = judged_run(scenario, options.simulation, chooser, {&chooser});
  conclude(scenario, identity, run, options, record, chooser.unreached());
}

TracedRun trace_script(const Scenario& scenario, const Script& script, CheckOptions options) {
  options.simulation.faults = script.widen(options.faults);
  ScriptChooser chooser(script);
  Trace trace;
  RunResult run = judged_run(scenario, options.simulation, chooser, {&trace, &chooser});
  TracedRun result = traced(scenario, options.simulation, trace, chooser.anchors(), std::move(run),
                            options.name, {});
  result.unreached = chooser.unreached();
  return result;
}

}  // namespace detail
}  // namespace durasim
