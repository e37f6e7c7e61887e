#include "tools/conformance/events.hpp"

#include <gtest/gtest.h>

#include "tools/conformance/run.hpp"

namespace conformance_events_test {

using conformance::Json;
using conformance::plain;
using durable::Context;

void submit(const std::string&) {}

/// The names of the events of a handler up to its suspension; "-" for none.
template <class Handler>
std::vector<std::string> names(Handler handler) {
  const conformance::Registration registration{"x", plain(handler)};
  std::vector<std::string> result;
  for (const Json& event : conformance::observe(registration, nullptr).events) {
    const auto type = event.at("EventType").template get<std::string>();
    if (type == "InvocationCompleted") break;
    if (type != "ExecutionStarted") result.push_back(type + " " + event.value("Name", "-"));
  }
  return result;
}

TEST(ConformanceEvents, InsideAWaitForACallbackHaveItsName) {
  for (const std::string& event : names([](Context& ctx) {
         ctx.wait_for_callback("approval", submit, {.timeout = std::chrono::seconds(1)});
       }))
    EXPECT_EQ(event.substr(event.find(' ')).substr(0, 9), " approval") << event;
}

TEST(ConformanceEvents, InsideAnUnnamedWaitForACallbackHaveNone) {
  for (const std::string& event : names([](Context& ctx) {
         ctx.wait_for_callback("", submit, {.timeout = std::chrono::seconds(1)});
       }))
    EXPECT_EQ(event.substr(event.find(' ')), " -");
}

TEST(ConformanceEvents, InsideOtherContextsStayAsTheyAre) {
  EXPECT_EQ(names([](Context& ctx) {
              ctx.run_in_child_context("child", [](Context& child) { child.step("", [] {}); });
            }),
            (std::vector<std::string>{"ContextStarted child", "StepStarted -", "StepSucceeded -",
                                      "ContextSucceeded child"}));
}

}  // namespace conformance_events_test
