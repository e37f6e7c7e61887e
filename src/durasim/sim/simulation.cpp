#include <durasim/simulation.hpp>

#include <durasim/framework.hpp>

#include "durasim/sim/world.hpp"

namespace durasim {
namespace {

Chooser& nominal() {
  static NominalChooser chooser;
  return chooser;
}

void fail_test(TestFramework& framework, const Finding& finding) {
  std::string text = std::string(to_string(finding.oracle)) + ": " + finding.what;
  if (finding.divergence) text += "\n" + finding.divergence->to_text();
  if (!finding.remedy.empty())
    text += (text.ends_with('\n') ? "remedy: " : "\nremedy: ") + finding.remedy;
  try {
    framework.report({finding.file, finding.line, std::move(text), false});
  } catch (...) {  // a framework that throws on failure has taken note of it before
  }
}

}  // namespace

detail::ErasedHandler detail::configured(ErasedHandler handler,
                                         const durable::HandlerConfig& config) {
  if (!config.serdes && !config.log_on_replay) return handler;
  return [handler = std::move(handler), config](durable::Context& context,
                                                const durable::Text& input) {
    durable::detail::configure(context, config);
    return handler(context, input);
  };
}

Simulation::Simulation() : Simulation(SimulationOptions{}) {}
Simulation::Simulation(SimulationOptions options) : Simulation(options, nominal()) {}
Simulation::Simulation(SimulationOptions options, Chooser& chooser)
    : world_(std::make_unique<World>(options, chooser)) {}
Simulation::~Simulation() {
  world_->finish();
  std::vector<Finding> unreached = world_->check_script();
  for (Finding& finding : world_->check_outside()) unreached.push_back(std::move(finding));
  if (!findings_read_) world_->check_end();
  TestFramework* framework = test_framework();
  if (framework == nullptr) return;
  if (!findings_read_) {
    for (const Finding& finding : world_->findings().all()) fail_test(*framework, finding);
  }
  for (const Finding& finding : unreached) fail_test(*framework, finding);
}

void Simulation::script(Script script, Unreached unreached) {
  world_->follow(std::move(script), unreached);
}
std::vector<std::string> Simulation::unreached() const { return world_->unreached(); }

void Simulation::keep(std::shared_ptr<void> object) { world_->keep(std::move(object)); }

void Simulation::publish(std::string name, detail::ErasedFactory factory,
                         const FunctionOptions& options) {
  world_->publish(std::move(name), std::move(factory), options);
}

ExecutionResult Simulation::run_text(const std::string& function, durable::Text input) {
  const ExecutionHandle execution = start_text(function, std::move(input));
  world_->run_to_end(execution.number);
  return result(execution);
}

ExecutionHandle Simulation::start_text(const std::string& function, durable::Text input,
                                       const StartOptions& options) {
  return {world_->start(function, std::move(input), options.name)};
}

ExecutionResult Simulation::run_until_suspended(ExecutionHandle execution) {
  world_->require(execution);
  world_->run_until_suspended(execution.number);
  return result(execution);
}

InvocationResult Simulation::step_invocation(ExecutionHandle execution) {
  world_->require(execution);
  return world_->step(execution.number);
}

void Simulation::run_until_idle() { world_->run_until_idle(); }

void Simulation::run_for(Duration duration) { world_->run_until(world_->clock().now() + duration); }
void Simulation::finish() { world_->finish(); }

ExecutionResult Simulation::result(ExecutionHandle execution) const {
  world_->require(execution);
  std::shared_ptr<const Execution> data = world_->service().share(execution.number);
  if (!durable::is_terminal(data->status)) data = std::make_shared<const Execution>(*data);
  return ExecutionResult(std::move(data), world_->clock().now(), world_->margins(execution.number));
}

Timeline Simulation::timeline() const { return world_->timeline(); }

Effects& Simulation::effects() { return world_->effects(); }
Timestamp Simulation::now() const { return world_->now(); }
Duration Simulation::elapsed() const { return world_->clock().now() - world_->options().start; }
const Findings& Simulation::findings() const {
  findings_read_ = true;
  return world_->findings();
}
const std::vector<Decision>& Simulation::decisions() const { return world_->decisions(); }
const std::vector<std::uint64_t>& Simulation::durable_states() const { return world_->states(); }
std::uint32_t Simulation::executions() const { return world_->service().executions(); }
void Simulation::watch(Monitor& monitor) { world_->watch(monitor); }

}  // namespace durasim
