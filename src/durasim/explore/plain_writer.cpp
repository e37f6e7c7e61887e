#include "durasim/explore/plain_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace durasim {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

/// The length of the UTF-8 sequence at the front of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xc2 ? 0
                             : byte(0) < 0xe0 ? 2
                             : byte(0) < 0xf0 ? 3
                             : byte(0) < 0xf5 ? 4
                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  if (length > 2) {  // neither overlong, nor a surrogate, nor beyond the last character
    const unsigned start = byte(0) * 256U + byte(1);
    if (start < 0xe0a0 || (start >= 0xeda0 && start < 0xee00) ||
        (start >= 0xf000 && start < 0xf090) || start >= 0xf490)
      return 0;
  }
  return length;
}

void write_hex(std::uint32_t number, char (&to)[8]) {
  for (int i = 7; i >= 0; --i, number >>= 4U) to[i] = kHexDigits[number & 0xfU];
}

}  // namespace

PlainWriter& PlainWriter::text(std::string_view text) {
  while (!text.empty()) {
    if (size_ == sizeof buffer_) flush();
    const std::size_t count = std::min(text.size(), sizeof buffer_ - size_);
    std::memcpy(buffer_ + size_, text.data(), count);
    size_ += count;
    text.remove_prefix(count);
  }
  return *this;
}

PlainWriter& PlainWriter::number(std::uint64_t number) {
  char digits[20];
  std::size_t begin = sizeof digits;
  do {
    digits[--begin] = kHexDigits[number % 10];
    number /= 10;
  } while (number != 0);
  return text({digits + begin, sizeof digits - begin});
}

PlainWriter& PlainWriter::hex(std::uint32_t number) {
  char digits[8];
  write_hex(number, digits);
  return text({digits, sizeof digits});
}

PlainWriter& PlainWriter::json(std::string_view value) {
  text("\"");
  while (!value.empty()) {
    const std::size_t length = sequence_length(value);
    const auto first = static_cast<unsigned char>(value[0]);
    if (length == 0) {
      text("\\ufffd");
    } else if (first < 0x20) {
      text("\\u00").text({kHexDigits + first / 16, 1}).text({kHexDigits + first % 16, 1});
    } else {
      if (first == '"' || first == '\\') text("\\");
      text(value.substr(0, length));
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text("\"");
}

bool PlainWriter::flush() {
  for (std::size_t begin = 0; begin < size_;) {
    const ssize_t count = ::write(descriptor_, buffer_ + begin, size_ - begin);
    if (count <= 0) {
      written_ = false;
      break;
    }
    begin += static_cast<std::size_t>(count);
  }
  size_ = 0;
  return written_;
}

PlainText& PlainText::text(std::string_view text) {
  const std::size_t count = std::min(text.size(), sizeof buffer_ - 1 - size_);
  std::memcpy(buffer_ + size_, text.data(), count);
  size_ += count;
  buffer_[size_] = '\0';
  return *this;
}

PlainText& PlainText::hex(std::uint32_t number) {
  char digits[8];
  write_hex(number, digits);
  return text({digits, sizeof digits});
}

}  // namespace durasim
