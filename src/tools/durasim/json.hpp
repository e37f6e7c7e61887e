#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace durasim::program {

/// Whatever the names of files are: bytes that are not UTF-8 are replaced.
inline std::string json_text(const nlohmann::ordered_json& value, int indentation = -1) {
  using nlohmann::ordered_json;
  return value.dump(indentation, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace durasim::program
