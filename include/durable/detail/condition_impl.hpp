#pragma once

#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <durable/context.hpp>
#include <durable/detail/invoke_impl.hpp>
#include <durable/serdes.hpp>

namespace durable::detail {

/// What a wait_for_condition does, whatever the type of its state.
struct Condition {
  /// The initial state as plain JSON.
  Text initial;
  RetryStrategy pace;
  /// Of the state; nullptr for plain JSON.
  std::shared_ptr<const Serdes> serdes;
  const std::type_info& type;
  /// Given the recorded state, or nothing for the initial one; returns the new one, to be recorded.
  FunctionRef<Text(StepContext&, const Text&)> check;
  FunctionRef<PollingDecision(const Text&, std::uint32_t)> decide;
};

/// The delays of `options`, or none where the condition `decides_itself`.
/// Errors:  ValidationError for options out of range.
RetryStrategy pace_of(const Name& name, const PollingOptions& options, bool decides_itself,
                      bool has_condition);
/// What follows a check that did not meet the condition, if `again`, or that did.
/// Errors:  WaitForConditionError, without an operation, for one more than there may be.
PollingDecision after_check(const RetryStrategy& pace, std::uint32_t attempt, bool again);

/// How to call a check, and whether it can be called at all.
template <class State, class Check>
struct ConditionCheck {
  static constexpr bool kTakesContext =
      std::is_invocable_r_v<State, Check&, const State&, StepContext&>;
  static constexpr bool kIsCallable =
      kTakesContext || std::is_invocable_r_v<State, Check&, const State&>;

  static State call(Check& check, const State& state, StepContext& step) {
    if constexpr (kTakesContext) {
      return check(state, step);
    } else {
      return check(state);
    }
  }
};

}  // namespace durable::detail

namespace durable {

template <class State, class Check>
State Context::wait_for_condition(const Name& name, State initial, Check&& check,
                                  const WaitForConditionConfig<State>& config) {
  constexpr bool kState = detail::kIsReadable<State>;
  static_assert(kState,
                "durable: a condition's state must be a value with a JSON conversion, not a "
                "pointer, reference or view, because it is recorded: use std::string for text");
  if constexpr (!kState) {
    return detail::unreadable_type<State>();
  } else {
    using Call = detail::ConditionCheck<State, std::remove_reference_t<Check>>;
    static_assert(Call::kIsCallable,
                  "durable: a condition's check is callable as check(const State&) or "
                  "check(const State&, durable::StepContext&), and returns the new state");
    if constexpr (Call::kIsCallable) {
      const Serdes* const serdes = config.serdes ? config.serdes.get() : serdes_.get();
      const auto read = [&](const Text& recorded) -> State {
        if (serdes == nullptr) return deserialize<State>(recorded.view());
        return detail::converted<State>(read_step(name, *serdes, recorded), {});
      };
      const auto run = [&](StepContext& step, const Text& recorded) -> Text {
        const State state = recorded.present()
                                ? Call::call(check, read(recorded), step)
                                : Call::call(check, static_cast<const State&>(initial), step);
        if (serdes != nullptr) return step.write_result(*serdes, detail::to_json_value(state));
        try {
          return Text(serialize<State>(state));
        } catch (const SerDesError& error) {
          throw detail::UnserializableResult{error.what()};
        }
      };
      RetryStrategy pace = detail::pace_of(name, config.polling, static_cast<bool>(config.strategy),
                                           static_cast<bool>(config.continue_while));
      const auto decide = [&](const Text& recorded, std::uint32_t attempt) -> PollingDecision {
        const State state = read(recorded);
        if (config.strategy) return config.strategy(state, attempt);
        return detail::after_check(pace, attempt, config.continue_while(state));
      };
      const Text recorded = run_condition(
          name, {detail::plain_json<State>("the initial state of condition", name, initial), pace,
                 config.serdes ? config.serdes : serdes_, typeid(std::remove_cvref_t<Check>), run,
                 decide});
      try {
        return read(recorded);
      } catch (const SerDesError& error) {
        detail::unconvertible("the recorded state of condition", name, error);
      }
    } else {
      return initial;
    }
  }
}

}  // namespace durable
