#include <utility>

#include <durasim/framework.hpp>

#include <fmt/format.h>

#include "durable/sdk/engine.hpp"
#include "durasim/sim/target.hpp"
#include "durasim/sim/world.hpp"

/// Chained invokes: a function is run for an operation of another execution, which its end ends.
namespace durasim {

using durable::ErrorObject;
using durable::OperationStatus;

namespace {

bool is_published(std::string_view qualifier) {
  return qualifier.empty() || qualifier == "1" || qualifier == "$LATEST";
}

OperationStatus operation_status(durable::ExecutionStatus status) {
  switch (status) {
    case durable::ExecutionStatus::succeeded:
      return OperationStatus::succeeded;
    case durable::ExecutionStatus::timed_out:
      return OperationStatus::timed_out;
    case durable::ExecutionStatus::stopped:
      return OperationStatus::stopped;
    default:
      return OperationStatus::failed;
  }
}

}  // namespace

std::string World::published() const {
  std::string names;
  for (const auto& [name, unused] : functions_) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

void World::take_invokes() {
  invokes_made_ = false;
  for (const ChainedInvoke& invoke : service_.take_invokes()) {
    if (!outside_.invoked(invoke)) start_invoked(invoke);
  }
}

void World::start_invoked(const ChainedInvoke& invoke) {
  const Target target = split_target(invoke.target.function);
  const auto function = functions_.find(std::string(target.function));
  if (function == functions_.end() || !is_published(target.qualifier)) {
    ErrorObject error{
        "ResourceNotFoundException",
        fmt::format("Function not found: {}; published: {}", invoke.target.function, published())};
    return end_invoke(invoke.execution, invoke.path, OperationStatus::failed, {},
                      std::make_shared<ErrorObject>(std::move(error)));
  }
  if (function->second.plain) return run_plain(invoke, function->second.plain);
  const std::uint32_t root = root_of(invoke.execution);
  if (++actor(root).invoked > options_.invoked_executions_limit) {
    report(Oracle::progress,
           fmt::format("execution {} and those that it has led to have invoked {} functions, and "
                       "the next one is \"{}\": they invoke each other for ever",
                       root, options_.invoked_executions_limit, invoke.target.function),
           "end the cycle; SimulationOptions::invoked_executions_limit raises the bound");
    halted_ = true;
    return;
  }
  const std::uint32_t execution =
      begin(function->first, invoke.payload, {}, {invoke.execution, invoke.path});
  service_.invoke_started(invoke.execution, invoke.path, service_.execution(execution).arn);
}

/// It runs to its end at once: nothing of it is recorded, so that nothing can interrupt it.
void World::run_plain(const ChainedInvoke& invoke, const detail::ErasedFunction& function) {
  durable::Text result;
  durable::ErrorPtr error;
  try {
    result = function(invoke.payload);
  } catch (...) {
    if (is_test_abort(std::current_exception())) return abort_with(std::current_exception());
    error = std::make_shared<ErrorObject>(durable::current_exception_error("the function"));
  }
  const OperationStatus status = error ? OperationStatus::failed : OperationStatus::succeeded;
  end_invoke(invoke.execution, invoke.path, status, std::move(result), std::move(error));
}

void World::end_invoke(std::uint32_t execution, durable::OperationPath path, OperationStatus status,
                       durable::Text result, durable::ErrorPtr error) {
  service_.end_invoke(execution, path, status, std::move(result), std::move(error));
  record_state();
}

/// The executions that ended have answered those that invoked them.
void World::tell_callers() {
  for (const std::uint32_t number : std::exchange(answered_, {})) {
    const Execution& target = service_.execution(number);
    const Caller caller = actor(number).caller;
    end_invoke(caller.execution, caller.path, operation_status(target.status), target.result,
               target.error);
  }
}

std::uint32_t World::root_of(std::uint32_t execution) {
  while (actor(execution).caller.execution != 0) execution = actor(execution).caller.execution;
  return execution;
}

}  // namespace durasim
