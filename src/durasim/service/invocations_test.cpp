#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::invocations_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::ExecutionStatus;
using durable::InvocationOutcome;

const std::string kNothingPending = "Cannot return PENDING status with no pending operations.";

TEST(ServiceInvocations, PendingNeedsSomethingThatWakesIt) {
  TestBed bed;
  bed.begin();
  bed.send({start(1)});
  EXPECT_EQ(bed.end_invocation(pending()), kNothingPending);
  EXPECT_EQ(bed.execution().history.back().error->message, kNothingPending);
  EXPECT_EQ(bed.execution().history.back().error->type, "InvalidParameterValueException");
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, PendingIsValidWithAnOpenCallbackOrInvoke) {
  const auto refusal_with = [](const durable::OperationUpdate& update) {
    TestBed bed;
    bed.begin();
    bed.send({update});
    return bed.end_invocation(pending());
  };
  EXPECT_EQ(refusal_with(callback(1)), "");
  EXPECT_EQ(refusal_with(invoke(1)), "");
  EXPECT_EQ(refusal_with(context(1, durable::OperationAction::start)), kNothingPending);
}

TEST(ServiceInvocations, PendingIsInvalidIfTheOnlyCallbackWasToldToHaveEnded) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1)});
  bed.service.succeed_callback(bed.id_of(1), durable::Text("1"));
  bed.send({});
  EXPECT_EQ(bed.end_invocation(pending()), kNothingPending);
}

TEST(ServiceInvocations, PendingIsValidIfATimerFiredUnheard) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s)});
  bed.advance();
  EXPECT_FALSE(bed.service.wants_invocation(1));  // one is under way
  EXPECT_EQ(bed.end_invocation(pending()), "");
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, ATimerThatWasToldBringsNoFurtherInvocation) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s), wait(2, 60s)});
  bed.advance();
  EXPECT_EQ(bed.send({}).operations.size(), 1U);
  EXPECT_EQ(bed.end_invocation(pending()), "");
  EXPECT_FALSE(bed.service.wants_invocation(1));
  bed.advance();
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, PendingIsInvalidIfTheOnlyTimerWasTold) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s)});
  bed.advance();
  bed.send({});
  EXPECT_EQ(bed.end_invocation(pending()), kNothingPending);
}

TEST(ServiceInvocations, SupersedingBringsAnotherWhateverTheOlderOneIsTold) {
  TestBed bed;
  bed.begin();
  bed.service.supersede(1);
  bed.send({start(1)});
  EXPECT_TRUE(bed.service.wants_invocation(1));
  const durable::CheckpointToken older = bed.token;
  EXPECT_EQ(bed.begin().operations.size(), 1U);
  EXPECT_EQ(bed.service.end_invocation(older, succeeded("1")), "");
  bed.service.fail_invocation(older, {"Runtime.ExitError", ""});
  EXPECT_EQ(bed.history(), "ExecutionStarted, StepStarted 1#1");
  bed.end_invocation(succeeded("2"));
  EXPECT_EQ(bed.execution().result.view(), "2");
}

TEST(ServiceInvocations, HaveOneEnd) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s)});
  bed.end_invocation(pending());
  bed.service.fail_invocation(bed.token, {"Sandbox.Timedout", ""});
  EXPECT_EQ(bed.end_invocation(succeeded("1")), "");
  EXPECT_EQ(bed.history(), "ExecutionStarted, WaitStarted 1, InvocationCompleted#1");
  EXPECT_EQ(bed.execution().status, ExecutionStatus::running);
}

TEST(ServiceInvocations, OneThatHasRespondedDoesNotStopTheNext) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s)});
  bed.end_invocation(pending());
  bed.advance();
  EXPECT_EQ(bed.send({}).operations.size(), 1U);  // as a second delivery of its event would
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, ResponsesThatContradictThemselvesAreFailures) {
  TestBed bed;
  bed.begin();
  InvocationOutcome both = succeeded("1");
  both.error = error("Odd");
  EXPECT_EQ(bed.end_invocation(both), "Cannot provide an Error for SUCCEEDED status.");
  bed.begin();
  both.status = InvocationOutcome::Status::failed;
  EXPECT_EQ(bed.end_invocation(both), "Cannot provide a Result for FAILED status.");
  EXPECT_EQ(bed.execution().status, ExecutionStatus::running);
}

TEST(ServiceInvocations, ResultsOver6MebibytesAreFailures) {
  TestBed bed;
  bed.begin();
  EXPECT_EQ(bed.end_invocation(succeeded(std::string(6 * 1024 * 1024 + 1, 'x'))),
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
  EXPECT_EQ(bed.execution().history.back().error->type, "Function.ResponseSizeTooLarge");
  bed.begin();
  EXPECT_EQ(bed.end_invocation(succeeded(std::string(6 * 1024 * 1024, 'x'))), "");
}

TEST(ServiceInvocations, AFunctionErrorIsInvokedAgain) {
  TestBed bed;
  bed.begin();
  const InvocationOutcome outcome{InvocationOutcome::Status::function_error, {}, error("Boom")};
  EXPECT_EQ(bed.end_invocation(outcome), "");
  EXPECT_EQ(bed.execution().history.back().error->type, "Boom");
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, NoNumberOfFailuresEndsAnExecutionByDefault) {
  TestBed bed;
  for (int i = 0; i < 100; ++i) {
    bed.begin();
    bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  }
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, TheLimitCountsConsecutiveFailures) {
  ServiceConfig config;
  config.failed_invocation_limit = 2;
  TestBed bed(config);
  const auto crash = [&] {
    bed.begin();
    bed.service.fail_invocation(bed.token, {"Runtime.ExitError", "gone"});
  };
  crash();
  bed.begin();
  bed.send({wait(1, 5s)});
  bed.end_invocation(pending());
  bed.advance();
  crash();
  EXPECT_EQ(bed.execution().status, ExecutionStatus::running);
  crash();
  EXPECT_EQ(bed.execution().status, ExecutionStatus::failed);
  EXPECT_EQ(bed.execution().error->message, "gone");
  EXPECT_EQ(bed.execution().history.back().type, EventType::execution_failed);
}

TEST(ServiceInvocations, WaitForTheBackOffAfterAFailure) {
  TestBed bed(ServiceConfig::emulator());
  bed.begin();
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  EXPECT_FALSE(bed.service.wants_invocation(1));
  EXPECT_EQ(bed.clock.next_due(), bed.clock.now() + 5s);
  bed.advance();
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceInvocations, ATimerDuringTheBackOffTakesItsPlace) {
  TestBed bed(ServiceConfig::emulator());
  bed.begin();
  bed.send({wait(1, 2s)});
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  bed.advance();
  EXPECT_TRUE(bed.service.wants_invocation(1));
  bed.begin();
  bed.end_invocation(succeeded("1"));
  EXPECT_EQ(bed.clock.next_due(), std::nullopt);
}

TEST(ServiceInvocations, OfAnotherExecutionAreNotCurrent) {
  TestBed bed;
  bed.begin();
  EXPECT_TRUE(bed.service.is_current(bed.token));
  EXPECT_FALSE(bed.service.is_current({2, 1, 0}));
  EXPECT_FALSE(bed.service.is_current({}));
}

}  // namespace durasim::invocations_test
