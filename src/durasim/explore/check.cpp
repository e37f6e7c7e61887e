#include <fmt/format.h>

#include <durasim/explore.hpp>

#include "durasim/explore/reference.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/report/narrator.hpp"

/// One run at a time, for property tests and traces.
namespace durasim {
namespace {

RunResult judged_run(const Scenario& scenario, const Schedule& schedule,
                     const SimulationOptions& options, std::vector<Monitor*> monitors) {
  ScheduleChooser chooser(schedule);
  RunSetup setup{scenario, options, chooser};
  setup.monitors = std::move(monitors);
  RunResult run = run_once(setup);
  References references(scenario, options);
  references.judge(run);
  return run;
}

std::uint32_t injected(const RunResult& run) {
  std::uint32_t faults = 0;
  for (const Decision& decision : run.decisions) {
    faults += decision.answer != 0 && decision.site.choice != ChoiceKind::data ? 1 : 0;
  }
  return faults;
}

Verification story_of(const Scenario& scenario, const std::string& identity,
                      const Schedule& schedule, const RunResult& run,
                      const SimulationOptions& options) {
  Verification result;
  result.verdict = Verdict::refuted;
  result.scenario = identity;
  result.inputs = scenario.inputs();
  result.faults = options.faults;
  result.runs = 1;
  result.executions = run.executions;
  result.findings = run.findings;
  result.counterexample = schedule;
  result.counterexample_faults = injected(run);
  const Finding& main = run.findings.front();
  result.file = schedule_path(identity, main);
  to_schedule_file(identity, scenario.inputs(), options.faults, run, &main, "").save(result.file);
  Trace trace;
  Narrator narrator(false);
  judged_run(scenario, schedule, options, {&trace, &narrator});
  result.trace_hash = trace.hash_text();
  result.history = narrator.text();
  to_schedule_file(identity, scenario.inputs(), options.faults, run, &main, result.trace_hash)
      .save(result.file);
  result.reproduce = reproduce_command(result.file);
  return result;
}

}  // namespace

void check(const Scenario& scenario, const Schedule& schedule, CheckOptions options) {
  options.simulation.faults = options.faults;
  const std::string identity = check_identity(options.name);
  if (const ScheduleFile* file = replay_for(identity)) {
    // A property calls again and again while it shrinks; the schedule is the same each time.
    static const Verification replayed = replay_file(scenario, options.simulation, *file);
    if (replayed.verdict == Verdict::refuted) throw CheckFailed(replayed);
    return;
  }
  const RunResult run = judged_run(scenario, schedule, options.simulation, {});
  // A property goes on: RapidCheck would take the exception by which a test is left for a failure.
  if (run.skip && test_framework() != nullptr) test_framework()->report(*run.skip);
  if (!run.findings.empty())
    throw CheckFailed(story_of(scenario, identity, schedule, run, options.simulation));
}

TracedRun trace_run(const Scenario& scenario, const Schedule& schedule, CheckOptions options) {
  options.simulation.faults = options.faults;
  Trace trace;
  RunResult run = judged_run(scenario, schedule, options.simulation, {&trace});
  return {trace.text(), trace.hash_text(), std::move(run.findings), std::move(run.decisions)};
}

}  // namespace durasim
