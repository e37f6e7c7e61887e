#include <durable/retry.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include <durable/errors.hpp>

#include "durable/model/mutant.hpp"

namespace durable {
namespace {

void check_attempts(std::uint32_t max_attempts) {
  if (max_attempts >= 1) return;
  throw ValidationError(
      "a retry strategy has 0 attempts; the first one counts, so give at least 1");
}

void check_delays(std::initializer_list<std::chrono::seconds> delays) {
  for (const auto delay : delays) {
    if (delay >= std::chrono::seconds(1) && delay <= kLongestWait) continue;
    throw ValidationError(
        fmt::format("a retry strategy has a delay of {} s; a delay takes 1 s to {} s (366 days)",
                    delay.count(), kLongestWait.count()));
  }
}

RetryDecision checked(RetryDecision decision) {
  if (!decision.retry) return {};
  if (decision.delay < std::chrono::seconds(0) || decision.delay > kLongestWait) {
    throw ValidationError(
        fmt::format("it asks for a delay of {} s; a delay takes 1 s to {} s "
                    "(366 days)",
                    decision.delay.count(), kLongestWait.count()));
  }
  decision.delay = std::max(decision.delay, std::chrono::seconds(1));
  return decision;
}

}  // namespace

struct RetryStrategy::Rules {
  retry::Function function;
  retry::ErrorFilter filter;
};

RetryStrategy::RetryStrategy(const retry::ExponentialOptions& options)
    : max_attempts_(options.max_attempts),
      jitter_(options.jitter),
      growth_(options.backoff_rate),
      initial_(options.initial),
      longest_(options.longest) {
  check_attempts(max_attempts_);
  check_delays({initial_, longest_});
  if (!std::isfinite(growth_) || growth_ < 1) {
    throw ValidationError(fmt::format(
        "a retry strategy has a backoff rate of {}; it takes 1, for equal delays, or more",
        growth_));
  }
  retry::ErrorFilter filter{options.retryable_errors, options.retryable_error_types};
  if (!filter.admits_all()) rules_ = std::make_shared<Rules>(Rules{{}, std::move(filter)});
}

RetryStrategy::RetryStrategy(const retry::LinearOptions& options)
    : max_attempts_(options.max_attempts),
      jitter_(options.jitter),
      linear_(true),
      growth_(static_cast<double>(options.increment.count())),
      initial_(options.initial),
      longest_(options.longest) {
  check_attempts(max_attempts_);
  check_delays({initial_, longest_});
  if (options.increment < std::chrono::seconds(0) || options.increment > kLongestWait) {
    throw ValidationError(
        fmt::format("a retry strategy has an increment of {} s; it takes 0 s to {} s (366 days)",
                    options.increment.count(), kLongestWait.count()));
  }
  retry::ErrorFilter filter{options.retryable_errors, options.retryable_error_types};
  if (!filter.admits_all()) rules_ = std::make_shared<Rules>(Rules{{}, std::move(filter)});
}

RetryStrategy::RetryStrategy(retry::Function function) : max_attempts_(0) {
  if (!function) throw ValidationError("a custom retry strategy has no function");
  rules_ = std::make_shared<Rules>(Rules{std::move(function), {}});
}

RetryDecision RetryStrategy::after(const ErrorObject& error, std::uint32_t attempts_made) const {
  if (rules_ && rules_->function) return checked(rules_->function(error, attempts_made));
  if (attempts_made >= max_attempts_ + (DURASIM_MUTANT(retries_without_limit) ? 1U : 0U)) return {};
  if (rules_ && !rules_->filter.admits(error)) return {};
  const double delay = std::min(delay_after(attempts_made), static_cast<double>(longest_.count()));
  const auto seconds = static_cast<std::int64_t>(std::ceil(std::max(delay, 1.0)));
  return {true, std::chrono::seconds(seconds), jitter_};
}

/// Multiplies instead of calling pow, which answers differently on different machines.
double RetryStrategy::delay_after(std::uint32_t attempts_made) const {
  auto delay = static_cast<double>(initial_.count());
  if (linear_) return delay + growth_ * (attempts_made - 1);
  const auto longest = static_cast<double>(longest_.count());
  for (std::uint32_t i = 1; i < attempts_made && delay < longest; ++i) {
    const double next = delay * growth_;
    if (next == delay) break;
    delay = next;
  }
  return delay;
}

bool RetryStrategy::rules_agree_with(const RetryStrategy& other) const {
  return rules_ && other.rules_ && !rules_->function == !other.rules_->function &&
         rules_->filter == other.rules_->filter;
}

std::string RetryStrategy::describe() const {
  if (rules_ && rules_->function) return "a function";
  constexpr std::string_view jitters[] = {"no jitter", "half jitter", "full jitter"};
  return fmt::format(
      "{}: {} attempt{}, {} s to {} s, {} {}{}, {}{}", linear_ ? "linear" : "exponential",
      max_attempts_, max_attempts_ == 1 ? "" : "s", initial_.count(), longest_.count(),
      linear_ ? "increment" : "backoff rate", growth_, linear_ ? " s" : "",
      jitters[static_cast<std::size_t>(jitter_)], rules_ ? ", for some failures only" : "");
}

namespace retry {

RetryStrategy exponential(const ExponentialOptions& options) { return RetryStrategy(options); }
RetryStrategy linear(const LinearOptions& options) { return RetryStrategy(options); }
RetryStrategy custom(Function function) { return RetryStrategy(std::move(function)); }

RetryStrategy none() { return exponential({.max_attempts = 1, .jitter = Jitter::none}); }

RetryStrategy fixed(std::uint32_t attempts, std::chrono::seconds interval) {
  return exponential({.max_attempts = attempts,
                      .initial = interval,
                      .longest = interval,
                      .backoff_rate = 1,
                      .jitter = Jitter::none});
}

RetryStrategy transient() { return exponential({.jitter = Jitter::half}); }
RetryStrategy resource_availability() { return exponential({.max_attempts = 5}); }

RetryStrategy critical() {
  return exponential({.max_attempts = 10,
                      .initial = std::chrono::seconds(1),
                      .longest = std::chrono::seconds(60),
                      .backoff_rate = 1.5,
                      .jitter = Jitter::none});
}

RetryStrategy linear_preset() { return linear({.jitter = Jitter::none}); }

}  // namespace retry
}  // namespace durable
