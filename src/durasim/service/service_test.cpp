#include <gtest/gtest.h>

#include <stdexcept>

#include "durasim/service/test_bed.hpp"

namespace durasim::service_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::ExecutionStatus;
using durable::OperationAction;
using durable::OperationStatus;

TEST(ServiceStart, DerivesNameAndIdFromTheNumber) {
  const TestBed bed;
  EXPECT_EQ(bed.execution().arn,
            "arn:aws:lambda:us-east-1:123456789012:function:pay:1/durable-execution/execution-1/"
            "00000000-0000-4000-8000-000000000001");
}

TEST(ServiceStart, TakesANameOfItsCaller) {
  TestBed bed;
  const std::uint32_t number = bed.service.start("ship", {}, "order-7_B");
  EXPECT_EQ(number, 2U);
  EXPECT_EQ(bed.service.execution(number).arn,
            "arn:aws:lambda:us-east-1:123456789012:function:ship:1/durable-execution/order-7_B/"
            "00000000-0000-4000-8000-000000000002");
}

TEST(ServiceStart, RefusesNamesOutsideThePattern) {
  TestBed bed;
  EXPECT_NO_THROW(bed.service.start("pay", {}, std::string(64, 'a')));
  EXPECT_THROW(bed.service.start("pay", {}, std::string(65, 'a')), std::invalid_argument);
  EXPECT_THROW(bed.service.start("pay", {}, "order 7"), std::invalid_argument);
  EXPECT_THROW(bed.service.start("pay", {}, "größe"), std::invalid_argument);
  EXPECT_EQ(bed.service.executions(), 2U);
}

TEST(ServiceStart, WantsAnInvocationAndHandsOutTheInput) {
  TestBed bed;
  EXPECT_TRUE(bed.service.wants_invocation(1));
  const durable::InvocationEvent event = bed.begin();
  EXPECT_EQ(event.execution_arn, bed.execution().arn);
  EXPECT_EQ(event.input.view(), "1");
  EXPECT_EQ(event.started_at, bed.clock.now());
  EXPECT_TRUE(event.operations.empty());
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

// Durable-protocol A.1.
TEST(ServiceHistory, OfAStepThenAWait) {
  TestBed bed;
  bed.begin();
  const durable::Response first = bed.send({start(1), succeed(1, "\"v\"")});
  ASSERT_EQ(first.operations.size(), 1U);
  EXPECT_EQ(first.operations[0].status, OperationStatus::succeeded);
  EXPECT_EQ(first.operations[0].attempt, 1U);
  const durable::Response second = bed.send({wait(2, 1s)});
  ASSERT_EQ(second.operations.size(), 1U);
  EXPECT_EQ(second.operations[0].due_at, bed.clock.now() + 1s);
  EXPECT_EQ(bed.end_invocation(pending()), "");
  EXPECT_FALSE(bed.service.wants_invocation(1));

  bed.advance();
  EXPECT_TRUE(bed.service.wants_invocation(1));
  const durable::InvocationEvent again = bed.begin();
  ASSERT_EQ(again.operations.size(), 2U);
  EXPECT_EQ(again.operations[1].status, OperationStatus::succeeded);
  bed.end_invocation(succeeded("\"v\""));

  EXPECT_EQ(bed.history(),
            "ExecutionStarted, StepStarted 1#1, StepSucceeded 1#1, WaitStarted 2, "
            "InvocationCompleted#1, WaitSucceeded 2, InvocationCompleted#2, ExecutionSucceeded");
  EXPECT_EQ(bed.told, bed.execution().history.size());
  EXPECT_EQ(bed.execution().status, ExecutionStatus::succeeded);
  EXPECT_EQ(bed.execution().result.view(), "\"v\"");
  EXPECT_EQ(bed.execution().ended_at - bed.execution().started_at, 1s);
  EXPECT_EQ(bed.execution().invocations, 2U);
}

// Durable-protocol A.2.
TEST(ServiceHistory, OfARetry) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), retry(1, error("Flaky"), 1s)});
  bed.end_invocation(pending());
  bed.advance();
  EXPECT_EQ(bed.begin().operations.at(0).status, OperationStatus::ready);
  bed.send({start(1), succeed(1, "2")});
  bed.end_invocation(succeeded("2"));
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, StepStarted 1#1, StepFailed 1#1, InvocationCompleted#1, "
            "StepStarted 1#2, StepSucceeded 1#2, InvocationCompleted#2, ExecutionSucceeded");
  EXPECT_EQ(bed.execution().history[2].delay, 1s);
  EXPECT_EQ(bed.execution().history[2].error->type, "Flaky");
}

// Durable-protocol A.3.
TEST(ServiceHistory, OfACrashInAnAtMostOnceStep) {
  TestBed bed;
  bed.begin();
  bed.send({start(1)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", "the sandbox died"});
  EXPECT_EQ(bed.begin().operations.at(0).status, OperationStatus::started);
  bed.send({fail(1, error("StepInterruptedError"))});
  bed.end_invocation(failed(error("StepError")));
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, StepStarted 1#1, InvocationCompleted#1, StepFailed 1#1, "
            "InvocationCompleted#2, ExecutionFailed");
  EXPECT_EQ(bed.execution().history[2].error->type, "Runtime.ExitError");
  EXPECT_EQ(bed.execution().history[4].error, nullptr);
  EXPECT_EQ(bed.execution().error->type, "StepError");
}

TEST(ServiceEnd, ByACheckpointHasAnAnswerWithoutAToken) {
  TestBed bed;
  bed.begin();
  durable::OperationUpdate last = end(OperationAction::succeed);
  last.payload = durable::Text("\"large\"");
  const durable::Response response = bed.send({start(1), succeed(1, "1"), last});
  EXPECT_EQ(response.fate, durable::Fate::ok);
  EXPECT_FALSE(response.token);
  EXPECT_EQ(response.operations.size(), 1U);
  EXPECT_EQ(bed.execution().status, ExecutionStatus::succeeded);
  EXPECT_EQ(bed.execution().result.view(), "\"large\"");
  EXPECT_EQ(bed.end_invocation(succeeded("")), "");
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, StepStarted 1#1, StepSucceeded 1#1, ExecutionSucceeded");
}

TEST(ServiceEnd, CancelsEveryTimer) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 60s), start(2), retry(2, error("Flaky"), 5s)});
  bed.end_invocation(succeeded("1"));
  EXPECT_EQ(bed.clock.next_due(), std::nullopt);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

TEST(ServiceEnd, ComesWithTheExecutionTimeout) {
  ServiceConfig config;
  config.execution_timeout = 90s;
  TestBed bed(config);
  bed.begin();
  bed.send({wait(1, 90s)});
  bed.end_invocation(pending());
  const std::vector<Clock::Timer> due = bed.clock.advance();
  ASSERT_EQ(due.size(), 2U);  // the wait is due in the same moment, and comes to nothing
  for (const Clock::Timer& timer : due) bed.service.fire(timer);
  EXPECT_EQ(bed.execution().status, ExecutionStatus::timed_out);
  EXPECT_EQ(bed.execution().error->message, "the execution timed out after 90 s");
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, WaitStarted 1, InvocationCompleted#1, ExecutionTimedOut");
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

TEST(ServiceEnd, ByTheOperationsLimitIsAFailure) {
  ServiceConfig config;
  config.operations_limit = 2;
  TestBed bed(config);
  bed.begin();
  EXPECT_TRUE(bed.send({start(1), succeed(1, "1"), start(2)}).token);
  EXPECT_TRUE(bed.send({succeed(2, "2")}).token);
  EXPECT_FALSE(bed.send({start(3)}).token);
  EXPECT_EQ(bed.execution().status, ExecutionStatus::failed);
  EXPECT_EQ(bed.execution().error->type, "OperationLimitExceeded");
  EXPECT_EQ(bed.execution().operations.size(), 2U);
}

TEST(ServiceEnd, HandsTheWholeRecordToALaterDelivery) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), succeed(1, "1")});
  bed.end_invocation(succeeded("1"));
  const durable::InvocationEvent event = bed.service.terminal_event(1);
  EXPECT_EQ(event.operations.size(), 1U);
  const durable::Response response = bed.service.checkpoint({event.token, 99, 1, {start(2)}});
  EXPECT_EQ(response.error->message, "Invalid checkpoint token: the execution is complete");
  EXPECT_EQ(bed.service.end_invocation(event.token, succeeded("2")), "");
  EXPECT_EQ(bed.execution().result.view(), "1");
  EXPECT_EQ(bed.execution().invocations, 1U);
}

TEST(ServiceEnd, ByAStopKeepsWhatIsUnderWay) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), wait(2, 5s), callback(3, 5s), invoke(4)});
  bed.service.stop(1, error("Cancelled", "by the customer"));
  EXPECT_EQ(bed.execution().status, durable::ExecutionStatus::stopped);
  EXPECT_EQ(bed.execution().error->message, "by the customer");
  EXPECT_EQ(bed.execution().history.back().type, EventType::execution_stopped);
  EXPECT_EQ(bed.execution().history.back().error->type, "Cancelled");
  EXPECT_EQ(bed.operation(3).status, durable::OperationStatus::started);
  EXPECT_EQ(bed.clock.next_due(), std::nullopt);
  EXPECT_FALSE(bed.service.wants_invocation(1));
  EXPECT_EQ(bed.send({}).error->message, "Invalid checkpoint token: the execution is complete");
  EXPECT_EQ(bed.end_invocation(succeeded("1")), "");
  EXPECT_EQ(bed.execution().status, durable::ExecutionStatus::stopped);
}

TEST(ServiceEnd, ComesOnce) {
  TestBed bed;
  bed.begin();
  bed.end_invocation(succeeded("1"));
  bed.service.stop(1, error("Cancelled"));
  EXPECT_EQ(bed.execution().status, durable::ExecutionStatus::succeeded);
  EXPECT_EQ(bed.execution().history.back().type, EventType::execution_succeeded);
}

TEST(ServiceEnd, ComesWithTheTimeoutThatAnExecutionWasStartedWith) {
  TestBed bed;
  bed.service.start("pay", durable::Text("1"), "short", 90s);
  bed.service.checkpoint({bed.service.begin_invocation(2).token, 9, 1, {callback(1)}});
  bed.pass(89s);
  EXPECT_EQ(bed.service.execution(2).status, durable::ExecutionStatus::running);
  bed.pass(1s);
  EXPECT_EQ(bed.service.execution(2).status, durable::ExecutionStatus::timed_out);
  EXPECT_EQ(bed.service.execution(2).error->message, "the execution timed out after 90 s");
  EXPECT_EQ(bed.execution().status, durable::ExecutionStatus::running);
}

TEST(ServiceExecutions, AreIndependent) {
  TestBed bed;
  bed.service.start("pay", {});
  bed.begin();
  bed.send({wait(1, 5s)});
  EXPECT_TRUE(bed.service.wants_invocation(2));
  EXPECT_TRUE(bed.service.execution(2).operations.empty());
  EXPECT_EQ(bed.service.share(1)->operations.size(), 1U);
}

}  // namespace durasim::service_test
