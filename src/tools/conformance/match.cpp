#include "tools/conformance/match.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/conformance/regex.hpp"

namespace conformance {
namespace {

constexpr std::size_t kLongestShown = 160;

/// Matches one event.
class Matcher {
 public:
  Matcher(std::string event, Bindings& bindings, Mismatches& mismatches)
      : event_(std::move(event)), bindings_(bindings), mismatches_(mismatches) {}

  void match(const Json& expected, const Json& actual, const std::string& key) {
    if (expected.is_object() && expected.empty()) return;
    if (expected.is_object()) {
      match_object(expected, actual, key);
    } else if (expected.is_array()) {
      match_array(expected, actual, key);
    } else if (expected.is_string()) {
      match_text(expected.get<std::string>(), actual, key);
    } else if (!python_equal(expected, actual)) {
      differ(key, shown(expected), actual);
    }
  }

 private:
  void match_object(const Json& expected, const Json& actual, const std::string& key) {
    if (!actual.is_object()) return differ(key, "an object with " + keys_of(expected), actual);
    for (const auto& [name, value] : expected.items()) {
      const std::string inner = key.empty() ? name : key + "." + name;
      const auto found = actual.find(name);
      if (found == actual.end()) {
        mismatches_.push_back(fmt::format("{}: {} is missing, expected {}; there is {}", event_,
                                          inner, shown(value), keys_of(actual)));
      } else {
        match(value, *found, inner);
      }
    }
  }

  void match_array(const Json& expected, const Json& actual, const std::string& key) {
    if (!actual.is_array() || actual.size() != expected.size())
      return differ(key, fmt::format("an array of {}: {}", expected.size(), shown(expected)),
                    actual);
    for (std::size_t i = 0; i < expected.size(); ++i)
      match(expected[i], actual[i], fmt::format("{}[{}]", key, i));
  }

  void match_text(const std::string& expected, const Json& actual, const std::string& key) {
    if (expected == "*") return;
    if (const auto name = Bindings::name_of(expected)) return match_name(*name, actual, key);
    if (const auto pattern = Bindings::pattern_of(expected)) {
      match_pattern(bindings_.substitute_text(*pattern), actual, key);
      return;
    }
    const Json literal = bindings_.substitute_text(expected);
    if (!python_equal(literal, actual)) differ(key, shown(literal), actual);
  }

  void match_name(const std::string& name, const Json& actual, const std::string& key) {
    const Json* const bound = bindings_.find(name);
    if (bound == nullptr) {
      bindings_.bind(name, actual);
    } else if (!python_equal(*bound, actual)) {
      differ(key, fmt::format("{}, as ${{{}}} is", shown(*bound), name), actual);
    }
  }

  void match_pattern(const std::string& pattern, const Json& actual, const std::string& key) {
    try {
      if (!python_search(pattern, python_str(actual)))
        differ(key, fmt::format("a match of /{}/", pattern), actual);
    } catch (const PatternError& error) {
      mismatches_.push_back(fmt::format("{}: {}: {}", event_, key, error.what()));
    }
  }

  void differ(const std::string& key, const std::string& expected, const Json& actual) {
    mismatches_.push_back(
        fmt::format("{}: {}: expected {}, got {}", event_, key, expected, shown(actual)));
  }

  static std::string keys_of(const Json& object) {
    std::string text;
    for (const auto& item : object.items()) text += (text.empty() ? "" : ", ") + item.key();
    return text.empty() ? "no key" : text;
  }

  std::string event_;
  Bindings& bindings_;
  Mismatches& mismatches_;
};

std::string title_of(const Json& expected) {
  const auto type = expected.find("EventType");
  return fmt::format("event {}{}", python_str(expected.at("EventId")),
                     type == expected.end() ? "" : " (" + python_str(*type) + ")");
}

}  // namespace

Mismatches match_events(const std::vector<Json>& expected, const Json& events, Bindings& bindings) {
  Mismatches mismatches;
  for (const Json& event : expected) {
    const Json& id = event.at("EventId");
    const auto found = std::find_if(events.begin(), events.end(), [&](const Json& candidate) {
      return python_equal(candidate.at("EventId"), id);
    });
    const std::string title = title_of(event);
    if (found == events.end()) {
      mismatches.push_back(
          fmt::format("{}: there is none; the history has {} events", title, events.size()));
    } else {
      Matcher(title, bindings, mismatches).match(event, *found, "");
    }
  }
  return mismatches;
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kLongestShown) return text;
  std::size_t cut = kLongestShown;
  while ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // whole characters
  return text.substr(0, cut) + "...";
}

}  // namespace conformance
