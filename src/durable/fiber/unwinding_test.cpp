#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/fiber/fiber.hpp"
#include "durable/fiber/testing.hpp"

namespace durable::fiber::unwinding_test {

using testing::ElementsAre;

struct Leaves {
  std::vector<std::string>& left;
  std::string name;
  ~Leaves() { left.push_back(name); }
};

TEST(FiberUnwinding, RunsEveryDestructorOnceInReverseOrder) {
  CountingListener listener;
  std::vector<std::string> left;
  Fiber fiber(
      [&] {
        const Leaves first{left, "first"};
        const Leaves second{left, "second"};
        [&left] {
          const Leaves third{left, "third"};
          Fiber::current()->park();
        }();
      },
      listener);
  fiber.resume();
  EXPECT_FALSE(fiber.ended());
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_FALSE(fiber.abandoned());
  fiber.unwind();
  EXPECT_THAT(left, ElementsAre("third", "second", "first"));
  EXPECT_EQ(listener.findings(), 0);
}

TEST(FiberUnwinding, LeavesCatchBlocksAndTheirExceptionsToo) {
  CountingListener listener;
  const auto alive = std::make_shared<int>(1);
  Fiber fiber(
      [&] {
        try {
          throw alive;
        } catch (const std::shared_ptr<int>&) {
          try {
            throw alive;
          } catch (const std::shared_ptr<int>&) {
            Fiber::current()->park();
          }
        }
      },
      listener);
  fiber.resume();
  EXPECT_EQ(alive.use_count(), 3);
  fiber.unwind();
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(listener.findings(), 0);
}

TEST(FiberUnwinding, IsDoneByTheDestructor) {
  CountingListener listener;
  std::vector<std::string> left;
  {
    Fiber fiber(
        [&] {
          const Leaves local{left, "local"};
          Fiber::current()->park();
        },
        listener);
    fiber.resume();
  }
  EXPECT_THAT(left, ElementsAre("local"));
}

TEST(FiberUnwinding, IsNotCaughtAsAStandardException) {
  CountingListener listener;
  bool caught = false;
  Fiber fiber(
      [&] {
        try {
          Fiber::current()->park();
        } catch (const std::exception&) {
          caught = true;
        }
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_FALSE(caught);
  EXPECT_EQ(listener.findings(), 0);
}

TEST(FiberUnwinding, PassesThroughCatchBlocksThatRethrow) {
  CountingListener listener;
  Fiber fiber(
      [] {
        try {
          Fiber::current()->park();
        } catch (...) {
          throw;
        }
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_EQ(listener.findings(), 0);
}

TEST(FiberUnwinding, DropsAFiberThatNeverRan) {
  CountingListener listener;
  const auto captured = std::make_shared<int>(1);
  bool ran = false;
  {
    Fiber fiber([&ran, captured] { ran = *captured == 1; }, listener);
    fiber.unwind();
    EXPECT_TRUE(fiber.ended());
    const Fiber another([&ran, captured] { ran = *captured == 1; }, listener);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(listener.findings(), 0);
}

TEST(FiberUnwinding, HappensWhileTheSchedulerIsUnwoundItself) {
  CountingListener listener;
  std::vector<std::string> left;
  try {
    Fiber fiber(
        [&] {
          const Leaves local{left, "local"};
          try {
            Fiber::current()->park();
          } catch (...) {
            left.emplace_back(std::uncaught_exceptions() == 0 ? "unwound" : "terminating");
            throw;
          }
        },
        listener);
    fiber.resume();
    throw std::runtime_error("of the scheduler");
  } catch (const std::runtime_error& error) {
    left.emplace_back(error.what());
  }
  EXPECT_THAT(left, ElementsAre("unwound", "local", "of the scheduler"));
  EXPECT_EQ(listener.findings(), 0);
}

}  // namespace durable::fiber::unwinding_test
