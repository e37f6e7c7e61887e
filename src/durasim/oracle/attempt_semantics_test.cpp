#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;

TEST(AttemptSemantics, FindsAnAtMostOnceBodyThatStartsAgainWithinItsAttempt) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.answer(1, {step(1, OperationStatus::started)});
  script.at_most_once_body(1, 1);
  script.crash(1, {step(1, OperationStatus::started)});
  script.start(2, {step(1, OperationStatus::started)});
  script.at_most_once_body(2, 1);
  ASSERT_THAT(script.sentence(),
              HasSubstr("\"charge\" (operation 1) started a second time as attempt 1"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::attempt_semantics);
  EXPECT_EQ(script.findings()[0].line, kHere.line());
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(AttemptSemantics, FindsAnAtMostOnceBodyThatStartsBeforeItsStartIsAcknowledged) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.at_most_once_body(1, 1);
  EXPECT_THAT(script.sentence(), HasSubstr("before the service had acknowledged the START"));
}

TEST(AttemptSemantics, FindsAnAtMostOnceRetryThatStartsBeforeItsStartIsAcknowledged) {
  Script script(make_attempt_semantics);
  script.start(1, {step(1, OperationStatus::ready, 1)});
  script.at_most_once_body(1, 1, 2);
  EXPECT_THAT(script.sentence(),
              HasSubstr("attempt 2 before the service had acknowledged the START"));
}

TEST(AttemptSemantics, FindsAnAtLeastOnceBodyThatStartsTwiceInOneInvocation) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.body_ends(1, 1);
  script.body(1, 1);
  EXPECT_THAT(script.sentence(), HasSubstr("although nothing had interrupted it"));
}

TEST(AttemptSemantics, FindsABodyThatStartsAgainAlthoughItsInvocationEndedCleanly) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.body_ends(1, 1);
  script.end(1, suspended(),
             {step(1, OperationStatus::started)});  // what the body gave was not recorded
  script.start(2, {step(1, OperationStatus::started)});
  script.body(2, 1);
  EXPECT_THAT(script.sentence(), HasSubstr("although nothing had interrupted it"));
}

TEST(AttemptSemantics, FindsAttemptsThatAreNotConsecutive) {
  Script script(make_attempt_semantics);
  script.start(1, {step(1, OperationStatus::ready, 1)});
  script.body(1, 1, 1);
  EXPECT_THAT(script.sentence(), HasSubstr("as attempt 1 where attempt 2 is next"));

  Script skipping(make_attempt_semantics);
  skipping.start(1);
  skipping.body(1, 1, 2);
  EXPECT_EQ(skipping.findings().size(), 1U);
}

TEST(AttemptSemantics, FindsAnAttemptBeyondTheRetryStrategy) {
  Script script(make_attempt_semantics);
  script.start(1, {step(1, OperationStatus::ready, 3)});
  script.body(1, 1, 4);
  EXPECT_THAT(script.sentence(), HasSubstr("its retry strategy allows 3"));
}

TEST(AttemptSemantics, ReportsAStepOnce) {
  Script script(make_attempt_semantics);
  for (std::uint32_t finished = 1; finished <= 5; ++finished) {
    script.start(finished, {step(1, OperationStatus::ready, finished)});
    script.body(finished, 1, 1);
    script.end(finished, suspended(), {step(1, OperationStatus::pending, finished + 1)});
  }
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(AttemptSemantics, KnowsNoLimitWhereThereIsNone) {
  Script script(make_attempt_semantics);
  script.start(1, {step(1, OperationStatus::ready, 99)});
  TraceEvent body = script.body_event(1, 1, 100);
  body.max_attempts = 0;
  script.tell(body);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutABodyThatRunsAgainAfterACrash) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.crash(1);
  script.start(2);
  script.body(2, 1);
  script.crash(2, {step(1, OperationStatus::started)});
  script.start(3, {step(1, OperationStatus::started)});
  script.body(3, 1);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutABodyThatRunsAgainAfterAnInvocationError) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.end(1, {Outcome::function_error, {}, failure("CheckpointError", "no answer")});
  script.start(2);
  script.body(2, 1);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, TakesThePollsOfAConditionForItsAttempts) {
  const auto polled = [](std::uint32_t times) {
    durable::Operation condition = step(1, OperationStatus::pending, times);
    condition.sub_type = durable::OperationSubType::wait_for_condition;
    condition.result = durable::Text("7");  // the state, and no error
    return condition;
  };
  Script script(make_attempt_semantics);
  for (std::uint32_t poll = 1; poll <= 3; ++poll) {
    Operations record;
    if (poll > 1) record.push_back(polled(poll - 1));
    script.start(poll, record);
    script.body(poll, 1, poll);
    script.answer(poll, {polled(poll)});
    script.end(poll, suspended(), {polled(poll)});
  }
  EXPECT_TRUE(script.findings().empty());
  script.start(4, {polled(3)});
  script.body(4, 1, 4);
  EXPECT_THAT(script.sentence(),
              ::testing::HasSubstr("as attempt 4, but its retry strategy allows 3"));
}

TEST(AttemptSemantics, IsSilentAboutRetries) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1, 1);
  script.answer(1, {step(1, OperationStatus::pending, 1)});
  script.end(1, suspended(), {step(1, OperationStatus::pending, 1)});
  script.start(2, {step(1, OperationStatus::ready, 1)});
  script.body(2, 1, 2);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutAtMostOnceAttemptsAfterInterruptions) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.answer(1, {step(1, OperationStatus::started)});
  script.at_most_once_body(1, 1, 1);
  script.crash(1, {step(1, OperationStatus::started)});
  script.start(2, {step(1, OperationStatus::started)});
  script.answer(2, {step(1, OperationStatus::pending, 1)});
  script.end(2, suspended(), {step(1, OperationStatus::pending, 1)});
  script.start(3, {step(1, OperationStatus::ready, 1)});
  script.answer(3, {step(1, OperationStatus::started, 1)});
  script.at_most_once_body(3, 1, 2);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutAnOvertakenAtMostOnceBodyThatStartsLate) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.answer(1, {step(1, OperationStatus::started)});
  script.start(2, {step(1, OperationStatus::started)});
  script.answer(2, {step(1, OperationStatus::pending, 1)});
  script.end(2, suspended(), {step(1, OperationStatus::pending, 1)});
  script.start(3, {step(1, OperationStatus::ready, 1)});
  script.answer(3, {step(1, OperationStatus::started, 1)});
  script.at_most_once_body(3, 1, 2);
  script.at_most_once_body(1, 1, 1);  // the first and only time that attempt 1 starts
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutConcurrentDeliveries) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.start(2);
  script.body(1, 1);
  script.body(2, 1);
  script.answer(2, {step(1, OperationStatus::succeeded, 1)});
  script.end(2, suspended(),
             {step(1, OperationStatus::succeeded, 1), wait(2, OperationStatus::started)});
  script.refuse(1);
  script.end_superseded(1, {Outcome::function_error, {}, failure("CheckpointError", "token")});
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutAnEarlierStateDeliveredAgain) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.answer(1, {step(1, OperationStatus::succeeded, 1)});
  script.end(1, suspended(),
             {step(1, OperationStatus::succeeded, 1), wait(2, OperationStatus::started)});
  script.start(2);  // the state that invocation 1 was given
  script.body(2, 1);
  script.refuse(2);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, IsSilentAboutARedeliveryToAHandlerThatTheSdkFailed) {
  Script script(make_attempt_semantics);
  script.start(1);
  script.body(1, 1);
  script.end(1, threw("SerDesError", "the result of step \"charge\" cannot be stored"));
  script.start(2);
  script.body(2, 1);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, LeavesBodiesOfTerminalOperationsToCompletedOnce) {
  Script script(make_attempt_semantics);
  script.start(1, {step(1, OperationStatus::succeeded, 1)});
  script.body(1, 1, 1);
  EXPECT_TRUE(script.findings().empty());
}

TEST(AttemptSemantics, CountsEachExecutionOnItsOwn) {
  Script script(make_attempt_semantics);
  for (std::uint32_t execution = 1; execution <= 3; ++execution) {
    script.of_execution(execution);
    script.start(execution);
    script.answer(execution, {step(1, OperationStatus::started)});
    script.at_most_once_body(execution, 1);
  }
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
