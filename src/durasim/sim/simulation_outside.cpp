#include <memory>
#include <utility>

#include <durasim/simulation.hpp>

#include "durasim/sim/world.hpp"

/// The part of a simulation's interface that concerns its outside.
namespace durasim {

using Refusal = std::optional<durable::ServiceError>;

namespace {

Refusal send(World& world, CallbackSignal signal) {
  world.locate(signal);
  return world.signal_callback(signal);
}

}  // namespace

void Simulation::publish_plain(std::string name, detail::ErasedFunctionFactory factory) {
  world_->publish_plain(std::move(name), std::move(factory));
}

CallbackScript Simulation::on_callback(std::string_view name, std::uint32_t number) {
  return CallbackScript(world_->outside().add_callback_rule({std::string(name), number}));
}
CallbackScript Simulation::on_callback(OperationPredicate which) {
  return CallbackScript(world_->outside().add_callback_rule({.predicate = std::move(which)}));
}
InvokeScript Simulation::on_invoke(std::string_view name, std::uint32_t number) {
  return InvokeScript(world_->outside().add_invoke_rule({std::string(name), number}));
}
InvokeScript Simulation::on_invoke(OperationPredicate which) {
  return InvokeScript(world_->outside().add_invoke_rule({.predicate = std::move(which)}));
}
StepScript Simulation::on_step(std::string_view name, std::uint32_t number) {
  return StepScript(world_->outside().add_step_rule({std::string(name), number}));
}
StepScript Simulation::on_step(OperationPredicate which) {
  return StepScript(world_->outside().add_step_rule({.predicate = std::move(which)}));
}

void Simulation::at(Duration since_start, std::function<void()> action) {
  world_->at(since_start, std::move(action));
}

std::string Simulation::callback_id(ExecutionHandle execution, std::string_view name,
                                    std::uint32_t number) const {
  world_->require(execution);
  return world_->callback_id(execution.number, name, number);
}

Refusal Simulation::succeed_callback_with(const std::string& id, durable::Text result) {
  return send(*world_, {.id = id, .result = std::move(result)});
}

Refusal Simulation::fail_callback(const std::string& id, durable::ErrorObject error) {
  return send(*world_, {.kind = CallbackSignal::Kind::failure,
                        .id = id,
                        .error = std::make_shared<durable::ErrorObject>(std::move(error))});
}

Refusal Simulation::heartbeat_callback(const std::string& id) {
  return send(*world_, {.kind = CallbackSignal::Kind::heartbeat, .id = id});
}

void Simulation::stop(ExecutionHandle execution, const std::string& reason) {
  world_->require(execution);
  world_->stop(execution.number, scripted_error("ExecutionStopped", reason));
}

}  // namespace durasim
