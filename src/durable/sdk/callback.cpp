#include <durable/callback.hpp>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

/// Callbacks: the outside completes them.
/// Source: docs/reference/callback.md
namespace durable {
namespace {

void check_timeout(const Name& name, const char* which, WholeSeconds timeout) {
  if (timeout.is_whole() && timeout.whole() >= std::chrono::seconds(0) &&
      timeout.whole() <= kLongestWait)
    return;
  throw ValidationError(fmt::format(
      "the {} of callback \"{}\" at {} is {}; it takes 1 s to {} s (366 days), or 0 for none{}",
      which, name.text(), describe(name.where()), describe(timeout), kLongestWait.count(),
      remedy(timeout)));
}

/// With what is missing from the record filled in.
ErrorObject complete(const ErrorPtr& recorded, std::string_view type, std::string_view message) {
  ErrorObject error = recorded ? *recorded : ErrorObject{};
  if (error.type.empty()) error.type = type;
  if (error.message.empty()) error.message = message;
  return error;
}

}  // namespace

void detail::check_callback(const Name& name, WholeSeconds timeout,
                            WholeSeconds heartbeat_timeout) {
  check_timeout(name, "timeout", timeout);
  check_timeout(name, "heartbeat timeout", heartbeat_timeout);
}

detail::CallbackHandle Context::make_callback(const Name& name, const CallbackConfig& config) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  detail::check_callback(name, config.timeout, config.heartbeat_timeout);
  const OperationPath path = next_path();
  return {*this, path, name, engine.create_callback(name, path, config), config.serdes};
}

/// Does not look at how the callback ended, so that where its failure is thrown never depends on when
/// it came.
std::string Engine::create_callback(const Name& name, OperationPath path,
                                    const CallbackConfig& config) {
  const OperationInput inputs[] = {
      OperationInput::of("timeout", config.timeout.whole()),
      OperationInput::of("heartbeat timeout", config.heartbeat_timeout.whole())};
  const DurableCall call{path, OperationType::callback, OperationSubType::callback, name, inputs};
  enter(call);
  const Operation* recorded = find(call);
  if (recorded == nullptr || DURASIM_MUTANT(creates_callbacks_again)) {
    OperationUpdate start = update(call, OperationAction::start);
    start.delay = config.timeout.whole();
    start.heartbeat_timeout = config.heartbeat_timeout.whole();
    enqueue(std::move(start));
    flush();
    recorded = &acknowledged(call, false);
  }
  if (recorded->callback_id.view().empty()) {
    fail_invocation({"ServiceProtocolError",
                     fmt::format("the service acknowledged callback {} but did not give its id",
                                 describe(name.text(), path))});
  }
  return recorded->callback_id.str();
}

Text Engine::callback_result(const Name& name, OperationPath path) {
  const DurableCall call{path, OperationType::callback, OperationSubType::callback, name};
  arrive(call);
  find(call);
  while (!is_terminal(record_.find(path)->status)) suspend_until_changed(path);
  const Operation& recorded = *record_.find(path);
  if (recorded.status == OperationStatus::succeeded) {
    if (observer_) observer_->returned(path, recorded.result);
    return recorded.result;
  }
  const bool timed_out = recorded.status == OperationStatus::timed_out;
  ErrorObject error = timed_out
                          ? complete(recorded.error, kCallbackTimeout, "Callback timed out")
                          : complete(recorded.error, "CallbackExternalError", "Callback failed");
  if (observer_) observer_->threw(path, std::make_shared<const ErrorObject>(error));
  if (timed_out && !DURASIM_MUTANT(throws_timeouts_as_external))
    throw CallbackTimeoutError(std::string(name.text()), path, std::move(error));
  throw CallbackExternalError(std::string(name.text()), path, std::move(error));
}

namespace detail {

CallbackHandle::CallbackHandle(const Context& context, OperationPath path, const Name& name,
                               std::string id, std::shared_ptr<const Serdes> serdes)
    : context_(&context),
      path_(path),
      name_(name.text()),
      where_(name.where()),
      id_(std::move(id)),
      serdes_(std::move(serdes)) {}

Text CallbackHandle::wait() const {
  return context_->engine_of_call(name()).callback_result(name(), path_);
}

nlohmann::json CallbackHandle::read(const Text& sent) const {
  return context_->engine_->read_result(name(), path_, *serdes_, sent);
}

void CallbackHandle::unreadable(const SerDesError& error) const {
  throw SerDesError(fmt::format("the result of callback {} at {}: {}", describe(name_, path_),
                                describe(where_), error.what()));
}

}  // namespace detail
}  // namespace durable
