#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <durable/model.hpp>

/// When a failed step attempt is followed by another.
/// Source: docs/reference/retry.md
namespace durable {

/// How much of a retry delay is left to chance, so that many failed attempts do not return at once.
/// Drawn once and recorded.
enum class Jitter : std::uint8_t {
  none,  ///< the whole delay
  half,  ///< evenly between half of the delay and the whole
  full   ///< evenly between nothing and the whole delay
};

/// What follows a failed attempt: nothing, unless `retry` is set.
struct RetryDecision {
  bool retry = false;
  /// How long until the next attempt. Units: whole seconds up to 366 days; 0 is taken as 1.
  std::chrono::seconds delay{1};
  Jitter jitter = Jitter::none;
};

namespace retry {

/// Something to find in the message of an error: a piece of its text, or a regular expression.
class ErrorPattern {
 public:
  template <class Characters>
    requires std::convertible_to<const Characters&, std::string_view>
  ErrorPattern(const Characters& text)  // NOLINT(google-explicit-constructor): lists of literals
      : text_(std::string_view(text)) {}

  bool is_in(std::string_view message) const;

  /// Of regular expressions, the same text.
  friend bool operator==(const ErrorPattern& a, const ErrorPattern& b) {
    return a.text_ == b.text_ && (a.regex_ == nullptr) == (b.regex_ == nullptr);
  }

 private:
  friend ErrorPattern regex(std::string_view expression);
  struct Regex;

  std::string text_;
  std::shared_ptr<const Regex> regex_;  // nullptr where the text itself is looked for
};

/// A regular expression of ECMAScript without back-references, for any part of a message.
/// Errors:  ValidationError for what is not such an expression.
ErrorPattern regex(std::string_view expression);

/// Which failures are retried: those that either list names. All, where both lists are empty.
struct ErrorFilter {
  /// A failure whose message has one of these in it.
  std::vector<ErrorPattern> messages = {};
  /// A failure with one of these types: the recorded name, or the part of it after the last "::".
  std::vector<std::string> types = {};

  bool admits(const ErrorObject& error) const;
  bool admits_all() const { return messages.empty() && types.empty(); }

  friend bool operator==(const ErrorFilter&, const ErrorFilter&) = default;
};

/// Delays that grow by a factor: after attempt n, `initial * backoff_rate ^ (n - 1)`.
struct ExponentialOptions {
  /// Counts the first attempt.
  std::uint32_t max_attempts = 3;
  std::chrono::seconds initial{5};
  /// No delay is longer.
  std::chrono::seconds longest{300};
  double backoff_rate = 2.0;
  Jitter jitter = Jitter::full;
  /// See ErrorFilter::messages.
  std::vector<ErrorPattern> retryable_errors = {};
  /// See ErrorFilter::types.
  std::vector<std::string> retryable_error_types = {};
};

/// Delays that grow by a summand: after attempt n, `initial + increment * (n - 1)`.
struct LinearOptions {
  /// Counts the first attempt.
  std::uint32_t max_attempts = 6;
  std::chrono::seconds initial{1};
  std::chrono::seconds increment{1};
  /// No delay is longer.
  std::chrono::seconds longest{300};
  Jitter jitter = Jitter::full;
  /// See ErrorFilter::messages.
  std::vector<ErrorPattern> retryable_errors = {};
  /// See ErrorFilter::types.
  std::vector<std::string> retryable_error_types = {};
};

/// Decides by itself, given the recorded failure and how many attempts were made, the failed one
/// included. May be asked more than once about one failure, so it should depend on nothing else.
using Function =
    std::function<RetryDecision(const ErrorObject& error, std::uint32_t attempts_made)>;

}  // namespace retry

/// Decides after each failed attempt of a step whether there is another, and when.
/// Shape:   made by the functions of namespace retry; cheap to copy.
/// Units:   delays are whole seconds, fractions rounded up, 1 s to 366 days.
class RetryStrategy {
 public:
  /// retry::standard()
  RetryStrategy() = default;
  explicit RetryStrategy(const retry::ExponentialOptions& options);
  explicit RetryStrategy(const retry::LinearOptions& options);
  explicit RetryStrategy(retry::Function function);

  /// `attempts_made` counts the attempt that has just failed with `error`.
  /// Errors:  ValidationError for a delay of a custom function out of range; whatever it throws.
  RetryDecision after(const ErrorObject& error, std::uint32_t attempts_made) const;

  /// 0 where only a custom function knows.
  std::uint32_t max_attempts() const { return max_attempts_; }

  /// Whether both decide alike, as far as that can be told: of two custom functions it cannot.
  bool agrees_with(const RetryStrategy& other) const {
    return max_attempts_ == other.max_attempts_ && jitter_ == other.jitter_ &&
           linear_ == other.linear_ && growth_ == other.growth_ && initial_ == other.initial_ &&
           longest_ == other.longest_ && (rules_ == other.rules_ || rules_agree_with(other));
  }
  /// "exponential: 6 attempts, 5 s to 60 s, backoff rate 2, full jitter"
  std::string describe() const;

 private:
  struct Rules;  // a custom function or a filter

  double delay_after(std::uint32_t attempts_made) const;
  bool rules_agree_with(const RetryStrategy& other) const;

  // What a step without a strategy of its own uses: made for each call, so without an allocation.
  std::uint32_t max_attempts_ = 6;
  Jitter jitter_ = Jitter::full;
  bool linear_ = false;
  double growth_ = 2.0;  // factor, or summand in seconds
  std::chrono::seconds initial_{5};
  std::chrono::seconds longest_{60};
  std::shared_ptr<const Rules> rules_;
};

namespace retry {

/// Errors:  ValidationError for no attempts, delays outside 1 s to 366 days, a rate
///          under 1.
RetryStrategy exponential(const ExponentialOptions& options);

/// Errors:  ValidationError for no attempts, delays outside 1 s to 366 days, a negative increment.
RetryStrategy linear(const LinearOptions& options);

/// `function` decides. One that throws, or asks for a delay out of range, ends the execution as failed
/// with RetryStrategyError.
RetryStrategy custom(Function function);

/// One attempt only.
RetryStrategy none();

/// What a step uses when it names no strategy: 6 attempts, 5 s doubling to at most 60 s, full jitter.
inline RetryStrategy standard() { return {}; }

/// `attempts` attempts in all, `interval` apart, without jitter.
/// Errors:  ValidationError unless attempts >= 1 and 1 s <= interval <= 366 days.
RetryStrategy fixed(std::uint32_t attempts = 5,
                    std::chrono::seconds interval = std::chrono::seconds(5));

/// For failures that pass soon: 3 attempts, 5 s doubling to at most 300 s, half jitter.
RetryStrategy transient();

/// For what is scarce for a while: 5 attempts, 5 s doubling to at most 300 s, full jitter.
RetryStrategy resource_availability();

/// For what must not fail lightly: 10 attempts, 1 s growing by half to at most 60 s, without jitter.
RetryStrategy critical();

/// 6 attempts, 1 s longer each time from 1 s on to at most 300 s, without jitter; linear({}) has full
/// jitter.
RetryStrategy linear_preset();

}  // namespace retry
}  // namespace durable
