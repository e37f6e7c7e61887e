#pragma once

#include <cstdint>
#include <string_view>

/// FNV-1a, 64 bits: the same on every machine and compiler. Not against adversaries.
namespace durasim {

inline constexpr std::uint64_t kHashSeed = 0xcbf29ce484222325U;

/// FNV-1a of `bytes`; a hash as `seed` continues it.
constexpr std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = kHashSeed) {
  for (const char byte : bytes) {
    seed = (seed ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return seed;
}

/// The hash of a sequence of numbers and texts. Texts count with their length, so that "a", "bc"
/// and "ab", "c" differ.
struct Hash64 {
  /// Multiplies and folds once a number: all bits of it reach all bits of the hash.
  constexpr void add(std::uint64_t number) {
    state_ = (state_ ^ number) * 0x9e3779b97f4a7c15U;
    state_ ^= state_ >> 32U;
  }
  constexpr void add(std::string_view text) {
    add(hash64(text));
    add(static_cast<std::uint64_t>(text.size()));
  }
  constexpr std::uint64_t value() const { return mix(state_); }

 private:
  /// The finaliser of SplitMix64.
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  std::uint64_t state_ = kHashSeed;
};

}  // namespace durasim
