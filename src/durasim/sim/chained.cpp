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

OperationStatus ending_of(Fault fault) {
  switch (fault) {
    case Fault::invoke_times_out:
      return OperationStatus::timed_out;
    case Fault::invoke_stopped:
      return OperationStatus::stopped;
    default:
      return OperationStatus::failed;
  }
}

durable::ErrorPtr error_of(Fault fault) {
  switch (fault) {
    case Fault::invoke_times_out:
      return scripted_error("Sandbox.Timedout", "the simulator had the invoked function time out");
    case Fault::invoke_stopped:
      return scripted_error("Operator.Stopped", "an operator stopped the invoked execution");
    case Fault::invoke_throttled:
      return scripted_error("TooManyRequestsException", "Rate exceeded");
    default:
      return scripted_error("InjectedFailure", "the simulator had the invoked function fail");
  }
}

}  // namespace

void World::take_invokes() {
  for (const Asked& asked : std::exchange(invokes_, {})) {
    const ChainedInvoke& invoke = asked.invoke;
    const OperationStatus status = ending_of(asked.fault);
    if (asked.fault == Fault::none) {
      carry_out(invoke);
    } else {
      end_invoke(invoke.execution, invoke.path, status, {}, error_of(asked.fault));
    }
  }
}

void World::carry_out(const ChainedInvoke& invoke) {
  if (!outside_.invoked(invoke)) start_invoked(invoke);
}

void World::invoke_made() {
  for (ChainedInvoke& invoke : service_.take_invokes()) {
    Menu menu(options_.faults);
    if (given_ == nullptr) {
      if (outside_.answers(invoke)) menu.offer(Fault::invoke_early);
      menu.offer(Fault::invoke_fails);
      menu.offer(Fault::invoke_times_out);
      menu.offer(Fault::invoke_stopped);
      menu.offer(Fault::invoke_throttled);
    }
    const Fault fault =
        choose(SiteKind::invoke, ChoiceKind::environment, invoke.execution, invoke.path, 1, menu);
    if (fault != Fault::invoke_early) {
      invokes_.push_back({std::move(invoke), fault});
      continue;
    }
    // While the request is being applied: its answer tells of both.
    Invocation* const sender = std::exchange(current_, nullptr);
    outside_.answer_at_once(invoke);
    current_ = sender;
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
