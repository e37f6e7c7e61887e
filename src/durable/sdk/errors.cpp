#include <durable/errors.hpp>

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <durable/serdes.hpp>

#include "durable/sdk/engine.hpp"
#include "durable/sdk/error_registry.hpp"
#include "durable/sdk/recorded_failure.hpp"

namespace durable {

OperationError::OperationError(std::string code, std::string operation, OperationPath path,
                               ErrorObject error)
    : Error(std::move(code),
            fmt::format("{} failed: {}: {}", describe(operation, path), error.type, error.message)),
      operation_(std::move(operation)),
      path_(path),
      error_(std::move(error)) {}

StepError::StepError(std::string operation, OperationPath path, ErrorObject error)
    : StepError("StepError", std::move(operation), path, std::move(error)) {}

StepError::StepError(std::string code, std::string operation, OperationPath path, ErrorObject error)
    : OperationError(std::move(code), std::move(operation), path, std::move(error)) {}

StepInterruptedError::StepInterruptedError(std::string operation, OperationPath path,
                                           ErrorObject error)
    : StepError(std::string(kStepInterrupted), std::move(operation), path, std::move(error)) {}

InvokeError::InvokeError(std::string operation, OperationPath path, ErrorObject error,
                         OperationStatus status)
    : OperationError("InvokeError", std::move(operation), path, std::move(error)),
      status_(status) {}

CallbackError::CallbackError(std::string code, std::string operation, OperationPath path,
                             ErrorObject error)
    : OperationError(std::move(code), std::move(operation), path, std::move(error)) {}

CallbackExternalError::CallbackExternalError(std::string operation, OperationPath path,
                                             ErrorObject error)
    : CallbackError("CallbackExternalError", std::move(operation), path, std::move(error)) {}

CallbackTimeoutError::CallbackTimeoutError(std::string operation, OperationPath path,
                                           ErrorObject error)
    : CallbackError("CallbackTimeoutError", std::move(operation), path, std::move(error)) {}

CallbackSubmitterError::CallbackSubmitterError(std::string operation, OperationPath path,
                                               ErrorObject error)
    : CallbackError("CallbackSubmitterError", std::move(operation), path, std::move(error)) {}

ChildContextError::ChildContextError(std::string operation, OperationPath path, ErrorObject error)
    : OperationError("ChildContextError", std::move(operation), path, std::move(error)) {}

WaitForConditionError::WaitForConditionError(std::string operation, OperationPath path,
                                             ErrorObject error)
    : OperationError("WaitForConditionError", std::move(operation), path, std::move(error)) {}

std::string describe(std::string_view name, OperationPath path) {
  if (name.empty()) return fmt::format("operation {}", path.to_string());
  return fmt::format("\"{}\" (operation {})", name, path.to_string());
}

std::string_view describe(OperationSubType sub_type) {
  switch (sub_type) {
    case OperationSubType::step:
      return "step";
    case OperationSubType::wait:
      return "wait";
    case OperationSubType::callback:
      return "callback";
    case OperationSubType::chained_invoke:
      return "invoke";
    case OperationSubType::wait_for_callback:
      return "wait_for_callback";
    case OperationSubType::wait_for_condition:
      return "wait_for_condition";
    case OperationSubType::with_retry:
      return "with_retry";
    case OperationSubType::none:
    case OperationSubType::run_in_child_context:
      break;
  }
  return "child context";
}

std::string describe(const std::source_location& where) {
  const std::string_view file = where.file_name();
  return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), where.line());
}

namespace {

/// What is recorded of an exception that is none of the SDK's own.
ErrorObject user_error(std::string_view by) {
  try {
    if (std::optional<ErrorObject> error = registered_error()) return *std::move(error);
  } catch (const fiber::Unwind&) {
    throw;
  } catch (...) {
    return {"SerDesError", fmt::format("{} threw an error whose data cannot be recorded: {}", by,
                                       current_exception_error("its conversion to JSON").message)};
  }
  try {
    throw;
  } catch (const std::exception& error) {
    return {current_exception_type(), detail::valid_utf8(error.what())};
  } catch (...) {
    const std::string type = current_exception_type();
    return {
        type,
        fmt::format(
            "{} threw an exception of type {}, which is not a std::exception and so has no message",
            by, type)};
  }
}

}  // namespace

ErrorObject current_exception_error(std::string_view by) {
  try {
    throw;
  } catch (const RecordedFailure& failure) {
    return failure.error;
  } catch (const CallbackExternalError& error) {  // what the outside said, as it said it
    return {error.code(), detail::valid_utf8(error.error_message()), error.error().data};
  } catch (const OperationError& error) {
    return {error.code(), detail::valid_utf8(error.what()), error.error().data};
  } catch (const Error& error) {
    return {error.code(), detail::valid_utf8(error.what())};
  } catch (...) {
    return user_error(by);
  }
}

std::string describe(WholeSeconds duration) {
  return duration.is_whole() ? fmt::format("{} s", duration.whole().count())
                             : fmt::format("{} s", duration.count());
}

std::string_view remedy(WholeSeconds duration) {
  if (duration.is_whole()) return "";
  return ", in whole seconds: round it, with std::chrono::ceil<std::chrono::seconds> for example";
}

std::size_t json_size(const ErrorObject& error) {
  nlohmann::json json = {{"ErrorType", error.type}, {"ErrorMessage", error.message}};
  if (!error.data.empty()) json["ErrorData"] = error.data;
  if (!error.stack_trace.empty()) json["StackTrace"] = error.stack_trace;
  return detail::dump(json).size();
}

void check_name(const Name& name) {
  if (name.text().size() > kNameLimit) {
    throw ValidationError(fmt::format(
        "the name of the operation at {} has {} characters; at most {} are allowed: \"{}...\"",
        describe(name.where()), name.text().size(), kNameLimit, name.text().substr(0, 40)));
  }
  for (std::size_t i = 0; i < name.text().size(); ++i) {
    const auto character = static_cast<unsigned char>(name.text()[i]);
    if (character < 0x20 || character > 0x7e) {
      throw ValidationError(
          fmt::format("the name of the operation at {} has byte 0x{:02x} at position {}; a name is "
                      "printable ASCII",
                      describe(name.where()), character, i));
    }
  }
}

}  // namespace durable
