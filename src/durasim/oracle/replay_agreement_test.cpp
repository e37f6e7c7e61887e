#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;

/// Invocation 1 of a handler that charges, waits and returns: charged, and waiting.
struct ChargedAndWaiting : Script {
  ChargedAndWaiting() : Script(make_replay_agreement) {
    start(1);
    issue(1, 1, "charge");
    history("StepStarted", 1);
    history("StepSucceeded", 1);
    answer(1, {step(1, OperationStatus::succeeded, 1)});
    issue(1, 2, "pause");
    history("WaitStarted", 2);
    answer(1, {wait(2, OperationStatus::started)});
  }
};
inline const Operations kWaiting{step(1, OperationStatus::succeeded, 1),
                                 wait(2, OperationStatus::started)};
inline const Operations kWaited{step(1, OperationStatus::succeeded, 1),
                                wait(2, OperationStatus::succeeded)};

TEST(ReplayAgreement, IsSilentWhenEverythingIsMadeAgain) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.replay(kWaiting, suspended());
  script.replay_issue(1, "charge");
  script.replay_issue(2, "pause");
  script.replay_end(suspended());
  script.start(2, kWaited);
  script.issue(2, 1, "charge");
  script.issue(2, 2, "pause");
  script.end(2, returned("5"), kWaited);
  script.replay(kWaited, returned("5"));
  script.replay_issue(1, "charge");
  script.replay_issue(2, "pause");
  script.replay_end(returned("5"));
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, FindsAnotherName) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2, kWaited);
  script.issue(2, 1, "refund");
  EXPECT_THAT(script.sentence(),
              HasSubstr("operation 1 is recorded as step \"charge\" made at testing.hpp:"));
  ASSERT_THAT(script.sentence(), HasSubstr("made step \"refund\" at"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::replay_agreement);
  EXPECT_EQ(script.findings()[0].operation, "1") << "neither name is the operation's";
  EXPECT_EQ(script.findings()[0].path, op(1));
  EXPECT_EQ(script.findings()[0].line, kHere.line());
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(ReplayAgreement, SaysNothingMoreOnceTheFirstDifferenceIsFound) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2, kWaited);
  script.issue(2, 1, "refund");
  script.end(
      2, threw("NonDeterministicExecutionError", "operation 1 is recorded with name \"charge\""),
      kWaited);
  script.replay(kWaited, threw("NonDeterministicExecutionError", "operation 1"));
  script.replay_issue(1, "cancel");
  script.replay_end(returned("1"));
  EXPECT_EQ(script.findings().size(), 1U);
}

/// What is found if the second invocation makes operation 1 as `change` makes it.
template <class Change>
std::string finding_after(Change change) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2, kWaited);
  TraceEvent issue = script.issue_event(2, 1, "charge");
  change(issue);
  script.tell(issue);
  return script.findings().empty() ? "" : script.findings()[0].what;
}

TEST(ReplayAgreement, FindsEveryOtherDifferenceOfIdentity) {
  EXPECT_EQ(finding_after([](TraceEvent&) {}), "");
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.type = durable::OperationType::wait; }),
              HasSubstr("made wait \"charge\""));
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.sub_type = durable::OperationSubType::none; }),
              HasSubstr("sub-type"));
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.inputs = 7; }),
              HasSubstr("with other inputs than those that the handler gave it on replay"));
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.body = &typeid(int); }),
              HasSubstr("another body"));
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.body = nullptr; }), HasSubstr("another body"));
  EXPECT_THAT(finding_after([](TraceEvent& e) { e.where = kElsewhere; }),
              HasSubstr("testing.hpp:" + std::to_string(kElsewhere.line())));
}

TEST(ReplayAgreement, FindsARecordedOperationThatIsNotMadeAgain) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2, kWaited);
  script.issue(2, 1, "charge");
  script.end(2, returned("5"), kWaited);
  ASSERT_THAT(script.sentence(), HasSubstr("\"pause\" (operation 2) at testing.hpp:"));
  EXPECT_EQ(script.findings()[0].operation, "pause");
  EXPECT_EQ(script.findings()[0].line, kHere.line());
}

TEST(ReplayAgreement, ExpectsNothingMoreOfAnInvocationThatCrashed) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2, kWaited);
  script.issue(2, 1, "charge");
  script.crash(2, kWaited);
  script.start(3, kWaited);
  script.issue(3, 1, "charge");
  script.end(3, {Outcome::function_error, {}, failure("CheckpointError", "no answer")}, kWaited);
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, ExpectsNothingInsideAContextThatIsComplete) {
  Operations record{step(1, OperationStatus::succeeded), step(2, OperationStatus::succeeded, 1)};
  record[0].type = durable::OperationType::context;
  record[1].path = op(1).child(1);
  Script script(make_replay_agreement);
  script.start(1, record);
  script.issue(1, 1, "branch");
  script.end(1, returned("5"), record);
  EXPECT_TRUE(script.findings().empty());

  record[0].status = OperationStatus::started;
  script.start(2, record);
  script.issue(2, 1, "branch");
  script.end(2, returned("5"), record);
  EXPECT_THAT(script.sentence(), HasSubstr("operation 1.1"));
}

TEST(ReplayAgreement, FindsNumbersThatAreNotConsecutive) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1, "charge");
  script.issue(1, 3, "pause");
  EXPECT_THAT(script.sentence(), HasSubstr("(operation 3) was made out of its turn"));

  Script repeated(make_replay_agreement);
  repeated.start(1);
  repeated.issue(1, 1, "charge");
  repeated.issue(1, 1, "charge");
  EXPECT_EQ(repeated.findings().size(), 1U);
}

TEST(ReplayAgreement, NumbersEachContextOnItsOwn) {
  Script script(make_replay_agreement);
  script.start(1);
  const durable::OperationPath paths[] = {op(1),          op(1).child(1), op(2), op(2).child(1),
                                          op(1).child(2), op(2).child(2), op(3)};
  for (const durable::OperationPath path : paths) {
    TraceEvent issue = script.issue_event(1, 1, "x");
    issue.path = path;
    script.tell(issue);
  }
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, ReportsWhatTheSdkFoundItself) {
  ChargedAndWaiting script;
  script.end(1,
             threw("NonDeterministicExecutionError", "operation 2 is recorded with name \"nap\""),
             kWaiting);
  ASSERT_THAT(script.sentence(), HasSubstr("recorded with name \"nap\""));
  EXPECT_EQ(script.findings()[0].operation, "pause");
}

TEST(ReplayAgreement, DoesNotCompareWithACallThatNeverReachedTheRecord) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1, "noon");
  script.crash(1);
  script.start(2);
  script.issue(2, 1,
               "evening");  // the handler looked at a clock, but nothing durable depends on it yet
  script.history("StepStarted", 1);
  script.answer(2, {step(1, OperationStatus::started)});
  script.crash(2, {step(1, OperationStatus::started)});
  script.start(3, {step(1, OperationStatus::started)});
  script.issue(3, 1, "evening");
  EXPECT_TRUE(script.findings().empty());
  script.crash(3, {step(1, OperationStatus::started)});
  script.start(4, {step(1, OperationStatus::started)});
  script.issue(4, 1, "night");
  EXPECT_THAT(script.sentence(), HasSubstr("recorded as step \"evening\""));
}

TEST(ReplayAgreement, KeepsTheRecordedIdentityWhenAnEarlierStateIsDeliveredAgain) {
  ChargedAndWaiting script;
  script.end(1, suspended(), kWaiting);
  script.start(2);  // the state that invocation 1 was given: its calls are not recorded
  script.issue(2, 1, "refund");
  script.refuse(2);
  script.end(2, {Outcome::function_error, {}, failure("CheckpointError", "token")}, kWaiting);
  script.start(3, kWaited);
  script.issue(3, 1, "charge");
  script.issue(3, 2, "pause");
  script.end(3, returned("5"), kWaited);
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, KeepsConcurrentInvocationsApart) {
  ChargedAndWaiting script;
  script.start(2);
  script.issue(2, 1, "charge");
  script.end(1, suspended(), kWaiting);
  script.issue(2, 2, "pause");
  script.end_superseded(2, suspended(), kWaiting);
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, KeepsExecutionsApart) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1, "charge");
  script.of_execution(2);
  script.start(2);
  script.issue(2, 1, "another handler");
  script.end(2, suspended(), {step(1, OperationStatus::started)});
  script.start(3, {step(1, OperationStatus::started)});
  script.issue(3, 1, "another handler");
  EXPECT_TRUE(script.findings().empty());
}

/// Invocation 1 runs a context with one step in it to its end, and waits.
struct ContextAndWait : Script {
  explicit ContextAndWait(bool replay_children) : Script(make_replay_agreement) {
    record = {context(1, OperationStatus::succeeded, replay_children),
              inside(1, step(1, OperationStatus::succeeded, 1)), wait(2, OperationStatus::started)};
    start(1);
    issue(1, 1, "order");
    issue_inside(1, 1, 1);
    answer(1, record);
    issue(1, 2, "pause");
    end(1, suspended(), record);
    record[2].status = OperationStatus::succeeded;
  }
  /// Invocation 2, which runs the body of the context or does not.
  void replay_with_body(bool body) {
    start(2, record);
    issue(2, 1, "order");
    if (body) issue_inside(2, 1, 1);
    issue(2, 2, "pause");
    end(2, returned("5"), record);
  }
  Operations record;
};

TEST(ReplayAgreement, AsksForNothingInsideAContextThatIsComplete) {
  ContextAndWait script(false);
  script.replay_with_body(false);
  EXPECT_TRUE(script.findings().empty());
}

TEST(ReplayAgreement, AsksForWhatAContextIsMadeAnewFrom) {
  ContextAndWait sound(true);
  sound.replay_with_body(true);
  EXPECT_TRUE(sound.findings().empty());
  ContextAndWait other(true);
  other.replay_with_body(false);
  EXPECT_THAT(other.sentence(), HasSubstr("(operation 1.1) at testing.hpp:"));
  EXPECT_THAT(other.sentence(), HasSubstr("on replay the handler did not make it"));
}

TEST(ReplayAgreement, CountsTheCallsOfEachContextByThemselves) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1);
  script.issue_inside(1, 1, 1);
  script.issue_inside(1, 1, 2);
  script.issue(1, 2);
  script.issue_inside(1, 2, 1);
  EXPECT_TRUE(script.findings().empty());
  script.issue_inside(1, 2, 3);
  EXPECT_THAT(script.sentence(), HasSubstr("(operation 2.3) was made out of its turn"));
}

TEST(ReplayAgreement, AsksForWhatFurtherPagesOfTheStateHold) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1);
  script.issue(1, 2, "pause");
  script.answer(1, kWaiting);
  script.end(1, suspended(), kWaiting);
  script.start(2, {kWaited[0]});
  script.answer(2, {kWaited[1]});
  script.issue(2, 1);
  script.end(2, returned("5"), kWaited);
  EXPECT_THAT(script.sentence(), HasSubstr("step \"pause\" (operation 2) at testing.hpp:"));
  EXPECT_THAT(script.sentence(), HasSubstr("on replay the handler did not make it"));
}

}  // namespace durasim::oracle
