#pragma once

#include <chrono>

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

}  // namespace durasim
