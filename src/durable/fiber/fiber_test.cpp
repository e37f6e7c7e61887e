#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/fiber/fiber.hpp"
#include "durable/fiber/testing.hpp"

namespace durable::fiber::fiber_test {

using testing::ElementsAre;

std::string message_of(const std::exception_ptr& exception) {
  if (!exception) return "none";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// Suspends inside two nested catch blocks, inside the outer one, and outside; notes what it sees
/// there.
void suspend_in_catch_blocks(const std::string& name, std::vector<std::string>& seen) {
  const auto suspend_and_look = [&seen] {
    Fiber::current()->park();
    seen.push_back(message_of(std::current_exception()));
  };
  try {
    throw std::runtime_error(name + " outer");
  } catch (const std::runtime_error&) {
    try {
      throw std::logic_error(name + " inner");
    } catch (const std::logic_error&) {
      suspend_and_look();
      try {
        throw;
      } catch (const std::exception& again) {
        seen.push_back(std::string("again ") + again.what());
      }
    }
    suspend_and_look();
  }
  suspend_and_look();
}

TEST(FiberExceptions, BelongToTheirFiberInEveryOrderOfResumption) {
  // 0 and 1 say which fiber goes next; each has four turns.
  std::vector<int> order{0, 0, 0, 0, 1, 1, 1, 1};
  do {
    CountingListener listener;
    std::vector<std::string> seen[2];
    Fiber a([&] { suspend_in_catch_blocks("a", seen[0]); }, listener);
    Fiber b([&] { suspend_in_catch_blocks("b", seen[1]); }, listener);
    for (const int next : order) {
      (next == 0 ? a : b).resume();
      ASSERT_EQ(std::current_exception(), nullptr);
    }
    ASSERT_TRUE(a.ended() && b.ended());
    ASSERT_THAT(seen[0], ElementsAre("a inner", "again a inner", "a outer", "none"));
    ASSERT_THAT(seen[1], ElementsAre("b inner", "again b inner", "b outer", "none"));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(FiberExceptions, AreNotSeenByAFiberThatACatchBlockResumes) {
  CountingListener listener;
  std::vector<std::string> seen;
  Fiber fiber([&] { suspend_in_catch_blocks("fiber", seen); }, listener);
  try {
    throw std::runtime_error("scheduler");
  } catch (const std::runtime_error&) {
    while (!fiber.ended()) {
      fiber.resume();
      EXPECT_EQ(message_of(std::current_exception()), "scheduler");
    }
  }
  EXPECT_THAT(seen, ElementsAre("fiber inner", "again fiber inner", "fiber outer", "none"));
}

TEST(FiberExceptions, CanBeRethrownOutOfACatchBlockThatSuspended) {
  CountingListener listener;
  std::string caught;
  Fiber fiber(
      [&] {
        try {
          try {
            throw std::runtime_error("declined");
          } catch (...) {
            Fiber::current()->park();
            throw;
          }
        } catch (const std::runtime_error& error) {
          caught = error.what();
        }
      },
      listener);
  fiber.resume();
  fiber.resume();
  EXPECT_EQ(caught, "declined");
}

struct CountsUncaughtAroundAPark {
  std::vector<int>& counts;
  ~CountsUncaughtAroundAPark() {
    counts.push_back(std::uncaught_exceptions());
    Fiber::current()->park();
    counts.push_back(std::uncaught_exceptions());
  }
};

TEST(FiberExceptions, InFlightAreCountedForTheirOwnFiberOnly) {
  CountingListener listener;
  std::vector<int> counts;
  Fiber throwing(
      [&] {
        try {
          const CountsUncaughtAroundAPark guard{counts};
          throw std::runtime_error("in flight");
        } catch (const std::runtime_error&) {
          counts.push_back(std::uncaught_exceptions());
        }
      },
      listener);
  Fiber other([&] { counts.push_back(10 + std::uncaught_exceptions()); }, listener);
  throwing.resume();
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  other.resume();
  throwing.resume();
  EXPECT_THAT(counts, ElementsAre(1, 10, 1, 0));
}

TEST(FiberErrno, BelongsToItsFiber) {
  CountingListener listener;
  std::vector<int> seen;
  const auto body = [&seen](int value) {
    return [&seen, value] {
      seen.push_back(errno);
      errno = value;
      Fiber::current()->park();
      seen.push_back(errno);
    };
  };
  Fiber a(body(EDOM), listener);
  Fiber b(body(ERANGE), listener);
  errno = EINTR;
  for (Fiber* fiber : {&a, &b, &b, &a}) {
    fiber->resume();
    EXPECT_EQ(errno, EINTR);
  }
  EXPECT_THAT(seen, ElementsAre(0, 0, ERANGE, EDOM));
}

TEST(FiberCurrent, IsTheInnermostFiberThatRuns) {
  CountingListener listener;
  std::vector<Fiber*> seen;
  std::optional<Fiber> inner;
  Fiber outer(
      [&] {
        seen.push_back(Fiber::current());
        inner.emplace([&] { seen.push_back(Fiber::current()); }, listener);
        inner->resume();
        seen.push_back(Fiber::current());
      },
      listener);
  EXPECT_EQ(Fiber::current(), nullptr);
  outer.resume();
  EXPECT_EQ(Fiber::current(), nullptr);
  EXPECT_THAT(seen, ElementsAre(&outer, &*inner, &outer));
}

TEST(FibersOfSeveralThreads, DoNotMeet) {
  std::vector<std::vector<std::string>> seen(4);
  std::vector<std::thread> threads;
  for (auto& own : seen) {
    threads.emplace_back([&own] {
      CountingListener listener;
      for (int i = 0; i < 50; ++i) {
        own.clear();
        Fiber a([&own] { suspend_in_catch_blocks("a", own); }, listener);
        Fiber b([&own] { suspend_in_catch_blocks("b", own); }, listener);
        Fiber doomed([] { std::terminate(); }, listener);
        for (Fiber* fiber : {&a, &b, &doomed, &b, &a}) fiber->resume();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(seen,
              testing::Each(ElementsAre("b inner", "again b inner", "a inner", "again a inner")));
}

}  // namespace durable::fiber::fiber_test
