#pragma once

#include <cstdint>
#include <string_view>

namespace durable {

/// What an operation was asked to do, as one number (FNV-1a): equal inputs have equal digests.
class Digest {
 public:
  Digest& add(std::string_view text) {
    add(text.size());
    for (const char character : text) mix(static_cast<unsigned char>(character));
    return *this;
  }
  Digest& add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) mix((number >> shift) & 0xff);
    return *this;
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace durable
