#include <thread>

#include <gtest/gtest.h>

#include "durable/fiber/fiber.hpp"
#include "durable/fiber/sanitizers.hpp"
#include "durable/fiber/testing.hpp"

namespace durable::fiber::overflow_test {

// The compiler must not turn the recursion into a loop, nor the frames into nothing.
__attribute__((noinline)) int recurse(volatile int* depth) {
  volatile char frame[256] = {};
  *depth = *depth + 1;
  frame[0] = static_cast<char>(*depth);
  return *depth < 0 ? 0 : recurse(depth) + frame[0];
}

void overflow() {
  CountingListener listener;
  Fiber fiber(
      [] {
        volatile int depth = 0;
        recurse(&depth);
      },
      listener);
  fiber.resume();
}

// Sanitizers take the signal themselves; ThreadSanitizer has no stack to speak on outside the main thread.
#if defined(DURABLE_ASAN)
constexpr auto kOverflow = "stack-overflow";
constexpr auto kOverflowElsewhere = kOverflow;
#elif defined(DURABLE_TSAN)
constexpr auto kOverflow = "stack-overflow";
constexpr auto kOverflowElsewhere = "";
#else
constexpr auto kOverflow = "durable: stack overflow.*durable::StackConfig::size";
constexpr auto kOverflowElsewhere = kOverflow;
#endif

TEST(StackOverflowDeathTest, NamesTheOptionThatMakesStacksLarger) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(overflow(), kOverflow);
}

TEST(StackOverflowDeathTest, NamesItOnOtherThreadsAsWell) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(std::thread(overflow).join(), kOverflowElsewhere);
}

TEST(FiberThreadDeathTest, DiesWithAMessageWhenAnotherThreadResumesIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto resume_elsewhere = [] {
    CountingListener listener;
    Fiber fiber([] { Fiber::current()->park(); }, listener);
    fiber.resume();
    std::thread([&fiber] { fiber.resume(); }).join();
  };
  EXPECT_DEATH(resume_elsewhere(), "resumed by another thread than the one that made it");
}

}  // namespace durable::fiber::overflow_test
