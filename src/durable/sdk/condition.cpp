#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <durable/detail/condition_impl.hpp>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

/// Conditions: steps that are repeated until their state is the one waited for.
/// Source: docs/reference/wait-for-condition.md
namespace durable {
namespace {

constexpr std::string_view kConditionError = "WaitForConditionError";

[[noreturn]] void refuse(const Name& name, const std::string& why) {
  throw ValidationError(
      fmt::format("wait_for_condition \"{}\" at {} {}", name.text(), describe(name.where()), why));
}

PollingDecision checked(PollingDecision decision) {
  if (!decision.again) return {};
  if (decision.delay < std::chrono::seconds(0) || decision.delay > kLongestWait) {
    throw ValidationError(
        fmt::format("it asks for a delay of {} s; a delay takes 1 s to {} s (366 days)",
                    decision.delay.count(), kLongestWait.count()));
  }
  return decision;
}

}  // namespace

RetryStrategy detail::pace_of(const Name& name, const PollingOptions& options, bool decides_itself,
                              bool has_condition) {
  if (decides_itself) {
    return retry::custom([](const ErrorObject&, std::uint32_t) { return RetryDecision{}; });
  }
  if (!has_condition) refuse(name, "has neither continue_while nor strategy; set one of them");
  if (options.max_attempts < 1)
    refuse(name, "has 0 attempts; the first check counts, so give at least 1");
  for (const auto delay : {options.initial, options.longest}) {
    if (delay >= std::chrono::seconds(1) && delay <= kLongestWait) continue;
    refuse(name, fmt::format("has a delay of {} s; a delay takes 1 s to {} s (366 days)",
                             delay.count(), kLongestWait.count()));
  }
  if (!std::isfinite(options.backoff_rate) || options.backoff_rate < 1) {
    refuse(name, fmt::format("has a backoff rate of {}; it takes 1, for equal delays, or more",
                             options.backoff_rate));
  }
  return retry::exponential({.max_attempts = options.max_attempts,
                             .initial = options.initial,
                             .longest = options.longest,
                             .backoff_rate = options.backoff_rate,
                             .jitter = options.jitter});
}

PollingDecision detail::after_check(const RetryStrategy& pace, std::uint32_t attempt, bool again) {
  if (!again && !DURASIM_MUTANT(gives_up_conditions_that_are_met)) return {};
  const RetryDecision decision = pace.after({}, attempt);
  if (!again && decision.retry) return {};
  if (!decision.retry) {
    throw Error(std::string(kConditionError),
                fmt::format("the condition was not met after {} checks", attempt));
  }
  return {true, decision.delay, decision.jitter};
}

Text Context::run_condition(const Name& name, const detail::Condition& condition) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  return engine.run_condition(name, next_path(), condition);
}

Text Engine::run_condition(const Name& name, OperationPath path,
                           const detail::Condition& condition) {
  const OperationInput inputs[] = {
      OperationInput::json_of("initial state", condition.initial.view())};
  const DurableCall call{path,
                         OperationType::step,
                         OperationSubType::wait_for_condition,
                         name,
                         inputs,
                         &condition.type,
                         {&condition.pace}};
  enter(call);
  const StepConfig config{.retry = condition.pace, .serdes = condition.serdes};
  for (const Operation* recorded = find(call);; recorded = record_.find(path)) {
    if (recorded && recorded->status == OperationStatus::succeeded) {
      const Text state = recorded->result.present() ? recorded->result : Text("null");
      if (observer_) observer_->returned(path, state);
      return state;
    }
    if (recorded && is_terminal(recorded->status)) {
      if (observer_) observer_->threw(path, recorded->error);
      throw WaitForConditionError(
          std::string(name.text()), path,
          recorded->error ? *recorded->error
                          : ErrorObject{std::string(kConditionError), "no error was recorded"});
    }
    if (recorded && recorded->status == OperationStatus::pending) {
      suspend_until_changed(path);
      continue;
    }
    const std::uint32_t attempt = (recorded ? recorded->attempt : 0) + 1;
    const Text state =
        recorded && !DURASIM_MUTANT(forgets_the_state_of_conditions) ? recorded->result : Text();
    if (!recorded || recorded->status != OperationStatus::started) enqueue_start(call, attempt);
    const auto check = [&](StepContext& step) { return condition.check(step, state); };
    record_check(call, condition, attempt, run_attempt(call, config, attempt, check));
  }
}

void Engine::record_check(const DurableCall& call, const detail::Condition& condition,
                          std::uint32_t attempt, const BodyOutcome& ended) {
  PollingDecision decision;
  ErrorPtr error = ended.error;
  if (!error) {
    if (auto failure =
            ask_for_error({"the polling strategy", call.name.text(), call.path, call.name.where(),
                           OperationSubType::wait_for_condition},
                          [&] { decision = checked(condition.decide(ended.value, attempt)); })) {
      error = std::make_shared<const ErrorObject>(*std::move(failure));
    }
  }
  OperationUpdate ending = update(call, error            ? OperationAction::fail
                                        : decision.again ? OperationAction::retry
                                                         : OperationAction::succeed);
  if (!error) ending.payload = ended.value;
  if (!error && decision.again) {
    const BodyCall body{.path = call.path,
                        .name = call.name.text(),
                        .attempt = attempt,
                        .max_attempts = condition.pace.max_attempts(),
                        .where = call.name.where(),
                        .serdes = condition.serdes.get()};
    ending.delay = std::clamp(executor_.jittered(body, decision.delay, decision.jitter),
                              std::chrono::seconds(1), kLongestWait);
  }
  ending.error = std::move(error);
  const bool over = ending.action != OperationAction::retry;
  enqueue(std::move(ending));
  flush();
  acknowledged(call, over);
}

}  // namespace durable
