#include <gtest/gtest.h>

#include <stdexcept>

#include "durasim/service/test_bed.hpp"

namespace durasim::invokes_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::OperationAction;
using durable::OperationStatus;
using durable::Text;

/// An invoke that was started and waited for.
struct OpenInvoke : TestBed {
  OpenInvoke() {
    begin();
    send({invoke(1, "ship:1", "7", "blue")});
    suspend();
  }
  void end(OperationStatus status, Text result = {}, durable::ErrorPtr cause = nullptr) {
    service.end_invoke(1, path(1), status, std::move(result), std::move(cause));
  }
};

TEST(ServiceInvokes, AreQueuedForTheWorldInTheirOrder) {
  TestBed bed;
  bed.begin();
  bed.send({invoke(1, "ship:1", "7", "blue"), invoke(2, "bill:2", "8")});
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  const std::vector<ChainedInvoke> asked = bed.service.take_invokes();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].execution, 1U);
  EXPECT_EQ(asked[0].path, path(1));
  EXPECT_EQ(asked[0].target, (durable::InvokeTarget{"ship:1", "blue"}));
  EXPECT_EQ(asked[0].payload.view(), "7");
  EXPECT_EQ(asked[1].target.function, "bill:2");
  EXPECT_TRUE(bed.service.take_invokes().empty());
}

TEST(ServiceInvokes, AreQueuedOnceThoughTheirRequestIsRepeated) {
  TestBed bed;
  bed.begin();
  const durable::Request request{bed.token, 5, 1, {invoke(1)}};
  bed.service.checkpoint(request);
  bed.service.checkpoint(request);
  EXPECT_EQ(bed.service.take_invokes().size(), 1U);
}

TEST(ServiceInvokes, ResultsAreRecordedAndBringAnInvocation) {
  OpenInvoke bed;
  EXPECT_TRUE(bed.service.is_suspended(1));
  bed.end(OperationStatus::succeeded, Text("42"));
  EXPECT_EQ(bed.operation(1).status, OperationStatus::succeeded);
  EXPECT_EQ(bed.operation(1).result.view(), "42");
  EXPECT_EQ(bed.operation(1).ended_at, bed.clock.now());
  EXPECT_EQ(bed.history(),
            "ExecutionStarted, ChainedInvokeStarted 1, InvocationCompleted#1, "
            "ChainedInvokeSucceeded 1");
  EXPECT_TRUE(bed.service.wants_invocation(1));
  EXPECT_EQ(bed.begin().operations.at(0).result.view(), "42");
}

TEST(ServiceInvokes, EndInTheWayTheirTargetDid) {
  const auto end_of = [](OperationStatus status) {
    OpenInvoke bed;
    bed.end(status, Text("no result of a failure"), error("Boom"));
    EXPECT_EQ(bed.operation(1).status, status);
    EXPECT_EQ(bed.operation(1).error->type, "Boom");
    EXPECT_FALSE(bed.operation(1).result.present());
    EXPECT_TRUE(bed.service.wants_invocation(1));
    return to_string(bed.execution().history.back().type);
  };
  EXPECT_EQ(end_of(OperationStatus::failed), "ChainedInvokeFailed");
  EXPECT_EQ(end_of(OperationStatus::timed_out), "ChainedInvokeTimedOut");
  EXPECT_EQ(end_of(OperationStatus::stopped), "ChainedInvokeStopped");
}

TEST(ServiceInvokes, HaveOneEnd) {
  OpenInvoke bed;
  bed.end(OperationStatus::failed, {}, error("First"));
  bed.end(OperationStatus::succeeded, Text("2"));
  EXPECT_EQ(bed.operation(1).error->type, "First");
  EXPECT_EQ(bed.execution().history.back().type, EventType::chained_invoke_failed);
}

TEST(ServiceInvokes, OfAnExecutionThatIsOverStayAsTheyAre) {
  OpenInvoke bed;
  bed.service.stop(1, error("Stopped"));
  bed.end(OperationStatus::succeeded, Text("2"));
  EXPECT_EQ(bed.operation(1).status, OperationStatus::started);
  EXPECT_EQ(bed.execution().history.back().type, EventType::execution_stopped);
}

TEST(ServiceInvokes, EndsOfWhatIsNoInvokeChangeNothing) {
  OpenInvoke bed;
  bed.begin();
  bed.send({start(2)});
  bed.service.end_invoke(1, path(2), OperationStatus::failed, {}, error("E"));
  bed.service.end_invoke(1, path(9), OperationStatus::failed, {}, error("E"));
  bed.service.end_invoke(9, path(1), OperationStatus::failed, {}, error("E"));
  EXPECT_EQ(bed.operation(2).status, OperationStatus::started);
}

TEST(ServiceInvokes, CannotEndAsWhatIsNoEnd) {
  OpenInvoke bed;
  EXPECT_THROW(bed.end(OperationStatus::ready), std::invalid_argument);
  EXPECT_THROW(bed.end(OperationStatus::cancelled), std::invalid_argument);
}

TEST(ServiceInvokes, DuringAnInvocationAreToldByItsNextAnswer) {
  TestBed bed;
  bed.begin();
  bed.send({invoke(1), invoke(2)});
  bed.service.end_invoke(1, path(1), OperationStatus::succeeded, Text("1"), nullptr);
  ASSERT_EQ(bed.send({}).operations.size(), 1U);
  bed.suspend();
  EXPECT_FALSE(bed.service.wants_invocation(1));
}

TEST(ServiceInvokes, ThatAreCancelledCannotEnd) {
  TestBed bed;
  bed.begin();
  bed.send({invoke(1)});
  durable::OperationUpdate cancel = invoke(1);
  cancel.action = OperationAction::cancel;
  bed.send({cancel});
  bed.service.end_invoke(1, path(1), OperationStatus::succeeded, Text("1"), nullptr);
  EXPECT_EQ(bed.operation(1).status, OperationStatus::cancelled);
  EXPECT_EQ(bed.end_invocation(pending()),
            "Cannot return PENDING status with no pending operations.");
}

TEST(ServiceInvokes, HistorySaysWhatTheyStarted) {
  OpenInvoke bed;
  const HistoryEvent& event = bed.execution().history.at(1);
  EXPECT_EQ(event.type, EventType::chained_invoke_started);
  EXPECT_EQ(event.payload.view(), "7");
  EXPECT_EQ(event.invoked->target.tenant_id, "blue");
  EXPECT_EQ(event.invoked->execution_arn, "");
  bed.service.invoke_started(1, path(1), "arn:ship:1/durable-execution/a/b");
  EXPECT_EQ(bed.execution().history.at(1).invoked->execution_arn,
            "arn:ship:1/durable-execution/a/b");
  EXPECT_EQ(bed.execution().history.at(1).invoked->target.function, "ship:1");
}

}  // namespace durasim::invokes_test
