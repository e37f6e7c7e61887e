#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/sdk/engine.hpp"

/// Serialisers and retry strategies of the user's: called here, so that what they throw has a defined
/// end, and so that they make no durable calls.
namespace durable {

std::optional<std::string> Engine::ask(const Helper& helper, detail::FunctionRef<void()> code) {
  const std::optional<ErrorObject> error = ask_for_error(helper, code);
  if (!error) return std::nullopt;
  return fmt::format("{} threw {}: {}", helper.what, error->type, error->message);
}

std::optional<ErrorObject> Engine::ask_for_error(const Helper& helper,
                                                 detail::FunctionRef<void()> code) {
  struct Asking {
    const Helper*& slot;
    const Helper* const before;
    ~Asking() { slot = before; }
  };
  try {
    const Asking asking{helper_, std::exchange(helper_, &helper)};
    code();
  } catch (const fiber::Unwind&) {
    throw;
  } catch (...) {
    fiber_->check_alive();
    if (executor_.is_test_abort(std::current_exception())) throw;
    return current_exception_error(helper.what);
  }
  fiber_->check_alive();
  return std::nullopt;
}

Text Engine::write_result(const Helper& helper, const Serdes& serdes, const nlohmann::json& value) {
  std::string text;
  auto failure = ask(
      helper, [&] { text = serdes.serialize(value, {helper.name, helper.path, execution_.arn}); });
  if (!failure && !detail::is_utf8(text)) {
    failure = "the serdes wrote a text that is not UTF-8; encode bytes, as base64 for example";
  }
  if (failure) throw detail::UnserializableResult{*failure};
  return Text(std::move(text));
}

nlohmann::json Engine::read_result(const Name& name, OperationPath path, const Serdes& serdes,
                                   const Text& recorded) {
  nlohmann::json value;
  const auto failure = ask({"the serdes", name.text(), path}, [&] {
    value = serdes.deserialize(recorded.view(), {name.text(), path, execution_.arn});
  });
  if (failure) throw SerDesError(*failure);
  return value;
}

RetryDecision Engine::ask_strategy(const RetryStrategy& strategy, const Helper& helper,
                                   const std::source_location& where, std::uint32_t attempt,
                                   const ErrorObject& error) {
  RetryDecision decision;
  const auto failure = ask(helper, [&] { decision = strategy.after(error, attempt); });
  if (failure) {
    fail_execution({std::string(kRetryStrategyFailed),
                    fmt::format("after attempt {} of {} {} at {}, which failed with {}: {}: {}",
                                attempt, helper.owner, describe(helper.name, helper.path),
                                describe(where), error.type, error.message, *failure)});
  }
  return decision;
}

void Engine::refuse_nested_call(const DurableCall& call) {
  const std::string place =
      body_ != nullptr
          ? fmt::format("the body of step {}: a body's result is recorded as a whole",
                        describe(body_->name, body_->path))
          : fmt::format("{} of {} {}: it belongs to the {}", helper_->what, helper_->owner,
                        describe(helper_->name, helper_->path), helper_->owner);
  const std::string message =
      fmt::format("durable call {} at {} inside {}; make the call in the handler itself",
                  describe(call.name.text(), call.path), describe(call.name.where()), place);
  if (observer_) {
    observer_->misused(
        {Misuse::Kind::nested_call, call.path, call.name.text(), call.name.where(), {}, message});
  }
  fail_execution({"ContextMisuseError", message});
}

std::string Serdes::serialize(const nlohmann::json& value, const SerdesContext&) const {
  return detail::dump(value);
}
nlohmann::json Serdes::deserialize(std::string_view text, const SerdesContext&) const {
  return detail::parse(text);
}

Text StepContext::write_result(const Serdes& serdes, const nlohmann::json& value) const {
  return engine_.write_result({"the serdes", call_.name, call_.path}, serdes, value);
}

Text Context::write_result(const Name& name, const Serdes& serdes,
                           const nlohmann::json& value) const {
  return engine_.write_result({"the serdes", name.text(), path_, "child context"}, serdes, value);
}

/// A body waits for each of its operations, so the one just returned is the newest.
nlohmann::json Context::read_step(const Name& name, const Serdes& serdes,
                                  const Text& recorded) const {
  return engine_.read_result(name, path_.child(operations_), serdes, recorded);
}

void detail::configure(Context& context, const HandlerConfig& config) {
  context.serdes_ = config.serdes;
  context.log_on_replay_ = config.log_on_replay;
}

}  // namespace durable
