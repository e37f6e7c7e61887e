#include "tools/conformance/placeholders.hpp"

#include <cctype>
#include <cstdint>

namespace conformance {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kGenerate = "GEN_STR:";
constexpr std::size_t kLongestGenerated = 4'096;

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  return true;
}

/// Calls `replace(inner)` for each "${inner}" of `text`; what returns nothing stays as it is.
template <class Replace>
std::string replace_each(std::string_view text, Replace replace) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find(kOpen, at);
    const std::size_t close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) return result.append(text.substr(at));
    result.append(text.substr(at, open - at));
    const std::string_view inner = text.substr(open + 2, close - open - 2);
    if (const std::optional<std::string> value = replace(inner)) {
      result += *value;
      at = close + 1;
    } else {
      result += kOpen;
      at = open + 2;
    }
  }
  return result;
}

/// SplitMix64, seeded by a text.
class Letters {
 public:
  explicit Letters(std::string_view seed) {
    for (const char c : seed) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }

  char next() {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return kAlphabet[(x ^ (x >> 31)) % kAlphabet.size()];
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

/// What "GEN_STR:8" asks for.
std::optional<std::string> generated(std::string_view inner, Letters& letters) {
  if (inner.substr(0, kGenerate.size()) != kGenerate) return std::nullopt;
  std::size_t length = 0;
  for (const char c : inner.substr(kGenerate.size())) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + static_cast<std::size_t>(c - '0');
    if (length > kLongestGenerated) return std::nullopt;
  }
  std::string text;
  while (text.size() < length) text += letters.next();
  return text;
}

Json generate_in(const Json& value, Letters& letters) {
  if (!value.is_string()) return value;
  return replace_each(value.get_ref<const std::string&>(),
                      [&](std::string_view inner) { return generated(inner, letters); });
}

}  // namespace

std::optional<std::string> Bindings::name_of(std::string_view text) {
  if (text.size() < 4 || text.substr(0, 2) != kOpen || text.back() != '}') return std::nullopt;
  const std::string_view inner = text.substr(2, text.size() - 3);
  return is_name(inner) ? std::optional<std::string>(inner) : std::nullopt;
}

std::optional<std::string> Bindings::pattern_of(std::string_view text) {
  if (text.size() < 5 || text.substr(0, 3) != "${/" || text.substr(text.size() - 2) != "/}")
    return std::nullopt;
  return std::string(text.substr(3, text.size() - 5));
}

const Json* Bindings::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Bindings::substitute_text(std::string_view text) const {
  return replace_each(text, [&](std::string_view inner) -> std::optional<std::string> {
    const Json* const value = find(std::string(inner));
    return value != nullptr ? std::optional(python_str(*value)) : std::nullopt;
  });
}

Json Bindings::substitute(const Json& value) const {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto name = name_of(text);
    const Json* const whole = name ? find(*name) : nullptr;
    return whole != nullptr ? *whole : Json(substitute_text(text));
  }
  Json result = value;
  if (value.is_structured()) {
    for (Json& element : result) element = substitute(element);
  }
  return result;
}

Bindings resolve_variables(const Json& variables, std::string_view seed) {
  Bindings bindings;
  for (const auto& [name, value] : variables.items()) {
    Letters letters(std::string(seed) + "/" + name);
    bindings.bind(name, generate_in(value, letters));
  }
  return bindings;
}

std::optional<std::string> unresolved(const Json& value) {
  if (value.is_structured()) {
    for (const Json& element : value) {
      if (auto found = unresolved(element)) return found;
    }
  }
  if (!value.is_string()) return std::nullopt;
  std::optional<std::string> found;
  replace_each(value.get_ref<const std::string&>(), [&](std::string_view inner) {
    if (is_name(inner)) found = "${" + std::string(inner) + "}";
    return std::optional<std::string>();
  });
  return found;
}

}  // namespace conformance
