#include "tools/conformance/requirement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/conformance/testing.hpp"
#include "tools/conformance/yaml.hpp"

namespace conformance_requirement_test {

using conformance::CallbackAction;
using conformance::FileError;
using conformance::Json;
using conformance::load_requirement;
using conformance::Requirement;
using conformance::testing::message_of;
using conformance::testing::TemporaryFolder;

Requirement load(const std::string& text) {
  const TemporaryFolder folder;
  return load_requirement(folder.write("step/1-99.yaml", text));
}

/// What is said of a file, from its line on.
std::string complaint(const std::string& text) {
  const std::string message = message_of<FileError>([&] { load(text); });
  const std::string name = "1-99.yaml:";
  const auto at = message.find(name);
  return at == std::string::npos ? message : message.substr(at + name.size());
}

TEST(ConformanceRequirement, IsNamedByItsFileAndFolder) {
  const Requirement requirement = load("Input:\n");
  EXPECT_EQ(requirement.id, "1-99");
  EXPECT_EQ(requirement.suite, "step");
  EXPECT_EQ(requirement.input, nullptr);
  EXPECT_FALSE(requirement.expects_anything());
  EXPECT_FALSE(requirement.optional);
  EXPECT_FALSE(requirement.async_invoke);
}

TEST(ConformanceRequirement, HasInputVariablesResultAndHistory) {
  const Requirement requirement = load(R"(---
# a comment
description: d
handler: |
  h
invocations: |
  - i
async: true
optional: true
AsyncInvoke: true
AsyncConfig: {PollIntervalSeconds: 2, NoProgressTimeoutSeconds: 30}
DefaultRetryParameters: {MaxAttempts: 6}
Variables:
  IN: ${GEN_STR:8}
Input: {a: "${IN}"}
ExpectedResult:
  ExecutionStatus: SUCCEEDED
  Result: null
ExpectedExecutionHistory:
  - EventType: StepStarted
    EventId: 2
    StepStartedDetails: {}
)");
  EXPECT_TRUE(requirement.optional);
  EXPECT_TRUE(requirement.async_invoke);
  EXPECT_EQ(requirement.variables, Json::parse(R"({"IN": "${GEN_STR:8}"})"));
  EXPECT_EQ(requirement.input, Json::parse(R"({"a": "${IN}"})"));
  ASSERT_TRUE(requirement.result);
  EXPECT_EQ(requirement.result->status, "SUCCEEDED");
  EXPECT_EQ(requirement.result->result, Json(nullptr));
  ASSERT_EQ(requirement.history.size(), 1U);
  EXPECT_EQ(requirement.history[0].at("StepStartedDetails"), Json::object());
}

TEST(ConformanceRequirement, MayLeaveTheResultOpen) {
  const Requirement requirement = load("ExpectedResult:\n  ExecutionStatus: FAILED\n");
  EXPECT_TRUE(requirement.expects_anything());
  EXPECT_FALSE(requirement.result->result);
}

TEST(ConformanceRequirement, HasLogExpectations) {
  const Requirement requirement = load(R"(
ExpectedLogs:
  - match: {message: '/x/'}
    count: 1
    after:
      - {hook: start}
      - {hook: other}
  - match: {n: 1}
    min_count: 2
    max_count: 3
    before: {hook: end}
)");
  ASSERT_EQ(requirement.logs.size(), 2U);
  EXPECT_EQ(requirement.logs[0].count, 1);
  EXPECT_EQ(requirement.logs[0].after.size(), 2U);
  EXPECT_FALSE(requirement.logs[1].count);
  EXPECT_EQ(requirement.logs[1].min_count, 2);
  EXPECT_EQ(requirement.logs[1].max_count, 3);
  EXPECT_EQ(requirement.logs[1].before.at(0), Json::parse(R"({"hook": "end"})"));
}

TEST(ConformanceRequirement, HasCallbackActions) {
  const Requirement requirement = load(R"(
CallbackActions:
  - {CallbackName: '*', Operation: success, Payload: {a: 1}, Delay: 1}
  - {CallbackName: b, Operation: heartbeat}
)");
  ASSERT_EQ(requirement.callback_actions.size(), 2U);
  EXPECT_EQ(requirement.callback_actions[0].payload, Json::parse(R"({"a": 1})"));
  EXPECT_EQ(requirement.callback_actions[0].delay_seconds, 1);
  EXPECT_EQ(requirement.callback_actions[1].operation, CallbackAction::Operation::heartbeat);
  EXPECT_FALSE(requirement.callback_actions[1].payload);
}

TEST(ConformanceRequirement, SaysWhereAKeyIsUnknownOrRepeated) {
  EXPECT_THAT(
      complaint("Input: 1\nExpectedResults: {}\n"),
      ::testing::StartsWith("2:1: unknown key \"ExpectedResults\"; known are description,"));
  EXPECT_EQ(complaint("ExpectedResult:\n  Status: X\n"),
            "2:3: unknown key \"Status\"; known are ExecutionStatus, Result");
  EXPECT_THAT(complaint("ExpectedLogs:\n  - match: {a: 1}\n    counts: 1\n"),
              ::testing::StartsWith("3:5: unknown key \"counts\""));
  EXPECT_EQ(complaint("Input: 1\nInput: 2\n"), "2:1: the key Input is repeated");
}

TEST(ConformanceRequirement, SaysWhereAValueIsOfAnotherKind) {
  EXPECT_EQ(complaint("- 1\n"), "1:1: a requirement has to be a mapping of keys to values");
  EXPECT_EQ(complaint("ExpectedResult: {Result: 1}\n"), "1:17: ExecutionStatus is missing");
  EXPECT_EQ(complaint("ExpectedExecutionHistory: {}\n"),
            "1:27: ExpectedExecutionHistory has to be a list");
  EXPECT_EQ(complaint("ExpectedExecutionHistory:\n  - EventType: X\n"),
            "2:5: EventId is missing: events are matched by it");
  EXPECT_EQ(complaint("ExpectedExecutionHistory:\n  - EventId: '2'\n"),
            "2:14: EventId has to be an integer");
  EXPECT_EQ(complaint("optional: 1\n"), "1:11: optional has to be true or false");
  EXPECT_EQ(complaint("ExpectedLogs:\n  - count: 1\n"), "2:5: match is missing");
  EXPECT_EQ(complaint("ExpectedLogs:\n  - match: {a: 1}\n    count: -1\n"),
            "3:12: count has to be an integer of at least 0");
  EXPECT_EQ(complaint("CallbackActions:\n  - {CallbackName: a, Operation: win}\n"),
            "2:34: Operation has to be success, failure or heartbeat");
}

TEST(ConformanceRequirement, SaysWhereAFileIsNotYaml) {
  EXPECT_THAT(complaint("Input: [1\nx: 2\n"), ::testing::HasSubstr("not YAML: "));
  EXPECT_THAT(complaint(""),
              ::testing::EndsWith("a requirement has to be a mapping of keys to values"));
}

}  // namespace conformance_requirement_test
