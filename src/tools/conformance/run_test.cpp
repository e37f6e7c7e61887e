#include "tools/conformance/run.hpp"

#include <gtest/gtest.h>

namespace conformance_run_test {

using conformance::find_handler;
using conformance::Json;
using conformance::kFunction;
using conformance::observe;
using conformance::Registration;

TEST(ConformanceRun, ShowsWhatAnExecutionLeavesBehind) {
  const auto seen = observe(*find_handler("1-7"), "you");
  EXPECT_TRUE(seen.over);
  EXPECT_EQ(seen.status, "SUCCEEDED");
  EXPECT_EQ(seen.result, "\"Hello, you!\"");
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.events.size(), 5U);
  EXPECT_EQ(seen.log_lines.size(), 2U);
  EXPECT_TRUE(seen.findings.empty());
  EXPECT_EQ(Json::parse(seen.log_lines[0]).at("executionArn"), seen.arn);
}

TEST(ConformanceRun, InjectsAFaultOnce) {
  const auto seen = observe(*find_handler("1-18"), "x");
  EXPECT_EQ(seen.status, "SUCCEEDED");
  EXPECT_EQ(seen.log_lines.size(), 2U);
}

TEST(ConformanceRun, TellsWhatTheOraclesFind) {
  const Registration swallows{"x", conformance::plain([](durable::Context& ctx) {
                                try {
                                  ctx.wait("pause", std::chrono::seconds(1));
                                } catch (...) {
                                  // as a handler must not
                                }
                                ctx.step("go-on", [] {});
                              })};
  const auto seen = observe(swallows, nullptr);
  ASSERT_FALSE(seen.findings.empty());
  EXPECT_EQ(seen.findings[0].substr(0, 8), "hygiene:");
}

TEST(ConformanceRun, TellsThatAFaultHadNoOccasion) {
  const Registration without{
      "x", conformance::plain([](durable::Context& ctx) { ctx.step("s", [] {}); }),
      durasim::Fault::crash_at_effect};
  const auto seen = observe(without, nullptr);
  ASSERT_EQ(seen.findings.size(), 1U);
  EXPECT_EQ(seen.findings[0], "crash_at_effect was never offered");
}

TEST(ConformanceRun, NoTwoHandlersHaveTheSameId) {
  std::set<std::string_view> ids;
  for (const auto handlers :
       {conformance::step_handlers(), conformance::wait_handlers(), conformance::child_handlers(),
        conformance::callback_handlers(), conformance::invoke_handlers(),
        conformance::wait_for_condition_handlers(), conformance::wait_for_callback_handlers()}) {
    for (const Registration& registration : handlers)
      EXPECT_TRUE(ids.insert(registration.id).second) << registration.id;
  }
  EXPECT_EQ(find_handler("0-0"), nullptr);
}

}  // namespace conformance_run_test
