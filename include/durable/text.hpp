#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace durable {

/// Immutable text that may be absent. Absent and empty are different.
/// Shape:   up to 15 bytes, as most names and scalars have, are held in place; longer ones are shared by
///          all copies, on any thread. 16 bytes in all, because records are copied often.
class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text);
  Text(const Text& other) : bytes_(other.bytes_) {
    if (is_shared()) add_owner();
  }
  Text(Text&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Text& operator=(const Text& other) {
    if (other.is_shared()) other.add_owner();
    if (is_shared()) drop_owner();
    bytes_ = other.bytes_;
    return *this;
  }
  Text& operator=(Text&& other) noexcept {
    other.bytes_ = std::exchange(bytes_, other.bytes_);  // whole: std::swap goes byte by byte
    return *this;
  }
  ~Text() {
    if (is_shared()) drop_owner();
  }

  bool present() const { return tag() != 0; }
  /// Valid while this object is: a short text lies in it.
  std::string_view view() const {
    if (is_shared()) return shared_view();
    return present() ? std::string_view(bytes_.data(), static_cast<std::size_t>(tag() - 1))
                     : std::string_view();
  }
  std::string str() const { return std::string(view()); }

  friend bool operator==(const Text& a, const Text& b) {
    return a.bytes_ == b.bytes_ || (a.is_shared() && b.is_shared() && a.view() == b.view());
  }

 private:
  struct Shared;
  static constexpr std::size_t kInPlace = 15;
  static constexpr char kSharedTag = 17;

  char tag() const { return bytes_[15]; }
  bool is_shared() const { return tag() == kSharedTag; }
  Shared* shared() const {
    Shared* pointer = nullptr;
    std::memcpy(&pointer, bytes_.data(), sizeof pointer);  // NOLINT(bugprone-*): the pointer itself
    return pointer;
  }
  std::string_view shared_view() const;
  void add_owner() const;
  void drop_owner() const;

  /// The text, or a pointer. The last byte says what: 0 for nothing, or one more than the size of a text
  /// in place, or kSharedTag. What is not used is 0, so that equal texts in place have equal bytes.
  alignas(void*) std::array<char, 16> bytes_{};
};
static_assert(sizeof(Text) == 16);

}  // namespace durable
