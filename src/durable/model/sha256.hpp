#pragma once

#include <string>
#include <string_view>

namespace durable {

/// The SHA-256 of `text` as 64 hexadecimal characters.
std::string sha256_hex(std::string_view text);

}  // namespace durable
