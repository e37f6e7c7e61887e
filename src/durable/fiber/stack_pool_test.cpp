#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/config.hpp>
#include <durable/errors.hpp>

#include "durable/fiber/fiber.hpp"
#include "durable/fiber/sanitizers.hpp"
#include "durable/fiber/stack_pool.hpp"
#include "durable/fiber/testing.hpp"

namespace durable::fiber::stack_pool_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Other stacks for the length of a scope.
struct Configured {
  explicit Configured(const StackConfig& config) { configure_stacks(config); }
  ~Configured() { configure_stacks({}); }
  Configured(const Configured&) = delete;
  Configured& operator=(const Configured&) = delete;
};

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool is_resident(std::uintptr_t address) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  unsigned char resident = 0;
  if (::mincore(reinterpret_cast<void*>(address / page * page), page, &resident) != 0) return false;
  return (resident & 1) != 0;
}

void run_one_fiber(bool suspends) {
  CountingListener listener;
  Fiber fiber(
      [suspends] {
        if (suspends) Fiber::current()->park();
      },
      listener);
  fiber.resume();
}

TEST(StackPool, ServesAHundredThousandFibersFromOneStack) {
  for (int i = 0; i < 100; ++i) run_one_fiber(i % 2 == 0);
  const std::size_t mapped = mapped_stacks();
  const std::size_t live = live_stacks();
  const std::size_t resident = resident_bytes();
  for (int i = 0; i < 100'000; ++i) run_one_fiber(i % 10 == 0);
  EXPECT_EQ(mapped_stacks(), mapped);
  EXPECT_EQ(live_stacks(), live);
#if !defined(DURABLE_ASAN) && !defined(DURABLE_TSAN)  // which keep freed memory for a while
  EXPECT_LT(resident_bytes(), resident + (1u << 20));
#else
  static_cast<void>(resident);
#endif
}

TEST(StackPool, CountsAsLiveWhatASuspendedFiberHolds) {
  const std::size_t live = live_stacks();
  CountingListener listener;
  Fiber fiber([] { Fiber::current()->park(); }, listener);
  EXPECT_EQ(live_stacks(), live);  // a fiber takes its stack when it first runs
  fiber.resume();
  EXPECT_EQ(live_stacks(), live + 1);
  fiber.unwind();
  EXPECT_EQ(live_stacks(), live);
}

TEST(StackPool, NeverUsesTheStackOfAnAbandonedFiberAgain) {
  const std::size_t live = live_stacks();
  CountingListener listener;
  {
    Fiber fiber([] { std::terminate(); }, listener);
    fiber.resume();
  }
  EXPECT_EQ(live_stacks(), live + 1);
}

TEST(StackPool, BelongsToItsThread) {
  std::size_t live = 1;
  std::size_t mapped = 0;
  std::thread([&] {
    run_one_fiber(true);
    live = live_stacks();
    mapped = mapped_stacks();
  }).join();
  EXPECT_EQ(live, 0u);
  EXPECT_EQ(mapped, 1u);
}

TEST(StackPool, MakesStacksOfTheConfiguredSize) {
  const Configured configured({.size = 100'000});
  auto stack = acquire_stack();
  EXPECT_EQ(stack.size, 102'400u);  // whole pages
  const auto* bottom = static_cast<const char*>(stack.sp) - stack.size;
  EXPECT_FALSE(is_guard_of(bottom, stack));
  EXPECT_TRUE(is_guard_of(bottom - 1, stack));
  EXPECT_TRUE(is_guard_of(bottom - kGuardBytes, stack));
  EXPECT_FALSE(is_guard_of(bottom - kGuardBytes - 1, stack));
  release_stack(stack);
}

TEST(StackPool, DropsPooledStacksOfAnotherSize) {
  run_one_fiber(false);
  const std::size_t mapped = mapped_stacks();
  {
    const Configured configured({.size = 1 << 20});
    run_one_fiber(false);
    EXPECT_LE(mapped_stacks(), mapped);
  }
  run_one_fiber(false);
  EXPECT_LE(mapped_stacks(), mapped);
}

TEST(StackPool, SaysWhichLimitIsReachedWhenThereAreTooManyStacks) {
  const std::size_t live = live_stacks();
  std::vector<boost::context::stack_context>
      pooled;  // the limit counts pooled stacks that are taken again, too
  for (int i = 0; i < 5; ++i) pooled.push_back(acquire_stack());
  for (auto& stack : pooled) release_stack(stack);

  const Configured configured({.max_live = live + 2});
  CountingListener listener;
  const auto park = [] { Fiber::current()->park(); };
  Fiber first(park, listener);
  Fiber second(park, listener);
  Fiber third(park, listener);
  first.resume();
  second.resume();
  EXPECT_THAT([&] { third.resume(); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("durable: "), HasSubstr(std::to_string(live + 2)),
                        HasSubstr("StackConfig::max_live"), HasSubstr("vm.max_map_count"))));
  EXPECT_EQ(Fiber::current(), nullptr);
  first.unwind();
  third.resume();  // it may run as soon as there is a stack
  EXPECT_EQ(live_stacks(), live + 2);
}

/// Writes a byte to each page of a stack, down to `bytes` below this frame; says where it ended.
__attribute__((noinline)) std::uintptr_t go_deep(std::size_t bytes) {
  volatile char frame[4000] = {};
  frame[0] = 1;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const std::uintptr_t deepest = bytes <= sizeof frame ? here : go_deep(bytes - sizeof frame);
  frame[1] = 1;
  return deepest;
}

TEST(StackPool, GivesBackTheMemoryOfADeepStack) {
  CountingListener listener;
  std::uintptr_t deepest = 0;
  bool was_resident = false;
  Fiber fiber(
      [&] {
        deepest = go_deep(1 << 20);
        was_resident = is_resident(deepest);
      },
      listener);
  fiber.resume();
  EXPECT_TRUE(was_resident);
  EXPECT_FALSE(is_resident(deepest));
}

TEST(StackConfig, IsCheckedWhenItIsSet) {
  EXPECT_THAT([] { configure_stacks({.size = 1000}); },
              ThrowsMessage<ValidationError>(
                  AllOf(HasSubstr("StackConfig::size"), HasSubstr("1000"), HasSubstr("65536"))));
  EXPECT_THAT([] { configure_stacks({.max_live = 0}); },
              ThrowsMessage<ValidationError>(HasSubstr("StackConfig::max_live")));
}

TEST(StackConfig, IsLargeEnoughForWhatRunsOnTheMainThread) {
  CountingListener listener;
  bool done = false;
  Fiber fiber(
      [&done] {
        go_deep(7 << 20);
        done = true;
      },
      listener);
  fiber.resume();
  EXPECT_TRUE(done);
}

}  // namespace durable::fiber::stack_pool_test
