#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Execution 1, which times out after an hour.
struct Timed : Script {
  Timed() : Script(make_timers) { begin(1); }
  void begin(std::uint32_t execution) {
    of_execution(execution);
    TraceEvent started = event(Kind::execution_started);
    started.due = now() + 1h;
    tell(started);
  }
  void fire(std::uint32_t number) { tell(event(Kind::timer_fired, 0, number)); }
};

TEST(Timers, FindAWaitThatEndsEarly) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.later(59s);
  script.history("WaitSucceeded", 1);
  ASSERT_EQ(script.sentence(), "wait operation 1 of execution 1 takes 60s, but ended after 59s");
  EXPECT_EQ(script.findings()[0].oracle, Oracle::timers);
  EXPECT_EQ(script.findings()[0].path, op(1));
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(Timers, FindAWaitThatEndsLate) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.later(61s);
  script.history("WaitSucceeded", 1);
  EXPECT_EQ(script.sentence(),
            "wait operation 1 of execution 1 takes 60s, but had not ended after 61s");
}

TEST(Timers, FindATimerThatNeverFires) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.later(2min);
  script.history("InvocationCompleted", 0);
  EXPECT_THAT(script.sentence(), HasSubstr("had not ended after 0h 02m 00s"));
}

TEST(Timers, FindAHandlerThatDoesNotWait) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.gives(1, 1, {});
  EXPECT_THAT(script.sentence(), HasSubstr("but the handler went on after 0s"));
}

TEST(Timers, FindARetryThatStartsEarly) {
  Timed script;
  script.history_with_delay("StepFailed", 1, 5s);
  script.later(4s);
  script.history("StepStarted", 1, 2);
  EXPECT_EQ(script.sentence(),
            "the delay before the next attempt of operation 1 of execution 1 "
            "takes 5s, but it started after 4s");
}

TEST(Timers, FindARetryThatIsReadyEarlyOrLate) {
  Timed early;
  early.history_with_delay("StepFailed", 1, 5s);
  early.later(4s);
  early.fire(1);
  EXPECT_THAT(early.sentence(), HasSubstr("takes 5s, but ended after 4s"));
  Timed late;
  late.history_with_delay("StepFailed", 1, 5s);
  late.later(6s);
  late.fire(1);
  EXPECT_THAT(late.sentence(), HasSubstr("takes 5s, but had not ended after 6s"));
}

TEST(Timers, FindAnExecutionThatTimesOutAtTheWrongTime) {
  Timed early;
  early.later(59min);
  early.history("ExecutionTimedOut", 0);
  ASSERT_THAT(early.sentence(),
              HasSubstr("the timeout of execution 1 takes 1h 00m 00s, but ended"));
  EXPECT_EQ(early.findings()[0].operation, "");
  Timed late;
  late.later(61min);
  late.history("ExecutionTimedOut", 0);
  EXPECT_THAT(late.sentence(), HasSubstr("had not ended after 1h 01m 00s"));
}

TEST(Timers, FindTheWrongOrderAtOneInstant) {
  Timed script;
  script.begin(2);
  for (const std::uint32_t execution : {1U, 2U}) {
    script.of_execution(execution);
    script.history_with_delay("WaitStarted", 1, 60s);
  }
  script.later(60s);
  script.history("WaitSucceeded", 1);
  EXPECT_THAT(script.sentence(),
              HasSubstr("and before wait operation 1 of execution 1, which was due at the same "
                        "instant and was set earlier"));
}

TEST(Timers, FindTheWrongOrderWithinAnExecution) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.later(30s);
  script.history_with_delay("StepFailed", 2, 30s);
  script.later(30s);
  script.fire(2);
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(Timers, AreSilentAboutARunOnTime) {
  Timed script;
  script.begin(2);
  script.of_execution(1);
  script.history_with_delay("WaitStarted", 1, 60s);
  script.of_execution(2);
  script.history_with_delay("StepFailed", 1, 60s);
  script.history_with_delay("WaitStarted", 2, 30s);
  script.later(30s);
  script.history("WaitSucceeded", 2);
  script.gives(3, 2, {});
  script.later(30s);
  script.of_execution(1);
  script.fire(1);
  script.history("WaitSucceeded", 1);
  script.of_execution(2);
  script.fire(1);
  script.history("StepStarted", 1, 2);
  script.history("StepSucceeded", 1, 2);
  script.history("ExecutionSucceeded", 0);
  script.of_execution(1);
  script.later(1h - 60s);
  script.history("ExecutionTimedOut", 0);
  EXPECT_TRUE(script.findings().empty()) << script.sentence();
}

TEST(Timers, AreSilentAboutWhatWasCancelled) {
  Timed script;
  script.history_with_delay("WaitStarted", 1, 60s);
  script.history("WaitCancelled", 1);
  script.history_with_delay("WaitStarted", 2, 60s);
  script.later(30s);
  script.history("ExecutionFailed", 0);
  script.begin(2);
  script.later(2min);
  script.history_with_delay("WaitStarted", 1, 60s);
  script.of_execution(1);
  script.fire(2);  // stale: its execution is over
  EXPECT_TRUE(script.findings().empty()) << script.sentence();
}

TEST(Timers, AreSilentAboutAnExecutionWhoseTimeoutIsNotKnown) {
  Script script(make_timers);
  script.tell(script.event(TraceEvent::Kind::execution_started));
  script.later(2h);
  script.history("ExecutionTimedOut", 0);
  EXPECT_TRUE(script.findings().empty());
}

/// A callback times out; by its heartbeat timeout, or by the other one.
void times_out(Timed& script, std::uint32_t number, bool heartbeat = false) {
  script.history("CallbackTimedOut", number, 0, {},
                 failure(heartbeat ? "Callback.Heartbeat" : "Callback.Timeout", ""));
}

TEST(Timers, FindACallbackThatTimesOutEarlyOrLate) {
  Timed early;
  early.callback_starts(1, 60s);
  early.later(59s);
  times_out(early, 1);
  EXPECT_EQ(early.sentence(),
            "the timeout of callback operation 1 of execution 1 takes 60s, but ended after 59s");
  Timed late;
  late.callback_starts(1, 60s);
  late.later(61s);
  times_out(late, 1);
  EXPECT_THAT(late.sentence(), HasSubstr("takes 60s, but had not ended after 61s"));
}

TEST(Timers, FindAHeartbeatTimeoutThatIgnoresAHeartbeat) {
  Timed script;
  script.callback_starts(1, 1h, 10s);
  script.later(8s);
  script.heartbeat(1);
  script.later(2s);
  times_out(script, 1, true);
  EXPECT_EQ(
      script.sentence(),
      "the heartbeat timeout of callback operation 1 of execution 1 takes 10s, but ended after "
      "2s");
}

TEST(Timers, FindACallbackThatTimesOutWithoutATimeout) {
  Timed script;
  script.callback_starts(1, 1h);
  times_out(script, 1, true);
  EXPECT_EQ(script.sentence(),
            "callback operation 1 of execution 1 ended by its heartbeat timeout, but it has none");
}

TEST(Timers, AreSilentAboutCallbacksThatAreAnsweredOrTimeOutInTime) {
  Timed script;
  script.callback_starts(1, 60s, 10s);
  script.later(9s);
  script.history("CallbackSucceeded", 1);
  script.callback_starts(2, 60s, 60s);
  script.later(60s);
  times_out(script, 2, true);
  script.callback_starts(3, 60s, 10s);
  for (int beat = 0; beat < 6; ++beat) {
    script.later(9s);
    script.heartbeat(3);
  }
  script.later(6s);
  times_out(script, 3);
  script.callback_starts(4, 0s);
  script.later(10min);
  script.history("InvocationCompleted", 0);
  EXPECT_TRUE(script.findings().empty());
}

TEST(Timers, FindAConditionThatIsPolledEarly) {
  Timed script;
  script.history_with_delay("StepSucceeded", 1, 5s);
  script.later(4s);
  script.history("StepStarted", 1, 2);
  EXPECT_THAT(script.sentence(), HasSubstr("takes 5s, but it started after 4s"));
}

}  // namespace durasim::oracle
