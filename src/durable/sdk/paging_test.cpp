#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

/// A record that comes in pages, and an end that is too large for a response.
namespace durable::paging_test {

using fake::World;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

int add_up(Context& ctx) {
  int sum = 0;
  for (int i = 1; i <= 5; ++i) sum += ctx.step("add", [&] { return i; });
  ctx.wait("settle", seconds(1));
  return sum;
}

std::vector<std::string> requests(const World& world) {
  std::vector<std::string> all;
  for (const Request& request : world.service.requests) {
    all.push_back(request.kind == Request::Kind::get_state
                      ? fmt::format("page {} with token {}.{}", request.marker,
                                    request.token.invocation, request.token.sequence)
                      : fmt::format("checkpoint with token {}.{}", request.token.invocation,
                                    request.token.sequence));
  }
  return all;
}

/// Suspended in the wait, with six operations recorded.
void suspend(World& world) {
  ASSERT_EQ(world.invoke(add_up).status, Status::pending);
  ASSERT_THAT(world.service.operations, SizeIs(6));
  world.service.requests.clear();
  world.ripen("settle");
}

TEST(Pages, AreAllReadBeforeTheHandlerStarts) {
  for (const std::size_t size : {1U, 2U, 4U, 5U}) {
    World world;
    suspend(world);
    world.service.page_size = size;
    EXPECT_EQ(world.invoke(add_up).result.view(), "15");
    EXPECT_THAT(world.service.requests, SizeIs((6 + size - 1) / size - 1));
    EXPECT_THAT(world.executor.lines, IsEmpty());
  }
}

TEST(Pages, AreNotAskedForWhereThereIsOne) {
  World world;
  suspend(world);
  world.service.page_size = 6;
  EXPECT_EQ(world.invoke(add_up).result.view(), "15");
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(Pages, DoNotUseUpTheToken) {
  World world;
  suspend(world);
  world.service.page_size = 3;
  world.invoke([](Context& ctx) {
    add_up(ctx);
    ctx.step("more", [] {});
  });
  EXPECT_THAT(requests(world), ElementsAre("page 3 with token 2.1", "checkpoint with token 2.1"));
}

TEST(Pages, AreAskedForAgainAfterAPassingError) {
  World world;
  suspend(world);
  world.service.page_size = 3;
  world.service.script = {fake::refuse(500, "ServiceException", "try again")};
  EXPECT_EQ(world.invoke(add_up).result.view(), "15");
  ASSERT_THAT(world.service.requests, SizeIs(2));
  EXPECT_EQ(world.service.requests[1].transmission, 2U);
  EXPECT_THAT(world.executor.wake_ups, SizeIs(1));
}

TEST(Pages, ThatCannotBeReadEndTheInvocationOrTheExecution) {
  const auto end = [](int status, const char* code, const char* message) {
    World world;
    suspend(world);
    world.service.page_size = 3;
    world.service.script.assign(3, fake::refuse(status, code, message));
    return world.invoke([](Context&) { ADD_FAILURE() << "the handler runs"; });
  };
  const auto passing = end(429, "TooManyRequestsException", "slow down");
  EXPECT_EQ(passing.status, Status::function_error);
  EXPECT_THAT(passing.error->message,
              HasSubstr("reading the state of the execution (page 3) refused: slow down"));
  const auto stale = end(400, "InvalidParameterValueException", "Invalid checkpoint token");
  EXPECT_EQ(stale.status, Status::function_error);
  const auto denied = end(403, "AccessDeniedException", "no permission");
  EXPECT_EQ(denied.status, Status::failed);
  EXPECT_EQ(denied.error->type, "AccessDeniedException");
  EXPECT_EQ(end(0, "", "no route").error->type, "GetExecutionStateError");
}

TEST(Pages, ThatNameThemselvesAsTheNextOneEndTheInvocation) {
  World world;
  suspend(world);
  world.service.page_size = 3;
  world.service.script = {
      [](const Request&) -> std::optional<Response> { return Response{.next_marker = 3}; }};
  const auto outcome = world.invoke(add_up);
  EXPECT_EQ(outcome.status, Status::function_error);
  EXPECT_EQ(outcome.error->type, "ServiceProtocolError");
}

TEST(Pages, OfTheAnswerToACheckpointAreReadWithItsToken) {
  World world;
  world.service.script = {[&](const Request& request) -> std::optional<Response> {
    Response response = world.service.apply(request);
    response.operations.clear();
    response.next_marker = 7;
    return response;
  }};
  world.service.script.push_back([&](const Request& request) -> std::optional<Response> {
    EXPECT_EQ(request.kind, Request::Kind::get_state);
    return Response{.operations = world.service.operations};
  });
  const auto outcome = world.invoke([](Context& ctx) { return ctx.step("add", [] { return 1; }); });
  EXPECT_EQ(outcome.result.view(), "1");
  EXPECT_THAT(requests(world), ElementsAre("checkpoint with token 1.1", "page 7 with token 1.2"));
}

TEST(LargeFailure, IsReportedByACheckpoint) {
  World world;
  world.service.script = {[](const Request&) -> std::optional<Response> { return Response{}; }};
  const std::string message(kResponseLimitBytes / 2, '\n');  // two bytes each as JSON
  const auto outcome = world.invoke([&](Context&) { throw std::runtime_error(message); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error, nullptr);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  const OperationUpdate& end = world.service.requests[0].updates.at(0);
  EXPECT_EQ(end.type, OperationType::execution);
  EXPECT_EQ(end.action, OperationAction::fail);
  EXPECT_EQ(end.error->message, message);
  EXPECT_FALSE(end.payload.present());
}

TEST(LargeFailure, OfALittleLessIsReportedByTheResponse) {
  World world;
  const std::string message(kResponseLimitBytes - 200, 'x');
  const auto outcome = world.invoke([&](Context&) { throw std::runtime_error(message); });
  EXPECT_EQ(outcome.error->message, message);
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(LargeFailure, ThatTheServiceRefusesFailsTheExecutionWithItsReason) {
  World world;
  world.service.script = {
      fake::refuse(400, "InvalidParameterValueException", "error object too large")};
  const auto outcome = world.invoke(
      [&](Context&) { throw std::runtime_error(std::string(kResponseLimitBytes, 'x')); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "InvalidParameterValueException");
  EXPECT_THAT(outcome.error->message, HasSubstr("checkpoint of the handler's failure"));
}

}  // namespace durable::paging_test
