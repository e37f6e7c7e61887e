#include "tools/conformance/outside.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/conformance/regex.hpp"
#include "tools/conformance/run.hpp"

namespace conformance_outside_test {

using namespace std::chrono_literals;
using conformance::CallbackAction;
using conformance::Json;
using conformance::Observation;
using conformance::observe;
using conformance::plain;
using conformance::Registration;
using durable::Context;
using Operation = conformance::CallbackAction::Operation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CallbackAction succeed(const std::string& name, Json payload, double delay = 0) {
  return {name, Operation::success, std::move(payload), delay};
}

/// Two callbacks, a and b; returns what was sent to both.
const Registration kTwo{"two", plain([](Context& ctx) {
                          const auto a = ctx.create_callback("a");
                          const auto b = ctx.create_callback("b");
                          return a.get() + " " + b.get();
                        })};

/// One callback called a, with a heartbeat timeout of 10 s.
const Registration kOne{"one", plain([](Context& ctx) {
                          return ctx.create_callback("a", {.heartbeat_timeout = 10s}).get();
                        })};

/// Seconds from the start of an execution to the first event of a type.
double time_of(const Observation& seen, const std::string& type) {
  const double start = seen.events.at(0).at("EventTimestamp").get<double>();
  for (const Json& event : seen.events) {
    if (event.at("EventType") == type) return event.at("EventTimestamp").get<double>() - start;
  }
  return -1;
}

TEST(ConformanceOutside, TakesTheFirstActionWithTheNameOfTheCallback) {
  EXPECT_EQ(observe(kTwo, nullptr, {succeed("b", 1), succeed("a", 2), succeed("a", 3)}).result,
            "\"2 1\"");
}

TEST(ConformanceOutside, TakesAnActionForAnyName) {
  EXPECT_EQ(observe(kTwo, nullptr, {succeed("*", 1), succeed("*", 2)}).result, "\"1 2\"");
}

TEST(ConformanceOutside, TakesAnActionWhosePatternIsInTheName) {
  EXPECT_EQ(observe(kTwo, nullptr, {succeed("^[b-z]", 1), succeed("^[a-z]$", 2)}).result,
            "\"2 1\"");
}

TEST(ConformanceOutside, RefusesANameThatIsNoPattern) {
  EXPECT_THROW(observe(kOne, nullptr, {succeed("(", 1)}), conformance::PatternError);
}

TEST(ConformanceOutside, SendsWhatPythonWrites) {
  EXPECT_EQ(observe(kOne, nullptr, {succeed("a", Json::parse(R"({"b":[1,null],"c":"é"})"))}).result,
            Json(R"({"b": [1, null], "c": "\u00e9"})").dump());
}

TEST(ConformanceOutside, SendsNothingWithoutAPayload) {
  const auto seen = observe(kOne, nullptr, {{"a", Operation::success, std::nullopt, 0}});
  EXPECT_EQ(seen.result, "\"\"");
  EXPECT_FALSE(seen.events.at(3).at("CallbackSucceededDetails").at("Result").contains("Payload"));
}

TEST(ConformanceOutside, SendsAllOfAFailure) {
  const Json payload{{"ErrorType", "Rejected"},
                     {"ErrorMessage", "no"},
                     {"ErrorData", "42"},
                     {"StackTrace", {"desk", "chief"}}};
  const auto seen = observe(kOne, nullptr, {{"a", Operation::failure, payload, 0}});
  EXPECT_EQ(seen.status, "FAILED");
  EXPECT_EQ(seen.events.at(3).at("CallbackFailedDetails").at("Error").at("Payload"), payload);
}

TEST(ConformanceOutside, LetsTheDelaysPassOneAfterTheOther) {
  const auto seen = observe(kTwo, nullptr, {succeed("a", 1, 1.5), succeed("b", 2, 2)});
  EXPECT_EQ(time_of(seen, "CallbackSucceeded"), 1.5);
  EXPECT_EQ(time_of(seen, "ExecutionSucceeded"), 3.5);
}

TEST(ConformanceOutside, GoesOnToAnotherActionAfterAHeartbeat) {
  const CallbackAction beat{"a", Operation::heartbeat, std::nullopt, 9};
  const auto seen = observe(kOne, nullptr, {beat, beat, succeed("a", 1, 9)});
  EXPECT_EQ(seen.status, "SUCCEEDED");
  EXPECT_EQ(time_of(seen, "CallbackSucceeded"), 27);
  EXPECT_THAT(seen.refused, IsEmpty());
}

TEST(ConformanceOutside, MeetsCallbacksThatStartLater) {
  const Registration later{"later", plain([](Context& ctx) {
                             ctx.wait("pause", 1h);
                             return ctx.create_callback("a").get();
                           })};
  EXPECT_EQ(time_of(observe(later, nullptr, {succeed("a", 1, 1)}), "CallbackSucceeded"), 3601);
}

TEST(ConformanceOutside, LeavesOpenWhatNoActionIsFor) {
  const auto seen = observe(kOne, nullptr, {succeed("b", 1)});
  EXPECT_EQ(time_of(seen, "CallbackTimedOut"), 10);
  EXPECT_EQ(seen.status, "FAILED");
}

TEST(ConformanceOutside, TellsWhatTheServiceRefuses) {
  const auto seen = observe(kOne, nullptr, {succeed("a", 1, 11)});
  EXPECT_THAT(seen.refused,
              ElementsAre(HasSubstr("The execution of the callback has ended: it is FAILED")));
}

}  // namespace conformance_outside_test
