#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/execution.hpp>
#include <durasim/explore.hpp>

/// GoogleTest matchers for results and verdicts. Link durasim::gtest, which compiles the adapter.
namespace durasim {

/// The execution succeeded.
MATCHER(Succeeded, "an execution that succeeded") { return arg.succeeded(); }

/// The execution succeeded with `expected`, compared and printed in serialised form.
template <class Value>
auto SucceededWith(const Value& expected);

/// It failed with an error of this type and a message that contains `message`.
MATCHER_P2(FailedWith, type, message,
           "an execution that failed with a " + std::string(type) +
               (std::string_view(message).empty()
                    ? ""
                    : " whose message contains " + testing::PrintToString(message))) {
  return arg.status() == durable::ExecutionStatus::failed && arg.error().type == type &&
         arg.error().message.find(message) != std::string::npos;
}
template <class Type>
auto FailedWith(const Type& type) {
  return FailedWith(type, std::string());
}

/// It took `count` invocations.
MATCHER_P(Ran, count,
          "an execution that ran in " + testing::PrintToString(count) + " invocation" +
              (static_cast<std::size_t>(count) == 1 ? "" : "s")) {
  *result_listener << "which ran in " << arg.invocations();
  return arg.invocations() == static_cast<std::size_t>(count);
}

/// Every schedule was run, and none broke a rule.
MATCHER(Holds, "a verdict HOLDS") { return arg.verdict == Verdict::holds; }

/// No schedule that was run broke a rule; not all may have been run.
MATCHER(NotRefuted, "a verdict HOLDS or INCOMPLETE") {
  return arg.verdict == Verdict::holds || arg.verdict == Verdict::incomplete;
}

namespace detail {
MATCHER_P(SucceededWithText, expected, "an execution that succeeded with " + expected) {
  if (arg.succeeded() && arg.result() == expected) return true;
  if (arg.succeeded()) *result_listener << "whose result is " << arg.result();
  return false;
}
}  // namespace detail

template <class Value>
auto SucceededWith(const Value& expected) {
  using Plain = std::decay_t<Value>;
  if constexpr (std::is_convertible_v<Plain, std::string_view>) {
    return detail::SucceededWithText(durable::serialize<std::string>(std::string(expected)));
  } else {
    return detail::SucceededWithText(durable::serialize<Plain>(expected));
  }
}

}  // namespace durasim
