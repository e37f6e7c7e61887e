#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

/// replay-agreement, as far as it judges shadow replays.
namespace durasim::oracle {

using ::testing::HasSubstr;

/// Invocation 1 of a handler that charges and returns what it was told, up to its end.
struct Charged : Script {
  Charged() : Script(make_replay_agreement) {
    start(1);
    issue(1, 1, "charge");
    history("StepStarted", 1);
    answer(1, {step(1, OperationStatus::succeeded, 1)});
  }
};
inline const Operations kCharged{step(1, OperationStatus::succeeded, 1)};

TEST(ShadowAgreement, FindsAnotherResult) {
  Charged script;
  script.end(1, returned("5"), kCharged);
  script.replay(kCharged, returned("5"));
  script.replay_issue(1);
  script.replay_end(returned("6"));
  EXPECT_THAT(
      script.sentence(),
      HasSubstr("ended SUCCEEDED with 6, but with the same record it had ended SUCCEEDED with 5"));
}

TEST(ShadowAgreement, FindsAnotherError) {
  Charged script;
  script.end(1, threw("Declined", "no funds"), kCharged);
  script.replay(kCharged, threw("Declined", "no funds"));
  script.replay_issue(1);
  script.replay_end(threw("Declined", "at noon"));
  EXPECT_THAT(script.sentence(), HasSubstr("FAILED with Declined: at noon"));
}

TEST(ShadowAgreement, ComparesErrorsByTypeAndMessage) {
  Charged script;
  script.end(1, threw("Declined", "no funds"), kCharged);
  script.replay(kCharged, threw("Declined", "no funds"));
  script.replay_issue(1);
  script.replay_end(threw("Declined", "no funds"));
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, FindsAnotherEnd) {
  Charged script;
  script.end(1, returned("5"), kCharged);
  script.replay(kCharged, returned("5"));
  script.replay_issue(1);
  script.replay_end(threw("Declined", "no funds"));
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(ShadowAgreement, FindsAnOperationThatWasNotMadeBefore) {
  Charged script;
  script.end(1, returned("5"), kCharged);
  script.replay(kCharged, returned("5"));
  script.replay_issue(1);
  script.replay_issue(2, "audit");
  script.replay_end(suspended());
  ASSERT_THAT(script.sentence(), HasSubstr("made step \"audit\" (operation 2) at testing.hpp:"));
  EXPECT_EQ(script.findings()[0].operation, "audit");
}

TEST(ShadowAgreement, FindsAnOperationThatIsNotMadeAgain) {
  Charged script;
  script.end(1, returned("5"), kCharged);
  script.replay(kCharged, returned("5"));
  script.replay_end(returned("5"));
  EXPECT_THAT(script.sentence(), HasSubstr("step \"charge\" (operation 1) at testing.hpp:"));
}

TEST(ShadowAgreement, FindsAnotherIdentityEvenAfterACrash) {
  Charged script;
  script.crash(1, kCharged);
  script.replay_of_crash(kCharged);
  script.replay_issue(1, "refund");
  script.replay_end(suspended());
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(ShadowAgreement, IsSilentAboutAReplayThatGoesFurtherThanTheCrash) {
  Charged script;
  script.crash(1, kCharged);
  script.replay_of_crash(kCharged);
  script.replay_issue(1);
  script.replay_issue(2, "pause");
  script.replay_end(suspended());
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, IsSilentWhenTheRecordKnowsMoreThanTheInvocation) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1, "pause");
  script.answer(1, {wait(1, OperationStatus::started)});  // delayed beyond the end of the wait
  const Operations waited{wait(1, OperationStatus::succeeded)};
  script.end(1, suspended(), waited);
  script.replay(waited, suspended());
  script.replay_issue(1, "pause");
  script.replay_issue(2, "charge");
  script.replay_end(suspended());
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, IsSilentAboutAnOvertakenInvocationWhoseSuccessorFinished) {
  Script script(make_replay_agreement);
  script.start(1, {wait(1, OperationStatus::started)});
  script.issue(1, 1, "pause");
  script.end_superseded(1, suspended(), {wait(1, OperationStatus::succeeded)});
  script.replay({wait(1, OperationStatus::succeeded)}, suspended());
  script.replay_issue(1, "pause");
  script.replay_end(returned("5"));
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, IsSilentWhereTheSdkFailedInsideAStep) {
  Charged script;
  script.issue(1, 2, "report");  // its result cannot be serialised: its START stays in the queue
  script.end(1, threw("SerDesError", "the result of step \"report\""), kCharged);
  script.replay(kCharged, threw("SerDesError", "the result of step \"report\""));
  script.replay_issue(1);
  script.replay_issue(2, "report");
  script.replay_end(suspended());
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, FindsAFailureOfTheHandlerThatDoesNotComeAgain) {
  Charged script;
  script.end(1, threw("std::runtime_error", "the moon is full"), kCharged);
  script.replay(kCharged, threw("std::runtime_error", "the moon is full"));
  script.replay_issue(1);
  script.replay_issue(2, "report");
  script.replay_end(suspended());
  EXPECT_THAT(script.sentence(), HasSubstr("\"report\" (operation 2)"));
}

TEST(ShadowAgreement, IsSilentAboutOtherMonitorsEventsInBetween) {
  Charged script;
  script.end(1, returned("5"), kCharged);
  script.replay_issue(9, "a shadow that was not announced");
  script.replay_end(returned("7"));
  EXPECT_TRUE(script.findings().empty());
}

TEST(ShadowAgreement, ComparesWithTheRecordWhereTheInvocationWasNotSeen) {
  Script script(make_replay_agreement);
  script.replay(kCharged, returned("5"));
  script.replay_issue(1);
  script.replay_end(returned("5"));
  EXPECT_TRUE(script.findings().empty());
  script.replay(kCharged, returned("5"));
  script.replay_end(returned("5"));
  EXPECT_THAT(script.sentence(), HasSubstr("operation 1 is recorded"));
}

}  // namespace durasim::oracle
