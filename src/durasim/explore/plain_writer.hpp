#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace durasim {

/// Text for a file descriptor, for a process that is dying.
/// Shape:   async-signal-safe: no allocation, no locks, nothing but write(2).
class PlainWriter {
 public:
  explicit PlainWriter(int descriptor) : descriptor_(descriptor) {}
  ~PlainWriter() { flush(); }
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  PlainWriter& text(std::string_view text);
  PlainWriter& number(std::uint64_t number);
  /// 8 hexadecimal characters.
  PlainWriter& hex(std::uint32_t number);
  /// As a JSON string, with its quotes. Bytes that are not ASCII are taken for UTF-8 if they look
  /// like it.
  PlainWriter& json(std::string_view text);
  /// False if anything could not be written.
  bool flush();

 private:
  int descriptor_;
  bool written_ = true;
  std::size_t size_ = 0;
  char buffer_[2048];
};

/// A text of limited length, built without allocation; always ended by a zero.
class PlainText {
 public:
  PlainText& text(std::string_view text);
  PlainText& hex(std::uint32_t number);
  const char* c_str() const { return buffer_; }
  std::string_view view() const { return {buffer_, size_}; }

 private:
  std::size_t size_ = 0;
  char buffer_[4096] = {};
};

}  // namespace durasim
