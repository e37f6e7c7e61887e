#include <chrono>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/errors.hpp>
#include <durable/model.hpp>
#include <durable/retry.hpp>

namespace durable::retry_test {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<std::int64_t> delays(const RetryStrategy& strategy) {
  std::vector<std::int64_t> all;
  for (std::uint32_t made = 1; strategy.after(made).retry; ++made)
    all.push_back(strategy.after(made).delay.count());
  return all;
}

TEST(RetryStrategy, NoneAllowsOneAttempt) {
  EXPECT_THAT(delays(retry::none()), ElementsAre());
  EXPECT_EQ(retry::none().max_attempts(), 1u);
}

TEST(RetryStrategy, FixedWaitsTheSameTimeAfterEachAttemptButTheLast) {
  EXPECT_THAT(delays(retry::fixed()), ElementsAre(5, 5, 5, 5));
  EXPECT_THAT(delays(retry::fixed(3, seconds(2))), ElementsAre(2, 2));
  EXPECT_EQ(retry::fixed().after(1).jitter, Jitter::none);
}

TEST(RetryStrategy, StandardDoublesUpToAMinuteWithFullJitter) {
  EXPECT_THAT(delays(retry::standard()), ElementsAre(5, 10, 20, 40, 60));
  EXPECT_EQ(retry::standard().after(1).jitter, Jitter::full);
  EXPECT_EQ(retry::standard().max_attempts(), 6u);
}

TEST(RetryStrategy, RoundsUpFractionsOfASecond) {
  EXPECT_THAT(delays(RetryStrategy(5, seconds(1), seconds(100), 150, Jitter::none)),
              ElementsAre(1, 2, 3, 5));
}

TEST(RetryStrategy, NeverWaitsLongerThanItsLongestDelay) {
  const RetryStrategy strategy(1000, seconds(100), kLongestWait, 1'000'000, Jitter::none);
  EXPECT_EQ(strategy.after(1).delay, seconds(100));
  EXPECT_EQ(strategy.after(2).delay, seconds(1'000'000));
  EXPECT_EQ(strategy.after(3).delay, kLongestWait);
  EXPECT_EQ(strategy.after(999).delay, kLongestWait);
  EXPECT_EQ(RetryStrategy(2, seconds(60), seconds(5), 200, Jitter::none).after(1).delay,
            seconds(5));
}

TEST(RetryStrategy, StandsStillOrShrinksWithASmallRate) {
  const RetryStrategy still(std::numeric_limits<std::uint32_t>::max(), seconds(1), seconds(2), 100,
                            Jitter::none);
  EXPECT_EQ(still.after(1'000'000'000).delay, seconds(1));
  EXPECT_GE(RetryStrategy(5, seconds(1), seconds(2), 0, Jitter::none).after(3).delay, seconds(1));
}

TEST(RetryStrategy, RefusesWhatNoServiceWouldTake) {
  EXPECT_THAT([] { retry::fixed(0); }, ThrowsMessage<ValidationError>(HasSubstr("0 attempts")));
  EXPECT_THAT([] { retry::fixed(2, seconds(0)); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of 0 s")));
  EXPECT_THAT([] { retry::fixed(2, seconds(-1)); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of -1 s")));
  EXPECT_THAT([] { retry::fixed(2, kLongestWait + seconds(1)); },
              ThrowsMessage<ValidationError>(HasSubstr("31622400 s (366 days)")));
}

}  // namespace durable::retry_test
