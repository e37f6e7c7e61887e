#include <durable/detail/wait_for_callback_impl.hpp>

#include <exception>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"
#include "durable/sdk/recorded_failure.hpp"

/// A callback and the step that tells the outside of it, in a context of their own.
/// Source: docs/reference/wait-for-callback.md
namespace durable {
namespace {

constexpr std::string_view kSubmitterError = "CallbackSubmitterError";
constexpr std::string_view kSeparator = ": ";

/// The class of the failure stands in its recorded type, so that a replay, which is not told of the
/// operations inside the context, throws the same as the first run.
RecordedFailure failure(std::string_view code, const ErrorObject& error) {
  RecordedFailure made{error};
  made.error.type = fmt::format("{}{}{}", code, kSeparator, error.type);
  return made;
}

}  // namespace

void Context::submit(const Name& name, const RetryStrategy& retry, const std::type_info& type,
                     detail::FunctionRef<void(StepContext&)> submitter) {
  if (DURASIM_MUTANT(skips_submitters)) return;
  const auto body = [&](StepContext& step) {
    submitter(step);
    return Text("null");
  };
  try {
    run_step(name, {.retry = retry}, type, body);
  } catch (const StepError& error) {
    throw failure(kSubmitterError, error.error());
  } catch (const std::nested_exception& registered) {
    try {
      registered.rethrow_nested();
    } catch (const StepError& error) {
      throw failure(kSubmitterError, error.error());
    }
  }
}

void detail::end_with(const CallbackError& error) { throw failure(error.code(), error.error()); }

void detail::throw_callback_failure(const ChildContextError& error) {
  const std::string_view type = error.error_type();
  const auto at = type.find(kSeparator);
  if (at == std::string_view::npos || DURASIM_MUTANT(throws_contexts_for_callbacks)) throw error;
  const std::string_view code = type.substr(0, at);
  ErrorObject recorded = error.error();
  recorded.type = std::string(type.substr(at + kSeparator.size()));
  if (code == "CallbackTimeoutError")
    throw CallbackTimeoutError(error.operation(), error.path(), std::move(recorded));
  if (code == "CallbackExternalError")
    throw CallbackExternalError(error.operation(), error.path(), std::move(recorded));
  if (code == kSubmitterError)
    throw CallbackSubmitterError(error.operation(), error.path(), std::move(recorded));
  throw error;
}

}  // namespace durable
