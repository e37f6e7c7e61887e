#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include <durasim/script.hpp>

#include "durasim/core/nearest.hpp"
#include "durasim/core/script_words.hpp"

/// Reads scripts.
/// Source: docs/reference/script.md
namespace durasim {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Characters of UTF-8, counted by their first bytes.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::vector<std::string> fault_ids() {
  std::vector<std::string> ids;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    ids.emplace_back(to_string(static_cast<Fault>(i)));
  }
  return ids;
}

/// One line of a script.
class ScriptLine {
 public:
  ScriptLine(std::string_view text, std::size_t number) : text_(text), number_(number) {}

  /// Nothing for a line without a fault.
  std::optional<Script::Line> read() {
    if (at_end()) return std::nullopt;
    const std::size_t begin = position_;
    if (word() != "at") fail(begin, "\"at\", which begins every line");
    place();
    if (place_ != Place::execution && peek_word() == "in") in_execution();
    while (accept(',')) qualifier();
    if (!accept(':')) fail(position_, "\":\" and a fault, or \",\" and a count");
    fault();
    return std::move(line_);
  }

  [[noreturn]] void complain(std::size_t position, const std::string& what) const {
    const std::size_t column = characters(text_.substr(0, position)) + 1;
    throw ScriptError(fmt::format("script, line {}, column {}: {}", number_, column, what), number_,
                      column);
  }

 private:
  enum class Place : std::uint8_t { operation, invocation, execution };

  [[noreturn]] void fail(std::size_t position, const std::string& expected) const {
    std::string_view found = text_.substr(position);
    found = found.substr(0, found.find_last_not_of(kBlanks) + 1);
    complain(position, fmt::format("expected {}, found {}", expected,
                                   found.empty() ? "the end of the line" : found));
  }

  bool skip_blanks() {
    while (position_ < text_.size() && kBlanks.find(text_[position_]) != std::string_view::npos) {
      ++position_;
    }
    return position_ < text_.size();
  }
  /// Nothing but a comment is left.
  bool at_end() { return !skip_blanks() || text_[position_] == '#'; }

  bool accept(char c) {
    if (!skip_blanks() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  std::string_view word() {
    skip_blanks();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_letter(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }
  std::string_view peek_word() {
    skip_blanks();
    const std::size_t begin = position_;
    const std::string_view next = word();
    position_ = begin;
    return next;
  }

  std::uint32_t number() {
    skip_blanks();
    const char* const begin = text_.data() + position_;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value == 0) fail(position_, "a number from 1 on");
    position_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  std::string name() {
    const std::size_t begin = position_++;
    std::string name;
    for (; position_ < text_.size() && text_[position_] != '"'; ++position_) {
      name += text_[position_] == '\\' ? escaped() : text_[position_];
    }
    if (position_ == text_.size()) complain(begin, "the name has no closing quotation mark");
    ++position_;
    if (name.empty()) complain(begin, "a name is not empty; without one: operation 2");
    return name;
  }
  char escaped() {
    const std::string_view rest = text_.substr(position_ + 1);
    if (!rest.empty() && (rest[0] == '"' || rest[0] == '\\')) return text_[++position_];
    unsigned value = 0;
    if (rest.size() >= 3 && rest[0] == 'x' &&
        std::from_chars(rest.data() + 1, rest.data() + 3, value, 16).ptr == rest.data() + 3) {
      position_ += 3;
      return static_cast<char>(value);
    }
    complain(position_, R"(in a name, a backslash stands in \", \\ and \x1f only)");
  }

  void place() {
    const bool text_left = skip_blanks();
    place_at_ = position_;
    if (text_left && text_[position_] == '"') {
      line_.operation = name();
      if (position_ < text_.size() && text_[position_] == '#') {
        ++position_;
        line_.number = number();
      }
      return;
    }
    const std::string_view kind = word();
    if (kind == "operation") {
      line_.path = path();
    } else if (kind == "invocation") {
      place_ = Place::invocation;
      line_.occurrence = number();
    } else if (kind == "execution") {
      place_ = Place::execution;
      if (skip_blanks() && is_digit(text_[position_])) line_.execution = number();
    } else {
      fail(place_at_, R"("name", "name"#2, operation 2, invocation 2 or execution after "at")");
    }
  }

  durable::OperationPath path() {
    durable::OperationPath path = durable::OperationPath().child(number());
    while (position_ < text_.size() && text_[position_] == '.') {
      ++position_;
      path = path.child(number());
    }
    return path;
  }

  void in_execution() {
    word();
    skip_blanks();
    const std::size_t begin = position_;
    if (word() != "execution") fail(begin, "\"execution\" and its number");
    line_.execution = number();
  }

  void qualifier() {
    skip_blanks();
    const std::size_t begin = position_;
    const std::string_view counted = word();
    if (counted == "time") {
      if (time_given_) complain(begin, "\"time\" stands twice");
      time_given_ = true;
      line_.time = number();
    } else if (counted == "attempt" || counted == "transmission" || counted == "effect") {
      if (!counted_.empty()) complain(begin, fmt::format("\"{}\" stands there already", counted_));
      counted_ = counted;
      counted_at_ = begin;
      line_.occurrence = number();
    } else {
      fail(begin, "attempt, transmission, effect or time");
    }
  }

  void fault() {
    skip_blanks();
    const std::size_t begin = position_;
    std::string_view text = text_.substr(begin, text_.find('#', begin) - begin);
    text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
    std::string id(text);  // "crash after body" is read as well
    for (char& c : id) {
      if (c == ' ' || c == '-') c = '_';
    }
    const std::vector<std::string> known = fault_ids();
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      complain(begin, fmt::format("{}; known are: {} (docs/reference/faults.md)",
                                  id.empty() ? std::string("expected a fault")
                                             : fmt::format("unknown fault \"{}\"", text),
                                  nearest_first(id, known)));
    }
    line_.fault = fault_from_string(id);
    expect_place();
    expect_count();
  }

  /// The fault can happen to what the line speaks of.
  void expect_place() const {
    const SiteKind kind = site_of(line_.fault);
    if (is_of_invocation(line_.fault)) {
      expect_place(place_ == Place::invocation, "an invocation: at invocation 1");
    } else if (kind == SiteKind::execution_end || kind == SiteKind::start) {
      expect_place(place_ == Place::execution, "an execution: at execution");
    } else {
      // The request that carries a large result, timers that are due together, and the body of a
      // plain function.
      const bool of_execution =
          place_ == Place::execution &&
          (kind == SiteKind::request || kind == SiteKind::clock || kind == SiteKind::before_body ||
           kind == SiteKind::effect || kind == SiteKind::after_body);
      expect_place(place_ == Place::operation || of_execution, "an operation: at \"name\"");
    }
  }
  void expect_place(bool right, const char* where) const {
    if (right) return;
    complain(place_at_, fmt::format("{} happens to {}", to_string(line_.fault), where));
  }

  /// What the line counts is what the fault counts.
  void expect_count() const {
    const std::string_view counts = counted_by(line_.fault);
    if (counted_.empty() || counted_ == counts) return;
    complain(counted_at_, fmt::format("{} has no {}{}", to_string(line_.fault), counted_,
                                      counts.empty() ? std::string()
                                                     : fmt::format("; it counts by {}", counts)));
  }

  std::string_view text_;
  std::size_t number_;
  std::size_t position_ = 0;
  Script::Line line_;
  Place place_ = Place::operation;
  bool time_given_ = false;
  std::size_t place_at_ = 0;
  std::string_view counted_;
  std::size_t counted_at_ = 0;
};

}  // namespace

Script Script::parse(std::string_view text) {
  Script script;
  std::vector<std::size_t> numbers;  // in the text, of the lines that hold faults
  std::size_t number = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ScriptLine reader(text.substr(begin, end - begin), number + 1);
    if (std::optional<Line> line = reader.read()) {
      const auto same = std::find(script.lines.begin(), script.lines.end(), *line);
      if (same != script.lines.end()) {
        const auto first = static_cast<std::size_t>(same - script.lines.begin());
        reader.complain(0, fmt::format("the same fault stands in line {} already; its next time is "
                                       "\", time {}\"",
                                       numbers[first], same->time + 1));
      }
      script.lines.push_back(std::move(*line));
      numbers.push_back(number + 1);
    }
    begin = end + 1;
  }
  return script;
}

}  // namespace durasim
