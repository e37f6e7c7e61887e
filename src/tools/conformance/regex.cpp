#include "tools/conformance/regex.hpp"

#include <regex>

#include <fmt/format.h>

/// Python's regular expressions by those of ECMAScript, which differ in little.
namespace conformance {
namespace {

constexpr std::size_t kLongestText = 4'000;  // std::regex recurses for each character

/// Rewrites what is written otherwise or means something else.
class Translation {
 public:
  explicit Translation(const std::string& pattern) : pattern_(pattern) {
    read_flags();
    while (at_ < pattern_.size()) translate_one();
  }

  std::regex compiled() const {
    auto flags = std::regex::ECMAScript;
    if (ignore_case_) flags |= std::regex::icase;
    try {
      return std::regex(result_, flags);
    } catch (const std::regex_error& error) {
      fail(error.what());
    }
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw PatternError(fmt::format("the pattern /{}/ cannot be used: {}", pattern_, why));
  }

  bool take(std::string_view text) {
    if (pattern_.compare(at_, text.size(), text) != 0) return false;
    at_ += text.size();
    return true;
  }

  void read_flags() {
    if (pattern_.size() < 3 || pattern_.compare(0, 2, "(?") != 0) return;
    const std::size_t end = pattern_.find_first_not_of("is", 2);
    if (end == 2 || end == std::string::npos || pattern_[end] != ')') return;
    ignore_case_ = pattern_.find('i', 2) < end;
    dot_is_all_ = pattern_.find('s', 2) < end;
    at_ = end + 1;
  }

  void translate_one() {
    if (take("\\A")) {
      result_ += '^';
    } else if (take("\\Z")) {
      result_ += '$';
    } else if (take("\\")) {
      result_ += '\\';
      if (at_ < pattern_.size()) result_ += pattern_[at_++];
    } else if (take("(?")) {
      open_group();
    } else if (take("[")) {
      copy_class();
    } else if (take("{")) {
      open_brace();
    } else if (take("$")) {
      result_ += "(?=\\n?$)";
    } else if (take(".")) {
      result_ += dot_is_all_ ? "[\\s\\S]" : "[^\\n]";
    } else {
      result_ += pattern_[at_++];
    }
  }

  void open_group() {
    if (take("P<")) {
      const std::size_t end = pattern_.find('>', at_);
      if (end == std::string::npos) fail("the name of a group has no end");
      at_ = end + 1;
      result_ += '(';
    } else if (take(":") || take("=") || take("!")) {
      result_ += "(?";
      result_ += pattern_[at_ - 1];
    } else {
      fail("of groups that begin with (? only (?: (?= (?! and (?P<name> are understood");
    }
  }

  /// A quantifier, or else itself; {,3} is {0,3}.
  void open_brace() {
    const std::size_t end = pattern_.find_first_not_of("0123456789", at_);
    const bool range = end != std::string::npos && pattern_[end] == ',';
    const std::size_t close = range ? pattern_.find_first_not_of("0123456789", end + 1) : end;
    const bool is_quantifier = close != std::string::npos && pattern_[close] == '}' && close > at_;
    if (!is_quantifier) {
      result_ += "\\{";
    } else {
      result_ += end == at_ ? "{0" : "{";
    }
  }

  void copy_class() {
    result_ += '[';
    if (take("^")) result_ += '^';
    if (take("]")) result_ += "\\]";
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      if (pattern_[at_] == '[') {  // not the start of a POSIX class, as it would be in std::regex
        result_ += "\\[";
        ++at_;
        continue;
      }
      if (pattern_[at_] == '\\') result_ += pattern_[at_++];
      if (at_ < pattern_.size()) result_ += pattern_[at_++];
    }
    if (!take("]")) fail("a [ has no ]");
    result_ += ']';
  }

  const std::string& pattern_;
  std::size_t at_ = 0;
  std::string result_;
  bool ignore_case_ = false;
  bool dot_is_all_ = false;
};

}  // namespace

bool python_search(const std::string& pattern, const std::string& text) {
  if (text.size() > kLongestText) {
    throw PatternError(
        fmt::format("a text of {} bytes is too long for the pattern /{}/", text.size(), pattern));
  }
  return std::regex_search(text, Translation(pattern).compiled());
}

}  // namespace conformance
