#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;

TEST(Progress, FindsASuspensionThatNothingEnds) {
  Script script(make_progress);
  script.start(1);
  script.answer(1, {step(1, OperationStatus::succeeded, 1)});
  script.end(1, suspended(), {step(1, OperationStatus::succeeded, 1)});
  ASSERT_THAT(script.sentence(),
              HasSubstr("execution 1 was suspended, but nothing is recorded that could wake it"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::progress);
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TraceEvent timer(std::uint32_t number, std::chrono::seconds at) {
  TraceEvent event;
  event.kind = TraceEvent::Kind::timer_fired;
  event.execution = 1;
  if (number > 0) event.path = durable::OperationPath().child(number);
  event.at = Timestamp(at);
  return event;
}

TEST(Progress, FindsALostWakeUp) {
  Script script(make_progress);
  script.start(1);
  script.suspend(1, 1);
  script.end(1, suspended(), {wait(1, OperationStatus::started)});
  script.tell(timer(1, std::chrono::seconds(60)));
  script.tell(timer(0, std::chrono::hours(1)));  // the execution's timeout
  EXPECT_THAT(script.sentence(), HasSubstr("the wake-up was lost"));
}

TEST(Progress, IsSilentAboutWakeUpsThatComeOrComeLate) {
  for (const bool late : {false, true}) {
    Script script(make_progress);
    script.start(1);
    script.suspend(1, 1);
    script.end(1, suspended(), {wait(1, OperationStatus::started)});
    script.tell(timer(1, std::chrono::seconds(60)));
    if (late) script.inject(Fault::late_delivery);
    if (!late) script.start(2, {wait(1, OperationStatus::succeeded)});
    script.tell(timer(2, std::chrono::hours(1)));
    EXPECT_TRUE(script.findings().empty());
  }
}

TEST(Progress, FindsASuspensionInAStepThatIsUnderWay) {
  Script script(make_progress);
  script.start(1, {step(1, OperationStatus::started)});
  script.end(1, suspended(), {step(1, OperationStatus::started)});
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(Progress, FindsASuspensionOnAWaitThatIsOver) {
  Script script(make_progress);
  script.start(1, {wait(1, OperationStatus::succeeded)});
  script.end(1, suspended(), {wait(1, OperationStatus::succeeded)});
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(Progress, FindsASuspensionThatTheServiceRefused) {
  Script script(make_progress);
  const Operations record{step(1, OperationStatus::started)};
  script.start(1, record);
  script.suspend(1, 1);
  script.crash(1, record);  // refused: no valid response
  EXPECT_THAT(script.sentence(), HasSubstr("nothing is recorded that could wake it"));
}

TEST(Progress, IsSilentAboutSuspensionsThatSomethingEnds) {
  for (const durable::Operation& waking :
       {wait(1, OperationStatus::started), step(1, OperationStatus::pending, 1),
        step(1, OperationStatus::ready, 1)}) {
    Script script(make_progress);
    script.start(1);
    script.answer(1, {waking});
    script.end(1, suspended(), {waking});
    EXPECT_TRUE(script.findings().empty());
  }
}

TEST(Progress, IsSilentAboutAWaitThatEndedBeforeTheInvocationHeardOfIt) {
  Script script(make_progress);
  script.start(1);
  script.answer(1, {wait(1, OperationStatus::started)});  // late
  script.end(1, suspended(), {wait(1, OperationStatus::succeeded)});
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, IsSilentAboutInvocationsThatNobodyWaitsFor) {
  const Operations record{step(1, OperationStatus::succeeded, 1)};
  Script script(make_progress);
  script.start(1, record);
  script.start(2, record);
  script.end_superseded(1, suspended(), record);
  script.end(2, returned("1"), record);
  script.end_execution(durable::ExecutionStatus::succeeded);
  script.start(3, record);
  script.end(3, suspended(), record);
  for (std::uint32_t invocation = 4; invocation < 8; ++invocation) {
    script.start(invocation, record);
    script.crash(invocation, record);
  }
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, FindsAnExecutionThatIsInTheSameStateAgain) {
  Script script(make_progress);
  const Operations record{step(1, OperationStatus::started)};
  script.start(1);
  script.crash(1, record);
  script.start(2, record);
  script.body(2, 1);
  script.crash(2, record);
  ASSERT_THAT(script.sentence(), HasSubstr("would be invoked for ever"));
  EXPECT_EQ(script.findings()[0].path, op(1));
}

TEST(Progress, NamesTheErrorThatComesAgain) {
  Script script(make_progress);
  for (std::uint32_t invocation = 1; invocation <= 2; ++invocation) {
    script.start(invocation);
    script.end(invocation,
               {Outcome::function_error, {}, failure("ExecutorError", "no threads left")});
  }
  EXPECT_THAT(script.sentence(), HasSubstr("(ExecutorError: no threads left)"));
}

TEST(Progress, IsSilentWhileFaultsAreInjected) {
  Script script(make_progress);
  for (std::uint32_t invocation = 1; invocation <= 5; ++invocation) {
    script.start(invocation);
    script.body(invocation, 1);
    script.inject(Fault::crash_after_body);
    script.crash(invocation);
  }
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, IsSilentAboutOneFailureBesideAFault) {
  Script script(make_progress);
  script.inject(Fault::redelivery_after_end);
  script.start(1);
  script.end(1, suspended(), {wait(1, OperationStatus::started)});
  script.start(2);  // the same event again: its requests are refused
  script.refuse(2);
  script.crash(2, {wait(1, OperationStatus::started)});
  script.start(3, {wait(1, OperationStatus::succeeded)});
  script.end(3, returned("1"), {wait(1, OperationStatus::succeeded)});
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, IsSilentWhenFailuresRecordSomething) {
  Script script(make_progress);
  script.start(1);
  script.crash(1, {step(1, OperationStatus::started)});
  script.start(2, {step(1, OperationStatus::started)});
  script.crash(2, {step(1, OperationStatus::pending, 1)});
  script.start(3, {step(1, OperationStatus::ready, 1)});
  script.crash(3, {step(1, OperationStatus::started, 1)});
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, TakesAnInjectedDeathInTheReferenceRunForNoSuspension) {
  Script script(make_progress);
  const Operations record{step(1, OperationStatus::started)};
  script.start(1);
  script.issue(1, 1);
  script.request(1);
  script.answer(1, record);
  script.at_most_once_body(1, 1);
  script.body_ends(1, 1);
  script.crash(1, record);  // as the given environment says: no choice was made
  script.start(2, record);
  script.answer(2, {step(1, OperationStatus::failed, 1)});
  script.end(2, threw("StepInterruptedError", ""), {step(1, OperationStatus::failed, 1)});
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, LeavesTerminationsToHygiene) {
  Script script(make_progress);
  for (std::uint32_t invocation = 1; invocation <= 3; ++invocation) {
    script.start(invocation);
    script.tell(script.event(TraceEvent::Kind::misuse, invocation));
    script.crash(invocation);
  }
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, JudgesEachExecutionOnItsOwn) {
  Script script(make_progress);
  for (std::uint32_t execution = 1; execution <= 3; ++execution) {
    script.of_execution(execution);
    script.start(execution);
    script.crash(execution);
  }
  EXPECT_TRUE(script.findings().empty());
}

TEST(Progress, FindsAnAnswerThatWakesNobody) {
  for (const char* end : {"CallbackSucceeded", "CallbackTimedOut", "ChainedInvokeFailed"}) {
    Script script(make_progress);
    const Operations record{callback(1, "id")};
    script.start(1);
    script.answer(1, record);
    script.end(1, suspended(), record);
    script.history(end, 1);
    script.tell(script.event(Script::Kind::timer_fired));
    EXPECT_TRUE(script.findings().empty()) << "not yet";
    script.later(std::chrono::seconds(1));
    script.tell(script.event(Script::Kind::timer_fired));
    EXPECT_THAT(script.sentence(), ::testing::HasSubstr("the wake-up was lost")) << end;
  }
}

TEST(Progress, IsSilentAboutAnswersThatWakeOrComeWhileTheHandlerRuns) {
  Script script(make_progress);
  const Operations record{callback(1, "id"), callback(2, "other")};
  script.start(1);
  script.answer(1, record);
  script.history("CallbackSucceeded", 2);
  script.later(std::chrono::seconds(1));
  script.tell(script.event(Script::Kind::timer_fired));
  script.end(1, suspended(), record);
  script.history("CallbackSucceeded", 1);
  script.start(2, record);
  script.later(std::chrono::seconds(1));
  script.tell(script.event(Script::Kind::timer_fired));
  EXPECT_TRUE(script.findings().empty());
}

/// Waits for a callback until the execution times out.
struct Unanswered : Script {
  explicit Unanswered(std::chrono::seconds timeout, bool never = false) : Script(make_progress) {
    const Operations record{callback(1, "id")};
    start(1);
    TraceEvent issued = issue_event(1, 1, "approval");
    issued.type = durable::OperationType::callback;
    tell(issued);
    callback_starts(1, timeout);
    if (never) tell(sent_event(1, "never"));
    answer(1, record);
    suspend(1, 1);
    end(1, suspended(), record);
  }
  void time_out() { end_execution(durable::ExecutionStatus::timed_out); }
};

TEST(Progress, FindsAnExecutionThatTimesOutWhileItWaitsForNobody) {
  Unanswered script(std::chrono::seconds(0));
  EXPECT_TRUE(script.findings().empty()) << "an answer may still come";
  script.time_out();
  ASSERT_EQ(script.sentence(),
            "execution 1 waited for callback \"approval\" (operation 1) until the execution itself "
            "timed out: the callback has no timeout, and nothing answered it");
  EXPECT_EQ(script.findings()[0].operation, "approval");
  EXPECT_EQ(script.findings()[0].line, kHere.line());
  EXPECT_THAT(script.findings()[0].remedy, ::testing::HasSubstr(".never()"));
}

TEST(Progress, IsSilentAboutCallbacksThatTimeOutOrWhoseSilenceIsMeant) {
  Unanswered timed(std::chrono::hours(1));
  timed.time_out();
  EXPECT_TRUE(timed.findings().empty());
  Unanswered meant(std::chrono::seconds(0), true);
  meant.time_out();
  EXPECT_TRUE(meant.findings().empty());
  Unanswered answered(std::chrono::seconds(0));
  answered.history("CallbackSucceeded", 1);
  answered.time_out();
  EXPECT_TRUE(answered.findings().empty());
}

}  // namespace durasim::oracle
