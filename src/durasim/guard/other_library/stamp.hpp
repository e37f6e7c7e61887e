#pragma once

#include <cstdint>
#include <string>

/// Stands for other people's library, which knows nothing of durasim.
namespace other_library {

std::int64_t stamp();
std::uint32_t number();
std::string setting(const char* name);

}  // namespace other_library
