#include "durasim/explore/run.hpp"

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {
namespace {

/// Collects a framework's failures for as long as it lives; the world must be gone before it ends.
class Expectations {
 public:
  Expectations() {
    if (framework_ != nullptr) framework_->begin_run();
  }
  ~Expectations() {
    if (!ended_) end();
  }
  Expectations(const Expectations&) = delete;
  Expectations& operator=(const Expectations&) = delete;

  std::vector<Failure> end() {
    ended_ = true;
    return framework_ != nullptr ? framework_->end_run() : std::vector<Failure>{};
  }

 private:
  TestFramework* framework_ = test_framework();
  bool ended_ = false;
};

Finding expectation(std::string what) {
  Finding finding;
  finding.oracle = Oracle::expectation;
  finding.what = std::move(what);
  finding.remedy =
      "let the handler keep it in a run like this one too, or let the scenario expect no more than "
      "production promises";
  return finding;
}

void call(const RunSetup& setup, Simulation& simulation) {
  try {
    if (setup.inputs.empty()) {
      setup.scenario(simulation);
    } else {
      setup.scenario.run_with(simulation, setup.inputs);
    }
  } catch (const DivergedError&) {
    throw;
  } catch (const std::exception& exception) {
    if (is_test_abort(std::current_exception())) throw;
    simulation.world().findings().add(
        expectation(fmt::format("the scenario threw: {}", exception.what())));
  } catch (...) {
    if (is_test_abort(std::current_exception())) throw;
    simulation.world().findings().add(
        expectation("the scenario threw an exception that is not a std::exception"));
  }
}

void judge_failures(std::vector<Failure> failures, OracleSet oracles, RunResult& result) {
  for (Failure& failure : failures) {
    if (failure.skip) {
      result.skip = std::move(failure);
      continue;
    }
    if (!oracles.contains(Oracle::expectation) || DURASIM_MUTANT(forgets_failed_expectations))
      continue;
    Finding finding = expectation(failure.message);
    finding.file = failure.file;
    finding.line = failure.line;
    result.findings.push_back(std::move(finding));
    result.failures.push_back(std::move(failure));
  }
}

}  // namespace

RunResult run_once(const RunSetup& setup) {
  RunResult result;
  Expectations expectations;
  EnvironmentRecorder environment;
  std::vector<Finding>
      left_behind;  // last: where an ASSERT_* ended the scenario early, it is not the cause
  AnswerLog answers(setup.chooser);
  {
    Simulation simulation(setup.options, answers.chooser());
    World& world = simulation.world();
    world.watch(environment);
    world.keep_states();
    for (Monitor* monitor : setup.monitors) world.watch(*monitor);
    world.give(setup.given);
    world.share_shadowed(setup.shadowed);
    if (setup.replays_cold) world.replay_cold();
    try {
      call(setup, simulation);
    } catch (...) {
      world.abandon_parked_invocations();
      throw;
    }
    for (Finding& finding : world.check_outside()) world.findings().add(std::move(finding));
    world.check_end();
    const std::size_t found = world.findings().all().size();
    world.abandon_parked_invocations();
    if (setup.after) setup.after(simulation);
    result.findings = simulation.findings().all();
    left_behind.assign(result.findings.begin() + static_cast<std::ptrdiff_t>(found),
                       result.findings.end());
    result.findings.resize(found);
    result.decisions = world.decisions();
    result.states = world.states();
    read_coverage(world, result);
    result.executions = simulation.executions();
    for (std::uint32_t execution = 1; execution <= result.executions; ++execution)
      widen(result.margins, world.margins(execution));
  }
  result.environment = environment.environment();
  judge_failures(expectations.end(), setup.options.oracles, result);
  for (Finding& finding : left_behind) result.findings.push_back(std::move(finding));
  return result;
}

RunResult run_without_faults(const Scenario& scenario, const SimulationOptions& options) {
  NominalChooser nominal;
  return run_once({scenario, options, nominal});
}

Budget budget_of(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::order:
      return Budget::preemptions;
    case ChoiceKind::environment:
      return Budget::environment;
    case ChoiceKind::data:
      return Budget::data;
    default:
      return Budget::faults;
  }
}

Spent spent_in(const std::vector<Decision>& decisions) {
  Spent spent;
  for (const Decision& decision : decisions) {
    if (decision.answer != 0) ++spent.on(budget_of(decision.site.choice));
  }
  return spent;
}

std::uint32_t taken(const std::vector<Decision>& decisions, ChoiceKind kind) {
  return spent_in(decisions).on(budget_of(kind));
}

Schedule schedule_of(const std::vector<Decision>& decisions) {
  Schedule schedule;
  for (std::uint32_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].answer != 0) schedule.choices.push_back({i, decisions[i].answer});
  }
  return schedule;
}

void report_failures(const RunResult& run) {
  TestFramework* framework = test_framework();
  if (framework == nullptr) return;
  for (const Failure& failure : run.failures) framework->report(failure);
}

void forward_skip(const Failure& skip) {
  TestFramework* framework = test_framework();
  if (framework == nullptr) return;
  framework->report(skip);
  framework->leave_test(skip);
}

}  // namespace durasim
