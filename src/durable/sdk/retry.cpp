#include <durable/retry.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <durable/errors.hpp>
#include <durable/model.hpp>

#include "durable/model/mutant.hpp"

namespace durable {

RetryStrategy::RetryStrategy(std::uint32_t max_attempts, std::chrono::seconds initial,
                             std::chrono::seconds longest, std::uint32_t rate_percent,
                             Jitter jitter)
    : max_attempts_(max_attempts),
      initial_(initial),
      longest_(longest),
      rate_percent_(rate_percent),
      jitter_(jitter) {
  if (max_attempts_ < 1)
    throw ValidationError(
        "a retry strategy has 0 attempts; the first one counts, so give at least 1");
  for (const auto delay : {initial_, longest_}) {
    if (delay < std::chrono::seconds(1) || delay > kLongestWait) {
      throw ValidationError(
          fmt::format("a retry strategy has a delay of {} s; a delay takes 1 s to {} s (366 days)",
                      delay.count(), kLongestWait.count()));
    }
  }
}

RetryStrategy::Decision RetryStrategy::after(std::uint32_t attempts_made) const {
  if (attempts_made >= max_attempts_ + (DURASIM_MUTANT(retries_without_limit) ? 1U : 0U)) return {};
  std::int64_t delay = initial_.count();
  for (std::uint32_t i = 1; i < attempts_made && delay < longest_.count(); ++i) {
    const std::int64_t next = std::max<std::int64_t>((delay * rate_percent_ + 99) / 100, 1);
    if (next == delay) break;
    delay = next;
  }
  return {true, std::chrono::seconds(std::min<std::int64_t>(delay, longest_.count())), jitter_};
}

namespace retry {

RetryStrategy none() {
  return {1, std::chrono::seconds(1), std::chrono::seconds(1), 100, Jitter::none};
}

RetryStrategy fixed(std::uint32_t attempts, std::chrono::seconds interval) {
  return {attempts, interval, interval, 100, Jitter::none};
}

RetryStrategy standard() {
  return {6, std::chrono::seconds(5), std::chrono::seconds(60), 200, Jitter::full};
}

}  // namespace retry
}  // namespace durable
