#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/core/duration_text.hpp"
#include "durasim/sim/outside.hpp"

/// What a test says about the outside.
namespace durasim {

using detail::CallbackRule;

namespace {

void check_not_negative(Duration delay, const char* what) {
  if (delay >= Duration(0)) return;
  throw std::invalid_argument(
      fmt::format("durasim: {} takes a time from 0 s on, not {} ms", what, delay.count()));
}

}  // namespace

CallbackScript CallbackScript::after(Duration delay) const {
  check_not_negative(delay, "on_callback(...).after");
  rule_->delay = delay;
  return *this;
}

CallbackScript CallbackScript::succeed_with(durable::Text result) const {
  rule_->answer = CallbackRule::Answer::success;
  rule_->result = std::move(result);
  return *this;
}

CallbackScript CallbackScript::fail(durable::ErrorObject error) const {
  rule_->answer = CallbackRule::Answer::failure;
  rule_->error = std::make_shared<durable::ErrorObject>(std::move(error));
  return *this;
}

CallbackScript CallbackScript::heartbeat_every(Duration interval) const {
  if (interval <= Duration(0))
    throw std::invalid_argument("durasim: on_callback(...).heartbeat_every takes a time above 0");
  rule_->heartbeat = interval;
  return *this;
}

CallbackScript CallbackScript::never() const {
  rule_->answer = CallbackRule::Answer::never;
  return *this;
}

CallbackScript CallbackScript::twice() const {
  rule_->twice = true;
  return *this;
}

CallbackScript CallbackScript::late() const {
  rule_->late = true;
  return *this;
}

const std::vector<durable::ServiceError>& CallbackScript::refusals() const {
  return rule_->refusals;
}

InvokeScript InvokeScript::after(Duration delay) const {
  check_not_negative(delay, "on_invoke(...).after");
  rule_->delay = delay;
  return *this;
}

InvokeScript InvokeScript::succeed_with(durable::Text result) const {
  rule_->status = durable::OperationStatus::succeeded;
  rule_->result = std::move(result);
  return *this;
}

InvokeScript InvokeScript::fail(durable::ErrorObject error) const {
  rule_->status = durable::OperationStatus::failed;
  rule_->error = std::make_shared<durable::ErrorObject>(std::move(error));
  return *this;
}

InvokeScript InvokeScript::time_out() const {
  rule_->status = durable::OperationStatus::timed_out;
  rule_->error = scripted_error("ExecutionTimedOut", "the execution timed out");
  return *this;
}

InvokeScript InvokeScript::stop() const {
  rule_->status = durable::OperationStatus::stopped;
  rule_->error = scripted_error("ExecutionStopped", "the execution was stopped");
  return *this;
}

StepScript StepScript::returns_json(std::string json) const {
  rule_->json = std::move(json);
  return *this;
}

StepScript StepScript::fails(std::uint32_t attempts, std::function<void()> thrower) const {
  rule_->failures = attempts;
  rule_->thrower = std::move(thrower);
  return *this;
}

StepScript StepScript::fails(std::uint32_t attempts, durable::ErrorObject error) const {
  rule_->failures = attempts;
  rule_->thrower = nullptr;
  rule_->error = std::make_shared<durable::ErrorObject>(std::move(error));
  return *this;
}

StepScript StepScript::take(Duration duration) const {
  check_not_negative(duration, "on_step(...).take");
  rule_->time = duration;
  return *this;
}

}  // namespace durasim
