#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <source_location>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <durasim/audit.hpp>
#include <durasim/coverage.hpp>
#include <durasim/effects.hpp>
#include <durasim/execution.hpp>
#include <durasim/explore.hpp>

/// GoogleTest matchers for results and verdicts, and actions by which mocks report effects. Link durasim::gtest, which compiles the adapter.
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
inline const Coverage& coverage_of(const Verification& verification) {
  return verification.coverage;
}
inline const Coverage& coverage_of(const Coverage& coverage) { return coverage; }

MATCHER_P2(CoversCell, cell, effectively,
           std::string("an exploration that ") + (negation ? "did not inject " : "injected ") +
               describe(cell) + (effectively ? ", to some effect" : "")) {
  const Coverage& coverage = coverage_of(arg);
  const Coverage::Cell found = coverage.cell(cell.operation, cell.fault);
  *result_listener << "where " << coverage.explain(cell.operation, cell.point, cell.fault);
  return effectively ? found.effective > 0 : found.injected > 0;
}

MATCHER_P(SucceededWithText, expected, "an execution that succeeded with " + expected) {
  if (arg.succeeded() && arg.result() == expected) return true;
  if (arg.succeeded()) *result_listener << "whose result is " << arg.result();
  return false;
}
}  // namespace detail

/// The fault was injected at this point of an operation of this kind: Covers("step", "after_body",
/// Fault::crash_after_body). For a Verification or its Coverage.
/// Errors:  std::invalid_argument for names that there are not, or a fault of another point.
inline auto Covers(std::string_view operation, std::string_view point, Fault fault) {
  return detail::CoversCell(detail::cell_named(operation, point, fault), false);
}
/// And a run went otherwise for it.
inline auto CoversEffectively(std::string_view operation, std::string_view point, Fault fault) {
  return detail::CoversCell(detail::cell_named(operation, point, fault), true);
}

/// Whatever was offered was injected, for each kind of operation.
MATCHER(CoversAllOffered, negation ? "an exploration that left out something that was offered"
                                   : "an exploration that injected whatever was offered") {
  std::string left_out;
  for (const Coverage::Cell& cell : detail::coverage_of(arg).cells()) {
    if (cell.injected == 0) left_out += (left_out.empty() ? "" : ", ") + detail::describe(cell);
  }
  if (!left_out.empty()) *result_listener << "which left out " << left_out;
  return left_out.empty();
}

/// The oracle had something to judge.
MATCHER_P(Exercises, oracle,
          "an exploration that gave " + std::string(to_string(oracle)) +
              (negation ? " nothing to judge" : " something to judge")) {
  return detail::coverage_of(arg).is_exercised(oracle);
}

namespace detail {

/// As part of a key: a text as it is, else its JSON; "?" for what has none, such as a pointer.
template <class T>
std::string argument_text(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (!std::is_pointer_v<T> && durable::detail::Serializable<T>) {
    return durable::serialize(value);
  } else {
    return "?";
  }
}

template <class... Arguments>
std::string arguments_text(const Arguments&... arguments) {
  std::string text;
  const char* separator = "";
  ((text += separator + argument_text(arguments), separator = ", "), ...);
  return text;
}

/// Returns the default value of the result, as a mock without an action does.
struct NothingMore {
  template <class Result, class... Arguments>
  operator testing::Action<Result(Arguments...)>() const {  // NOLINT(google-explicit-constructor)
    return testing::Action<Result(Arguments...)>(
        [](Arguments...) -> Result { return testing::DefaultValue<Result>::Get(); });
  }
};

template <class Inner>
class RecordedAction {
 public:
  RecordedAction(Effects& effects, std::string kind, Inner inner, const std::source_location& where)
      : effects_(effects), kind_(std::move(kind)), inner_(std::move(inner)), where_(where) {}

  template <class Result, class... Arguments>
  operator testing::Action<Result(Arguments...)>() const {  // NOLINT(google-explicit-constructor)
    using Action = testing::Action<Result(Arguments...)>;
    return Action([self = *this, inner = Action(inner_)](Arguments... arguments) -> Result {
      std::string key = arguments_text(arguments...);
      if constexpr (std::is_void_v<Result>) {
        inner.Perform({std::forward<Arguments>(arguments)...});
        self.effects_.record(self.kind_, key, self.where_);
      } else {
        Result result = inner.Perform({std::forward<Arguments>(arguments)...});
        self.effects_.record(self.kind_, key, self.where_);
        return std::forward<Result>(result);
      }
    });
  }

 private:
  Effects& effects_;
  std::string kind_;
  Inner inner_;
  std::source_location where_;
};

template <std::size_t kKey, class Inner>
class AppliedAction {
 public:
  AppliedAction(Effects& effects, std::string kind, Inner inner, const std::source_location& where)
      : effects_(effects), kind_(std::move(kind)), inner_(std::move(inner)), where_(where) {}

  template <class Result, class... Arguments>
  operator testing::Action<Result(Arguments...)>() const {  // NOLINT(google-explicit-constructor)
    static_assert(kKey < sizeof...(Arguments),
                  "durasim: the method has no argument of this number");
    using Action = testing::Action<Result(Arguments...)>;
    return Action([self = *this, inner = Action(inner_)](Arguments... arguments) -> Result {
      const std::string key = argument_text(std::get<kKey>(std::tie(arguments...)));
      if constexpr (std::is_void_v<Result>) {
        inner.Perform({std::forward<Arguments>(arguments)...});
        self.effects_.apply(self.kind_, key, true, self.where_);
      } else {
        return self.effects_.template apply<std::decay_t<Result>>(
            self.kind_, key, inner.Perform({std::forward<Arguments>(arguments)...}), self.where_);
      }
    });
  }

 private:
  Effects& effects_;
  std::string kind_;
  Inner inner_;
  std::source_location where_;
};

}  // namespace detail

/// An action for EXPECT_CALL and ON_CALL: does `action`, and reports the call to the ledger, as a receiver
/// that does not recognise repetitions. The key is made of all arguments. What throws is not reported.
///   ON_CALL(gateway, charge).WillByDefault(durasim::Recorded(effects, "charge", Return("c-1")));
/// Shape:   `effects` outlives the mock, as one does that is made with Simulation::make.
/// Source:  docs/how-to/mocks-and-expectations.md
template <class Action>
auto Recorded(Effects& effects, std::string kind, Action action,
              const std::source_location& where = std::source_location::current()) {
  return detail::RecordedAction<Action>(effects, std::move(kind), std::move(action), where);
}
/// The same for a method whose result is of no interest.
inline auto Recorded(Effects& effects, std::string kind,
                     const std::source_location& where = std::source_location::current()) {
  return Recorded(effects, std::move(kind), detail::NothingMore(), where);
}

/// The same for a receiver that recognises its argument of number `kKey`, counted from 0: what `action`
/// returns for a key first takes effect, and is the answer whenever the key comes again.
/// Shape:   the result is a value that durable::serialize takes, or void.
template <std::size_t kKey, class Action>
auto Applied(Effects& effects, std::string kind, Action action,
             const std::source_location& where = std::source_location::current()) {
  return detail::AppliedAction<kKey, Action>(effects, std::move(kind), std::move(action), where);
}

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
