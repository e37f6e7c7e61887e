#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::misuse_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

constexpr auto kSuspends = "a durable call may suspend, which unwinds the stack";

void expect_that_engines_work() {
  World world;
  const auto outcome =
      world.invoke([](Context& ctx) { return ctx.step("charge", [] { return 1; }); });
  EXPECT_EQ(outcome.result.view(), "1");
}

TEST(SwallowedSuspension, LeavesTheOutcomeAsItWasAndIsReportedOnceWithBothPlaces) {
  World world;
  const int line = __LINE__ + 3;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.wait("settle", seconds(60));
    } catch (...) {
    }
    ctx.step("send", [] { ADD_FAILURE() << "a body runs in a poisoned context"; });
    return 1;
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_FALSE(outcome.result.present());
  EXPECT_EQ(world.engine->state(), Engine::State::blocked);
  EXPECT_FALSE(world.engine->abandoned());
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_THAT(
      world.observer.events,
      ElementsAre("issued 1 WAIT settle inputs 60 without body", "suspended 1", "unwinding begins",
                  fmt::format("swallowed 1 settle line {} next line {}", line, line + 3),
                  "unwinding ends"));
  EXPECT_THAT(world.observer.messages,
              ElementsAre(HasSubstr("and the handler went on to another")));
}

TEST(SwallowedSuspension, IsReportedWhenTheHandlerReturnsNormally) {
  World world;
  const int line = __LINE__ + 3;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.wait("settle", seconds(60));
    } catch (...) {
    }
    return 1;
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("swallowed 1 settle line {} next line 0", line)));
  EXPECT_THAT(world.observer.messages,
              ElementsAre(HasSubstr("and the handler went on to its end")));
}

TEST(SwallowedSuspension, IsReportedWhenTheHandlerThrowsSomethingElse) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.wait("settle", seconds(60));
    } catch (...) {
      throw std::runtime_error("replaced");
    }
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_THAT(world.observer.messages, SizeIs(1));
}

TEST(SwallowedSuspension, IsReportedOnceAlthoughTheHandlerSwallowsItTwice) {
  World world;
  const auto swallow = [](Context& ctx) {
    try {
      ctx.wait("settle", seconds(60));
    } catch (...) {
    }
  };
  const auto outcome = world.invoke([&](Context& ctx) {
    swallow(ctx);
    swallow(ctx);
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_THAT(world.observer.messages, SizeIs(1));
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(SwallowedSuspension, EndsALoopThatWouldTryForEver) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    for (;;) {
      try {
        ctx.wait("settle", seconds(60));
      } catch (...) {
      }
    }
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_TRUE(world.engine->abandoned());
  EXPECT_THAT(world.observer.messages, SizeIs(1));
  EXPECT_THAT(world.service.requests, SizeIs(1));
  expect_that_engines_work();
}

TEST(SwallowedSuspension, DoesNotHideAFailureOfTheInvocation) {
  World world;
  world.service.script = {fake::refuse(403, "AccessDeniedException", "no permission")};
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.step("charge", [] {});
    } catch (...) {
    }
    return 1;
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "AccessDeniedException");
  EXPECT_THAT(world.observer.messages, SizeIs(1));
}

TEST(CallInNoexceptFunction, IsReportedAndLeavesTheOutcomeAsItWas) {
  World world;
  const int line = __LINE__ + 2;
  const auto outcome =
      world.invoke([](Context& ctx) { [&]() noexcept { ctx.wait("settle", seconds(60)); }(); });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_EQ(world.engine->state(), Engine::State::blocked);
  EXPECT_TRUE(world.engine->abandoned());
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("terminated 1 settle line {} next line 0", line)));
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kSuspends)));
  expect_that_engines_work();
}

TEST(CallInNoexceptFunction, IsFineAsLongAsItDoesNotSuspend) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    return [&]() noexcept { return ctx.step("charge", [] { return 1; }); }();
  });
  EXPECT_EQ(outcome.result.view(), "1");
  EXPECT_THAT(world.observer.messages, IsEmpty());
}

TEST(CallInNoexceptFunction, IsReportedWhenTheSandboxDiesInIt) {
  World world;
  world.service.script = {fake::fate(Fate::dead)};
  world.begin([](Context& ctx) { [&]() noexcept { ctx.step("charge", [] {}); }(); });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  world.engine->unwind();
  EXPECT_EQ(world.engine->state(), Engine::State::dead);
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kSuspends)));
}

struct WaitsInItsDestructor {
  Context& ctx;
  ~WaitsInItsDestructor() { ctx.wait("clean up", seconds(1)); }
};
constexpr int kDestructorLine = __LINE__ - 2;

TEST(CallInDestructor, IsReportedWithThatCall) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) { const WaitsInItsDestructor guard{ctx}; });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_TRUE(world.engine->abandoned());
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("terminated 1 clean up line {} next line 0", kDestructorLine)));
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kSuspends)));
  expect_that_engines_work();
}

TEST(CallInDestructor, IsReportedWithThatCallWhenTheUnwindingOfAnotherRunsIt) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    const WaitsInItsDestructor guard{ctx};
    ctx.wait("settle", seconds(60));
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_TRUE(world.engine->abandoned());
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("terminated 2 clean up line {} next line 0", kDestructorLine)));
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kSuspends)));
  EXPECT_THAT(world.service.requests, SizeIs(1));
  expect_that_engines_work();
}

TEST(CallInDestructor, IsReportedWhenAnExceptionOfTheHandlerRunsIt) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    const WaitsInItsDestructor guard{ctx};
    throw std::runtime_error("the handler's own");
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kSuspends)));
}

TEST(Terminate, OnAHandlersOwnAccountIsACrashOfItsInvocation) {
  World world;
  world.begin([](Context& ctx) {
    ctx.step("charge", [] {});
    std::terminate();
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  world.engine->unwind();
  EXPECT_TRUE(world.engine->abandoned());
  EXPECT_THAT(world.observer.events, Contains(HasSubstr("terminated 1 charge")));
  EXPECT_THAT(world.observer.messages, ElementsAre(Not(HasSubstr(kSuspends))));
  expect_that_engines_work();
}

TEST(NestedCall, InsideABodyFailsTheExecutionAndNamesBothCalls) {
  World world;
  const int line = __LINE__ + 5;
  bool caught = false;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("outer", [&] {
      try {
        ctx.step("inner", [] { ADD_FAILURE() << "the nested body runs"; });
      } catch (const std::exception&) {
        caught = true;
      }
    });
  });
  EXPECT_FALSE(caught);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message, AllOf(HasSubstr("\"inner\" (operation 2)"),
                                            HasSubstr(fmt::format("misuse_test.cpp:{}", line)),
                                            HasSubstr("\"outer\" (operation 1)")));
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("nested 2 inner line {} next line 0", line)));
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(NestedCall, OfAWaitIsMisuseAsWell) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("outer", [&] { ctx.wait("inner", seconds(1)); }, {.retry = retry::fixed(3)});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(world.observer.messages, SizeIs(1));
}

/// How a durable call inside `place`, which stands `below` lines above it, ends the execution.
void expect_nested(const Engine::Handler& handler, const std::string& call, int line,
                   const std::string& place, int below = 1) {
  World world;
  const auto outcome = world.invoke(
      [&](Context& ctx, const Text& input) { static_cast<void>(handler(ctx, input)); });
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_EQ(
      outcome.error->message,
      fmt::format("durable call {} at misuse_test.cpp:{} is made inside {} at misuse_test.cpp:{}, "
                  "which is recorded as a whole; make the call in the handler itself",
                  call, line + below, place, line));
  EXPECT_THAT(world.observer.messages, ElementsAre(outcome.error->message));
  EXPECT_THAT(world.observer.events, Contains(HasSubstr("nested ")));
}

TEST(NestedCall, InTheCheckOfAConditionNamesTheCondition) {
  const int line = __LINE__ + 2;
  const auto handler = [](Context& ctx, const Text&) {
    ctx.wait_for_condition("job", 0,
                           [&](int state) {
                             ctx.wait("inner", seconds(1));
                             return state;
                           },
                           {.continue_while = [](int) { return true; }});
    return Text();
  };
  expect_nested(handler, "\"inner\" (operation 2)", line,
                "the check of wait_for_condition \"job\" (operation 1)", 2);
}

TEST(NestedCall, InASubmitterNamesTheCallback) {
  const int line = __LINE__ + 2;
  const auto handler = [](Context& ctx, const Text&) {
    ctx.wait_for_callback("approval", [&](const std::string&) {
      ctx.step("send", [] { ADD_FAILURE() << "the body runs"; });
    });
    return Text();
  };
  expect_nested(handler, "\"send\" (operation 2)", line,
                "the submitter of wait_for_callback \"approval\" (operation 1)");
}

TEST(NestedCall, InTheRetryStrategyOfASubmitterNamesTheCallback) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    const auto retry = retry::custom([&](const ErrorObject&, std::uint32_t) {
      ctx.wait("inner", seconds(1));
      return RetryDecision{};
    });
    ctx.wait_for_callback("approval",
                          [](const std::string&) { throw std::runtime_error("no mail"); },
                          {.retry = retry});
  });
  EXPECT_THAT(
      outcome.error->message,
      HasSubstr("inside the retry strategy of the submitter of wait_for_callback \"approval\" "
                "(operation 1) at misuse_test.cpp:"));
}

TEST(NestedCall, InTheStepOfARetriedBodyNamesTheStep) {
  const int line = __LINE__ + 3;
  const auto handler = [](Context& ctx, const Text&) {
    ctx.with_retry("collect", [](Context& attempt) {
      attempt.step("ring", [&] { attempt.wait("inner", seconds(1)); });
    });
    return Text();
  };
  expect_nested(handler, "\"inner\" (operation 1.2)", line,
                "the body of step \"ring\" (operation 1.1)", 0);
}

TEST(NestedCall, OnTheContextAroundARetriedBodyNamesTheRetry) {
  World world;
  const int line = __LINE__ + 2;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.with_retry("collect", [&](Context&) { ctx.wait("inner", seconds(1)); });
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_EQ(
      outcome.error->message,
      fmt::format("durable call \"inner\" (operation 2) at misuse_test.cpp:{} is made on the "
                  "context of the handler, which waits for its child, while with_retry "
                  "\"collect\" (operation 1) at misuse_test.cpp:{} runs; make it on the Context "
                  "that the running body was given",
                  line, line));
  EXPECT_THAT(world.observer.messages, ElementsAre(outcome.error->message));
}

}  // namespace durable::misuse_test
