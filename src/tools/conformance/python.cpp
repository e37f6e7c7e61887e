#include "tools/conformance/python.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace conformance {
namespace {

/// True is 1 and False is 0.
Json as_number(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  return value;
}

std::string float_text(double value) {
  std::string text = fmt::format("{}", value);
  const bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
  return whole ? text + ".0" : text;
}

/// In single quotes, unless only double ones spare an escape.
std::string quoted(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      result += {'\\', c};
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + quote;
}

std::string repr(const Json& value) {
  return value.is_string() ? quoted(value.get<std::string>()) : python_str(value);
}

std::string in_ascii(const Json& value) { return value.dump(-1, ' ', true); }

bool equal_arrays(const Json& a, const Json& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), python_equal);
}

bool equal_objects(const Json& a, const Json& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.items().begin(), a.items().end(), [&](const auto& item) {
    const auto other = b.find(item.key());
    return other != b.end() && python_equal(item.value(), *other);
  });
}

}  // namespace

bool python_equal(const Json& a, const Json& b) {
  if (a.is_array() && b.is_array()) return equal_arrays(a, b);
  if (a.is_object() && b.is_object()) return equal_objects(a, b);
  return as_number(a) == as_number(b);
}

std::string python_str(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "None";
    case Json::value_t::boolean:
      return value.get<bool>() ? "True" : "False";
    case Json::value_t::string:
      return value.get<std::string>();
    case Json::value_t::number_float:
      return float_text(value.get<double>());
    case Json::value_t::array: {
      std::string text;
      for (const Json& element : value) text += (text.empty() ? "" : ", ") + repr(element);
      return "[" + text + "]";
    }
    case Json::value_t::object: {
      std::string text;
      for (const auto& [key, element] : value.items())
        text += (text.empty() ? "" : ", ") + quoted(key) + ": " + repr(element);
      return "{" + text + "}";
    }
    default:
      return value.dump();
  }
}

std::string python_json(const Json& value) {
  switch (value.type()) {
    case Json::value_t::number_float: {
      const auto number = value.get<double>();
      if (std::isnan(number)) return "NaN";
      if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
      return float_text(number);
    }
    case Json::value_t::array: {
      std::string text;
      for (const Json& element : value) text += (text.empty() ? "" : ", ") + python_json(element);
      return "[" + text + "]";
    }
    case Json::value_t::object: {
      std::string text;
      for (const auto& [key, element] : value.items())
        text += (text.empty() ? "" : ", ") + in_ascii(key) + ": " + python_json(element);
      return "{" + text + "}";
    }
    default:
      return in_ascii(value);
  }
}

std::string python_strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

}  // namespace conformance
