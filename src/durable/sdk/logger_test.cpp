#include <chrono>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::logger_test {

using fake::World;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// A line before and after everything that a context can do.
// [everywhere]
void log_everywhere(Context& ctx) {
  ctx.logger().info("begin");
  ctx.step("pay", [&](StepContext& step) { step.logger().info("paying"); });
  ctx.logger().info("paid");
  ctx.run_in_child_context("order", [](Context& child) {
    child.logger().info("child begins");
    child.wait("settle", seconds(1));
    child.logger().info("child goes on");
  });
  ctx.logger().info("child is over");
  ctx.wait("rest", seconds(1));
  ctx.logger().info("end");
}
// [/everywhere]

// [lines]
TEST(Logger, WritesEachLineOnceThroughAllReplays) {
  World world;
  world.run(log_everywhere);
  // Level, operation and attempt, and message.
  EXPECT_THAT(world.executor.lines,
              ElementsAre("1 /0 begin", "1 1/1 paying", "1 /0 paid", "1 2/0 child begins",
                          "1 2/0 child goes on", "1 /0 child is over", "1 /0 end"));
}
// [/lines]

TEST(Logger, KnowsTheOperationAndWhatItIsRecordedIn) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.logger().info("handler");
    ctx.run_in_child_context("order", [](Context& order) {
      order.logger().info("context");
      order.run_in_child_context(
          "group",
          [](Context& group) {
            group.logger().info("virtual");
            group.step("pay", [](StepContext& step) { step.logger().info("step"); });
          },
          {.is_virtual = true});
    });
  });
  EXPECT_THAT(world.executor.sources, ElementsAre(" in ", "order in ", "group in 1", "pay in 1"));
}

TEST(Logger, IsQuietInAVirtualContextThatRepeatsWhatIsRecorded) {
  World world;
  world.run([](Context& ctx) {
    ctx.logger().info("before");
    ctx.run_in_child_context("group",
                             [](Context& group) {
                               group.logger().info("begin");
                               group.step("pay", [] {});
                               group.logger().info("middle");
                               group.wait("settle", seconds(1));
                               group.logger().info("end");
                             },
                             {.is_virtual = true});
    ctx.logger().info("after");
  });
  EXPECT_THAT(world.executor.lines,
              ElementsAre("1 /0 before", "1 1/0 begin", "1 1/0 middle", "1 1/0 end", "1 /0 after"));
}

TEST(Logger, IsQuietBeforeAStepThatIsTriedAgainAndSpeaksInItAndAfterIt) {
  World world;
  int attempts = 0;
  world.run([&](Context& ctx) {
    ctx.logger().info("before");
    ctx.step("pay", [&](StepContext& step) {
      step.logger().info("paying");
      if (++attempts == 1) throw std::runtime_error("declined");
    });
    ctx.logger().info("after");
  });
  EXPECT_THAT(world.executor.lines,
              ElementsAre("1 /0 before", "1 1/1 paying", "1 1/2 paying", "1 /0 after"));
}

TEST(Logger, SaysNothingInAContextThatIsNotRunAgain) {
  World world;
  world.run([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) { child.logger().info("once"); });
    ctx.wait("settle", seconds(1));
  });
  EXPECT_THAT(world.executor.lines, ElementsAre("1 1/0 once"));
}

TEST(Logger, WritesOnReplayWhereTheHandlerIsConfiguredSo) {
  World world;
  HandlerConfig config;
  config.log_on_replay = true;
  world.run([&](Context& ctx) {
    detail::configure(ctx, config);
    const auto text = ctx.run_in_child_context("order", [](Context& child) {
      child.logger().info("begin");
      child.step("pay", [] {});
      return std::string(kPayloadLimitBytes, 'x');
    });
    ctx.wait("settle", seconds(1));
  });
  EXPECT_THAT(world.executor.lines, ElementsAre("1 1/0 begin", "1 1/0 begin"));
}

TEST(Logger, MayBeKeptAsLongAsTheInvocationLasts) {
  World world;
  world.invoke([](Context& ctx) {
    std::vector<Logger> kept;
    const std::string name = "a name that is too long to be held in place";
    ctx.step(name, [&](StepContext& step) { kept.push_back(step.logger()); });
    ctx.run_in_child_context("order", [&](Context& child) { kept.push_back(child.logger()); });
    for (const Logger& logger : kept) logger.warn("late");
  });
  EXPECT_THAT(world.executor.sources,
              ElementsAre("a name that is too long to be held in place in ", "order in "));
}

}  // namespace durable::logger_test
