#include "durasim/oracle/wording.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace durasim::oracle {
namespace {

constexpr std::size_t kLongest = 120;

/// `length` bytes from `from` on, whole characters only, with dots where something is left out.
std::string excerpt(std::string_view text, std::size_t from, std::size_t length) {
  const auto in_character = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;
  };
  from = std::min(from, text.size());
  std::size_t end = std::min(from + length, text.size());
  while (from > 0 && in_character(from)) --from;
  while (end > from && in_character(end)) --end;
  return fmt::format("{}{}{}", from > 0 ? "..." : "", text.substr(from, end - from),
                     end < text.size() ? "..." : "");
}

}  // namespace

std::string_view word(durable::OperationType type) {
  switch (type) {
    case durable::OperationType::execution:
      return "execution";
    case durable::OperationType::context:
      return "context";
    case durable::OperationType::step:
      return "step";
    case durable::OperationType::wait:
      return "wait";
    case durable::OperationType::callback:
      return "callback";
    case durable::OperationType::chained_invoke:
      return "invoke";
  }
  return "operation";
}

std::string named(durable::OperationType type, std::string_view name, durable::OperationPath path) {
  if (name.empty())
    return fmt::format("{} without a name (operation {})", word(type), path.to_string());
  return fmt::format("{} \"{}\" (operation {})", word(type), name, path.to_string());
}

std::string place(const std::source_location& where) {
  return place(where.file_name(), where.line());
}

std::string place(std::string_view file, std::uint32_t line) {
  if (line == 0) return "an unknown place";
  const auto slash = file.rfind('/');
  return fmt::format("{}:{}", slash == std::string_view::npos ? file : file.substr(slash + 1),
                     line);
}

std::string ending(std::string_view status, const durable::Text& result,
                   const durable::ErrorPtr& error) {
  if (error) return fmt::format("{} with {}: {}", status, error->type, error->message);
  if (result.present()) return fmt::format("{} with {}", status, result.view());
  return std::string(status);
}

std::pair<std::string, std::string> told_apart(std::string_view a, std::string_view b) {
  if (a.size() <= kLongest && b.size() <= kLongest) return {std::string(a), std::string(b)};
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto difference = static_cast<std::size_t>(in_a - a.begin());
  const std::size_t from = difference < kLongest * 3 / 4 ? 0 : difference - kLongest / 4;
  return {excerpt(a, from, kLongest), excerpt(b, from, kLongest)};
}

Finding concerning(Oracle oracle, const TraceEvent& event, std::string_view name) {
  Finding finding;
  finding.oracle = oracle;
  finding.path = event.path;
  finding.operation = name.empty() ? event.path.to_string() : std::string(name);
  finding.at = event.at;
  if (event.where.line() != 0) {
    finding.file = event.where.file_name();
    finding.line = event.where.line();
  }
  return finding;
}

}  // namespace durasim::oracle
