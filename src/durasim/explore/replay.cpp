#include "durasim/explore/replay.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
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
  std::string text = fmt::format("  trace    {}", result.trace_hash);
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

}  // namespace

Verification replay_file(const Scenario& scenario, SimulationOptions options,
                         const ScheduleFile& file) {
  Verification result;
  result.scenario = file.scenario;
  result.replayed = true;
  result.inputs = file.inputs;
  result.runs = 1;
  result.max_faults = result.counterexample_faults = faults_of(file);
  options.faults = FaultModel::none();
  for (const std::string& id : file.faults_offered)
    options.faults = options.faults.with({fault_from_string(id)});
  result.faults = options.faults;
  for (std::uint32_t i = 0; i < file.choices.size(); ++i) {
    if (file.choices[i].answer != 0)
      result.counterexample.faults.push_back({i, file.choices[i].answer});
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
  } catch (const DivergedError& error) {
    run.findings = {divergence(error)};
  }
  result.executions = run.executions;
  result.durable_states = run.states.size();
  result.findings = run.findings;
  result.verdict = run.findings.empty() ? Verdict::holds : Verdict::refuted;
  result.trace_hash = trace.hash_text();
  result.history = narrator.text();
  std::printf("%s%s%s%s", result.report().c_str(), remarks(file, result).c_str(), kHistoryTitle,
              result.history.c_str());
  std::fflush(stdout);
  if (run.skip && run.findings.empty()) forward_skip(*run.skip);
  report_failures(run);
  return result;
}

}  // namespace durasim
