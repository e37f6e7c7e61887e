#pragma once

#include <chrono>
#include <cstdint>
#include <type_traits>

namespace durable {

/// A span of time for the service, which counts in whole seconds. Made implicitly from any span of
/// std::chrono; one with a fraction is kept as it is, and the durable call that is given it refuses it.
class WholeSeconds {
 public:
  constexpr WholeSeconds() = default;
  template <class Number, class Period>
  constexpr WholeSeconds(  // NOLINT(google-explicit-constructor): 9h, 500ms
      std::chrono::duration<Number, Period> span) {
    using Span = std::chrono::duration<Number, Period>;
    if constexpr (std::is_convertible_v<Span, std::chrono::seconds>) {
      whole_ = span;
    } else if constexpr (std::is_floating_point_v<Number>) {
      take(std::chrono::duration<double>(span).count());
    } else {
      whole_ = std::chrono::floor<std::chrono::seconds>(span);
      fraction_ = std::chrono::duration<double>(span - whole_).count();
    }
  }

  /// Whether there is no fraction; NaN has one.
  constexpr bool is_whole() const { return fraction_ == 0; }
  /// Without the fraction.
  constexpr std::chrono::seconds whole() const { return whole_; }
  /// With the fraction. Units: seconds.
  constexpr double count() const { return static_cast<double>(whole_.count()) + fraction_; }

 private:
  constexpr void take(double seconds) {
    constexpr double kLargest = 1e15;  // all whole numbers up to it are doubles
    if (seconds > -kLargest && seconds < kLargest) {
      auto whole = static_cast<std::int64_t>(seconds);
      if (static_cast<double>(whole) > seconds) --whole;
      whole_ = std::chrono::seconds(whole);
    }
    fraction_ = seconds - static_cast<double>(whole_.count());
  }

  std::chrono::seconds whole_{0};
  double fraction_ = 0;
};

}  // namespace durable
