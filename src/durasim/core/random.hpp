#pragma once

#include <cstdint>

/// Random numbers without a state of the process: the same on every machine and compiler.
namespace durasim {

/// The finaliser of SplitMix64: a permutation, in which every bit depends on every bit.
constexpr std::uint64_t mix64(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// A number for a pair of numbers, in this order.
constexpr std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
  return mix64(mix64(a + 0x9e3779b97f4a7c15U) + b);
}

/// From 0 to `end` - 1; each as likely, but for one part in 2^32 * `end`. 0 for an empty range.
/// Shape:   `random` has 64 random bits.
constexpr std::uint32_t below(std::uint32_t end, std::uint64_t random) {
  return static_cast<std::uint32_t>(((random >> 32U) * end) >> 32U);
}

/// SplitMix64.
class RandomStream {
 public:
  explicit constexpr RandomStream(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() { return mix64(state_ += 0x9e3779b97f4a7c15U); }
  constexpr std::uint32_t below(std::uint32_t end) { return durasim::below(end, next()); }

 private:
  std::uint64_t state_;
};

}  // namespace durasim
