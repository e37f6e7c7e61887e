#include "tools/conformance/judge.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/conformance/testing.hpp"

namespace conformance_judge_test {

using conformance::check;
using conformance::check_file;
using conformance::Json;
using conformance::load_requirement;
using conformance::Outcome;
using conformance::Requirement;
using conformance::Status;
using conformance::testing::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A requirement of the project, which passes as it is.
Requirement own(const std::string& name) {
  return load_requirement(std::string(DURASIM_SOURCE_DIR "/fixtures/conformance/") + name +
                          ".yaml");
}

/// What is said of a requirement that was made wrong in one place.
std::string detail_of(const std::string& name, const std::function<void(Requirement&)>& change) {
  Requirement requirement = own(name);
  change(requirement);
  const Outcome outcome = check(requirement);
  EXPECT_EQ(outcome.status, Status::failed) << outcome.detail;
  return outcome.detail;
}

TEST(ConformanceJudge, PassesWhatIsAsExpected) {
  const Outcome outcome = check(own("wait/2-3"));
  EXPECT_EQ(outcome.status, Status::passed) << outcome.detail;
  EXPECT_EQ(outcome.id, "2-3");
  EXPECT_EQ(outcome.suite, "wait");
  EXPECT_EQ(outcome.detail, "8 events, SUCCEEDED with the expected result");
}

TEST(ConformanceJudge, FailsAnotherDuration) {
  EXPECT_EQ(detail_of("wait/2-1",
                      [](Requirement& r) { r.history[0]["WaitStartedDetails"]["Duration"] = 3; }),
            "event 2 (WaitStarted): WaitStartedDetails.Duration: expected 3, got 2");
}

TEST(ConformanceJudge, FailsAMissingEvent) {
  EXPECT_EQ(detail_of("wait/2-1",
                      [](Requirement& r) {
                        r.history.push_back({{"EventType", "StepStarted"}, {"EventId", 9}});
                      }),
            "event 9 (StepStarted): there is none; the history has 6 events");
}

TEST(ConformanceJudge, FailsAnotherTypeOfEvent) {
  EXPECT_EQ(
      detail_of("wait/2-1", [](Requirement& r) { r.history[0]["EventType"] = "StepStarted"; }),
      "event 2 (StepStarted): EventType: expected \"StepStarted\", got \"WaitStarted\"");
}

TEST(ConformanceJudge, FailsAnotherResult) {
  EXPECT_EQ(detail_of("step/1-8", [](Requirement& r) { r.result->result = "guessed"; }),
            "result: expected \"guessed\", got \"computed\"");
  EXPECT_EQ(detail_of("step/1-4", [](Requirement& r) { r.result->result->erase("count"); }),
            R"(result: expected {"user":{"name":"Alice","tags":["admin","active"]}}, )"
            R"(got {"count":2,"user":{"name":"Alice","tags":["admin","active"]}})");
}

TEST(ConformanceJudge, FailsAnotherStatusAndSaysWhatTheErrorWas) {
  EXPECT_EQ(detail_of("step/1-19", [](Requirement& r) { r.result->status = "SUCCEEDED"; }),
            "status: expected SUCCEEDED, got FAILED (StepError: \"fail\" (operation 1) failed: "
            "std::runtime_error: Operation failed)");
}

TEST(ConformanceJudge, FailsAnotherNumberOfLogLines) {
  EXPECT_EQ(detail_of("step/1-9", [](Requirement& r) { r.logs[0].count = 2; }),
            R"(log {"message":"step executed"}: expected 2 records, found 1 among 1)");
}

TEST(ConformanceJudge, FailsAnIdThatIsNotTheSameEverywhere) {
  EXPECT_THAT(detail_of("step/1-3", [](Requirement& r) { r.history[2]["Id"] = "${ID1}"; }),
              StartsWith("event 4 (StepStarted): Id: expected \"6b86b273"));
}

TEST(ConformanceJudge, FailsAnInputThatDoesNotSuitTheHandler) {
  EXPECT_THAT(detail_of("step/1-1", [](Requirement& r) { r.input = 7; }),
              HasSubstr("status: expected SUCCEEDED, got FAILED (SerDesError"));
}

TEST(ConformanceJudge, CountsWhatItDoesNotSay) {
  EXPECT_THAT(detail_of("step/1-12",
                        [](Requirement& r) {
                          for (Json& event : r.history) event["EventType"] = "Nothing";
                        }),
              HasSubstr("; 8 more"));
}

TEST(ConformanceJudge, ReplacesVariablesInTheInputAndTheExpectations) {
  EXPECT_THAT(detail_of("step/1-7", [](Requirement& r) { r.result->result = "Hello, ${INPUT}!"; }),
              StartsWith("result: expected \"Hello, ${INPUT}!\", got \"Hello, "));
  EXPECT_EQ(detail_of("step/1-7", [](Requirement& r) { r.variables = Json::object(); }),
            "Input: no variable is called ${INPUT_1}");
}

TEST(ConformanceJudge, SubstitutesVariablesInCallbackActions) {
  EXPECT_EQ(check(own("callback/4-1")).detail, "5 events, SUCCEEDED with the expected result");
  EXPECT_EQ(
      detail_of("callback/4-1", [](Requirement& r) { r.callback_actions[0].payload = "${TYPO}"; }),
      "CallbackActions: no variable is called ${TYPO}");
}

TEST(ConformanceJudge, FailsAnActionThatTheServiceRefuses) {
  EXPECT_THAT(detail_of("callback/4-3",
                        [](Requirement& r) {
                          r.callback_actions.emplace_back();
                          r.callback_actions[0].callback_name = "*";
                          r.callback_actions[0].delay_seconds = 6;
                        }),
              HasSubstr("the service refused an action: callback "));
}

TEST(ConformanceJudge, MarksTheFailureOfAnOptionalRequirement) {
  Requirement requirement = own("wait/2-1");
  requirement.optional = true;
  EXPECT_EQ(check(requirement).status, Status::passed);
  requirement.result->status = "FAILED";
  const Outcome outcome = check(requirement);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_TRUE(outcome.optional);
  EXPECT_EQ(outcome.detail, "optional: status: expected FAILED, got SUCCEEDED");
}

TEST(ConformanceJudge, SaysThatThereIsNoHandler) {
  Requirement requirement = own("wait/2-1");
  requirement.id = "99-1";
  EXPECT_EQ(check(requirement).status, Status::no_handler);
}

TEST(ConformanceJudge, RunsWhatExpectsNothingToItsEnd) {
  const TemporaryFolder folder;
  const Outcome outcome = check_file(folder.write("step/1-1.yaml", "Input: you\n"));
  EXPECT_EQ(outcome.status, Status::passed);
  EXPECT_EQ(outcome.detail, "nothing was expected; ended as SUCCEEDED with \"Hello, you!\"");
}

TEST(ConformanceJudge, FailsAFileThatCannotBeUsed) {
  const TemporaryFolder folder;
  const Outcome outcome = check_file(folder.write("step/1-1.yaml", "Inputs: you\n"));
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.id, "1-1");
  EXPECT_EQ(outcome.suite, "step");
  EXPECT_THAT(outcome.detail, HasSubstr("1-1.yaml:1:1: unknown key \"Inputs\""));
}

TEST(ConformanceJudge, FailsWhatTheSimulatorFindsFaultWith) {
  Requirement requirement;
  conformance::Observation seen;
  seen.over = true;
  seen.events = Json::array();
  EXPECT_TRUE(conformance::judge(requirement, seen, {}).empty());
  seen.findings = {"hygiene: a body is left"};
  EXPECT_THAT(conformance::judge(requirement, seen, {}),
              ::testing::ElementsAre("the simulator found hygiene: a body is left"));
  seen.findings.clear();
  seen.over = false;
  seen.status = "RUNNING";
  EXPECT_THAT(conformance::judge(requirement, seen, {}),
              ::testing::ElementsAre("the execution did not end: RUNNING"));
}

TEST(ConformanceJudge, TakesAResultThatIsNotJsonAsText) {
  Requirement requirement;
  requirement.result = {"SUCCEEDED", Json("not {json")};
  conformance::Observation seen;
  seen.status = "SUCCEEDED";
  seen.result = "not {json";
  seen.events = Json::array();
  EXPECT_TRUE(conformance::judge(requirement, seen, {}).empty());
  requirement.result->result = nullptr;
  seen.result = "";
  EXPECT_TRUE(conformance::judge(requirement, seen, {}).empty());
}

}  // namespace conformance_judge_test
