#pragma once

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

/// How many cases a property of this folder is given, and where it is run.
namespace generated {

/// Cases of one property, unless RC_PARAMS asks for more. DURASIM_CASES=10 makes them ten times as
/// many.
inline int number_of_cases() {
  constexpr int kCases = 5'000;
  const char* cases = std::getenv("DURASIM_CASES");
  const int factor = cases == nullptr ? 1 : std::max(1, std::atoi(cases));
  return std::max(kCases * factor, rc::detail::configuration().testParams.maxSuccess);
}

inline rc::detail::TestParams test_params() {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = number_of_cases();
  return params;
}

/// Runs a property as the GoogleTest test that is running: what RC_GTEST_PROP does, but with a
/// number of cases of our own, as RapidCheck's default of 100 is one for each size.
template <class Property>
void expect_to_hold(Property property) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  rc::detail::TestMetadata metadata;
  metadata.id = std::string(test->test_suite_name()) + "/" + test->name();
  metadata.description = test->name();
  const auto result = rc::detail::checkTestable(property, metadata, test_params());
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  printResultMessage(result, message);
  FAIL() << message.str();
}

}  // namespace generated
