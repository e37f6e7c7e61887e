#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/conformance/python.hpp"

namespace conformance {

/// What the names in `${NAME}` stand for: the variables of a requirement, and what its expectations
/// have bound.
class Bindings {
 public:
  /// The name in a text that is one placeholder: "ID1" of "${ID1}".
  static std::optional<std::string> name_of(std::string_view text);
  /// The pattern in "${/pattern/}".
  static std::optional<std::string> pattern_of(std::string_view text);

  const Json* find(const std::string& name) const;
  void bind(const std::string& name, Json value) { values_[name] = std::move(value); }

  /// A text that is one bound placeholder becomes its value; bound placeholders inside a text, their
  /// text; unbound ones stay. Descends into arrays and objects.
  Json substitute(const Json& value) const;
  /// The same inside a text only.
  std::string substitute_text(std::string_view text) const;

 private:
  std::map<std::string, Json> values_;
};

/// The `Variables` of a requirement: what is written, with `${GEN_STR:N}` made N characters of
/// [a-z0-9], the same for the same `seed` and name.
Bindings resolve_variables(const Json& variables, std::string_view seed);

/// A placeholder that is still in `value`, such as "${TYPO}".
std::optional<std::string> unresolved(const Json& value);

}  // namespace conformance
