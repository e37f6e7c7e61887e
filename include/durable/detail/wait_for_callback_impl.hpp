#pragma once

#include <string>
#include <type_traits>
#include <typeinfo>

#include <durable/callback.hpp>
#include <durable/context.hpp>
#include <durable/detail/readable.hpp>

namespace durable::detail {

/// Ends the context of a wait_for_callback with this failure.
[[noreturn]] void end_with(const CallbackError& error);
/// Throws what that recorded as itself; what another failure recorded as it is.
[[noreturn]] void throw_callback_failure(const ChildContextError& error);

/// How to call a submitter, and whether it can be called at all.
template <class Submitter>
struct SubmitterCall {
  static constexpr bool kTakesContext =
      std::is_invocable_v<Submitter&, const std::string&, StepContext&>;
  static constexpr bool kIsCallable =
      kTakesContext || std::is_invocable_v<Submitter&, const std::string&>;

  static void call(Submitter& submitter, const std::string& id, StepContext& step) {
    if constexpr (kTakesContext) {
      static_cast<void>(submitter(id, step));
    } else {
      static_cast<void>(submitter(id));
    }
  }
};

}  // namespace durable::detail

namespace durable {

template <class T, class Submitter>
T Context::wait_for_callback(const Name& name, Submitter&& submitter,
                             const WaitForCallbackConfig& config) {
  using Call = detail::SubmitterCall<std::remove_reference_t<Submitter>>;
  static_assert(detail::kIsReadable<T>,
                "durable: the result of wait_for_callback must be a value with a JSON conversion, "
                "or void: not a pointer, reference or view");
  static_assert(Call::kIsCallable,
                "durable: a submitter is callable as submitter(const std::string& id) or "
                "submitter(const std::string& id, durable::StepContext&)");
  if constexpr (!detail::kIsReadable<T> || !Call::kIsCallable) {
    return detail::unreadable_type<T>();
  } else {
    detail::check_callback(name, config.timeout, config.heartbeat_timeout);
    const Name unnamed("", name.where());
    const auto body = [&](Context& inside) -> T {
      const Callback<T> callback = inside.create_callback<T>(
          unnamed, {config.timeout, config.heartbeat_timeout, config.serdes});
      inside.submit(unnamed, config.retry, typeid(std::remove_cvref_t<Submitter>),
                    [&](StepContext& step) { Call::call(submitter, callback.id(), step); });
      try {
        return callback.get();
      } catch (const CallbackError& error) {
        detail::end_with(error);
      }
    };
    // Those of the operations inside, which a replay does not make once the context has ended.
    const OperationInput inside[] = {
        OperationInput::of("timeout", config.timeout.whole()),
        OperationInput::of("heartbeat timeout", config.heartbeat_timeout.whole())};
    try {
      return in_child<T>(name, OperationSubType::wait_for_callback, {},
                         {.retry = &config.retry, .others = inside},
                         typeid(std::remove_cvref_t<Submitter>), body);
    } catch (const ChildContextError& error) {
      detail::throw_callback_failure(error);
    }
  }
}

}  // namespace durable
