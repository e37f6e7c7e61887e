#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace durasim {

/// Compact. Bytes that are not UTF-8 are replaced: what is exported must be readable.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace durasim
