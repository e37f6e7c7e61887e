#include "generators/run.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace generated {
namespace {

/// Without shadow replays: they would pass the property's watchers too, at another time.
durasim::SimulationOptions watched_options() {
  durasim::SimulationOptions result = options();
  result.faults = durasim::FaultModel::hostile();
  result.shadow_replay = false;
  return result;
}

}  // namespace

void Answering::submit(const std::string& id, const Operation& operation) {
  if (operation.answer == Answer::none) return;
  const auto when = simulation_.now() + std::chrono::seconds(operation.seconds) -
                    durasim::SimulationOptions{}.start;
  simulation_.at(when, [&simulation = simulation_, id, answer = operation.answer,
                        number = std::int64_t{operation.operand}] {
    // One that was sent twice is refused the second time.
    if (answer == Answer::success) {
      simulation.succeed_callback(id, number);
    } else {
      simulation.fail_callback(id, "Refused", "the outside refuses");
    }
  });
}

void Outside::effect(const std::string& step, const std::string& key) {
  const std::string kind = "effect of " + step;
  if (declared_.insert(kind).second) simulation().effects().at_most(1, kind);
  simulation().effects().apply(kind, key, 1);
}

durasim::SimulationOptions options() {
  durasim::SimulationOptions result;
  result.invocations_limit = 500;
  return result;
}

durasim::ExecutionResult run(const Program& program, const Input& input,
                             durasim::Simulation& simulation, Surroundings& surroundings) {
  simulation.plain_function(kCallee, &callee);
  simulation.function("generated", [&](durable::Context& context, const Input& given) {
    return interpret(program, context, given, surroundings);
  });
  return simulation.run("generated", input);
}

durasim::Scenario scenario_of(const Case& generated_case) {
  using Inputs = std::pair<Program, Input>;
  return durasim::scenario_for(Inputs(generated_case.program, generated_case.input),
                               [](durasim::Simulation& simulation, const Inputs& inputs) {
                                 run(inputs.first, inputs.second, simulation,
                                     simulation.make<Outside>(simulation));
                               });
}

Run::Run(const Case& generated_case)
    : case_(generated_case),
      chooser_(generated_case.schedule),
      simulation_(watched_options(), chooser_) {}

void Run::go(Surroundings& surroundings) {
  result_ = run(case_.program, case_.input, simulation_, surroundings);
  for (const durasim::Finding& finding : simulation_.findings().all()) {
    said_ += fmt::format("  (the oracle {} says: {})\n", to_string(finding.oracle), finding.what);
  }
}

bool Run::was_injected(durasim::Fault fault) const {
  const auto& decisions = simulation_.decisions();
  return std::any_of(decisions.begin(), decisions.end(),
                     [&](const durasim::Decision& decision) { return decision.fault == fault; });
}

void Run::breaks(const std::string& claim) const {
  std::string story = claim + "\n";
  for (const durasim::Decision& decision : simulation_.decisions()) {
    if (decision.answer == 0) continue;
    story += fmt::format("  fault: {}, at {}\n", describe(decision.fault), identify(decision.site));
  }
  story += said_;
  if (result_) story += result_->table();
  throw Broken(story);
}

}  // namespace generated
