#include "tools/conformance/yaml_scalar.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <regex>

/// The rules of https://yaml.org/type/, as the resolver of PyYAML 6 has them.
namespace conformance {
namespace {

constexpr std::size_t kLongestNumber = 400;

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<Json> word_value(const std::string& text) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return Json(nullptr);
  if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}))
    return false;
  return std::nullopt;
}

/// The digits of `text` in a base; a float where an integer has no room for them.
Json integer(const std::string& digits, int base, bool negative) {
  constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t value = 0;
  double rough = 0;
  bool overflow = false;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    const auto unit = static_cast<std::uint64_t>(base);
    overflow = overflow || value > (kHighest - digit) / unit;
    value = value * unit + digit;
    rough = rough * base + static_cast<double>(digit);
  }
  if (overflow && base == 10) rough = std::strtod(digits.c_str(), nullptr);
  if (overflow) return negative ? -rough : rough;
  const auto exact = static_cast<std::int64_t>(value);
  return negative ? -exact : exact;
}

/// 1:30 is 90.
double sexagesimal(const std::string& text) {
  double value = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    value = value * 60 + std::strtod(text.substr(begin, end - begin).c_str(), nullptr);
    begin = end + 1;
  }
  return value;
}

std::optional<Json> integer_value(const std::string& text, const std::string& digits,
                                  bool negative) {
  static const std::regex binary("[-+]?0b[01_]+");
  static const std::regex octal("[-+]?0[0-7_]+");
  static const std::regex decimal("[-+]?(0|[1-9][0-9_]*)");
  static const std::regex hexadecimal("[-+]?0x[0-9a-fA-F_]+");
  static const std::regex base_60("[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+");
  if (std::regex_match(text, binary)) return integer(digits.substr(2), 2, negative);
  if (std::regex_match(text, hexadecimal)) return integer(digits.substr(2), 16, negative);
  if (std::regex_match(text, octal)) return integer(digits, 8, negative);
  if (std::regex_match(text, decimal)) return integer(digits, 10, negative);
  if (std::regex_match(text, base_60)) {
    const auto value = static_cast<std::int64_t>(sexagesimal(digits));
    return negative ? -value : value;
  }
  return std::nullopt;
}

std::optional<Json> float_value(const std::string& text, const std::string& digits, bool negative) {
  static const std::regex with_point(
      R"([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?)");
  static const std::regex base_60(R"([-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*)");
  static const std::regex infinite(R"([-+]?\.(inf|Inf|INF))");
  double value = 0;
  if (std::regex_match(text, with_point)) {
    value = std::strtod(digits.c_str(), nullptr);
  } else if (std::regex_match(text, base_60)) {
    value = sexagesimal(digits);
  } else if (std::regex_match(text, infinite)) {
    value = std::numeric_limits<double>::infinity();
  } else if (is_one_of(text, {".nan", ".NaN", ".NAN"})) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    return std::nullopt;
  }
  return negative ? -value : value;
}

}  // namespace

Json plain_scalar(const std::string& text) {
  if (auto word = word_value(text)) return *word;
  const bool numeric = text.size() <= kLongestNumber && text.find_first_of("0123456789.+-") == 0;
  if (!numeric) return text;
  const bool negative = text[0] == '-';
  std::string digits = text.substr(negative || text[0] == '+' ? 1 : 0);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  if (auto value = integer_value(text, digits, negative)) return *value;
  if (auto value = float_value(text, digits, negative)) return *value;
  return text;
}

}  // namespace conformance
