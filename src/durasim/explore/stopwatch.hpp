#pragma once

#include <chrono>
#include <string>

#include <fmt/format.h>

namespace durasim {

/// The machine's time since it was made. For limits that a user has set in seconds, and for nothing
/// that decides what a run does.
class Stopwatch {
 public:
  std::chrono::steady_clock::duration elapsed() const {
    return std::chrono::steady_clock::now() - start_;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "after 0.5 seconds".
inline std::string after(std::chrono::milliseconds time) {
  return fmt::format("after {:g} seconds", static_cast<double>(time.count()) / 1000);
}

}  // namespace durasim
