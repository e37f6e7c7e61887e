#include <durable/model.hpp>

/// The words of the wire.
namespace durable {

std::string_view to_string(OperationType type) {
  switch (type) {
    case OperationType::execution:
      return "EXECUTION";
    case OperationType::context:
      return "CONTEXT";
    case OperationType::step:
      return "STEP";
    case OperationType::wait:
      return "WAIT";
    case OperationType::callback:
      return "CALLBACK";
    case OperationType::chained_invoke:
      return "CHAINED_INVOKE";
  }
  return "?";
}

std::string_view to_string(OperationStatus status) {
  switch (status) {
    case OperationStatus::started:
      return "STARTED";
    case OperationStatus::pending:
      return "PENDING";
    case OperationStatus::ready:
      return "READY";
    case OperationStatus::succeeded:
      return "SUCCEEDED";
    case OperationStatus::failed:
      return "FAILED";
    case OperationStatus::cancelled:
      return "CANCELLED";
    case OperationStatus::timed_out:
      return "TIMED_OUT";
    case OperationStatus::stopped:
      return "STOPPED";
  }
  return "?";
}

std::string_view to_string(OperationAction action) {
  switch (action) {
    case OperationAction::start:
      return "START";
    case OperationAction::succeed:
      return "SUCCEED";
    case OperationAction::fail:
      return "FAIL";
    case OperationAction::retry:
      return "RETRY";
    case OperationAction::cancel:
      return "CANCEL";
  }
  return "?";
}

std::string_view to_string(OperationSubType sub_type) {
  switch (sub_type) {
    case OperationSubType::none:
      return "";
    case OperationSubType::step:
      return "Step";
    case OperationSubType::wait:
      return "Wait";
    case OperationSubType::callback:
      return "Callback";
    case OperationSubType::chained_invoke:
      return "ChainedInvoke";
    case OperationSubType::run_in_child_context:
      return "RunInChildContext";
    case OperationSubType::wait_for_callback:
      return "WaitForCallback";
    case OperationSubType::wait_for_condition:
      return "WaitForCondition";
    case OperationSubType::with_retry:
      return "WithRetry";
  }
  return "?";
}

std::string_view to_string(ExecutionStatus status) {
  switch (status) {
    case ExecutionStatus::running:
      return "RUNNING";
    case ExecutionStatus::succeeded:
      return "SUCCEEDED";
    case ExecutionStatus::failed:
      return "FAILED";
    case ExecutionStatus::timed_out:
      return "TIMED_OUT";
    case ExecutionStatus::stopped:
      return "STOPPED";
  }
  return "?";
}

std::string_view to_string(InvocationOutcome::Status status) {
  switch (status) {
    case InvocationOutcome::Status::succeeded:
      return "SUCCEEDED";
    case InvocationOutcome::Status::failed:
      return "FAILED";
    case InvocationOutcome::Status::pending:
      return "PENDING";
    case InvocationOutcome::Status::function_error:
      return "FUNCTION_ERROR";
  }
  return "?";
}

}  // namespace durable
