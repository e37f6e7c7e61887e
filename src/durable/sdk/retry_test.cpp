#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/errors.hpp>
#include <durable/retry.hpp>

namespace durable::retry_test {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const ErrorObject kDown{"shop::GatewayDown", "HTTP 503: try later"};
const ErrorObject kDeclined{"shop::CardDeclined", "card declined"};

std::vector<std::int64_t> delays(const RetryStrategy& strategy) {
  std::vector<std::int64_t> all;
  for (std::uint32_t made = 1; strategy.after(kDown, made).retry; ++made)
    all.push_back(strategy.after(kDown, made).delay.count());
  return all;
}

Jitter jitter(const RetryStrategy& strategy) { return strategy.after(kDown, 1).jitter; }

TEST(RetryPresets, NoneAllowsOneAttempt) {
  EXPECT_THAT(delays(retry::none()), ElementsAre());
  EXPECT_EQ(retry::none().max_attempts(), 1u);
}

TEST(RetryPresets, FixedWaitsTheSameTimeAfterEachAttemptButTheLast) {
  EXPECT_THAT(delays(retry::fixed()), ElementsAre(5, 5, 5, 5));
  EXPECT_THAT(delays(retry::fixed(3, 2s)), ElementsAre(2, 2));
  EXPECT_EQ(jitter(retry::fixed()), Jitter::none);
}

TEST(RetryPresets, StandardDoublesUpToAMinuteWithFullJitter) {
  EXPECT_THAT(delays(retry::standard()), ElementsAre(5, 10, 20, 40, 60));
  EXPECT_EQ(jitter(retry::standard()), Jitter::full);
  EXPECT_EQ(retry::standard().max_attempts(), 6u);
}

TEST(RetryPresets, TransientHasThreeAttemptsAndHalfJitter) {
  EXPECT_THAT(delays(retry::transient()), ElementsAre(5, 10));
  EXPECT_EQ(jitter(retry::transient()), Jitter::half);
}

TEST(RetryPresets, ResourceAvailabilityHasFiveAttemptsAndFullJitter) {
  EXPECT_THAT(delays(retry::resource_availability()), ElementsAre(5, 10, 20, 40));
  EXPECT_EQ(jitter(retry::resource_availability()), Jitter::full);
}

TEST(RetryPresets, CriticalGrowsByHalfAndRoundsUpOnlyWhatItAnswers) {
  EXPECT_THAT(delays(retry::critical()), ElementsAre(1, 2, 3, 4, 6, 8, 12, 18, 26));
  EXPECT_EQ(jitter(retry::critical()), Jitter::none);
}

TEST(RetryPresets, LinearIsASecondLongerEachTime) {
  EXPECT_THAT(delays(retry::linear_preset()), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(jitter(retry::linear_preset()), Jitter::none);
}

TEST(RetryDefaults, OfExponentialAreThreeAttemptsUpToFiveMinutesWithFullJitter) {
  EXPECT_THAT(delays(retry::exponential({})), ElementsAre(5, 10));
  EXPECT_EQ(jitter(retry::exponential({})), Jitter::full);
  EXPECT_THAT(delays(retry::exponential({.max_attempts = 9})),
              ElementsAre(5, 10, 20, 40, 80, 160, 300, 300));
}

TEST(RetryDefaults, OfLinearAreSixAttemptsUpToFiveMinutesWithFullJitter) {
  EXPECT_THAT(delays(retry::linear({})), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(jitter(retry::linear({})), Jitter::full);
  EXPECT_EQ(retry::linear({.max_attempts = 400}).after(kDown, 399).delay, 300s);
}

TEST(RetryDelays, NeverExceedTheLongest) {
  const auto steep = retry::exponential(
      {.max_attempts = 1000, .initial = 100s, .longest = kLongestWait, .backoff_rate = 10'000});
  EXPECT_EQ(steep.after(kDown, 1).delay, 100s);
  EXPECT_EQ(steep.after(kDown, 2).delay, 1'000'000s);
  EXPECT_EQ(steep.after(kDown, 3).delay, kLongestWait);
  EXPECT_EQ(steep.after(kDown, 999).delay, kLongestWait);
  EXPECT_EQ(retry::exponential({.initial = 60s, .longest = 5s}).after(kDown, 1).delay, 5s);
  EXPECT_EQ(retry::linear({.initial = 60s, .longest = 5s}).after(kDown, 1).delay, 5s);
  EXPECT_EQ(retry::exponential({.longest = 7s, .backoff_rate = 1e308}).after(kDown, 2).delay, 7s);
}

TEST(RetryDelays, OfTheBillionthAttemptAreThereAtOnce) {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  EXPECT_EQ(retry::fixed(most, 1s).after(kDown, 1'000'000'000).delay, 1s);
  EXPECT_EQ(
      retry::linear({.max_attempts = most, .increment = kLongestWait, .longest = kLongestWait})
          .after(kDown, most - 1)
          .delay,
      kLongestWait);
}

TEST(RetryFilters, AdmitAllWhereNeitherListIsGiven) {
  EXPECT_TRUE(retry::exponential({}).after(kDeclined, 1).retry);
  EXPECT_TRUE(retry::linear({}).after(kDeclined, 1).retry);
}

TEST(RetryFilters, AdmitWhatEitherListNames) {
  const auto strategy = retry::exponential(
      {.retryable_errors = {"503", "timed out"}, .retryable_error_types = {"CardDeclined"}});
  EXPECT_TRUE(strategy.after(kDown, 1).retry);
  EXPECT_TRUE(strategy.after(kDeclined, 1).retry);
  EXPECT_TRUE(strategy.after({"std::runtime_error", "it timed out"}, 1).retry);
  EXPECT_FALSE(strategy.after({"std::runtime_error", "disk full"}, 1).retry);
}

TEST(RetryFilters, TakeAListThatIsNotGivenForAnEmptyOneWhereTheOtherIsGiven) {
  EXPECT_FALSE(retry::linear({.retryable_errors = {"503"}}).after(kDeclined, 1).retry);
  EXPECT_FALSE(retry::linear({.retryable_error_types = {"CardDeclined"}}).after(kDown, 1).retry);
}

TEST(RetryFilters, StillCountAttempts) {
  const auto strategy = retry::linear({.max_attempts = 3, .retryable_errors = {"503"}});
  EXPECT_THAT(delays(strategy), ElementsAre(1, 2));
  EXPECT_EQ(strategy.max_attempts(), 3u);
}

TEST(RetryFilters, NameATypeWithOrWithoutItsNamespaces) {
  const auto admits = [](const std::string& wanted, const std::string& type) {
    return retry::linear({.retryable_error_types = {wanted}}).after({type, ""}, 1).retry;
  };
  EXPECT_TRUE(admits("shop::CardDeclined", "shop::CardDeclined"));
  EXPECT_TRUE(admits("CardDeclined", "shop::CardDeclined"));
  EXPECT_TRUE(admits("CardDeclined", "CardDeclined"));
  EXPECT_TRUE(admits("CardDeclined", "(anonymous namespace)::CardDeclined"));
  EXPECT_FALSE(admits("Declined", "shop::CardDeclined"));
  EXPECT_FALSE(admits("shop::CardDeclined", "CardDeclined"));
  EXPECT_FALSE(admits("", "shop::CardDeclined"));
}

TEST(RetryFilters, FindRegularExpressionsInMessages) {
  const auto finds = [](const char* expression, const std::string& message) {
    return retry::linear({.retryable_errors = {retry::regex(expression)}})
        .after({"E", message}, 1)
        .retry;
  };
  EXPECT_TRUE(finds("^HTTP 5\\d\\d", "HTTP 503: try later"));
  EXPECT_FALSE(finds("^HTTP 5\\d\\d", "got HTTP 503"));
  EXPECT_TRUE(finds("(timeout|reset)$", "connection reset"));
  EXPECT_FALSE(finds("Timeout", "timeout"));
}

TEST(RetryFilters, FindARegularExpressionInALongMessageWithoutALongStack) {
  const std::string message = std::string(200'000, 'a') + "!";
  EXPECT_TRUE(retry::linear({.retryable_errors = {retry::regex("(a|b)+!")}})
                  .after({"E", message}, 1)
                  .retry);
  EXPECT_FALSE(retry::linear({.retryable_errors = {retry::regex("(a+)+b")}})
                   .after({"E", message.substr(0, 1000)}, 1)
                   .retry);
}

TEST(RetryFilters, RefuseWhatIsNoRegularExpression) {
  EXPECT_THAT([] { retry::regex("("); },
              ThrowsMessage<ValidationError>(HasSubstr("\"(\" is not a regular expression")));
  EXPECT_THAT([] { retry::regex("(a)\\1"); },
              ThrowsMessage<ValidationError>(HasSubstr("without back-references")));
}

TEST(CustomRetry, DecidesByTheErrorAndTheAttempts) {
  const auto strategy = retry::custom([](const ErrorObject& error, std::uint32_t made) {
    return RetryDecision{error.type == "shop::GatewayDown" && made < 3, seconds(made * 7),
                         Jitter::half};
  });
  EXPECT_THAT(delays(strategy), ElementsAre(7, 14));
  EXPECT_EQ(jitter(strategy), Jitter::half);
  EXPECT_FALSE(strategy.after(kDeclined, 1).retry);
  EXPECT_EQ(strategy.max_attempts(), 0u);
}

TEST(CustomRetry, WaitsASecondWhereItAsksForNoDelay) {
  EXPECT_EQ(retry::custom([](const auto&, auto) -> RetryDecision { return {.retry = true}; })
                .after(kDown, 1)
                .delay,
            1s);
  EXPECT_EQ(retry::custom([](const auto&, auto) -> RetryDecision { return {true, 0s}; })
                .after(kDown, 1)
                .delay,
            1s);
}

TEST(CustomRetry, MayNotAskForADelayOutOfRange) {
  const auto asking = [](seconds delay, bool retry = true) {
    return [=] {
      static_cast<void>(retry::custom([=](const auto&, auto) {
                          return RetryDecision{retry, delay};
                        }).after(kDown, 1));
    };
  };
  EXPECT_THAT(asking(-1s), ThrowsMessage<ValidationError>(HasSubstr("a delay of -1 s")));
  EXPECT_THAT(asking(kLongestWait + 1s), ThrowsMessage<ValidationError>(HasSubstr("31622401 s")));
  EXPECT_NO_THROW(asking(-1s, false)());
}

TEST(RetryStrategy, AgreesWithOneThatDecidesAlike) {
  EXPECT_TRUE(retry::standard().agrees_with({}));
  EXPECT_TRUE(retry::fixed(3, 2s).agrees_with(retry::fixed(3, 2s)));
  for (const RetryStrategy& other :
       {retry::fixed(4, 2s), retry::fixed(3, 1s), retry::none(), retry::transient(),
        retry::linear({.max_attempts = 3, .initial = 2s, .jitter = Jitter::none})})
    EXPECT_FALSE(retry::fixed(3, 2s).agrees_with(other)) << other.describe();
  const auto busy = [](const char* text) { return retry::linear({.retryable_errors = {text}}); };
  EXPECT_TRUE(busy("busy").agrees_with(busy("busy")));
  EXPECT_FALSE(busy("busy").agrees_with(busy("slow")));
  EXPECT_FALSE(busy("busy").agrees_with(retry::linear({})));
  EXPECT_FALSE(
      busy("busy").agrees_with(retry::linear({.retryable_errors = {retry::regex("busy")}})));
  const auto custom = [] {
    return retry::custom([](const ErrorObject&, std::uint32_t) { return RetryDecision{}; });
  };
  EXPECT_TRUE(custom().agrees_with(custom())) << "functions cannot be compared";
  EXPECT_FALSE(custom().agrees_with({}));
}

TEST(RetryStrategy, DescribesItself) {
  EXPECT_EQ(retry::standard().describe(),
            "exponential: 6 attempts, 5 s to 60 s, backoff rate 2, full jitter");
  EXPECT_EQ(retry::none().describe(),
            "exponential: 1 attempt, 5 s to 300 s, backoff rate 2, no jitter");
  EXPECT_EQ(retry::linear({.jitter = Jitter::half, .retryable_error_types = {"Busy"}}).describe(),
            "linear: 6 attempts, 1 s to 300 s, increment 1 s, half jitter, for some failures only");
  EXPECT_EQ(
      retry::custom([](const ErrorObject&, std::uint32_t) { return RetryDecision{}; }).describe(),
      "a function");
}

TEST(RetryValidation, RefusesWhatNoServiceWouldTake) {
  EXPECT_THAT([] { retry::fixed(0); }, ThrowsMessage<ValidationError>(HasSubstr("0 attempts")));
  EXPECT_THAT([] { retry::linear({.max_attempts = 0}); },
              ThrowsMessage<ValidationError>(HasSubstr("0 attempts")));
  EXPECT_THAT([] { retry::fixed(2, 0s); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of 0 s")));
  EXPECT_THAT([] { retry::fixed(2, -1s); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of -1 s")));
  EXPECT_THAT([] { retry::exponential({.longest = 0s}); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of 0 s")));
  EXPECT_THAT([] { retry::linear({.initial = 0s}); },
              ThrowsMessage<ValidationError>(HasSubstr("delay of 0 s")));
  EXPECT_THAT([] { retry::fixed(2, kLongestWait + 1s); },
              ThrowsMessage<ValidationError>(HasSubstr("31622400 s (366 days)")));
  EXPECT_THAT([] { retry::linear({.increment = -1s}); },
              ThrowsMessage<ValidationError>(HasSubstr("increment of -1 s")));
  for (const double rate : {0.99, -2.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THAT([=] { retry::exponential({.backoff_rate = rate}); },
                ThrowsMessage<ValidationError>(HasSubstr("backoff rate")));
  }
  EXPECT_THAT([] { retry::custom(nullptr); },
              ThrowsMessage<ValidationError>(HasSubstr("no function")));
}

}  // namespace durable::retry_test
