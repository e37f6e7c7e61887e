#include <durasim/clock.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace durasim {
namespace clock_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp at(std::int64_t milliseconds) { return Timestamp(Duration(milliseconds)); }

std::vector<Clock::TimerId> ids(const std::vector<Clock::Timer>& timers) {
  std::vector<Clock::TimerId> result;
  for (const Clock::Timer& timer : timers) result.push_back(timer.id);
  return result;
}

TEST(Clock, StandsStillUntilItIsMoved) {
  Clock clock(at(100));
  clock.set(at(200), 1, 2);
  EXPECT_EQ(clock.now(), at(100));
  EXPECT_EQ(clock.next_due(), at(200));
  EXPECT_EQ(clock.now(), at(100));
}

TEST(Clock, HandsBackWhatATimerWasToldToRemember) {
  Clock clock(at(0));
  const auto id = clock.set(at(5), 7, 8, 9);
  const auto fired = clock.advance();
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0].id, id);
  EXPECT_EQ(fired[0].due, at(5));
  EXPECT_EQ(fired[0].owner, 7U);
  EXPECT_EQ(fired[0].first, 8U);
  EXPECT_EQ(fired[0].second, 9U);
}

TEST(Clock, TakesTimersInOrderOfTheirDueTimes) {
  Clock clock(at(0));
  const auto late = clock.set(at(300), 0, 0);
  const auto early = clock.set(at(100), 0, 0);
  const auto middle = clock.set(at(200), 0, 0);
  EXPECT_THAT(ids(clock.advance()), ElementsAre(early));
  EXPECT_THAT(ids(clock.advance()), ElementsAre(middle));
  EXPECT_THAT(ids(clock.advance()), ElementsAre(late));
  EXPECT_EQ(clock.now(), at(300));
}

TEST(Clock, FiresTimersOfOneInstantTogetherInOrderOfCreation) {
  Clock clock(at(0));
  const auto first = clock.set(at(50), 3, 0);
  const auto later = clock.set(at(51), 0, 0);
  const auto second = clock.set(at(50), 2, 0);
  const auto third = clock.set(at(50), 1, 0);
  EXPECT_THAT(ids(clock.advance()), ElementsAre(first, second, third));
  EXPECT_THAT(ids(clock.advance()), ElementsAre(later));
}

TEST(Clock, MovesOnlyToLiveTimers) {
  Clock clock(at(0));
  const auto stale = clock.set(at(10), 0, 0);
  const auto live = clock.set(at(20), 0, 0);
  const auto buried = clock.set(at(20), 0, 0);
  clock.cancel(stale);
  clock.cancel(buried);
  EXPECT_EQ(clock.next_due(), at(20));
  EXPECT_THAT(ids(clock.advance()), ElementsAre(live));
  EXPECT_EQ(clock.now(), at(20));
}

TEST(Clock, StaysWhereItIsWithoutLiveTimers) {
  Clock clock(at(7));
  EXPECT_EQ(clock.next_due(), std::nullopt);
  EXPECT_THAT(clock.advance(), IsEmpty());
  clock.cancel(clock.set(at(10), 0, 0));
  EXPECT_EQ(clock.next_due(), std::nullopt);
  EXPECT_THAT(clock.advance(), IsEmpty());
  EXPECT_EQ(clock.now(), at(7));
}

TEST(Clock, IgnoresCancellingWhatFiredOrNeverWas) {
  Clock clock(at(0));
  const auto fired = clock.set(at(1), 0, 0);
  clock.advance();
  clock.cancel(fired);
  clock.cancel(0);
  clock.cancel(99);
  const auto next = clock.set(at(2), 0, 0);
  EXPECT_THAT(ids(clock.advance()), ElementsAre(next));
}

TEST(Clock, FiresOverdueTimersNowWithoutRunningBackwards) {
  Clock clock(at(100));
  const auto first = clock.set(at(90), 0, 0);
  const auto second = clock.set(at(80), 0, 0);
  const auto third = clock.set(at(100), 0, 0);
  EXPECT_THAT(ids(clock.advance()), ElementsAre(first, second, third));
  EXPECT_EQ(clock.now(), at(100));
}

TEST(Clock, MovesUpToAPointBeforeTheNextTimer) {
  Clock clock(at(0));
  clock.set(at(10), 0, 0);
  clock.advance_to(at(4));
  EXPECT_EQ(clock.now(), at(4));
  clock.advance_to(at(3));
  EXPECT_EQ(clock.now(), at(4));
  clock.advance_to(at(10));
  EXPECT_EQ(clock.now(), at(10));
  EXPECT_EQ(clock.advance().size(), 1U);
}

TEST(Clock, MovesPastCancelledTimers) {
  Clock clock(at(0));
  clock.cancel(clock.set(at(10), 0, 0));
  clock.advance_to(at(20));
  EXPECT_EQ(clock.now(), at(20));
}

TEST(ClockDeathTest, AbortsRatherThanPassALiveTimer) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Clock clock(at(0));
  clock.set(at(10), 4, 0);
  EXPECT_DEATH(clock.advance_to(at(11)), "moved to 11 ms, past timer 1 of owner 4, due at 10 ms");
}

TEST(Clock, KeepsOrderAmongManyTimers) {
  Clock clock(at(0));
  constexpr std::uint64_t kTimers = 2'000;
  for (std::uint64_t i = 0; i < kTimers; ++i) {
    const auto id = clock.set(at(static_cast<std::int64_t>(i * 7919 % 101)), 0, 0);
    if (i % 3 == 0) clock.cancel(id);
  }
  std::size_t fired = 0;
  for (auto due = clock.next_due(); due; due = clock.next_due()) {
    const auto timers = clock.advance();
    fired += timers.size();
    EXPECT_EQ(clock.now(), *due);
    for (std::size_t i = 1; i < timers.size(); ++i) EXPECT_LT(timers[i - 1].id, timers[i].id);
  }
  EXPECT_EQ(fired, kTimers - (kTimers + 2) / 3);
}

}  // namespace clock_test
}  // namespace durasim
