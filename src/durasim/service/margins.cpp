#include <durasim/margins.hpp>

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace durasim {
namespace {

constexpr std::uint64_t kLargestResult = 6 * 1024 * 1024;

}  // namespace

Margins margins_of(const Execution& execution, const ServiceConfig& config,
                   std::uint32_t invocations_limit, Timestamp now) {
  std::uint64_t payload = 0;
  for (const durable::Operation& operation : execution.operations) {
    if (operation.type == durable::OperationType::chained_invoke) continue;  // a handler's result
    payload = std::max<std::uint64_t>(payload, operation.result.view().size());
  }
  const Timestamp end = durable::is_terminal(execution.status) ? execution.ended_at : now;
  const auto seconds = [](Duration span) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(span).count());
  };
  return {{{kMarginNames[0], execution.operations.size(), config.operations_limit},
           {kMarginNames[1], payload, config.payload_limit_bytes},
           {kMarginNames[2], execution.result.view().size(), kLargestResult},
           {kMarginNames[3], execution.invocations, invocations_limit},
           {kMarginNames[4], seconds(end - execution.started_at), seconds(execution.timeout)}}};
}

void widen(Margins& margins, const Margins& others) {
  for (std::size_t i = 0; i < kMarginCount; ++i) {
    const bool first = margins[i].what.empty();
    if (first || others[i].used > margins[i].used) margins[i] = others[i];
  }
}

std::string describe_narrow(const Margins& margins, std::string_view indent) {
  std::string text;
  for (const Margin& margin : margins) {
    if (margin.is_narrow())
      text += fmt::format("{}{} of {} {}\n", indent, margin.used, margin.limit, margin.what);
  }
  return text;
}

}  // namespace durasim
