#include <durasim/script.hpp>

#include <iterator>

#include <fmt/format.h>

#include "durasim/core/script_words.hpp"

/// Scripts as text.
/// Source: docs/reference/script.md
namespace durasim {
namespace {

/// On one line, whatever is in it.
std::string in_quotes(std::string_view name) {
  std::string text = "\"";
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      text += '\\';
      text += character;
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
    } else {
      text += character;
    }
  }
  return text + '"';
}

std::string place_of(const Script::Line& line) {
  if (is_of_invocation(line.fault)) return fmt::format("invocation {}", line.occurrence);
  if (!line.operation.empty()) {
    return in_quotes(line.operation) + (line.number == 1 ? "" : fmt::format("#{}", line.number));
  }
  return line.path.is_root() ? "execution" : fmt::format("operation {}", line.path.to_string());
}

}  // namespace

std::string Script::Line::to_text() const {
  const std::string place = place_of(*this);
  std::string text = "at " + place;
  if (execution != 1) {
    text += place == "execution" ? " " : " in execution ";
    text += std::to_string(execution);
  }
  const std::string_view counted = counted_by(fault);
  if (occurrence != 1 && !counted.empty()) {
    fmt::format_to(std::back_inserter(text), ", {} {}", counted, occurrence);
  }
  if (time != 1) fmt::format_to(std::back_inserter(text), ", time {}", time);
  return fmt::format("{}: {}", text, to_string(fault));
}

std::string Script::to_text() const {
  std::string text;
  for (const Line& line : lines) text += line.to_text() + '\n';
  return text;
}

FaultModel Script::widen(FaultModel model) const {
  for (const Line& line : lines) model = model.with({line.fault});
  return model;
}

bool is_of_invocation(Fault fault) {
  const SiteKind kind = site_of(fault);
  return kind == SiteKind::invocation_start || kind == SiteKind::invocation_end ||
         kind == SiteKind::state || fault == Fault::delivery_yields;
}

std::string_view counted_by(Fault fault) { return counted_by(site_of(fault)); }

std::string_view counted_by(SiteKind kind) {
  switch (kind) {
    case SiteKind::before_body:
    case SiteKind::after_body:
    case SiteKind::jitter:
    case SiteKind::flush:
    case SiteKind::timer:
      return "attempt";
    case SiteKind::effect:
      return "effect";
    case SiteKind::request:
    case SiteKind::turn:
      return "transmission";
    default:
      return "";
  }
}

}  // namespace durasim
