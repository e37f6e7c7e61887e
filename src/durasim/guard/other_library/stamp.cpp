#include "stamp.hpp"

#include <chrono>
#include <cstdlib>
#include <random>

namespace other_library {

std::int64_t stamp() { return std::chrono::system_clock::now().time_since_epoch().count() / 1000; }

std::uint32_t number() { return std::random_device()(); }

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace other_library
