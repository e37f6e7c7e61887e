#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/sim/target.hpp"
#include "durasim/sim/world.hpp"

/// Chained invokes: a function is run for an operation of another execution, which its end ends.
namespace durasim {

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
    return fail_invoke(
        invoke, "ResourceNotFoundException",
        fmt::format("Function not found: {}; published: {}", invoke.target.function, published()));
  }
  if (!may_invoke(invoke)) {
    return fail_invoke(invoke, "RecursiveInvocationException",
                       fmt::format("the execution that began this chain of invokes has led to {} "
                                   "others, which is the limit; the invoke of \"{}\" is refused",
                                   options_.invoked_executions_limit, invoke.target.function));
  }
  const Caller caller{invoke.execution, invoke.path, invoke.target.tenant_id};
  if (DURASIM_MUTANT(starts_invokes_twice)) begin(function->first, invoke.payload, {}, caller);
  const std::uint32_t execution = begin(function->first, invoke.payload, {}, caller);
  // The service knows of no execution of a plain function: the simulator alone does.
  if (function->second.plain) return;
  service_.invoke_started(invoke.execution, invoke.path, service_.execution(execution).arn);
}

/// Each further one fails, so that the chain ends from its last link on.
bool World::may_invoke(const ChainedInvoke& invoke) {
  const std::uint32_t root = root_of(invoke.execution);
  const std::uint32_t limit = options_.invoked_executions_limit;
  if (actor(root).invoked < limit) {
    ++actor(root).invoked;
    return true;
  }
  if (std::exchange(actor(root).refused_invoke, true)) return false;
  report(Oracle::progress,
         fmt::format("execution {} and those that it has led to have invoked {} functions, and "
                     "the next one is \"{}\": they invoke each other for ever",
                     root, limit, invoke.target.function),
         "end the cycle; SimulationOptions::invoked_executions_limit raises the bound");
  harmless_ = findings_.all().size();
  return false;
}

void World::fail_invoke(const ChainedInvoke& invoke, const char* type, std::string message) {
  end_invoke(invoke.execution, invoke.path, OperationStatus::failed, {},
             scripted_error(type, std::move(message)));
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
