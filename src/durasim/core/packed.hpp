#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// Numbers and texts as bytes, between processes of one program.
namespace durasim {

class PackedWriter {
 public:
  void add(std::uint64_t number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    bytes_.append(bytes, sizeof number);
  }
  void add(std::string_view text) {
    add(text.size());
    bytes_.append(text);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a PackedWriter wrote, in the same order.
/// Errors:  std::logic_error where there is no more.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }
  template <class Number>
  Number as() {
    return static_cast<Number>(number());
  }
  std::string text() { return std::string(take(number())); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw std::logic_error("packed bytes end early");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

}  // namespace durasim
