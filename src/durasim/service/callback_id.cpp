#include "durasim/service/callback_id.hpp"

#include <cstdint>

#include "durable/model/mutant.hpp"
#include "durable/model/sha256.hpp"

namespace durasim {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBitsOfDigit = 4;
constexpr std::size_t kBitsOfCharacter = 6;

std::uint32_t value_of(char hex_digit) {
  return static_cast<std::uint32_t>(hex_digit <= '9' ? hex_digit - '0' : hex_digit - 'a' + 10);
}

}  // namespace

std::string callback_id(std::string_view execution_arn, durable::OperationPath path) {
  std::string name(execution_arn);
  name.append("/");
  if (!DURASIM_MUTANT(callbacks_share_an_id)) name.append(path.wire_id());
  std::string id;
  std::uint32_t bits = 0;
  std::size_t count = 0;
  for (const char digit : durable::sha256_hex(name)) {
    bits = bits << kBitsOfDigit | value_of(digit);
    count += kBitsOfDigit;
    if (count < kBitsOfCharacter) continue;
    count -= kBitsOfCharacter;
    id += kBase64[bits >> count & 63U];
    bits &= (1U << count) - 1U;
  }
  id += kBase64[bits << (kBitsOfCharacter - count) & 63U];  // 256 is 42 times 6, and 4
  return id += "=";
}

}  // namespace durasim
