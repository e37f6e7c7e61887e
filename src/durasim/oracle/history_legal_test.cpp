#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A history, event by event; what is wrong with it is asked for at its end.
struct History {
  std::vector<HistoryEntry> entries;
  bool over = false;

  /// Inside operation `outer`.
  History& inside(std::uint32_t outer, std::string_view type, std::uint32_t number,
                  std::uint32_t attempt = 0) {
    return add_at(type, op(outer).child(number), attempt);
  }
  History& add(std::string_view type, std::uint32_t number = 0, std::uint32_t attempt = 0) {
    return add_at(type, number == 0 ? durable::OperationPath() : op(number), attempt);
  }
  History& add_at(std::string_view type, durable::OperationPath path, std::uint32_t attempt = 0) {
    entries.push_back({.type = type, .id = entries.size() + 1, .path = path, .attempt = attempt});
    return *this;
  }
  History& again() {
    entries.back().again = true;
    return *this;
  }
  History& failed() {
    entries.back().failed = true;
    return *this;
  }
  std::string wrong() const { return check_history(entries, over); }
};

inline History begun() { return History().add("ExecutionStarted"); }

TEST(HistoryLegal, AllowsAWholeLife) {
  History life = begun();
  life.add("StepStarted", 1, 1).add("StepFailed", 1, 1).failed().again();
  life.add("InvocationCompleted", 0, 1);
  life.add("StepStarted", 1, 2).add("StepSucceeded", 1, 2);
  life.add("WaitStarted", 2).add("InvocationCompleted", 0, 2).add("WaitSucceeded", 2);
  life.add("StepStarted", 3, 1).add("StepFailed", 3, 1).failed();
  life.add("WaitStarted", 4).add("WaitCancelled", 4);
  life.add("InvocationCompleted", 0, 3).failed();
  life.add("InvocationCompleted", 0, 5).add("ExecutionSucceeded");
  life.over = true;
  EXPECT_EQ(life.wrong(), "");
}

TEST(HistoryLegal, AllowsAnExecutionThatEndsBeforeItsInvocations) {
  for (const char* end : {"ExecutionFailed", "ExecutionTimedOut", "ExecutionStopped"})
    EXPECT_EQ(begun().add("StepStarted", 1, 1).add(end).failed().wrong(), "");
  History large = begun().add("StepStarted", 1, 1).add("StepSucceeded", 1, 1);
  large.add("ExecutionSucceeded").entries.back().result_bytes = durable::kResponseLimitBytes + 1;
  EXPECT_EQ(large.wrong(), "") << "it was recorded by a checkpoint";
}

TEST(HistoryLegal, KnowsEveryOperationOfTheProtocol) {
  History history = begun().add("ContextStarted", 1);
  history.add_at("StepStarted", op(1).child(1), 1).add_at("StepSucceeded", op(1).child(1), 1);
  history.add("ContextSucceeded", 1);
  history.add("CallbackStarted", 2).add("InvocationCompleted", 0, 1).add("CallbackTimedOut", 2);
  history.add("ChainedInvokeStarted", 3).add("ChainedInvokeStopped", 3).failed();
  EXPECT_EQ(history.wrong(), "");
  EXPECT_THAT(history.add("CallbackSucceeded", 2).wrong(),
              HasSubstr("comes after the end of its operation"));
}

TEST(HistoryLegal, AllowsPollsOfACondition) {
  History polls = begun().add("StepStarted", 1, 1).add("StepSucceeded", 1, 1).again();
  polls.add("InvocationCompleted", 0, 1).add("StepStarted", 1, 2).add("StepSucceeded", 1, 2);
  EXPECT_EQ(polls.wrong(), "");
  EXPECT_THAT(polls.add("StepStarted", 1, 3).wrong(), HasSubstr("after the end of its operation"));
}

TEST(HistoryLegal, AllowsAnExecutionToBeStoppedWhileEverythingIsUnderWay) {
  History stopped = begun().add("ContextStarted", 1).inside(1, "CallbackStarted", 1);
  stopped.add("ChainedInvokeStarted", 2).add("InvocationCompleted", 0, 1);
  stopped.add("ExecutionStopped").failed();
  stopped.over = true;
  EXPECT_EQ(stopped.wrong(), "");
}

TEST(HistoryLegal, AllowsWhatIsUnderWayToEndAfterItsContext) {
  History history = begun().add("ContextStarted", 1).inside(1, "CallbackStarted", 1);
  history.inside(1, "StepStarted", 2, 1).inside(1, "StepFailed", 2, 1).failed();
  history.add("ContextFailed", 1).failed().add("InvocationCompleted", 0, 1);
  history.inside(1, "CallbackTimedOut", 1).failed();
  EXPECT_EQ(history.wrong(), "");
}

TEST(HistoryLegal, FindsAnOperationThatStartsInAContextThatHasEnded) {
  EXPECT_EQ(
      begun()
          .add("ContextStarted", 1)
          .add("ContextSucceeded", 1)
          .inside(1, "WaitStarted", 1)
          .wrong(),
      "event 4 of the history, WaitStarted of operation 1.1, starts inside operation 1, which "
      "has ended");
}

TEST(HistoryLegal, FindsAParentThatIsNoContext) {
  EXPECT_THAT(begun().add("StepStarted", 1, 1).inside(1, "WaitStarted", 1).wrong(),
              HasSubstr("is inside operation 1, which is no context"));
}

TEST(HistoryLegal, LooksForTheParentBehindVirtualContexts) {
  History history = begun().inside(1, "WaitStarted", 1);
  history.entries.back().virtual_contexts = 1;
  EXPECT_EQ(history.wrong(), "") << "operation 1 is not recorded";
  history = begun().add_at("WaitStarted", op(1).child(2).child(1));
  history.entries.back().virtual_contexts = 1;
  EXPECT_THAT(history.wrong(), HasSubstr("is inside operation 1, which has not started"));
}

TEST(HistoryLegal, FindsASecondStartOrEndOfAnythingOutside) {
  for (const std::string of : {"Context", "Callback", "ChainedInvoke"}) {
    const std::string started = of + "Started";
    const std::string succeeded = of + "Succeeded";
    const std::string failed = of + "Failed";
    const History history = begun().add(started, 1);
    EXPECT_THAT(History(history).add(started, 1).wrong(),
                HasSubstr("an operation that has started"));
    EXPECT_THAT(History(history).add(succeeded, 1).add(failed, 1).wrong(),
                HasSubstr("after the end of its operation"));
    EXPECT_THAT(begun().add(succeeded, 1).wrong(), HasSubstr("that has not started"));
    EXPECT_THAT(History(history).add(succeeded, 1).failed().wrong(), HasSubstr("holds an error"));
  }
}

TEST(HistoryLegal, SaysNothingAboutEventsOfALaterProtocol) {
  EXPECT_EQ(begun().add("DreamStarted", 1).add("StepDreamt", 1).wrong(), "");
}

TEST(HistoryLegal, NamesEventAndOperation) {
  EXPECT_EQ(begun().add("WaitSucceeded", 2).wrong(),
            "event 2 of the history, WaitSucceeded of operation 2, ends an operation that has not "
            "started");
}

TEST(HistoryLegal, FindsNumbersThatAreNotConsecutive) {
  History gap = begun().add("StepStarted", 1, 1);
  gap.entries.back().id = 3;
  EXPECT_THAT(gap.wrong(), HasSubstr("event 3 of the history, StepStarted of operation 1, follows "
                                     "event 1: numbers are consecutive"));
  History repeated = begun().add("StepStarted", 1, 1);
  repeated.entries.back().id = 1;
  EXPECT_THAT(repeated.wrong(), HasSubstr("consecutive"));
}

TEST(HistoryLegal, FindsAWrongBeginning) {
  EXPECT_THAT(History().add("StepStarted", 1, 1).wrong(), HasSubstr("before ExecutionStarted"));
  EXPECT_THAT(begun().add("ExecutionStarted").wrong(), HasSubstr("an execution that has started"));
}

TEST(HistoryLegal, FindsAnythingAfterTheEndOfTheExecution) {
  const History over = begun().add("InvocationCompleted", 0, 1).add("ExecutionSucceeded");
  for (const char* type : {"StepStarted", "InvocationCompleted", "ExecutionFailed", "Dreamt"})
    EXPECT_THAT(History(over).add(type, 1, 2).wrong(), HasSubstr("after the end of the execution"));
}

TEST(HistoryLegal, FindsAMissingEnd) {
  History history = begun().add("InvocationCompleted", 0, 1);
  EXPECT_EQ(history.wrong(), "");
  history.over = true;
  EXPECT_THAT(history.wrong(), HasSubstr("no event says how it ended"));
}

TEST(HistoryLegal, FindsASuccessBeforeTheInvocationThatReturnedIt) {
  EXPECT_THAT(begun().add("ExecutionSucceeded").wrong(),
              HasSubstr("before the InvocationCompleted"));
  EXPECT_THAT(begun()
                  .add("InvocationCompleted", 0, 1)
                  .add("StepStarted", 1, 1)
                  .add("StepSucceeded", 1, 1)
                  .add("ExecutionSucceeded")
                  .wrong(),
              HasSubstr("before the InvocationCompleted"));
}

TEST(HistoryLegal, FindsAnInvocationThatEndsTwice) {
  EXPECT_THAT(begun().add("InvocationCompleted", 0, 2).add("InvocationCompleted", 0, 2).wrong(),
              HasSubstr("ends invocation 2, but invocation 2 has ended before"));
  EXPECT_EQ(begun().add("InvocationCompleted").add("InvocationCompleted").wrong(), "")
      << "which ones they are is not known";
}

TEST(HistoryLegal, FindsAttemptsThatDoNotFollowOneAnother) {
  EXPECT_THAT(begun().add("StepStarted", 1, 2).wrong(), HasSubstr("but attempt 1 is next"));
  History step = begun().add("StepStarted", 1, 1);
  EXPECT_THAT(History(step).add("StepStarted", 1, 1).wrong(), HasSubstr("a second time"));
  EXPECT_THAT(History(step).add("StepSucceeded", 1, 2).wrong(), HasSubstr("but attempt 1 is next"));
  step.add("StepFailed", 1, 1).again();
  EXPECT_THAT(History(step).add("StepStarted", 1, 1).wrong(), HasSubstr("but attempt 2 is next"));
  EXPECT_THAT(History(step).add("StepFailed", 1, 2).wrong(),
              HasSubstr("ends attempt 2, which has not started"));
}

TEST(HistoryLegal, FindsAnEndWithoutAStart) {
  EXPECT_THAT(begun().add("StepSucceeded", 1, 1).wrong(), HasSubstr("which has not started"));
  EXPECT_THAT(begun().add("WaitCancelled", 1).wrong(), HasSubstr("has not started"));
}

TEST(HistoryLegal, FindsWhatComesAfterTheEndOfAnOperation) {
  const History step = begun().add("StepStarted", 1, 1).add("StepSucceeded", 1, 1);
  EXPECT_THAT(History(step).add("StepSucceeded", 1, 1).wrong(), HasSubstr("end of its operation"));
  EXPECT_THAT(History(step).add("StepStarted", 1, 2).wrong(), HasSubstr("end of its operation"));
  const History wait = begun().add("WaitStarted", 1).add("WaitSucceeded", 1);
  EXPECT_THAT(History(wait).add("WaitSucceeded", 1).wrong(), HasSubstr("end of its operation"));
  EXPECT_THAT(History(wait).add("WaitStarted", 1).wrong(), HasSubstr("end of its operation"));
  EXPECT_THAT(begun().add("WaitStarted", 1).add("WaitStarted", 1).wrong(),
              HasSubstr("starts an operation that has started"));
}

TEST(HistoryLegal, FindsAnOperationOfTwoTypes) {
  EXPECT_THAT(begun().add("StepStarted", 1, 1).add("WaitStarted", 1).wrong(),
              HasSubstr("recorded with another type"));
}

TEST(HistoryLegal, FindsAMissingParent) {
  EXPECT_THAT(begun().add_at("StepStarted", op(1).child(1), 1).wrong(),
              HasSubstr("inside operation 1, which has not started"));
  EXPECT_THAT(begun().add("StepStarted", 0, 1).wrong(), HasSubstr("names no operation"));
}

TEST(HistoryLegal, FindsASuccessThatHoldsAnError) {
  EXPECT_THAT(begun().add("StepStarted", 1, 1).add("StepSucceeded", 1, 1).failed().wrong(),
              HasSubstr("holds an error"));
  EXPECT_THAT(begun().add("InvocationCompleted").add("ExecutionSucceeded").failed().wrong(),
              HasSubstr("holds an error"));
}

TEST(HistoryLegal, JudgesEachExecutionOfARunAndReportsItOnce) {
  Script script(make_history_legal);
  for (const std::uint32_t execution : {1U, 2U}) {
    script.of_execution(execution);
    script.history("ExecutionStarted", 0);
  }
  script.history("StepSucceeded", 1);
  script.history("StepSucceeded", 1);
  ASSERT_THAT(script.sentence(),
              StartsWith("event 2 of the history, StepSucceeded of operation 1"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::history_legal);
  EXPECT_EQ(script.findings()[0].path, op(1));
  EXPECT_FALSE(script.findings()[0].remedy.empty());
  script.of_execution(1);
  script.end_execution(durable::ExecutionStatus::succeeded);
  EXPECT_EQ(script.findings().size(), 2U) << "its end is missing";
}

TEST(HistoryLegal, IsSilentAboutARunThatGoesWell) {
  Script script(make_history_legal);
  script.history("ExecutionStarted", 0);
  script.history("StepStarted", 1);
  script.history_with_delay("StepFailed", 1, std::chrono::seconds(2));
  script.history("InvocationCompleted", 0);
  script.history("StepStarted", 1, 2);
  script.history("StepSucceeded", 1, 2);
  script.history("InvocationCompleted", 0, 2);
  script.history("ExecutionSucceeded", 0);
  script.end_execution(durable::ExecutionStatus::succeeded);
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
