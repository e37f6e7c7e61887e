#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

/// What an executor may make of a step's body.
namespace durable::body_test {

using fake::World;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

TEST(BodyFate, DeadAfterTheBodyLosesItsResultAndLeavesTheStartInTheQueue) {
  World world;
  int runs = 0;
  world.executor.on_body = [](auto body, BodyOutcome&) {
    body();
    return Fate::dead;
  };
  world.begin([&](Context& ctx) { ctx.step("charge", [&] { ++runs; }); });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  const auto queued = world.engine->take_queued();
  ASSERT_THAT(queued, SizeIs(1));
  EXPECT_EQ(queued[0].action, OperationAction::start);
  EXPECT_THAT(world.engine->take_queued(), IsEmpty());
  world.engine->unwind();
  EXPECT_EQ(runs, 1);
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(BodyFate, DeadBeforeTheBodyDoesNotRunIt) {
  World world;
  world.executor.on_body = [](auto, BodyOutcome&) { return Fate::dead; };
  world.begin([](Context& ctx) { ctx.step("charge", [] { ADD_FAILURE() << "the body runs"; }); });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
}

TEST(BodyFate, ErrorFailsTheInvocation) {
  World world;
  world.executor.on_body = [](auto, BodyOutcome&) { return Fate::error; };
  const auto outcome = world.invoke([](Context& ctx) { ctx.step("charge", [] {}); });
  EXPECT_EQ(outcome.status, Status::function_error);
  EXPECT_EQ(outcome.error->type, "ExecutorError");
}

TEST(BodyFate, NeverParksTheHandlerForGood) {
  World world;
  world.executor.on_body = [](auto, BodyOutcome&) { return Fate::never; };
  world.begin([](Context& ctx) { ctx.step("charge", [] { ADD_FAILURE() << "the body runs"; }); });
  EXPECT_EQ(world.engine->pump(), Engine::State::blocked);
  world.engine->wake();
  EXPECT_EQ(world.engine->pump(), Engine::State::blocked);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
}

TEST(BodyOutcome, MayBeReplacedByTheExecutor) {
  World world;
  world.executor.on_body = [](auto, BodyOutcome& outcome) {
    outcome = {Text("41"), nullptr};
    return Fate::ok;
  };
  const auto outcome =
      world.invoke([](Context& ctx) { return ctx.step("charge", [] { return 1; }); });
  EXPECT_EQ(outcome.result.view(), "41");
}

TEST(BodyOutcome, MayBeReplacedByAFailure) {
  World world;
  world.executor.on_body = [](auto body, BodyOutcome& outcome) {
    body();
    outcome = {{}, std::make_shared<ErrorObject>(ErrorObject{"Planted", "by the executor"})};
    return Fate::ok;
  };
  world.invoke([](Context& ctx) { ctx.step("charge", [] {}, {.retry = retry::none()}); });
  EXPECT_EQ(world.service.updates(0), "START charge, FAIL charge Planted");
}

TEST(RunningBody, MayTakeTime) {
  World world;
  std::string log;
  world.executor.on_body = [&](auto body, BodyOutcome&) {
    log += "before ";
    world.engine->park_body();
    body();
    world.engine->park_body();
    log += "after";
    return Fate::ok;
  };
  world.begin([&](Context& ctx) { ctx.step("charge", [&] { log += "body "; }); });
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_EQ(log, "before ");
  world.engine->wake();
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_EQ(log, "before body ");
  world.engine->wake();
  EXPECT_EQ(world.engine->pump(), Engine::State::returned);
  EXPECT_EQ(log, "before body after");
}

TEST(RunningBody, IsKnownToTheEngine) {
  World world;
  world.begin([&](Context& ctx) {
    EXPECT_FALSE(world.engine->in_body());
    ctx.step("charge",
             [&] {
               ASSERT_TRUE(world.engine->in_body());
               EXPECT_EQ(world.engine->body()->name, "charge");
               throw std::runtime_error("out");
             },
             {.retry = retry::none()});
  });
  world.engine->pump();
  EXPECT_FALSE(world.engine->in_body());
}

TEST(RunningBody, IsUnwoundWhenItsInvocationDiesInIt) {
  World world;
  bool left = false;
  struct Leaves {
    bool& left;
    ~Leaves() { left = true; }
  };
  world.begin([&](Context& ctx) {
    ctx.step("charge", [&] {
      const Leaves guard{left};
      world.engine->die();
    });
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_TRUE(world.engine->in_body());
  EXPECT_FALSE(left);
  world.engine->unwind();
  EXPECT_TRUE(left);
  EXPECT_FALSE(world.engine->in_body());
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, Not(Contains(HasSubstr("ended with"))));
}

TEST(RunningBody, IsNotRecordedWhenItSwallowsItsOwnDeath) {
  World world;
  int rounds = 0;
  const auto line = std::to_string(__LINE__ + 2);
  world.begin([&](Context& ctx) {
    ctx.step("charge", [&] {
      for (; rounds < 1; ++rounds) {
        try {
          world.engine->die();
        } catch (...) {
        }
      }
    });
    ADD_FAILURE() << "the handler goes on";
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  world.engine->unwind();
  EXPECT_EQ(world.engine->state(), Engine::State::dead);
  EXPECT_FALSE(world.engine->abandoned());
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, Contains("swallowed 1 charge line " + line + " next line 0"));
  EXPECT_THAT(
      world.observer.messages,
      ElementsAre(
          "a catch (...) in the body of this step swallowed its unwinding, and the body went on"));
}

TEST(RunningBody, IsNotRecordedWhenItReplacesItsOwnDeath) {
  World world;
  world.begin([&](Context& ctx) {
    ctx.step("charge", [&] {
      try {
        world.engine->die();
      } catch (...) {
        throw std::runtime_error("replaced");
      }
    });
  });
  world.engine->pump();
  world.engine->unwind();
  EXPECT_EQ(world.engine->state(), Engine::State::dead);
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.messages, SizeIs(1));
}

bool is_thrown(const std::exception_ptr& exception) {
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const fake::TestAbort&) {
    return true;
  }
  return false;
}

TEST(TestAbort, InABodyEndsTheRunAndIsNeitherRecordedNorRetried) {
  World world;
  int runs = 0;
  world.begin([&](Context& ctx) {
    try {
      ctx.step("charge", [&] {
        ++runs;
        throw fake::TestAbort();
      });
    } catch (const std::exception&) {
      ADD_FAILURE() << "caught";
    }
    ADD_FAILURE() << "the handler goes on";
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  world.engine->unwind();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(is_thrown(world.engine->test_abort()));
  EXPECT_FALSE(world.engine->in_body());
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, Not(Contains(HasSubstr("ended with"))));
}

TEST(TestAbort, InAHandlerEndsTheRunAndIsNotReported) {
  World world;
  world.begin([](Context& ctx) {
    ctx.step("charge", [] {});
    throw fake::TestAbort();
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_TRUE(is_thrown(world.engine->test_abort()));
  EXPECT_EQ(world.engine->outcome().error, nullptr);
}

TEST(TestAbort, IsAbsentWhereAHandlerFailsByItself) {
  World world;
  world.invoke([](Context& ctx) { ctx.step("charge", [] { throw 1; }, {.retry = retry::none()}); });
  EXPECT_EQ(world.engine->test_abort(), nullptr);
}

}  // namespace durable::body_test
