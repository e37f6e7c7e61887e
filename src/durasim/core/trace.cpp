#include <durasim/trace.hpp>

#include <optional>

#include <fmt/format.h>

#include "durasim/core/hash.hpp"
#include "durasim/core/trace_line.hpp"

namespace durasim {
namespace {

/// Takes the next line off `rest`; nothing at the end. A newline at the very end is followed by an
/// empty line, so that texts that differ in it alone differ in a line.
std::optional<std::string_view> take_line(std::optional<std::string_view>& rest) {
  if (!rest) return std::nullopt;
  const std::size_t end = rest->find('\n');
  const std::string_view line = rest->substr(0, end);
  if (end == std::string_view::npos) {
    rest.reset();
  } else {
    rest->remove_prefix(end + 1);
  }
  return line;
}

std::string quoted_line(const std::optional<std::string_view>& line) {
  return line ? fmt::format("`{}`", *line) : "the end of the text";
}

}  // namespace

void Trace::on(const TraceEvent& event) {
  using Kind = TraceEvent::Kind;
  // Shadow replays may be left out where the durable state is known, and must not change the hash.
  if (event.kind == TraceEvent::Kind::finding || event.shadow ||
      event.kind == Kind::replay_started || event.kind == Kind::replay_ended)
    return;
  if (only_ != 0 && event.execution != only_) return;
  if (text_.empty()) text_ = fmt::format("durasim-trace {}\n", kFormatVersion);
  append_trace_line(text_, event, only_ == 0 ? event.invocation : event.ordinal);
}

std::uint64_t Trace::hash() const { return hash64(text_); }

std::string Trace::hash_text() const { return fmt::format("{:016x}", hash()); }

std::string first_difference(std::string_view expected, std::string_view actual) {
  if (expected == actual) return {};
  std::optional<std::string_view> expected_rest = expected;
  std::optional<std::string_view> actual_rest = actual;
  for (std::size_t number = 1;; ++number) {
    const auto expected_line = take_line(expected_rest);
    const auto actual_line = take_line(actual_rest);
    if (expected_line != actual_line) {
      return fmt::format("line {}: expected {}, got {}", number, quoted_line(expected_line),
                         quoted_line(actual_line));
    }
  }
}

}  // namespace durasim
