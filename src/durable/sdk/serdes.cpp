#include <durable/serdes.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace durable::detail {
namespace {

using nlohmann::json;

/// The beginning of a text, for messages; never half a character.
std::string shortened(std::string_view text) {
  std::size_t end = std::min<std::size_t>(text.size(), 60);
  if (end == text.size()) return std::string(text);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

/// Extends a JSON pointer for the length of a scope, unless what is looked for was found there.
class PointerStep {
 public:
  PointerStep(std::string& pointer, std::string_view token)
      : pointer_(pointer), length_(pointer.size()) {
    pointer_ += '/';
    for (const char character : token) {  // RFC 6901, 3
      if (character == '~')
        pointer_ += "~0";
      else if (character == '/')
        pointer_ += "~1";
      else
        pointer_ += character;
    }
  }
  /// Says whether it was found.
  bool leave(bool found) {
    if (!found) pointer_.resize(length_);
    return found;
  }

 private:
  std::string& pointer_;
  std::size_t length_;
};

std::string token_of(const json& container, const json::const_iterator& item) {
  return container.is_object() ? item.key() : std::to_string(item - container.begin());
}

/// Leads `pointer` to the first number that JSON cannot hold; false if there is none.
bool find_bad_number(const json& value, std::string& pointer) {
  if (value.is_number_float()) return !std::isfinite(value.get<double>());
  if (!value.is_structured()) return false;
  for (auto item = value.begin(); item != value.end(); ++item) {
    if (!item->is_structured() && !item->is_number_float()) continue;
    PointerStep step(pointer, token_of(value, item));
    if (step.leave(find_bad_number(*item, pointer))) return true;
  }
  return false;
}

bool dumps(const json& text) {
  try {
    static_cast<void>(text.dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

/// Leads `pointer` to the first text that is not UTF-8, or to the object whose key is not.
bool find_bad_string(const json& value, std::string& pointer) {
  if (value.is_string()) return !dumps(value);
  if (!value.is_structured()) return false;
  for (auto item = value.begin(); item != value.end(); ++item) {
    if (value.is_object() && !dumps(item.key())) return true;
    PointerStep step(pointer, token_of(value, item));
    if (step.leave(find_bad_string(*item, pointer))) return true;
  }
  return false;
}

// Doubles below this hold every integer exactly.
constexpr double kExactIntegers = 9e15;

/// A number that became another one when it was converted to its C++ type.
struct Changed {
  const json* original = nullptr;
  const json* converted = nullptr;
  std::string pointer = {};

  bool find(const json& from, const json& to) {
    if (to.is_number_integer() && !from.is_structured()) {
      original = &from;
      converted = &to;
      return !same_integer(from, to);
    }
    if (from.is_object() && to.is_object()) return find_in_objects(from, to);
    return from.is_array() && to.is_array() && find_in_arrays(from, to);
  }

 private:
  /// Only for `to` that is an integer: whether `from` is the same one, or was no number at all.
  static bool same_integer(const json& from, const json& to) {
    const auto equals = [&to](auto number) {
      return to.is_number_unsigned() ? std::cmp_equal(to.get<std::uint64_t>(), number)
                                     : std::cmp_equal(to.get<std::int64_t>(), number);
    };
    if (from.is_number_unsigned()) return equals(from.get<std::uint64_t>());
    if (from.is_number_integer()) return equals(from.get<std::int64_t>());
    if (!from.is_number_float()) return !from.is_boolean();
    const auto number = from.get<double>();
    return number == std::floor(number) && std::fabs(number) < kExactIntegers &&
           equals(static_cast<std::int64_t>(number));
  }

  bool find_in_objects(const json& from, const json& to) {
    for (auto item = from.begin(); item != from.end(); ++item) {
      const auto other = to.find(item.key());
      if (other == to.end()) continue;
      PointerStep step(pointer, item.key());
      if (step.leave(find(*item, *other))) return true;
    }
    return false;
  }

  bool find_in_arrays(const json& from, const json& to) {
    for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
      PointerStep step(pointer, std::to_string(i));
      // Only asked for what differs: a set keeps another order and no duplicates.
      if (step.leave(find(from[i], to[i]) && !same_elements(from, to))) return true;
    }
    for (std::size_t i = to.size(); i < from.size(); ++i) {
      PointerStep step(pointer, std::to_string(i));
      if (step.leave(is_lost(from[i], to))) return true;
    }
    return false;
  }

  bool is_lost(const json& element, const json& to) {
    if (!element.is_number_integer()) return false;
    original = &element;
    converted = &to;
    return std::none_of(to.begin(), to.end(), [&](const json& kept) {
      return !kept.is_number_integer() || same_integer(element, kept);
    });
  }

  static bool same_elements(const json& from, const json& to) {
    auto a = from.get<std::vector<json>>();
    auto b = to.get<std::vector<json>>();
    for (auto* elements : {&a, &b}) {
      std::sort(elements->begin(), elements->end());
      if (from.size() != to.size())
        elements->erase(std::unique(elements->begin(), elements->end()), elements->end());
    }
    return json(a).dump() == json(b).dump();  // not ==, to which the largest unsigned number is -1
  }
};

/// The integer that `text` spells in any of the ways of JSON, such as 1e3; nothing if it is out of
/// range.
template <class Integer>
std::optional<Integer> parse_spelled(std::string_view text, Integer lowest, Integer highest) {
  const json parsed = parse(text);
  const auto in_range = [&](auto number) -> std::optional<Integer> {
    if (std::cmp_less(number, lowest) || std::cmp_greater(number, highest)) return std::nullopt;
    return static_cast<Integer>(number);
  };
  if (parsed.is_number_unsigned()) return in_range(parsed.get<std::uint64_t>());
  if (parsed.is_number_integer()) return in_range(parsed.get<std::int64_t>());
  const double number = parsed.is_number_float() ? parsed.get<double>() : 0.5;
  if (number != std::floor(number))
    throw SerDesError(fmt::format("expected an integer, found {}", shortened(text)));
  if (std::fabs(number) >= kExactIntegers) return std::nullopt;
  return in_range(static_cast<std::int64_t>(number));
}

template <class Integer>
Integer parse_number(std::string_view text, Integer lowest, Integer highest) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool plain = error == std::errc{} && end == text.data() + text.size() &&
                     (digits == "0" || digits[0] != '0');
  if (plain && value >= lowest && value <= highest) return value;
  if (!plain) {
    if (const auto spelled = parse_spelled(text, lowest, highest)) return *spelled;
  }
  throw SerDesError(fmt::format("{} does not fit its C++ type, which holds {} to {}",
                                shortened(text), lowest, highest));
}

/// JSON writes it as it is.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](const char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
  });
}

template <class Integer>
void append_integer(Integer value, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

bool append_plain_text(const std::string& text, std::string& out) {
  if (!is_plain(text)) return false;
  out += '"';
  out += text;
  out += '"';
  return true;
}

/// Appends what `value.dump()` would, several times as fast; false where that needs care: fractions,
/// and texts that are not plain. Inputs and results are dumped in every run of a simulation.
bool append_plain(const json& value, std::string& out) {
  char separator = value.is_object() ? '{' : '[';
  switch (value.type()) {
    case json::value_t::null:
      out += "null";
      return true;
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return true;
    case json::value_t::number_integer:
      append_integer(value.get<std::int64_t>(), out);
      return true;
    case json::value_t::number_unsigned:
      append_integer(value.get<std::uint64_t>(), out);
      return true;
    case json::value_t::string:
      return append_plain_text(value.get_ref<const std::string&>(), out);
    case json::value_t::array:
    case json::value_t::object:
      break;
    default:
      return false;
  }
  if (value.empty()) out += separator;
  for (auto item = value.begin(); item != value.end(); ++item) {
    out += std::exchange(separator, ',');
    if (value.is_object()) {
      if (!append_plain_text(item.key(), out)) return false;
      out += ':';
    }
    if (!append_plain(*item, out)) return false;
  }
  out += value.is_object() ? '}' : ']';
  return true;
}

}  // namespace

std::string dump(const json& value) {
  if (std::string text; append_plain(value, text)) return text;
  std::string pointer;
  if (find_bad_number(value, pointer)) {
    throw SerDesError(fmt::format(
        "the number at \"{}\" is not finite; JSON has no NaN and no infinities", pointer));
  }
  try {
    return value.dump();
  } catch (const json::exception& exception) {
    pointer.clear();
    find_bad_string(value, pointer);
    throw SerDesError(
        fmt::format("the text at \"{}\" is not valid UTF-8 ({})", pointer, exception.what()));
  }
}

std::string valid_utf8(std::string text) {
  const auto is_ascii = [](char character) { return static_cast<unsigned char>(character) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return text;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
      .get<std::string>();
}

json parse(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::exception& exception) {
    throw SerDesError(
        valid_utf8(fmt::format("not JSON: {} (text: {})", exception.what(), shortened(text))));
  }
}

bool is_utf8(std::string_view text) {
  const auto is_ascii = [](char character) { return static_cast<unsigned char>(character) < 0x80; };
  return std::all_of(text.begin(), text.end(), is_ascii) || dumps(json(text));
}

std::string serialize_integer(long long value) { return std::to_string(value); }
std::string serialize_unsigned(unsigned long long value) { return std::to_string(value); }

std::string serialize_string(std::string_view value) {
  if (!is_plain(value)) return dump(json(value));
  std::string text;
  text.reserve(value.size() + 2);
  text += '"';
  text += value;
  text += '"';
  return text;
}

bool parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  const json value = parse(text);
  if (!value.is_boolean())
    throw SerDesError(fmt::format("expected true or false, found {}", shortened(text)));
  return value.get<bool>();
}

long long parse_integer(std::string_view text, long long lowest, long long highest) {
  return parse_number<long long>(text, lowest, highest);
}

unsigned long long parse_unsigned(std::string_view text, unsigned long long highest) {
  return parse_number<unsigned long long>(text, 0, highest);
}

std::string parse_string(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    const std::string_view inner = text.substr(1, text.size() - 2);
    bool plain = true;
    for (const char character : inner) {
      const auto byte = static_cast<unsigned char>(character);
      plain = plain && byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
    }
    if (plain) return std::string(inner);
  }
  const json value = parse(text);
  if (!value.is_string())
    throw SerDesError(fmt::format("expected a text, found {}", shortened(text)));
  return value.get<std::string>();
}

void check_integers(const json& original, const json& converted) {
  Changed changed;
  if (!changed.find(original, converted)) return;
  throw SerDesError(fmt::format("{} at \"{}\" does not fit its C++ type, which would hold {}",
                                changed.original->dump(), changed.pointer,
                                changed.converted->dump()));
}

void check_object(const json& value) {
  if (!value.is_object())
    throw SerDesError(
        fmt::format("expected an object, found a value of type {}", value.type_name()));
}

const json& checked_array(const json& value, std::size_t size) {
  if (!value.is_array())
    throw SerDesError(
        fmt::format("expected an array, found a value of type {}", value.type_name()));
  if (size != static_cast<std::size_t>(-1) && value.size() != size) {
    throw SerDesError(
        fmt::format("expected an array of {} elements, found one of {}", size, value.size()));
  }
  return value;  // NOLINT(bugprone-return-const-ref-from-parameter): the caller's, which lives on
}

void conversion_failed(std::string_view text, const char* why) {
  if (text.empty()) throw SerDesError(why);
  throw SerDesError(fmt::format("{} (text: {})", why, shortened(text)));
}

}  // namespace durable::detail
