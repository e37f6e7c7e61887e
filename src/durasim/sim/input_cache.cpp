#include <array>

#include <durasim/simulation.hpp>

namespace durasim::detail {
namespace {

constexpr std::size_t kRemembered = 4;
thread_local std::array<ParsedInput, kRemembered> remembered;
thread_local std::size_t next_forgotten = 0;

}  // namespace

const ParsedInput* parsed_input(const durable::Text& text, const std::type_info& type) {
  for (const ParsedInput& parsed : remembered) {
    if (parsed.type != nullptr && *parsed.type == type && parsed.text == text) return &parsed;
  }
  return nullptr;
}

void remember_input(ParsedInput parsed) {
  remembered[next_forgotten] = std::move(parsed);
  next_forgotten = (next_forgotten + 1) % kRemembered;
}

}  // namespace durasim::detail
