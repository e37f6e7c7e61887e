#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::wait_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

TEST(Wait, IsStartedAndThenSuspends) {
  World world;
  bool went_on = false;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.wait("settle", seconds(60));
    went_on = true;
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_FALSE(went_on);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START settle 60s");
  EXPECT_EQ(world.service.requests[0].updates[0].type, OperationType::wait);
  EXPECT_EQ(world.service.requests[0].updates[0].sub_type, OperationSubType::wait);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
  EXPECT_THAT(world.observer.events,
              ElementsAre("issued 1 WAIT settle inputs 60 without body", "suspended 1",
                          "unwinding begins", "unwinding ends"));
}

TEST(Wait, ReturnsOnceItIsRecordedAsOver) {
  World world;
  const auto body = [](Context& ctx) {
    ctx.wait("settle", seconds(60));
    return 1;
  };
  world.invoke(body);
  EXPECT_EQ(world.invoke(body).status, Status::pending);  // woken by something else
  EXPECT_THAT(world.service.requests, SizeIs(1));
  world.ripen("settle");
  EXPECT_EQ(world.invoke(body).result.view(), "1");
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.observer.events.back(), "returned 1 nothing");
}

TEST(Wait, ReturnsAtOnceWhenTheAnswerToItsStartShowsItOver) {
  World world;
  world.service.script.push_back([&](const Request& request) {
    Response response = world.service.apply(request);
    response.operations[0].status = OperationStatus::succeeded;
    return response;
  });
  const auto outcome = world.invoke([](Context& ctx) { ctx.wait("settle", seconds(1)); });
  EXPECT_EQ(outcome.status, Status::succeeded);
}

TEST(Wait, SuspendsOnlyAfterItsStartIsAcknowledged) {
  World world;
  world.service.script.push_back(fake::later());
  world.begin([](Context& ctx) { ctx.wait("settle", seconds(60)); });
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  world.engine->deliver(world.service.apply(world.service.requests[0]));
  EXPECT_EQ(world.engine->pump(), Engine::State::blocked);
}

TEST(Wait, OutsideItsRangeIsAValidationErrorThatTakesNoPlace) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{31'622'401},
                                      std::numeric_limits<std::int64_t>::max()}) {
      const auto call = [&] { ctx.wait("settle", seconds(length)); };
      const auto line = std::to_string(__LINE__ - 1);
      EXPECT_THAT(call, ThrowsMessage<ValidationError>(
                            AllOf(HasSubstr("wait \"settle\" at wait_test.cpp:" + line + " is "),
                                  HasSubstr(std::to_string(length) + " s"),
                                  HasSubstr("1 s to 31622400 s (366 days)"))));
    }
    EXPECT_THAT([&] { ctx.wait("caf\u00e9", seconds(1)); },
                ThrowsMessage<ValidationError>(HasSubstr("the name")));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.wait("settle", seconds(31'622'400));
  });
  EXPECT_EQ(outcome.status, Status::pending);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START settle 31622400s");
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(Wait, WithAFractionOfASecondIsAValidationErrorThatSaysWhatToDo) {
  World world;
  world.invoke([&](Context& ctx) {
    const auto refusal = [](const std::string& length) {
      return ThrowsMessage<ValidationError>(
          AllOf(HasSubstr("wait \"settle\" at wait_test.cpp:"), HasSubstr(" is " + length),
                HasSubstr("in whole seconds: round it, with std::chrono::ceil")));
    };
    EXPECT_THAT([&] { ctx.wait("settle", std::chrono::milliseconds(1500)); }, refusal("1.5 s"));
    EXPECT_THAT([&] { ctx.wait("settle", std::chrono::duration<double>(1.25)); },
                refusal("1.25 s"));
    EXPECT_THAT([&] { ctx.wait("settle", std::chrono::duration<double>(NAN)); }, refusal("nan s"));
    EXPECT_THAT([&] { ctx.wait("settle", std::chrono::duration<float>(INFINITY)); },
                refusal("inf s"));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.wait("settle", std::chrono::milliseconds(2000));
  });
  EXPECT_EQ(world.service.updates(0), "START settle 2s");
}

TEST(WholeSeconds, AreMadeOfAnySpanAndKnowItsFraction) {
  using namespace std::chrono_literals;
  constexpr WholeSeconds day = std::chrono::days(1);
  static_assert(day.is_whole() && day.whole() == 24h);
  constexpr WholeSeconds none;
  static_assert(none.is_whole() && none.whole() == 0s);
  const WholeSeconds minus = -500ms;
  EXPECT_FALSE(minus.is_whole());
  EXPECT_EQ(minus.whole(), -1s);
  EXPECT_EQ(minus.count(), -0.5);
  const WholeSeconds third = std::chrono::duration<std::int64_t, std::ratio<3, 2>>(1);
  EXPECT_EQ(third.count(), 1.5);
  const WholeSeconds real = std::chrono::duration<double, std::ratio<60>>(0.5);
  EXPECT_TRUE(real.is_whole());
  EXPECT_EQ(real.whole(), 30s);
  const WholeSeconds below = std::chrono::duration<double>(-0.25);
  EXPECT_EQ(below.whole(), -1s);
  EXPECT_EQ(below.count(), -0.25);
}

TEST(Wait, FailsTheInvocationWhenTheServiceDoesNotSayWhatBecameOfIt) {
  World world;
  world.service.script.push_back(
      [](const Request&) { return Response{.token = CheckpointToken{1, 1, 2}}; });
  const auto outcome = world.invoke([](Context& ctx) { ctx.wait("settle", seconds(1)); });
  EXPECT_EQ(outcome.status, Status::function_error);
  EXPECT_EQ(outcome.error->type, "ServiceProtocolError");
  EXPECT_THAT(outcome.error->message, HasSubstr("\"settle\" (operation 1)"));
}

}  // namespace durable::wait_test
