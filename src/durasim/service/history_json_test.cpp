#include <durasim/history.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durasim/service/test_bed.hpp"

namespace history_json_test {

using namespace durasim;
using namespace durasim::test_bed;
using nlohmann::json;
using std::chrono::seconds;

json events_of(const TestBed& bed) {
  return json::parse(history_json(bed.execution())).at("Events");
}

const char* const kFirstStep = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

TEST(HistoryJson, OfANewExecutionIsItsStart) {
  const TestBed bed;
  EXPECT_EQ(events_of(bed), json::parse(R"([{
    "EventType": "ExecutionStarted", "EventId": 1, "EventTimestamp": 1000,
    "Id": "00000000-0000-4000-8000-000000000001", "Name": "execution-1",
    "ExecutionStartedDetails": {"Input": {"Payload": "1", "Truncated": false},
                                "ExecutionTimeout": 31622400}
  }])"));
}

TEST(HistoryJson, TellsAStepThatIsRetriedAndSucceeds) {
  TestBed bed;
  bed.begin();
  durable::OperationUpdate named = start(1);
  named.name = durable::Text("charge");
  bed.send({named, retry(1, error("Flaky"), seconds(3))});
  bed.end_invocation(pending());
  bed.advance();
  bed.begin();
  bed.send({start(1), succeed(1, "42")});
  const json events = events_of(bed);
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events[1], (json{{"EventType", "StepStarted"},
                             {"EventId", 2},
                             {"EventTimestamp", 1000},
                             {"Id", kFirstStep},
                             {"SubType", "Step"},
                             {"Name", "charge"},
                             {"StepStartedDetails", json::object()}}));
  EXPECT_EQ(events[2].at("StepFailedDetails"), json::parse(R"({
    "Error": {"Payload": {"ErrorType": "Flaky", "ErrorMessage": "it broke"}, "Truncated": false},
    "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 3}})"));
  EXPECT_EQ(events[5].at("EventTimestamp"), 1003);
  EXPECT_EQ(events[5].at("StepSucceededDetails"), json::parse(R"({
    "Result": {"Payload": "42", "Truncated": false}, "RetryDetails": {"CurrentAttempt": 2}})"));
}

TEST(HistoryJson, OfAnExhaustedStepHasNoFurtherDelay) {
  TestBed bed;
  bed.begin();
  bed.send({start(1), fail(1, error("Fatal"))});
  const json event = events_of(bed).at(2);
  EXPECT_EQ(event.at("StepFailedDetails").at("RetryDetails"),
            json::parse(R"({"CurrentAttempt": 1})"));
}

TEST(HistoryJson, TellsHowLongAWaitTakesAndWhenItEnds) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, seconds(60))});
  bed.end_invocation(pending());
  bed.advance();
  const json events = events_of(bed);
  EXPECT_EQ(events.at(1).at("SubType"), "Wait");
  EXPECT_EQ(events.at(1).at("WaitStartedDetails"),
            json::parse(R"({"Duration": 60, "ScheduledEndTimestamp": 1060})"));
  EXPECT_EQ(events.at(3).at("EventTimestamp"), 1060);
  EXPECT_EQ(events.at(3).at("WaitSucceededDetails"), json::parse(R"({"Duration": 60})"));
}

TEST(HistoryJson, TellsOfAWaitThatWasCancelled) {
  TestBed bed;
  bed.begin();
  bed.send({wait(1, seconds(60))});
  bed.send({cancel(1)});
  EXPECT_EQ(events_of(bed).at(2).at("WaitCancelledDetails"), json::object());
}

TEST(HistoryJson, TellsWhenAnInvocationBeganAndEndedAndWhyItFailed) {
  TestBed bed;
  bed.begin();
  bed.clock.advance_to(Timestamp(std::chrono::milliseconds(1'000'250)));
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", "gone"});
  bed.begin();
  bed.end_invocation(succeeded("true"));
  const json events = events_of(bed);
  EXPECT_EQ(events.at(1).at("InvocationCompletedDetails"), json::parse(R"({
    "StartTimestamp": 1000, "EndTimestamp": 1000.25,
    "RequestId": "00000001-0000-4000-9000-000000000001",
    "Error": {"Payload": {"ErrorType": "Runtime.ExitError", "ErrorMessage": "gone"},
              "Truncated": false}})"));
  EXPECT_EQ(events.at(2).at("InvocationCompletedDetails"), json::parse(R"({
    "StartTimestamp": 1000.25, "EndTimestamp": 1000.25,
    "RequestId": "00000002-0000-4000-9000-000000000001"})"));
  EXPECT_EQ(events.at(3).at("ExecutionSucceededDetails"),
            json::parse(R"({"Result": {"Payload": "true", "Truncated": false}})"));
  EXPECT_FALSE(events.at(3).contains("Id"));
}

TEST(HistoryJson, TellsOfAFailedExecutionWithAllThatItsErrorCarries) {
  TestBed bed;
  bed.begin();
  auto cause = std::make_shared<durable::ErrorObject>(
      durable::ErrorObject{"Fatal", "no", "code 7", {"main.cpp:3"}});
  bed.end_invocation(failed(cause));
  EXPECT_EQ(events_of(bed).at(2).at("ExecutionFailedDetails"), json::parse(R"({"Error": {
    "Payload": {"ErrorType": "Fatal", "ErrorMessage": "no", "ErrorData": "code 7",
                "StackTrace": ["main.cpp:3"]}, "Truncated": false}})"));
}

TEST(HistoryJson, TellsOfAnExecutionThatTimedOut) {
  TestBed bed(ServiceConfig{.execution_timeout = seconds(90)});
  bed.begin();
  bed.send({wait(1, seconds(100))});
  bed.end_invocation(pending());
  bed.advance();
  const json events = events_of(bed);
  EXPECT_EQ(events.front().at("ExecutionStartedDetails").at("ExecutionTimeout"), 90);
  EXPECT_EQ(events.back().at("ExecutionTimedOutDetails").at("Error").at("Payload").at("ErrorType"),
            "ExecutionTimedOut");
}

TEST(HistoryJson, NamesTheParentOfANestedOperation) {
  Execution execution;
  execution.history.push_back({.type = EventType::step_started, .path = path(1).child(1)});
  const json event = json::parse(history_json(execution)).at("Events").at(0);
  EXPECT_EQ(event.at("ParentId"), kFirstStep);
  EXPECT_EQ(event.at("Id"), "2ac06c59dbc2f95f867ebb0f4e986076465c3dfd08e9353610dcf46b8b030df6");
}

TEST(HistoryJson, NamesTheContextInWhichAnOperationIsRecorded) {
  TestBed bed;
  bed.begin();
  durable::OperationUpdate inner = start(1);
  inner.path = path(1).child(2).child(1);
  inner.virtual_contexts = 1;
  bed.send({context(1, durable::OperationAction::start), inner});
  EXPECT_EQ(events_of(bed).at(2).at("ParentId"), path(1).wire_id());
}

TEST(HistoryJson, TellsOfContexts) {
  TestBed bed;
  bed.begin();
  durable::OperationUpdate failing = context(2, durable::OperationAction::fail);
  failing.error = error("Boom");
  bed.send({context(1, durable::OperationAction::start),
            context(1, durable::OperationAction::succeed, "3"),
            context(2, durable::OperationAction::start), failing});
  const json events = events_of(bed);
  EXPECT_EQ(events.at(1).at("SubType"), "RunInChildContext");
  EXPECT_EQ(events.at(1).at("ContextStartedDetails"), json::object());
  EXPECT_EQ(events.at(2).at("ContextSucceededDetails"),
            json::parse(R"({"Result": {"Payload": "3", "Truncated": false}})"));
  EXPECT_EQ(events.at(4).at("ContextFailedDetails"), json::parse(R"({"Error": {
    "Payload": {"ErrorType": "Boom", "ErrorMessage": "it broke"}, "Truncated": false}})"));
}

TEST(HistoryJson, TellsOfCallbacksAndTheirTimeoutsWhereTheyHaveSome) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1), callback(2, seconds(60), seconds(5)), callback(3)});
  bed.service.succeed_callback(bed.id_of(1), durable::Text("yes"));
  bed.service.fail_callback(bed.id_of(3), error("No"));
  bed.advance();
  const json events = events_of(bed);
  EXPECT_EQ(events.at(1).at("CallbackStartedDetails"), (json{{"CallbackId", bed.id_of(1)}}));
  EXPECT_EQ(events.at(2).at("CallbackStartedDetails"),
            (json{{"CallbackId", bed.id_of(2)}, {"Timeout", 60}, {"HeartbeatTimeout", 5}}));
  EXPECT_EQ(events.at(4).at("CallbackSucceededDetails"),
            json::parse(R"({"Result": {"Payload": "yes", "Truncated": false}})"));
  EXPECT_EQ(events.at(5).at("CallbackFailedDetails").at("Error").at("Payload").at("ErrorType"),
            "No");
  EXPECT_EQ(events.at(6).at("EventTimestamp"), 1005);
  EXPECT_EQ(events.at(6).at("CallbackTimedOutDetails").at("Error").at("Payload").at("ErrorType"),
            "Callback.Heartbeat");
}

TEST(HistoryJson, TellsOfInvokesAsMuchAsIsKnown) {
  TestBed bed;
  bed.begin();
  bed.send({invoke(1, "ship", "7"), invoke(2, "bill:2", "8", "blue")});
  const auto started = [&](std::size_t event) {
    return events_of(bed).at(event).at("ChainedInvokeStartedDetails");
  };
  EXPECT_EQ(started(1), json::parse(R"({"FunctionName": "ship",
                                        "Input": {"Payload": "7", "Truncated": false}})"));
  const std::string arn =
      "arn:aws:lambda:us-east-1:123456789012:function:ship:1/durable-execution/a/b";
  bed.service.invoke_started(1, path(1), arn);
  EXPECT_EQ(started(1), (json{{"FunctionName", "ship"},
                              {"Input", {{"Payload", "7"}, {"Truncated", false}}},
                              {"ExecutedVersion", "1"},
                              {"DurableExecutionArn", arn}}));
  EXPECT_EQ(started(2),
            json::parse(R"({"FunctionName": "bill:2", "TenantId": "blue", "ExecutedVersion": "2",
                            "Input": {"Payload": "8", "Truncated": false}})"));
}

TEST(HistoryJson, TellsHowInvokesEnd) {
  const auto end_of = [](durable::OperationStatus status) {
    TestBed bed;
    bed.begin();
    bed.send({invoke(1)});
    bed.service.end_invoke(1, path(1), status, durable::Text("1"), error("Boom"));
    return events_of(bed).back();
  };
  using enum durable::OperationStatus;
  EXPECT_EQ(end_of(succeeded).at("ChainedInvokeSucceededDetails"),
            json::parse(R"({"Result": {"Payload": "1", "Truncated": false}})"));
  const json boom = json::parse(R"({"Error": {
    "Payload": {"ErrorType": "Boom", "ErrorMessage": "it broke"}, "Truncated": false}})");
  EXPECT_EQ(end_of(failed).at("ChainedInvokeFailedDetails"), boom);
  EXPECT_EQ(end_of(timed_out).at("ChainedInvokeTimedOutDetails"), boom);
  EXPECT_EQ(end_of(stopped).at("ChainedInvokeStoppedDetails"), boom);
}

TEST(HistoryJson, TellsOfAStop) {
  TestBed bed;
  bed.service.stop(1, error("Cancelled"));
  EXPECT_EQ(events_of(bed).back().at("ExecutionStoppedDetails"), json::parse(R"({"Error": {
    "Payload": {"ErrorType": "Cancelled", "ErrorMessage": "it broke"}, "Truncated": false}})"));
}

}  // namespace history_json_test
