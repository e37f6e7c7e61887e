#include "durasim/explore/replay.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/report/narrator.hpp"

namespace durasim {
namespace {

Finding divergence(const std::string& what) {
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what = "DIVERGED: " + what;
  return finding;
}

std::uint32_t faults_of(const ScheduleFile& file) {
  std::uint32_t faults = 0;
  for (const auto& choice : file.choices) faults += choice.answer != 0 ? 1 : 0;
  return faults;
}

}  // namespace

Verification replay_file(const Scenario& scenario, SimulationOptions options, const ScheduleFile& file) {
  Verification result;
  result.scenario = file.scenario;
  result.replayed = true;
  result.inputs = file.inputs;
  result.runs = 1;
  result.max_faults = result.counterexample_faults = faults_of(file);
  options.faults = FaultModel::none();
  for (const std::string& id : file.faults_offered) options.faults = options.faults.with({fault_from_string(id)});
  result.faults = options.faults;
  for (std::uint32_t i = 0; i < file.choices.size(); ++i) {
    if (file.choices[i].answer != 0) result.counterexample.faults.push_back({i, file.choices[i].answer});
  }

  ReplayChooser chooser(file);
  Trace trace;
  Narrator narrator(true);
  RunSetup setup{scenario, options, chooser};
  setup.monitors = {&trace, &narrator};
  setup.inputs = file.inputs;
  RunResult run;
  try {
    run = run_once(setup);
    chooser.expect_exhausted();
    References references(scenario, options);
    references.judge(run, file.inputs);
    if (!file.trace_hash.empty() && file.trace_hash != trace.hash_text()) {
      run.findings.push_back(divergence(fmt::format("the choices were the same, but the trace hash is {} where {} was recorded",
                                                  trace.hash_text(), file.trace_hash)));
    }
  } catch (const DivergedError& error) {
    run.findings = {divergence(error.what())};
  }
  result.executions = run.executions;
  result.durable_states = run.states.size();
  result.findings = run.findings;
  result.verdict = run.findings.empty() ? Verdict::holds : Verdict::refuted;
  result.trace_hash = trace.hash_text();
  result.history = narrator.text();
  std::printf("%s  trace    %s\n", result.report().c_str(), result.trace_hash.c_str());
  if (run.findings.empty()) std::printf("%s", result.history.c_str());
  std::fflush(stdout);
  if (run.skip && run.findings.empty()) forward_skip(*run.skip);
  report_failures(run);
  return result;
}

}  // namespace durasim
