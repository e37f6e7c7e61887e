#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::checkpoint_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::Fate;
using durable::OperationAction;
using durable::OperationStatus;

void expect_refused(const durable::Response& response, const std::string& message) {
  EXPECT_EQ(response.fate, Fate::error);
  ASSERT_TRUE(response.error);
  EXPECT_EQ(response.error->http_status, 400);
  EXPECT_EQ(response.error->code, "InvalidParameterValueException");
  EXPECT_EQ(response.error->message, message);
  EXPECT_FALSE(response.token);
  EXPECT_TRUE(response.operations.empty());
}

TEST(ServiceTokens, EachCheckpointReplacesTheToken) {
  TestBed bed;
  const durable::CheckpointToken first = bed.begin().token;
  EXPECT_TRUE(bed.send({start(1)}).token);
  EXPECT_NE(bed.token, first);
  expect_refused(bed.service.checkpoint({first, 50, 1, {succeed(1, "1")}}),
                 "Invalid checkpoint token: used sequence 0 of invocation 1, which is at 1");
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
}

TEST(ServiceTokens, AnEmptyCheckpointReplacesTheTokenToo) {
  TestBed bed;
  const durable::CheckpointToken first = bed.begin().token;
  const durable::Response response = bed.send({});
  ASSERT_TRUE(response.token);
  EXPECT_NE(*response.token, first);
  EXPECT_TRUE(response.operations.empty());
}

TEST(ServiceTokens, ASupersededInvocationCanWriteNoMore) {
  TestBed bed;
  const durable::CheckpointToken older = bed.begin().token;
  bed.service.supersede(1);
  EXPECT_TRUE(bed.service.is_current(older));
  bed.begin();
  EXPECT_FALSE(bed.service.is_current(older));
  expect_refused(bed.service.checkpoint({older, 1, 1, {start(1)}}),
                 "Invalid checkpoint token: invocation 1 is superseded by invocation 2");
  EXPECT_TRUE(bed.execution().operations.empty());
  EXPECT_TRUE(bed.send({start(1)}).token);
}

TEST(ServiceTokens, OfNoExecutionOrOfTheFutureAreRefused) {
  TestBed bed;
  bed.begin();
  expect_refused(bed.service.checkpoint({{2, 1, 0}, 1, 1, {}}),
                 "Invalid checkpoint token: there is no such execution");
  expect_refused(bed.service.checkpoint({{1, 2, 0}, 1, 1, {}}),
                 "Invalid checkpoint token: unknown invocation 2");
  expect_refused(bed.service.checkpoint({{1, 1, 5}, 1, 1, {}}),
                 "Invalid checkpoint token: unknown sequence 5 of invocation 1, which is at 0");
}

TEST(ServiceTokens, ARejectedBatchLeavesNothingBehind) {
  TestBed bed;
  bed.begin();
  expect_refused(bed.send({start(1), start(2), start(2)}),
                 "Cannot checkpoint multiple operations with the same ID.");
  EXPECT_TRUE(bed.execution().operations.empty());
  EXPECT_EQ(bed.history(), "ExecutionStarted");
  EXPECT_TRUE(bed.send({start(1)}).token);  // with the token it had
}

TEST(ServiceRepeats, ARepeatedRequestGetsTheSameAnswerAndChangesNothing) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 17, 1, {start(1), succeed(1, "1"), wait(2, 60s)}};
  const durable::Response first = bed.service.checkpoint(request);
  const std::string history = bed.history();
  bed.clock.advance_to(bed.clock.now() + 30s);
  const durable::Response again = bed.service.checkpoint(request);
  EXPECT_EQ(again.fate, Fate::ok);
  EXPECT_EQ(again.token, first.token);
  ASSERT_EQ(again.operations.size(), 2U);
  EXPECT_EQ(again.operations[1].due_at, first.operations[1].due_at);
  EXPECT_EQ(bed.history(), history);
}

TEST(ServiceRepeats, AreKnownFor15Minutes) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 17, 1, {start(1)}};
  bed.service.checkpoint(request);
  bed.clock.advance_to(bed.clock.now() + 15min);
  EXPECT_EQ(bed.service.checkpoint(request).fate, Fate::ok);
  bed.clock.advance_to(bed.clock.now() + 1ms);
  EXPECT_EQ(bed.service.checkpoint(request).fate, Fate::error);
}

TEST(ServiceRepeats, OnlyTheLastRequestCanBeRepeated) {
  TestBed bed;
  bed.begin();
  const durable::Request first{bed.token, 17, 1, {start(1)}};
  bed.token = *bed.service.checkpoint(first).token;
  bed.send({succeed(1, "1")});
  EXPECT_EQ(bed.service.checkpoint(first).fate, Fate::error);
}

TEST(ServiceRepeats, ANewInvocationForgetsThem) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 17, 1, {start(1)}};
  bed.service.checkpoint(request);
  bed.service.supersede(1);
  bed.begin();
  EXPECT_EQ(bed.service.checkpoint(request).fate, Fate::error);
}

TEST(ServiceRepeats, NeedAClientToken) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 0, 1, {start(1)}};
  EXPECT_EQ(bed.service.checkpoint(request).fate, Fate::ok);
  EXPECT_EQ(bed.service.checkpoint(request).fate, Fate::error);
}

TEST(ServiceRepeats, TheEndIsAnsweredAgainWithoutAToken) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 17, 1, {end(OperationAction::fail)}};
  EXPECT_FALSE(bed.service.checkpoint(request).token);
  const durable::Response again = bed.service.checkpoint(request);
  EXPECT_EQ(again.fate, Fate::ok);
  EXPECT_FALSE(again.token);
  EXPECT_EQ(bed.history(), "ExecutionStarted, ExecutionFailed");
}

TEST(ServiceAnswers, TellEachChangeOnceInTheOrderOfStarts) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 5s), start(2)});
  bed.advance();
  const durable::Response response = bed.send({succeed(2, "2"), start(3)});
  ASSERT_EQ(response.operations.size(), 3U);
  EXPECT_EQ(response.operations[0].path, path(1));
  EXPECT_EQ(response.operations[0].status, OperationStatus::succeeded);
  EXPECT_EQ(response.operations[1].status, OperationStatus::succeeded);
  EXPECT_EQ(response.operations[2].status, OperationStatus::started);
  EXPECT_TRUE(bed.send({}).operations.empty());
}

TEST(ServiceAnswers, DoNotTellWhatTheInvocationStartedWith) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), retry(1, error("Flaky"), 5s)});
  bed.end_invocation(pending());
  bed.advance();
  bed.begin();
  EXPECT_TRUE(bed.send({}).operations.empty());
}

}  // namespace durasim::checkpoint_test
