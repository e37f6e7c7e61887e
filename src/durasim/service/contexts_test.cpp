#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::contexts_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::OperationAction;
using durable::OperationStatus;
using durable::OperationUpdate;

constexpr auto kStart = OperationAction::start;
constexpr auto kSucceed = OperationAction::succeed;
constexpr auto kFail = OperationAction::fail;

/// The paths of what an invocation is told: "1 1.1 2".
std::string told(const durable::InvocationEvent& event) {
  std::string text;
  for (const durable::Operation& operation : event.operations)
    text += (text.empty() ? "" : " ") + operation.path.to_string();
  return text;
}

OperationUpdate replaying_children(std::uint32_t number) {
  OperationUpdate update = context(number, kSucceed);
  update.replay_children = true;
  return update;
}

/// Begins another invocation after the one under way was lost.
std::string told_to_next(TestBed& bed) {
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  return told(bed.begin());
}

TEST(ServiceContexts, StartAndSucceed) {
  TestBed bed;
  bed.begin();
  bed.send({context(1, kStart), inside(1, start(1)), inside(1, succeed(1, "2"))});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  bed.send({context(1, kSucceed, "3")});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
  EXPECT_EQ(bed.operation(1).result.view(), "3");
  EXPECT_EQ(bed.operation(1).ended_at, bed.clock.now());
  EXPECT_FALSE(bed.operation(1).replay_children);
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, ContextStarted 1, StepStarted 1.1#1, StepSucceeded 1.1#1, "
            "ContextSucceeded 1");
  EXPECT_EQ(bed.execution().history.back().payload.view(), "3");
}

TEST(ServiceContexts, Fail) {
  TestBed bed;
  bed.begin();
  OperationUpdate update = context(1, kFail);
  update.error = error("Boom");
  bed.send({context(1, kStart), update});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::failed);
  EXPECT_EQ(bed.operation(1).error->type, "Boom");
  EXPECT_EQ(bed.history(), "ExecutionStarted, ContextStarted 1, ContextFailed 1");
  EXPECT_EQ(bed.execution().history.back().error->type, "Boom");
}

TEST(ServiceContexts, ThatAreUnderWayAreToldWithTheirChildren) {
  TestBed bed;
  bed.begin();
  bed.send({context(1, kStart), inside(1, start(1)), start(2)});
  EXPECT_EQ(told_to_next(bed), "1 1.1 2");
}

TEST(ServiceContexts, ThatAreCompleteAreToldWithoutWhatIsInside) {
  TestBed bed;
  bed.begin();
  OperationUpdate deeper = start(1);
  deeper.path = path(1).child(2).child(1);
  bed.send({start(3), context(1, kStart), inside(1, start(1)), context(2, kStart),
            inside(1, context(2, kStart)), inside(2, start(1)), deeper, context(1, kSucceed)});
  EXPECT_EQ(told_to_next(bed), "3 1 2 2.1");
  EXPECT_EQ(told(bed.service.terminal_event(1)), "3 1 2 2.1");
  EXPECT_EQ(bed.execution().operations.size(), 7U);
}

TEST(ServiceContexts, ThatFailedAreToldWithoutWhatIsInside) {
  TestBed bed;
  bed.begin();
  OperationUpdate update = context(1, kFail);
  update.error = error("Boom");
  bed.send({context(1, kStart), inside(1, start(1)), update});
  EXPECT_EQ(told_to_next(bed), "1");
}

TEST(ServiceContexts, WhoseResultWasTooLargeAreToldWithTheirChildren) {
  TestBed bed;
  bed.begin();
  OperationUpdate deeper = start(1);
  deeper.path = path(1).child(2).child(1);
  bed.send({context(1, kStart), inside(1, start(1)), inside(1, context(2, kStart)), deeper,
            inside(1, context(2, kSucceed)), replaying_children(1)});
  EXPECT_TRUE(bed.operation(1).replay_children);
  EXPECT_EQ(told_to_next(bed), "1 1.1 1.2");  // the inner one can be told without its own
}

TEST(ServiceContexts, InsideACompleteOneAreLeftOutWhateverTheyAre) {
  TestBed bed;
  bed.begin();
  OperationUpdate deeper = start(1);
  deeper.path = path(1).child(1).child(1);
  OperationUpdate inner = inside(1, replaying_children(1));
  bed.send(
      {context(1, kStart), inside(1, context(1, kStart)), deeper, inner, context(1, kSucceed)});
  EXPECT_EQ(told_to_next(bed), "1");
}

TEST(ServiceContexts, AnOrphanThatStartsLaterIsLeftOutToo) {
  TestBed bed;
  bed.begin();
  bed.send({context(1, kStart), inside(1, context(1, kStart)), context(1, kSucceed)});
  OperationUpdate deeper = start(1);
  deeper.path = path(1).child(1).child(1);
  bed.send({inside(1, start(2)), deeper, start(2), context(3, kStart), inside(3, start(1))});
  EXPECT_EQ(told_to_next(bed), "1 2 3 3.1");
}

TEST(ServiceContexts, ThatAreVirtualAreNotRecordedButCount) {
  TestBed bed;
  bed.begin();
  OperationUpdate update = start(1);
  update.path = path(1).child(1).child(1);
  update.virtual_contexts = 1;
  bed.send({context(1, kStart), update});
  EXPECT_EQ(bed.operation(2).virtual_contexts, 1U);
  EXPECT_EQ(bed.operation(2).parent(), path(1));
  bed.send({context(1, kSucceed)});
  EXPECT_EQ(told_to_next(bed), "1");
}

TEST(ServiceContexts, AnswersTellOfWhatIsInsideACompleteOneOnce) {
  TestBed bed;
  bed.begin();
  EXPECT_EQ(
      bed.send({context(1, kStart), inside(1, start(1)), context(1, kSucceed)}).operations.size(),
      2U);
  EXPECT_TRUE(bed.send({}).operations.empty());
}

}  // namespace durasim::contexts_test
