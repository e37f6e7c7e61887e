#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::transitions_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::Operation;
using durable::OperationStatus;
using durable::OperationUpdate;

TEST(StepTransitions, AStartHasFinishedNoAttempt) {
  TestBed bed;
  bed.begin();
  OperationUpdate update = start(1);
  update.name = durable::Text("charge");
  bed.send({update});
  const Operation& step = bed.operation(1);
  EXPECT_EQ(step.status, OperationStatus::started);
  EXPECT_EQ(step.sub_type, durable::OperationSubType::step);
  EXPECT_EQ(step.name.view(), "charge");
  EXPECT_EQ(step.attempt, 0U);
  EXPECT_EQ(step.started_at, bed.clock.now());
  EXPECT_EQ(bed.execution().history.back().attempt, 1U);
}

TEST(StepTransitions, ASuccessKeepsItsResultAndTheTimeOfItsStart) {
  TestBed bed;
  bed.begin();
  bed.send({start(1)});
  const Timestamp started = bed.clock.now();
  bed.clock.advance_to(started + 3s);
  bed.send({succeed(1, "42")});
  const Operation& step = bed.operation(1);
  EXPECT_EQ(step.status, OperationStatus::succeeded);
  EXPECT_EQ(step.result.view(), "42");
  EXPECT_EQ(step.attempt, 1U);
  EXPECT_EQ(step.started_at, started);
  EXPECT_EQ(step.ended_at, started + 3s);
  EXPECT_EQ(bed.execution().history.back().payload.view(), "42");
}

TEST(StepTransitions, ASuccessNeedsNoStart) {
  TestBed bed;
  bed.begin();
  bed.send({succeed(1, "42")});
  EXPECT_EQ(bed.operation(1).attempt, 1U);
  EXPECT_EQ(bed.history(), "ExecutionStarted, StepSucceeded 1#1");
}

TEST(StepTransitions, AFailureKeepsItsError) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), fail(1, error("Declined"))});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::failed);
  EXPECT_EQ(bed.operation(1).error->type, "Declined");
  EXPECT_EQ(bed.operation(1).attempt, 1U);
  EXPECT_EQ(bed.execution().history.back().error, bed.operation(1).error);
}

TEST(StepTransitions, ARetryIsPendingUntilItsTimeAndReadyThen) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), retry(1, error("Flaky"), 10s)});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::pending);
  EXPECT_EQ(bed.operation(1).attempt, 1U);
  EXPECT_EQ(bed.operation(1).due_at, bed.clock.now() + 10s);
  EXPECT_EQ(bed.operation(1).error->type, "Flaky");

  const std::string history = bed.history();
  bed.advance();
  EXPECT_EQ(bed.clock.now(), bed.operation(1).due_at);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::ready);
  EXPECT_EQ(bed.operation(1).error->type, "Flaky");
  EXPECT_EQ(bed.history(), history);

  bed.send({start(1)});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  EXPECT_EQ(bed.operation(1).attempt, 1U);
  EXPECT_EQ(bed.operation(1).error, nullptr);
  EXPECT_EQ(bed.execution().history.back().attempt, 2U);
}

TEST(StepTransitions, ARetryWithoutAnErrorIsASuccessfulPoll) {
  TestBed bed;
  bed.begin();
  OperationUpdate poll = retry(1, nullptr, 10s);
  poll.payload = durable::Text("\"polling\"");
  bed.send({start(1), poll});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::pending);
  EXPECT_EQ(bed.operation(1).result.view(), "\"polling\"");
  EXPECT_EQ(bed.execution().history.back().type, EventType::step_succeeded);
  EXPECT_EQ(bed.execution().history.back().delay, 10s);
}

TEST(WaitTransitions, AWaitSucceedsAtItsEnd) {
  TestBed bed;
  bed.begin();
  const Timestamp started = bed.clock.now();
  bed.send({wait(1, durable::kLongestWait)});
  EXPECT_EQ(bed.execution().history.back().delay, durable::kLongestWait);
  bed.end_invocation(pending());
  const std::vector<Clock::Timer> due = bed.clock.advance();
  ASSERT_EQ(due.size(), 2U);  // the execution's timeout is as long, and was set before
  bed.service.fire(due[1]);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
  EXPECT_EQ(bed.operation(1).ended_at, started + durable::kLongestWait);
  EXPECT_EQ(bed.execution().history.back().type, EventType::wait_succeeded);
  EXPECT_EQ(bed.execution().history.back().delay, durable::kLongestWait);
}

TEST(WaitTransitions, ACancelledWaitDoesNotFire) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s), wait(2, 8s)});
  bed.send({cancel(1)});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::cancelled);
  EXPECT_EQ(bed.operation(1).ended_at, bed.clock.now());
  bed.advance();
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, WaitStarted 1, WaitStarted 2, WaitCancelled 1, WaitSucceeded 2");
}

TEST(WaitTransitions, WaitsOfOneMomentEndTogether) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s), wait(2, 5s)});
  bed.end_invocation(pending());
  bed.advance();
  EXPECT_EQ(bed.begin().operations.at(1).status, OperationStatus::succeeded);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
}

}  // namespace durasim::transitions_test
