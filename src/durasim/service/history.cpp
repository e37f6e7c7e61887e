#include <durasim/service.hpp>

/// The words of the history.
/// Source: docs/reference/protocol.md#history
namespace durasim {

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::execution_started:
      return "ExecutionStarted";
    case EventType::execution_succeeded:
      return "ExecutionSucceeded";
    case EventType::execution_failed:
      return "ExecutionFailed";
    case EventType::execution_timed_out:
      return "ExecutionTimedOut";
    case EventType::execution_stopped:
      return "ExecutionStopped";
    case EventType::context_started:
      return "ContextStarted";
    case EventType::context_succeeded:
      return "ContextSucceeded";
    case EventType::context_failed:
      return "ContextFailed";
    case EventType::step_started:
      return "StepStarted";
    case EventType::step_succeeded:
      return "StepSucceeded";
    case EventType::step_failed:
      return "StepFailed";
    case EventType::wait_started:
      return "WaitStarted";
    case EventType::wait_succeeded:
      return "WaitSucceeded";
    case EventType::wait_cancelled:
      return "WaitCancelled";
    case EventType::callback_started:
      return "CallbackStarted";
    case EventType::callback_succeeded:
      return "CallbackSucceeded";
    case EventType::callback_failed:
      return "CallbackFailed";
    case EventType::callback_timed_out:
      return "CallbackTimedOut";
    case EventType::chained_invoke_started:
      return "ChainedInvokeStarted";
    case EventType::chained_invoke_succeeded:
      return "ChainedInvokeSucceeded";
    case EventType::chained_invoke_failed:
      return "ChainedInvokeFailed";
    case EventType::chained_invoke_timed_out:
      return "ChainedInvokeTimedOut";
    case EventType::chained_invoke_stopped:
      return "ChainedInvokeStopped";
    case EventType::invocation_completed:
      return "InvocationCompleted";
  }
  return "?";
}

}  // namespace durasim
