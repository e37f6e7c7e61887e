#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <durable/client.hpp>
#include <durable/model.hpp>
#include <durable/serdes.hpp>

/// What the outside of a simulation does, as a test says it beforehand.
/// Source:  docs/how-to/script-the-outside.md
namespace durasim {

using durable::Duration;

/// Picks operations by more than their names: asked with what is recorded when they start.
using OperationPredicate = std::function<bool(const durable::Operation&)>;

namespace detail {
struct CallbackRule;
struct InvokeRule;
struct StepRule;

/// What the outside sends: text as it is, any other value as its JSON.
template <class T>
durable::Text sent_text(const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    return durable::Text(std::string_view(value));
  } else {
    return durable::Text(durable::serialize<T>(value));
  }
}

/// The JSON of a value.
template <class T>
std::string json_text(const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    return durable::serialize<std::string>(std::string(std::string_view(value)));
  } else {
    return durable::serialize<T>(value);
  }
}
}  // namespace detail

/// What becomes of callbacks. Each call adds to it, in any order; valid as long as its simulation.
/// Units:   times count from the moment in which the service has recorded the callback.
/// Errors:  std::invalid_argument for a negative time, and for heartbeats that never move on.
class CallbackScript {
 public:
  explicit CallbackScript(detail::CallbackRule& rule) : rule_(&rule) {}

  /// The answer comes `delay` after the callback was created; with late(), after it timed out.
  CallbackScript after(Duration delay) const;
  /// Answered without a result: null, or an empty text.
  CallbackScript succeed() const { return succeed_with({}); }
  /// A text is sent as it is, any other value as its JSON.
  template <class T>
  CallbackScript succeed(const T& result) const {
    return succeed_with(detail::sent_text(result));
  }
  CallbackScript fail(std::string type, std::string message) const {
    return fail(durable::ErrorObject{std::move(type), std::move(message)});
  }
  CallbackScript fail(durable::ErrorObject error) const;
  /// Heartbeats come until the callback is closed.
  CallbackScript heartbeat_every(Duration interval) const;
  /// No answer comes. The same as no script at all, but said, and checked to have been waited for.
  CallbackScript never() const;
  /// The answer is sent once more at once; the service refuses the second one.
  CallbackScript twice() const;
  /// The answer comes after the callback has timed out, one second if after() says nothing else.
  CallbackScript late() const;

  /// How the service answered what it refused, in order.
  const std::vector<durable::ServiceError>& refusals() const;

 private:
  CallbackScript succeed_with(durable::Text result) const;

  detail::CallbackRule* rule_;
};

/// What becomes of chained invokes, whether or not their function is published: an answer here is
/// given in its place. Valid as long as its simulation.
class InvokeScript {
 public:
  explicit InvokeScript(detail::InvokeRule& rule) : rule_(&rule) {}

  /// It ends `delay` after it was recorded. Without another word its function starts so much later.
  InvokeScript after(Duration delay) const;
  /// The function returned nothing: null.
  InvokeScript succeed() const { return succeed_with(durable::Text("null")); }
  /// The function returned this value.
  template <class T>
  InvokeScript succeed(const T& result) const {
    return succeed_with(durable::Text(detail::json_text(result)));
  }
  InvokeScript fail(std::string type, std::string message) const {
    return fail(durable::ErrorObject{std::move(type), std::move(message)});
  }
  InvokeScript fail(durable::ErrorObject error) const;
  InvokeScript time_out() const;
  InvokeScript stop() const;

 private:
  InvokeScript succeed_with(durable::Text result) const;

  detail::InvokeRule* rule_;
};

/// What becomes of the bodies of steps: what they would have returned or thrown is recorded and read
/// back as if they had. Valid as long as its simulation.
class StepScript {
 public:
  explicit StepScript(detail::StepRule& rule) : rule_(&rule) {}

  /// The body is not run: the step has this result.
  template <class T>
  StepScript returns(const T& value) const {
    return returns_json(detail::json_text(value));
  }
  StepScript returns() const { return returns_json("null"); }
  /// The body is not run: every attempt throws `error`.
  template <class Error>
    requires(!std::convertible_to<Error, std::string_view>)
  StepScript throws(Error error) const {
    return fail_times(kEveryAttempt, std::move(error));
  }
  /// The same of an error of this type, as it is recorded.
  StepScript throws(std::string type, std::string message) const {
    return fail_times(kEveryAttempt, std::move(type), std::move(message));
  }
  /// The first `attempts` attempts throw `error` in place of the body.
  template <class Error>
    requires(!std::convertible_to<Error, std::string_view>)
  StepScript fail_times(std::uint32_t attempts, Error error) const {
    if constexpr (std::same_as<Error, durable::ErrorObject>) {  // as it is recorded
      return fails(attempts, std::move(error));
    } else {
      return fails(attempts, [error = std::move(error)] { throw error; });
    }
  }
  StepScript fail_times(std::uint32_t attempts, std::string type, std::string message) const {
    return fails(attempts, durable::ErrorObject{std::move(type), std::move(message)});
  }
  /// The body takes so much virtual time after it has done its work. More than the invocation has left
  /// kills it.
  StepScript take(Duration duration) const;

 private:
  static constexpr std::uint32_t kEveryAttempt = 0xffffffffU;

  StepScript returns_json(std::string json) const;
  StepScript fails(std::uint32_t attempts, std::function<void()> thrower) const;
  StepScript fails(std::uint32_t attempts, durable::ErrorObject error) const;

  detail::StepRule* rule_;
};

}  // namespace durasim
