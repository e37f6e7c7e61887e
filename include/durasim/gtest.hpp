#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/coverage.hpp>
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
