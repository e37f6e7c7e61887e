#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "durasim/explore/run.hpp"

namespace durasim {

/// The hash of a multiset: the sum of the hashes of its elements, so that their order does not count
/// and parts of the multiset can be added up.
/// Units:   128 bits.
struct Certificate {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  void add(const Certificate& other);
  /// 32 hexadecimal characters.
  std::string text() const;
  static std::optional<Certificate> from_text(std::string_view text);

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// The element that a run is: its schedule, every choice that it met and what was answered, every
/// durable state that it came through, and whether it broke a rule. The same in every process and
/// on every machine.
Certificate certify(const Schedule& schedule, const RunResult& run);

}  // namespace durasim
