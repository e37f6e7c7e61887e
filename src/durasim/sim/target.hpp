#pragma once

#include <string_view>

namespace durasim {

/// The two parts of a function's name: "ship:1" is version 1 of ship.
struct Target {
  std::string_view function;
  std::string_view qualifier;  ///< empty: none
};

/// Of a name or an ARN. Views of `name`.
inline Target split_target(std::string_view name) {
  constexpr std::string_view kBeforeName = ":function:";
  if (const std::size_t at = name.find(kBeforeName); at != std::string_view::npos)
    name.remove_prefix(at + kBeforeName.size());
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {name, {}};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace durasim
