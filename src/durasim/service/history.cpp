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
    case EventType::invocation_completed:
      return "InvocationCompleted";
  }
  return "?";
}

}  // namespace durasim
