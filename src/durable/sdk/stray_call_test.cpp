#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

/// Durable calls that are not made by the code of the handler that their context belongs to.
namespace durable::stray_call_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

constexpr auto kEnded =
    "is made on the context of the handler, after the invocation that it belongs to has ended";

void must_not_run() { ADD_FAILURE() << "the body runs"; }

TEST(CallAfterTheInvocation, IsReportedAndThrows) {
  World world;
  Context* kept = nullptr;
  world.invoke([&](Context& ctx) { kept = &ctx; });
  const int line = __LINE__ + 1;
  const auto late_call = [&] { kept->step("late", must_not_run); };
  EXPECT_THAT(late_call,
              ThrowsMessage<Error>(AllOf(
                  HasSubstr(fmt::format("durable call \"late\" at stray_call_test.cpp:{} ", line)),
                  HasSubstr(kEnded))));
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("ended  late line {} next line 0", line)));
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(CallAfterTheInvocation, ThrowsAlsoWhenNothingIsLeftOfIt) {
  Context* kept = nullptr;
  World().invoke([&](Context& ctx) { kept = &ctx; });
  EXPECT_THAT([&] { kept->step("late", must_not_run); }, ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->wait("late", seconds(1)); }, ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->create_callback("late"); }, ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->invoke("late", "ship:1", 1); }, ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->wait_for_callback("late", [](const std::string&) {}); },
              ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->run_in_child_context("late", [](Context&) {}); },
              ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->with_retry("late", [](Context&) {}, {.in_child_context = false}); },
              ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT(
      [&] {
        kept->wait_for_condition("late", 0, [](int state) { return state; },
                                 {.continue_while = [](int) { return true; }});
      },
      ThrowsMessage<Error>(HasSubstr(kEnded)));
  EXPECT_THAT([&] { kept->execution(); }, ThrowsMessage<Error>(HasSubstr("has ended")));
}

TEST(CallOfAnEarlierInvocation, FailsTheExecutionThatMakesItAndIsReportedThere) {
  World world;
  Context* kept = nullptr;
  const auto body = [&](Context& ctx) {
    if (kept == nullptr) kept = &ctx;
    ctx.wait("settle", seconds(1));
    try {
      kept->step("late", must_not_run);
    } catch (const std::exception&) {
      ADD_FAILURE() << "the handler caught it";
    }
  };
  const auto outcome = world.run(body);
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message, HasSubstr(kEnded));
  EXPECT_THAT(world.observer.messages, ElementsAre(outcome.error->message));
}

TEST(CallOfAnEarlierInvocation, InAChildContextNamesIt) {
  World world;
  Context* kept = nullptr;
  const int line = __LINE__ + 2;
  world.invoke([&](Context& ctx) {
    ctx.run_in_child_context("order", [&](Context& child) { kept = &child; });
  });
  const auto outcome = world.invoke([&](Context&) { kept->wait("late", seconds(1)); });
  EXPECT_THAT(outcome.error->message,
              HasSubstr(fmt::format("on the context of child context \"order\" (operation 1) at "
                                    "stray_call_test.cpp:{}, after the invocation",
                                    line)));
}

TEST(CallOfAnEarlierInvocation, IsFoundAfterThousandsOfOthers) {
  Context* kept = nullptr;
  World().invoke([&](Context& ctx) { kept = &ctx; });
  for (int i = 0; i < 4000; ++i) World().invoke([](Context&) {});
  World world;
  EXPECT_EQ(world.invoke([&](Context&) { kept->step("late", must_not_run); }).error->type,
            "ContextMisuseError");
}

TEST(CallbackOfAnEarlierInvocation, IsRefusedLikeAnyCall) {
  World world;
  std::vector<Callback<>> kept;
  const auto outcome = world.run([&](Context& ctx) {
    kept.push_back(ctx.create_callback("approval"));
    ctx.wait("settle", seconds(1));
    kept.front().get();
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("durable call \"approval\" at stray_call_"), HasSubstr(kEnded)));
}

TEST(LoggerOfAnEarlierInvocation, WritesNothingAndIsReported) {
  World world;
  std::vector<Logger> kept;
  const auto outcome = world.run([&](Context& ctx) {
    kept.push_back(ctx.logger());
    ctx.wait("settle", seconds(1));
    kept.front().info("late");
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_THAT(world.executor.lines, IsEmpty());
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr("the log line \"late\" is written")));
}

TEST(CallFromAnotherThread, IsAnErrorThereAndReported) {
  World world;
  const int line = __LINE__ + 3;
  const auto outcome = world.invoke([](Context& ctx) {
    std::thread([&ctx] {
      const auto charge = [&ctx] { ctx.step("charge", must_not_run); };
      EXPECT_THAT(charge, ThrowsMessage<Error>(
                              AllOf(HasSubstr("durable call \"charge\" at stray_call_test.cpp:"),
                                    HasSubstr("on another thread"))));
      EXPECT_THAT([&ctx] { ctx.wait("settle", seconds(1)); },
                  ThrowsMessage<Error>(HasSubstr("\"settle\"")));
    }).join();
    ctx.step("send", [] {});
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("foreign  charge line {} next line 0", line)));
  EXPECT_THAT(world.observer.messages,
              ElementsAre(HasSubstr("on another thread"), HasSubstr("\"settle\"")));
}

TEST(CallFromAnotherThread, AfterTheInvocationIsReportedByTheNextOne) {
  World world;
  Context* kept = nullptr;
  world.invoke([&](Context& ctx) { kept = &ctx; });
  world.engine.reset();
  std::thread([kept] {
    EXPECT_THAT([kept] { kept->step("late", must_not_run); },
                ThrowsMessage<Error>(HasSubstr(kEnded)));
  }).join();
  EXPECT_EQ(world.invoke([](Context&) {}).status, Status::succeeded);
  EXPECT_THAT(world.observer.messages, ElementsAre(HasSubstr(kEnded)));
}

TEST(CallFromAnotherThread, IsRefusedAlsoWhenThatThreadIsOver) {
  World().invoke([](Context&) {});  // so that this thread has a pool of its own
  Context* kept = nullptr;
  std::thread([&] { World().invoke([&](Context& ctx) { kept = &ctx; }); }).join();
  EXPECT_THAT([&] { kept->step("late", must_not_run); }, ThrowsMessage<Error>(HasSubstr(kEnded)));
  std::thread([] {  // takes over what that one left behind
    World world;
    world.invoke([](Context&) {});
    EXPECT_THAT(world.observer.messages, SizeIs(1));
  })
      .join();
}

TEST(CallWithTheContextOfAnotherHandler, FailsTheExecutionThatMakesIt) {
  World outer;
  outer.invoke([](Context& outer_ctx) {
    World inner;
    const auto outcome = inner.invoke([&](Context&) { outer_ctx.step("charge", must_not_run); });
    EXPECT_EQ(outcome.status, Status::failed);
    EXPECT_EQ(outcome.error->type, "ContextMisuseError");
    EXPECT_THAT(outcome.error->message,
                HasSubstr("by another handler than the one that it belongs to"));
    EXPECT_THAT(inner.observer.messages, ElementsAre(outcome.error->message));
  });
  EXPECT_THAT(outer.observer.messages, IsEmpty());
}

}  // namespace durable::stray_call_test
