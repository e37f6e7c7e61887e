#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/fiber/fiber.hpp"
#include "durable/fiber/testing.hpp"

namespace durable::fiber::misuse_test {

/// A fiber still works on this thread, whatever an earlier one did.
void expect_that_fibers_work() {
  CountingListener listener;
  std::string log;
  Fiber fiber(
      [&log] {
        log += "a";
        Fiber::current()->park();
        log += "b";
        try {
          throw std::runtime_error("c");
        } catch (const std::exception& error) {
          log += error.what();
        }
      },
      listener);
  fiber.resume();
  fiber.resume();
  EXPECT_EQ(log, "abc");
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  EXPECT_EQ(std::current_exception(), nullptr);
  EXPECT_EQ(Fiber::current(), nullptr);
}

TEST(SwallowedUnwinding, IsReportedAtTheEndOfAFiberThatGoesOn) {
  CountingListener listener;
  Fiber fiber(
      [] {
        try {
          Fiber::current()->park();
        } catch (...) {
        }
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_FALSE(fiber.abandoned());
  EXPECT_EQ(listener.swallowed_at_end, 1);
  EXPECT_EQ(listener.findings(), 1);
}

TEST(SwallowedUnwinding, IsThrownOnceMoreAtTheNextSuspensionPoint) {
  CountingListener listener;
  std::string log;
  Fiber fiber(
      [&log] {
        try {
          Fiber::current()->park();
        } catch (...) {
          log += "swallowed ";
        }
        Fiber::current()->park();
        log += "never";
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_FALSE(fiber.abandoned());
  EXPECT_EQ(log, "swallowed ");
  EXPECT_EQ(listener.swallowed_before_end, 1);
  EXPECT_EQ(listener.findings(), 1);
}

TEST(SwallowedUnwinding, CannotBeRetriedForEver) {
  CountingListener listener;
  int rounds = 0;
  Fiber fiber(
      [&rounds] {
        for (;;) {
          try {
            ++rounds;
            Fiber::current()->park();
          } catch (...) {
          }
        }
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.ended());
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(rounds, 3);  // unwound, refused, abandoned
  EXPECT_EQ(listener.swallowed_before_end, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

struct ParksInItsDestructor {
  ~ParksInItsDestructor() { Fiber::current()->park(); }
};

TEST(TerminatedFiber, IsAbandonedWhenItIsUnwoundInsideADestructor) {
  CountingListener listener;
  Fiber fiber([] { const ParksInItsDestructor guard; }, listener);
  fiber.resume();
  EXPECT_FALSE(fiber.ended());
  fiber.unwind();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_by_unwinding, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

TEST(TerminatedFiber, IsAbandonedWhenADestructorSuspendsWhileItIsUnwound) {
  CountingListener listener;
  Fiber fiber(
      [] {
        const ParksInItsDestructor guard;
        Fiber::current()->park();
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_by_unwinding, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

void park_without_exceptions() noexcept { Fiber::current()->park(); }

struct Held {
  std::unique_ptr<int> all[50];
};

__attribute__((noinline)) void fill_and_park(Held& held) noexcept {
  for (auto& one : held.all) one = std::make_unique<int>(1);
  Fiber::current()->park();
}

TEST(TerminatedFiber, IsAbandonedWhenItIsUnwoundUnderANoexceptFunction) {
  CountingListener listener;
  {
    Fiber fiber(
        [] {
          Held held;  // what lies on the dead stack is no leak to LSan
          fill_and_park(held);
        },
        listener);
    fiber.resume();
    fiber.unwind();
    EXPECT_TRUE(fiber.ended());
    EXPECT_TRUE(fiber.abandoned());
    fiber.unwind();
  }
  EXPECT_EQ(listener.terminated_by_unwinding, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

TEST(TerminatedFiber, IsToldFromOneThatUserCodeTerminates) {
  CountingListener listener;
  Fiber fiber([] { std::terminate(); }, listener);
  fiber.resume();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_otherwise, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

void throw_without_exceptions() noexcept {
  const auto thrower = [] { throw std::runtime_error("not declared"); };
  thrower();
}

TEST(TerminatedFiber, IsAbandonedByAnExceptionThatMeetsANoexceptFunction) {
  CountingListener listener;
  Fiber fiber([] { throw_without_exceptions(); }, listener);
  fiber.resume();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_otherwise, 1);
  expect_that_fibers_work();
}

TEST(TerminatedFiber, IsAbandonedByAnExceptionThatNobodyCatches) {
  CountingListener listener;
  Fiber fiber([] { throw std::runtime_error("uncaught"); }, listener);
  fiber.resume();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_otherwise, 1);
  expect_that_fibers_work();
}

struct ThrowsInItsDestructor {
  ~ThrowsInItsDestructor() noexcept(false) { throw std::runtime_error("from a destructor"); }
};

TEST(TerminatedFiber, IsNotTakenForASuspensionWhenADestructorThrowsWhileItIsUnwound) {
  CountingListener listener;
  Fiber fiber(
      [] {
        const ThrowsInItsDestructor guard;
        Fiber::current()->park();
      },
      listener);
  fiber.resume();
  fiber.unwind();
  EXPECT_TRUE(fiber.abandoned());
  EXPECT_EQ(listener.terminated_otherwise, 1);
  EXPECT_EQ(listener.findings(), 1);
  expect_that_fibers_work();
}

TEST(TerminatedFiber, LeavesTheOtherFibersOfTheThreadAlone) {
  CountingListener listener;
  std::string log;
  Fiber parked(
      [&log] {
        try {
          throw std::runtime_error("mine");
        } catch (const std::exception& error) {
          Fiber::current()->park();
          log = error.what();
        }
      },
      listener);
  parked.resume();
  for (int i = 0; i < 20; ++i) {
    Fiber doomed([] { park_without_exceptions(); }, listener);
    doomed.resume();
    doomed.unwind();
  }
  parked.resume();
  EXPECT_EQ(log, "mine");
  EXPECT_EQ(listener.terminated_by_unwinding, 20);
}

TEST(TerminatedFiberDeathTest, StillEndsTheProcessOutsideOfFibers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto terminate_after_a_fiber = [] {
    expect_that_fibers_work();
    std::terminate();
  };
  EXPECT_DEATH(terminate_after_a_fiber(), "");
}

}  // namespace durable::fiber::misuse_test
