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
  const auto failure = ask({"the serdes", name.text(), path, name.where()}, [&] {
    value = serdes.deserialize(recorded.view(), {name.text(), path, execution_.arn});
  });
  if (failure) throw SerDesError(*failure);
  return value;
}

RetryDecision Engine::ask_strategy(const RetryStrategy& strategy, const Helper& helper,
                                   std::uint32_t attempt, const ErrorObject& error) {
  RetryDecision decision;
  const auto failure = ask(helper, [&] { decision = strategy.after(error, attempt); });
  if (failure) {
    fail_execution({std::string(kRetryStrategyFailed),
                    fmt::format("after attempt {} of {} at {}, which failed with {}: {}: {}",
                                attempt, owner(helper.owner, helper.name, helper.path),
                                describe(helper.where), error.type, error.message, *failure)});
  }
  return decision;
}

std::string Engine::owner(OperationSubType sub_type, std::string_view name,
                          OperationPath path) const {
  if (is_submitter(sub_type)) {
    return fmt::format("the submitter of {} {}", describe(current_->sub_type_),
                       describe(current_->name_.view(), current_->path_));
  }
  return fmt::format("{} {}", describe(sub_type), describe(name, path));
}

bool Engine::is_submitter(OperationSubType sub_type) const {
  return sub_type == OperationSubType::step &&
         current_->sub_type_ == OperationSubType::wait_for_callback;
}

std::string Engine::describe_body(const BodyCall& body) const {
  const std::string whose = owner(body.sub_type, body.name, body.path);
  if (is_submitter(body.sub_type)) return whose;
  const bool checks = body.sub_type == OperationSubType::wait_for_condition;
  return fmt::format("the {} of {}", checks ? "check" : "body", whose);
}

void Engine::refuse_nested_call(const DurableCall& call) {
  std::string place;
  if (helper_ != nullptr) {
    const Operation* const recorded = record_.find(helper_->path);
    const OperationSubType of = helper_->owner != OperationSubType::none ? helper_->owner
                                : recorded != nullptr                    ? recorded->sub_type
                                                      : OperationSubType::run_in_child_context;
    place = fmt::format("{} of {} at {}, which makes no durable calls", helper_->what,
                        owner(of, helper_->name, helper_->path), describe(helper_->where));
  } else {
    place = fmt::format("{} at {}, which is recorded as a whole", describe_body(*body_),
                        describe(body_->where));
  }
  const std::string message =
      fmt::format("durable call {} at {} is made inside {}; make the call in the handler itself",
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
  return engine_.write_result({"the serdes", call_.name, call_.path, call_.where, call_.sub_type},
                              serdes, value);
}

Text Context::write_result(const Name& name, const Serdes& serdes,
                           const nlohmann::json& value) const {
  return engine_->write_result({"the serdes", name.text(), path_, name.where(), sub_type_}, serdes,
                               value);
}

/// A body waits for each of its operations, so the one just returned is the newest.
nlohmann::json Context::read_step(const Name& name, const Serdes& serdes,
                                  const Text& recorded) const {
  return engine_->read_result(name, path_.child(operations_), serdes, recorded);
}

void detail::configure(Context& context, const HandlerConfig& config) {
  context.serdes_ = config.serdes;
  context.log_on_replay_ = config.log_on_replay;
}

}  // namespace durable
