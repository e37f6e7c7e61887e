#include <gtest/gtest.h>

#include <algorithm>

#include "durasim/service/test_bed.hpp"

namespace durasim::callbacks_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::OperationStatus;
using durable::ServiceError;
using durable::Text;

/// A callback that was started and waited for.
struct OpenCallback : TestBed {
  explicit OpenCallback(std::chrono::seconds timeout = {}, std::chrono::seconds heartbeat = {},
                        const ServiceConfig& config = {})
      : TestBed(config) {
    begin();
    send({callback(1, timeout, heartbeat)});
    suspend();
  }
};

std::string code_of(const std::optional<ServiceError>& error) {
  return error ? std::to_string(error->http_status) + " " + error->code : "";
}

std::string message_of(const std::optional<ServiceError>& error) {
  return error ? error->message : "";
}

const std::string kClosed = "400 CallbackTimeoutException";

TEST(ServiceCallbacks, AreKnownByAnIdThatDependsOnExecutionAndPath) {
  TestBed bed;
  bed.begin();
  const durable::Response response = bed.send({callback(1), callback(2)});
  const std::string id = response.operations.at(0).callback_id.str();
  EXPECT_EQ(id.size(), 44U);
  EXPECT_TRUE(std::all_of(id.begin(), id.end() - 1, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  })) << id;
  EXPECT_EQ(id.back(), '=');
  EXPECT_NE(id, bed.id_of(2));

  TestBed again;
  again.begin();
  again.send({callback(1)});
  EXPECT_EQ(again.id_of(1), id);
  again.service.start("pay", Text("1"));
  const durable::CheckpointToken token = again.service.begin_invocation(2).token;
  again.service.checkpoint({token, 100, 1, {callback(1)}});
  EXPECT_NE(again.service.execution(2).operations.at(0).callback_id.str(), id);
}

TEST(ServiceCallbacks, ResultsAreRecordedAndBringAnInvocation) {
  OpenCallback bed;
  EXPECT_TRUE(bed.service.is_suspended(1));
  EXPECT_EQ(bed.clock.next_due(), Timestamp(1'000s) + durable::kLongestWait);
  EXPECT_EQ(bed.service.succeed_callback(bed.id_of(1), Text("yes")), std::nullopt);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
  EXPECT_EQ(bed.operation(1).result.view(), "yes");
  EXPECT_EQ(bed.operation(1).ended_at, bed.clock.now());
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, CallbackStarted 1, InvocationCompleted#1, CallbackSucceeded 1");
  EXPECT_EQ(bed.execution().history.back().payload.view(), "yes");
  EXPECT_TRUE(bed.service.wants_invocation(1));
  EXPECT_EQ(bed.begin().operations.at(0).result.view(), "yes");
}

TEST(ServiceCallbacks, NoResultIsNotAnEmptyOne) {
  OpenCallback bed;
  bed.service.succeed_callback(bed.id_of(1), {});
  EXPECT_FALSE(bed.operation(1).result.present());
}

TEST(ServiceCallbacks, FailuresKeepTheirError) {
  OpenCallback bed;
  EXPECT_EQ(bed.service.fail_callback(bed.id_of(1), error("Rejected", "too dear")), std::nullopt);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::failed);
  EXPECT_EQ(bed.operation(1).error->message, "too dear");
  EXPECT_EQ(bed.execution().history.back().type, EventType::callback_failed);
  EXPECT_EQ(bed.execution().history.back().error->type, "Rejected");
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceCallbacks, DuringAnInvocationAreToldByItsNextAnswer) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1), callback(2)});
  bed.service.succeed_callback(bed.id_of(1), Text("1"));
  EXPECT_FALSE(bed.service.wants_invocation(1));
  const durable::Response answer = bed.send({});
  ASSERT_EQ(answer.operations.size(), 1U);
  EXPECT_EQ(answer.operations[0].status, OperationStatus::succeeded);
  bed.suspend();
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

TEST(ServiceCallbacks, ThatAnInvocationWasNotToldOfBringAnother) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1), callback(2)});
  bed.service.succeed_callback(bed.id_of(1), Text("1"));
  bed.suspend();
  EXPECT_TRUE(bed.service.wants_invocation(1));
}

TEST(ServiceCallbacks, EachBringsItsOwnInvocationThoughAWaitGoesOn) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1), wait(2, 5s)});
  bed.suspend();
  bed.pass(2s);
  bed.service.succeed_callback(bed.id_of(1), Text("1"));
  bed.begin();
  bed.suspend();
  EXPECT_FALSE(bed.service.wants_invocation(1));
  bed.pass(3s);
  EXPECT_TRUE(bed.service.wants_invocation(1));
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, CallbackStarted 1, WaitStarted 2, InvocationCompleted#1, "
            "CallbackSucceeded 1, InvocationCompleted#2, WaitSucceeded 2");
}

TEST(ServiceCallbacks, TheFirstEndCounts) {
  OpenCallback bed;
  bed.service.succeed_callback(bed.id_of(1), Text("first"));
  EXPECT_EQ(code_of(bed.service.succeed_callback(bed.id_of(1), Text("second"))), kClosed);
  EXPECT_EQ(code_of(bed.service.fail_callback(bed.id_of(1), error("Late"))), kClosed);
  EXPECT_EQ(code_of(bed.service.heartbeat_callback(bed.id_of(1))), kClosed);
  EXPECT_EQ(bed.operation(1).result.view(), "first");
  EXPECT_EQ(bed.execution().history.back().type, EventType::callback_succeeded);
  EXPECT_EQ(message_of(bed.service.fail_callback(bed.id_of(1), nullptr)),
            "The callback is closed: it is SUCCEEDED.");
}

TEST(ServiceCallbacks, OfAnExecutionThatIsOverAreClosed) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1)});
  bed.end_invocation(succeeded("1"));
  EXPECT_EQ(code_of(bed.service.succeed_callback(bed.id_of(1), Text("1"))), kClosed);
  EXPECT_EQ(message_of(bed.service.succeed_callback(bed.id_of(1), Text("1"))),
            "The execution of the callback has ended: it is SUCCEEDED.");
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
}

TEST(ServiceCallbacks, UnknownIdsAreNotFound) {
  OpenCallback bed;
  const std::string not_found = "404 ResourceNotFoundException";
  EXPECT_EQ(code_of(bed.service.succeed_callback("bm9uZQ==", Text("1"))), not_found);
  EXPECT_EQ(code_of(bed.service.fail_callback("", nullptr)), not_found);
  EXPECT_EQ(message_of(bed.service.heartbeat_callback("bm9uZQ==")),
            "There is no callback with the id \"bm9uZQ==\".");
}

TEST(ServiceCallbacks, WithoutTimeoutsWaitForEver) {
  OpenCallback bed;
  bed.pass(300 * 24h);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
}

TEST(ServiceCallbacks, TimeOut) {
  OpenCallback bed(5s);
  bed.pass(4'999ms);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  bed.pass(1ms);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::timed_out);
  EXPECT_EQ(bed.operation(1).error->type, "Callback.Timeout");
  EXPECT_EQ(bed.operation(1).error->message, "the callback timed out after 5 s without an end");
  EXPECT_EQ(bed.execution().history.back().type, EventType::callback_timed_out);
  EXPECT_EQ(bed.execution().history.back().error->type, "Callback.Timeout");
  EXPECT_TRUE(bed.service.wants_invocation(1));
  EXPECT_EQ(code_of(bed.service.succeed_callback(bed.id_of(1), Text("late"))), kClosed);
}

TEST(ServiceCallbacks, TimeOutWithoutAHeartbeat) {
  OpenCallback bed(60s, 5s);
  bed.pass(5s);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::timed_out);
  EXPECT_EQ(bed.operation(1).error->type, "Callback.Heartbeat");
  EXPECT_EQ(bed.operation(1).error->message,
            "the callback timed out after 5 s without a heartbeat");
  bed.begin();
  bed.end_invocation(succeeded("1"));
  EXPECT_EQ(bed.clock.next_due(), std::nullopt);  // the other timer is gone as well
}

TEST(ServiceCallbacks, HeartbeatsStartOnlyTheirOwnTimeoutAnewAndWriteNothing) {
  OpenCallback bed(12s, 5s);
  const std::size_t events = bed.execution().history.size();
  for (int i = 0; i < 2; ++i) {
    bed.pass(4s);
    EXPECT_EQ(bed.service.heartbeat_callback(bed.id_of(1)), std::nullopt);
  }
  EXPECT_EQ(bed.execution().history.size(), events);
  EXPECT_FALSE(bed.service.wants_invocation(1));
  bed.pass(3'999ms);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  bed.pass(1ms);
  EXPECT_EQ(bed.operation(1).error->type, "Callback.Timeout");
}

TEST(ServiceCallbacks, HeartbeatsAreAcceptedWhereNobodyWaitsForThem) {
  OpenCallback bed(5s);
  EXPECT_EQ(bed.service.heartbeat_callback(bed.id_of(1)), std::nullopt);
  bed.pass(5s);
  EXPECT_EQ(bed.operation(1).error->type, "Callback.Timeout");
}

TEST(ServiceCallbacks, AnEndTakesItsTimersAway) {
  OpenCallback bed(5s, 2s);
  bed.service.succeed_callback(bed.id_of(1), Text("1"));
  bed.begin();
  bed.send({wait(2, 60s)});
  bed.suspend();
  bed.pass(10s);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

TEST(ServiceCallbacks, AnEndInTheMomentOfTheTimeoutWins) {
  OpenCallback bed(5s, 5s);
  const std::vector<Clock::Timer> due = bed.clock.advance();
  EXPECT_EQ(due.size(), 2U);
  bed.service.succeed_callback(bed.id_of(1), Text("1"));
  for (const Clock::Timer& timer : due) bed.service.fire(timer);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
}

TEST(ServiceCallbacks, OfTwoTimeoutsInOneMomentTheirOwnWins) {
  OpenCallback bed(5s, 5s);
  bed.pass(5s);
  EXPECT_EQ(bed.operation(1).error->type, "Callback.Timeout");
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, CallbackStarted 1, InvocationCompleted#1, CallbackTimedOut 1");
}

TEST(ServiceCallbacks, RefuseWhatIsTooLarge) {
  OpenCallback bed;
  const std::string invalid = "400 InvalidParameterValueException";
  const std::string id = bed.id_of(1);
  EXPECT_EQ(code_of(bed.service.succeed_callback(id, Text(std::string(262'145, 'x')))), invalid);
  EXPECT_EQ(code_of(bed.service.fail_callback(id, error("E", std::string(32'768, 'x')))), invalid);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  EXPECT_EQ(code_of(bed.service.succeed_callback(id, Text(std::string(262'144, 'x')))), "");
}

}  // namespace durasim::callbacks_test
