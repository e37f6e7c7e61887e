#pragma once

#include <chrono>
#include <cstdint>

/// When a failed step attempt is followed by another.
namespace durable {

/// How much of a retry delay is left to chance, so that many failed attempts do not return at once.
enum class Jitter : std::uint8_t {
  none,  ///< the whole delay
  full   ///< evenly between nothing and the whole delay; drawn once and recorded
};

/// Decides after each failed attempt of a step whether there is another, and when.
/// Units:   delays are whole seconds, at least one, at most 366 days.
class RetryStrategy {
 public:
  struct Decision {
    bool retry = false;
    std::chrono::seconds delay{0};
    Jitter jitter = Jitter::none;
  };

  /// `max_attempts` counts the first attempt. The delay after attempt n is
  /// `initial * rate_percent/100 ^ (n-1)`, never more than `longest`.
  RetryStrategy(std::uint32_t max_attempts, std::chrono::seconds initial,
                std::chrono::seconds longest, std::uint32_t rate_percent, Jitter jitter);

  /// `attempts_made` counts the attempt that has just failed.
  Decision after(std::uint32_t attempts_made) const;

  std::uint32_t max_attempts() const { return max_attempts_; }

 private:
  std::uint32_t max_attempts_;
  std::chrono::seconds initial_;
  std::chrono::seconds longest_;
  std::uint32_t rate_percent_;
  Jitter jitter_;
};

namespace retry {

/// One attempt only.
RetryStrategy none();

/// `attempts` attempts in all, `interval` apart, without jitter.
/// Errors:  ValidationError unless attempts >= 1 and 1 s <= interval <= 366 days.
RetryStrategy fixed(std::uint32_t attempts = 5,
                    std::chrono::seconds interval = std::chrono::seconds(5));

/// What a step uses when it names no strategy: 6 attempts, 5 s doubling to at most 60 s, full jitter.
RetryStrategy standard();

}  // namespace retry
}  // namespace durable
