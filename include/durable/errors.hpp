#pragma once

#include <stdexcept>
#include <string>

#include <durable/model.hpp>

/// The failures that a handler can meet. Every one has a stable code, explained in
/// docs/reference/errors.md, and says which operation it concerns.
namespace durable {

/// Base of all errors that this SDK throws to user code.
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)) {}

  /// Stable identifier of the kind of failure, such as "StepError".
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

/// A durable operation failed for good. Carries the recorded failure.
class OperationError : public Error {
 public:
  OperationError(std::string code, std::string operation, OperationPath path, ErrorObject error);

  const std::string& operation() const { return operation_; }
  OperationPath path() const { return path_; }
  /// The class of the exception that the operation's body threw, as recorded.
  const std::string& error_type() const { return error_.type; }
  /// Its message, as recorded.
  const std::string& error_message() const { return error_.message; }
  const ErrorObject& error() const { return error_; }

 private:
  std::string operation_;
  OperationPath path_;
  ErrorObject error_;
};

/// A step failed and will not be retried.
/// Replay:  thrown again, equal, from the record.
class StepError : public OperationError {
 public:
  StepError(std::string operation, OperationPath path, ErrorObject error);

 protected:
  StepError(std::string code, std::string operation, OperationPath path, ErrorObject error);
};

/// An at-most-once step was interrupted: whether its body took effect is not known, and the retry
/// strategy allows no further attempt.
class StepInterruptedError : public StepError {
 public:
  StepInterruptedError(std::string operation, OperationPath path, ErrorObject error);
};

/// A chained invoke ended without a result: its function failed, timed out or was stopped, as status()
/// says, or could not be invoked.
class InvokeError : public OperationError {
 public:
  InvokeError(std::string operation, OperationPath path, ErrorObject error, OperationStatus status);

  /// FAILED, TIMED_OUT, STOPPED or CANCELLED.
  OperationStatus status() const { return status_; }

 private:
  OperationStatus status_;
};

/// What was waited for from the outside did not come. Base of the three that follow.
class CallbackError : public OperationError {
 protected:
  CallbackError(std::string code, std::string operation, OperationPath path, ErrorObject error);
};

/// The outside reported a failure.
class CallbackExternalError : public CallbackError {
 public:
  CallbackExternalError(std::string operation, OperationPath path, ErrorObject error);
};

/// No answer came in time, or no heartbeat: error_type() is "Callback.Timeout" or
/// "Callback.Heartbeat".
class CallbackTimeoutError : public CallbackError {
 public:
  CallbackTimeoutError(std::string operation, OperationPath path, ErrorObject error);
};

/// The submitter of a wait_for_callback failed for good, so nobody may know of the callback.
class CallbackSubmitterError : public CallbackError {
 public:
  CallbackSubmitterError(std::string operation, OperationPath path, ErrorObject error);
};

/// The body of a child context threw. error_type() is what it threw.
class ChildContextError : public OperationError {
 public:
  ChildContextError(std::string operation, OperationPath path, ErrorObject error);
};

/// The check of a wait_for_condition threw, or was made as often as its strategy allows.
class WaitForConditionError : public OperationError {
 public:
  WaitForConditionError(std::string operation, OperationPath path, ErrorObject error);
};

/// A value could not be converted to or from its serialised form. Names operation and JSON pointer.
class SerDesError : public Error {
 public:
  explicit SerDesError(const std::string& message) : Error("SerDesError", message) {}
};

/// A durable call was given an argument outside its range. Nothing was recorded.
class ValidationError : public Error {
 public:
  explicit ValidationError(const std::string& message) : Error("ValidationError", message) {}
};

/// The ErrorObject::type of an interrupted attempt.
inline constexpr std::string_view kStepInterrupted = "StepInterruptedError";
/// The ErrorObject::types of a callback that timed out.
inline constexpr std::string_view kCallbackTimeout = "Callback.Timeout";
inline constexpr std::string_view kCallbackHeartbeat = "Callback.Heartbeat";
/// The ErrorObject::type with which an execution fails whose retry strategy does.
inline constexpr std::string_view kRetryStrategyFailed = "RetryStrategyError";
/// The ErrorObject::type with which an execution fails whose replay differs from its record.
inline constexpr std::string_view kNonDeterministic = "NonDeterministicExecutionError";

}  // namespace durable
