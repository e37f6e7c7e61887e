#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/fiber/stack_pool.hpp"
#include "durable/sdk/testing.hpp"

namespace durable::engine_test {

using fake::World;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

TEST(HandlerResult, IsReportedAsItWasSerialised) {
  World world;
  const auto outcome = world.invoke([](Context&, const Text& input) { return input.str(); });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(outcome.result.view(), R"("{}")");
  EXPECT_EQ(world.engine->state(), Engine::State::returned);
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, IsEmpty());
}

template <class Thrown>
ErrorObject failure_with(Thrown thrown) {
  World world;
  const auto outcome = world.invoke([&](Context&) { throw thrown; });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(world.engine->state(), Engine::State::threw);
  EXPECT_FALSE(outcome.result.present());
  return *outcome.error;
}

struct NoMoney : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(HandlerFailure, IsReportedWithTypeAndMessage) {
  EXPECT_EQ(failure_with(NoMoney("none")), (ErrorObject{"durable::engine_test::NoMoney", "none"}));
  EXPECT_EQ(failure_with(std::out_of_range("far")), (ErrorObject{"std::out_of_range", "far"}));
  EXPECT_EQ(failure_with(ValidationError("bad")), (ErrorObject{"ValidationError", "bad"}));
}

TEST(HandlerFailure, OfAnExceptionThatIsNotAStandardOneIsReportedWithItsType) {
  EXPECT_EQ(failure_with(7),
            (ErrorObject{"int",
                         "the handler threw an exception of type int, which is not a "
                         "std::exception and so has no message"}));
  EXPECT_THAT(failure_with(std::string("text")).type, HasSubstr("basic_string"));
}

TEST(HandlerFailure, IsReportedAsUtf8WhateverBytesItsMessageHas) {
  EXPECT_EQ(failure_with(NoMoney("caf\xe9")).message, "caf\ufffd");
  EXPECT_EQ(failure_with(NoMoney("caf\u00e9")).message, "caf\u00e9");
}

TEST(ExecutionInfo, IsReadFromTheEvent) {
  World world;
  world.invoke([&](Context& ctx) {
    EXPECT_EQ(ctx.execution().arn, world.arn);
    EXPECT_EQ(ctx.execution().name, "order-7");
    EXPECT_EQ(ctx.execution().started_at, Timestamp(Duration(1000)));
  });
  for (const auto* arn : {"", "nonsense", "/", "a/", "/a"}) {
    world.arn = arn;
    EXPECT_EQ(world.invoke([](Context& ctx) { return ctx.execution().name; }).result.view(),
              R"("")")
        << arn;
  }
}

TEST(HandlerLog, LeavesOutWhatOnlyRepeatsTheRecord) {
  World world;
  const auto body = [](Context& ctx) {
    ctx.logger().info("begin");
    ctx.step("charge", [](StepContext& step) { step.logger().debug("charging"); });
    ctx.logger().warn("charged");
    ctx.wait("settle", seconds(60));
    ctx.logger().error("end");
  };
  world.invoke(body);
  EXPECT_THAT(world.executor.lines, ElementsAre("1 /0 begin", "0 1/1 charging", "2 /0 charged"));
  world.executor.lines.clear();
  world.ripen("settle");
  world.invoke(body);
  EXPECT_THAT(world.executor.lines, ElementsAre("3 /0 end"));
}

TEST(EngineWithoutObserver, DoesTheSame) {
  fake::Service service;
  fake::Executor executor;
  const auto handler = fake::handler([](Context& ctx) {
    try {
      ctx.step("charge", [] { throw std::runtime_error("no"); }, {.retry = retry::none()});
    } catch (const StepError&) {
    }
    ctx.step("send", [] {});
    [&]() noexcept { ctx.wait("settle", seconds(1)); }();
  });
  Engine engine(service, executor, nullptr);
  engine.begin(InvocationEvent(), handler);
  EXPECT_EQ(engine.pump(), Engine::State::blocked);
  engine.unwind();
  EXPECT_TRUE(engine.abandoned());
  EXPECT_EQ(engine.outcome().status, Status::pending);
}

TEST(Engine, UnwindsAnInvocationInMidFlightWhenItIsDestroyed) {
  World world;
  world.service.script = {fake::later()};
  bool left = false;
  struct Leaves {
    bool& left;
    ~Leaves() { left = true; }
  };
  world.begin([&](Context& ctx) {
    const Leaves guard{left};
    ctx.step("charge", [] {});
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_FALSE(left);
  world.engine.reset();
  EXPECT_TRUE(left);
}

TEST(Engine, DropsAHandlerThatNeverRan) {
  World world;
  bool ran = false;
  world.begin([&](Context&) { ran = true; });
  world.engine.reset();
  EXPECT_FALSE(ran);
}

TEST(Engine, SaysSoWhenThereIsNoStackForItsHandler) {
  World world;
  world.begin([](Context&) {});
  configure_stacks({.max_live = fiber::live_stacks() + 1});
  {
    World first;
    first.service.script = {fake::later()};
    first.begin([](Context& ctx) { ctx.step("charge", [] {}); });
    first.engine->pump();
    EXPECT_THAT([&] { world.engine->pump(); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr("StackConfig::max_live")));
  }
  configure_stacks({});
}

TEST(Engine, CanBeStoppedWhileAnotherOneRuns) {
  World slow;
  slow.service.script = {fake::later()};
  slow.begin([](Context& ctx) {
    try {
      throw std::runtime_error("slow");
    } catch (const std::runtime_error& error) {
      ctx.step("charge", [] {});
      return std::string(error.what());
    }
  });
  EXPECT_EQ(slow.engine->pump(), Engine::State::running);
  World quick;
  EXPECT_EQ(
      quick.invoke([](Context& ctx) { return ctx.step("charge", [] { return 1; }); }).result.view(),
      "1");
  slow.engine->deliver(slow.service.apply(slow.service.requests[0]));
  EXPECT_EQ(slow.engine->pump(), Engine::State::returned);
  EXPECT_EQ(slow.engine->outcome().result.view(), R"("slow")");
}

TEST(Engine, RunsOnInsideAHandlerOfAnotherOne) {
  World outer;
  const auto outcome = outer.invoke([](Context& ctx) {
    World inner;
    const auto inner_outcome = inner.invoke([](Context& inner_ctx) {
      inner_ctx.step("first", [] {});
      inner_ctx.wait("settle", seconds(1));
    });
    EXPECT_EQ(inner_outcome.status, Status::pending);
    return ctx.step("outer", [] { return 1; });
  });
  EXPECT_EQ(outcome.result.view(), "1");
}

TEST(Engine, HandlesALongRecordInOrder) {
  World world;
  constexpr int kSteps = 300;
  int runs = 0;
  const auto body = [&](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < kSteps; ++i) {
      sum += ctx.step("add", [&] {
        ++runs;
        return i;
      });
    }
    ctx.wait("settle", seconds(1));
    return sum;
  };
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  world.ripen("settle");
  EXPECT_EQ(world.invoke(body).result.view(), std::to_string(kSteps * (kSteps - 1) / 2));
  EXPECT_EQ(runs, kSteps);
}

}  // namespace durable::engine_test
