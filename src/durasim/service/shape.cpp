#include "durasim/service/shape.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

namespace durasim {
namespace {

using durable::OperationAction;
using durable::OperationType;
using durable::OperationUpdate;

constexpr std::size_t kExecutionResultLimitBytes = 6'291'456;

std::string constraint(std::size_t position, std::string_view member, std::string_view rule) {
  return fmt::format(
      "1 validation error detected: Value at 'updates.{}.member.{}' failed to satisfy constraint: "
      "Member must {}",
      position, member, rule);
}

std::string length_limit(std::size_t limit) {
  return fmt::format("have length less than or equal to {}", limit);
}

std::string check_identity(const OperationUpdate& update, std::size_t position) {
  constexpr std::string_view kNotEmpty = "have length greater than or equal to 1";
  if (update.type != OperationType::execution && update.path.is_root()) {
    return constraint(position, "id", kNotEmpty);
  }
  if (!update.name.present()) return {};
  const std::string_view name = update.name.view();
  if (name.empty()) return constraint(position, "name", kNotEmpty);
  if (name.size() > durable::kNameLimit) {
    return constraint(position, "name", length_limit(durable::kNameLimit));
  }
  const auto printable = [](char c) { return c >= '\x20' && c <= '\x7E'; };
  if (!std::all_of(name.begin(), name.end(), printable)) {
    return constraint(position, "name", "satisfy regular expression pattern: [\\x20-\\x7E]+");
  }
  return {};
}

std::string check_delay(const OperationUpdate& update, std::size_t position) {
  const bool waits = update.type == OperationType::wait && update.action == OperationAction::start;
  const bool retries =
      update.type == OperationType::step && update.action == OperationAction::retry;
  if (!waits && !retries) return {};
  if (retries && update.delay.count() == 0) return {};  // no options: not a matter of shape
  if (update.delay >= std::chrono::seconds(1) && update.delay <= durable::kLongestWait) return {};
  const bool too_short = update.delay < std::chrono::seconds(1);
  return fmt::format(
      "1 validation error detected: Value '{}' at 'updates.{}.member.{}' failed to satisfy "
      "constraint: Member must have value {} than or equal to {}",
      update.delay.count(), position,
      waits ? "waitOptions.waitSeconds" : "stepOptions.nextAttemptDelaySeconds",
      too_short ? "greater" : "less", too_short ? 1 : durable::kLongestWait.count());
}

/// Of `text` as a JSON string.
std::size_t json_size(std::string_view text) {
  std::size_t size = 2;
  for (const char c : text) {
    const bool short_escape = c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v');
    const bool long_escape = !short_escape && c >= '\0' && c < '\x20';
    size += short_escape ? 2 : long_escape ? 6 : 1;
  }
  return size;
}

/// Of {"ErrorType":..,"ErrorMessage":..,"ErrorData":..,"StackTrace":[..]}.
std::size_t json_size(const durable::ErrorObject& error) {
  std::size_t size = std::string_view(R"({"ErrorType":,"ErrorMessage":})").size();
  size += json_size(error.type) + json_size(error.message);
  if (!error.data.empty()) {
    size += std::string_view(R"(,"ErrorData":)").size() + json_size(error.data);
  }
  if (!error.stack_trace.empty()) size += std::string_view(R"(,"StackTrace":[])").size();
  for (const std::string& frame : error.stack_trace) size += json_size(frame) + 1;
  return size;
}

}  // namespace

std::string shape_violation(const OperationUpdate& update, std::size_t position) {
  if (std::string fault = check_identity(update, position); !fault.empty()) return fault;
  if (std::string fault = check_delay(update, position); !fault.empty()) return fault;
  if (update.type == OperationType::execution &&
      update.payload.view().size() > kExecutionResultLimitBytes) {
    return constraint(position, "payload", length_limit(kExecutionResultLimitBytes));
  }
  return {};
}

std::string size_violation(const OperationUpdate& update, std::size_t limit) {
  if (update.type == OperationType::step && update.payload.view().size() > limit) {
    return fmt::format("STEP output payload size must be less than or equal to {} bytes.", limit);
  }
  if (update.error && json_size(*update.error) > limit) {
    return fmt::format("Error object size must be less than or equal to {} bytes.", limit);
  }
  return {};
}

}  // namespace durasim
