#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

TEST(CompletedOnce, FindsABodyThatStartsAfterItsInvocationSawTheSuccess) {
  Script script(make_completed_once);
  script.start(1, {step(1, OperationStatus::succeeded, 1)});
  script.body(1, 1);
  ASSERT_THAT(script.sentence(), ::testing::HasSubstr("step \"charge\" (operation 1)"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::completed_once);
  EXPECT_EQ(script.findings()[0].operation, "charge");
  EXPECT_EQ(script.findings()[0].line, kHere.line());
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(CompletedOnce, FindsABodyThatStartsAfterAnAnswerToldOfTheFailure) {
  Script script(make_completed_once);
  script.start(1);
  script.body(1, 1);
  script.answer(1, {step(1, OperationStatus::failed, 1)});
  script.body(1, 1);
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(CompletedOnce, IsSilentAboutAnInvocationThatCouldNotKnow) {
  Script script(make_completed_once);
  script.start(1);
  script.start(2);
  script.body(2, 1);
  script.answer(2, {step(1, OperationStatus::succeeded, 1)});
  script.end(2, returned("1"));
  script.body(1, 1);  // given its state before: only its checkpoint will be refused
  EXPECT_TRUE(script.findings().empty());
}

TEST(CompletedOnce, IsSilentAboutRetriesAndOtherOperations) {
  Script script(make_completed_once);
  script.start(1, {step(1, OperationStatus::succeeded, 1), step(2, OperationStatus::ready, 1)});
  script.body(1, 2, 2);
  script.answer(1, {step(2, OperationStatus::succeeded, 2)});
  script.body(1, 3);
  EXPECT_TRUE(script.findings().empty());
}

TEST(CompletedOnce, ForgetsWhatAnEarlierInvocationKnew) {
  Script script(make_completed_once);
  script.start(1, {step(1, OperationStatus::succeeded, 1)});
  script.end(1, suspended());
  script.of_execution(2);
  script.start(2);
  script.body(2, 1);
  EXPECT_TRUE(script.findings().empty());
}

TEST(CompletedOnce, IsSilentAboutShadows) {
  Script script(make_completed_once);
  script.start(1, {step(1, OperationStatus::succeeded, 1)});
  TraceEvent body = script.body_event(1, 1, 1);
  body.shadow = true;
  script.tell(body);
  EXPECT_TRUE(script.findings().empty());
}

TEST(CompletedOnce, FindsTheBodyOfAContextThatRunsAgain) {
  Script script(make_completed_once);
  script.start(1, {context(1, OperationStatus::succeeded)});
  script.issue(1, 1);
  EXPECT_TRUE(script.findings().empty()) << "the handler calls every context again";
  script.issue_inside(1, 1, 2);
  EXPECT_EQ(script.sentence(),
            "the body of context operation 1 ran again and made step \"charge\" (operation 1.2) in "
            "an invocation that had been told how the context ended");
  script.body_inside(1, 1, 2);
  EXPECT_EQ(script.findings().size(), 1U) << "what follows is its consequence";
}

TEST(CompletedOnce, FindsAStepOfAContextThatAnAnswerSaidHadEnded) {
  Script script(make_completed_once);
  script.start(1);
  script.body_inside(1, 1, 1);
  EXPECT_TRUE(script.findings().empty());
  script.answer(1, {context(1, OperationStatus::failed)});
  script.body_inside(1, 1, 2);
  EXPECT_THAT(script.sentence(), ::testing::HasSubstr("step \"charge\" (operation 1.2) started"));
  EXPECT_THAT(script.sentence(), ::testing::HasSubstr("how context operation 1 around it ended"));
}

TEST(CompletedOnce, AllowsAContextWhoseResultIsMadeAnewToRunOverItsRecord) {
  const Operations record{context(1, OperationStatus::succeeded, true),
                          inside(1, step(1, OperationStatus::succeeded, 1))};
  Script script(make_completed_once);
  script.start(1, record);
  script.issue_inside(1, 1, 1);
  EXPECT_TRUE(script.findings().empty());
  script.body_inside(1, 1, 1);
  EXPECT_EQ(script.findings().size(), 1U) << "but not to run the bodies of its steps";
}

TEST(CompletedOnce, AllowsTheBodyOfAContextThatHasNotEndedToRunAgain) {
  Script script(make_completed_once);
  script.start(
      1, {context(1, OperationStatus::started), inside(1, step(1, OperationStatus::succeeded, 1))});
  script.issue_inside(1, 1, 1);
  script.issue_inside(1, 1, 2);
  script.body_inside(1, 1, 2);
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
