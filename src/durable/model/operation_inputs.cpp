#include <durable/operation_inputs.hpp>

#include <fmt/format.h>

namespace durable {
namespace {

/// FNV-1a.
class Digest {
 public:
  void add(std::string_view text) {
    add(text.size());
    for (const char character : text) mix(static_cast<unsigned char>(character));
  }
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) mix((number >> shift) & 0xff);
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::string OperationInput::value() const {
  switch (form) {
    case Form::seconds:
      return fmt::format("{} s", number);
    case Form::flag:
      return number != 0 ? "true" : "false";
    case Form::text:
      return fmt::format("\"{}\"", text);
    case Form::json:
      break;
  }
  return std::string(text);
}

std::uint64_t digest(std::span<const OperationInput> inputs) {
  if (inputs.empty()) return 0;
  if (inputs.size() == 1 && inputs.front().is_number())
    return static_cast<std::uint64_t>(inputs.front().number);
  Digest digest;
  for (const OperationInput& input : inputs) {
    if (input.is_number()) {
      digest.add(static_cast<std::uint64_t>(input.number));
    } else {
      digest.add(input.text);
    }
  }
  return digest.value();
}

}  // namespace durable
