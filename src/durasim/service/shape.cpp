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
constexpr std::size_t kFunctionNameLimit = 170;
constexpr std::size_t kTenantIdLimit = 256;

std::string constraint(std::size_t position, std::string_view member, std::string_view rule) {
  return fmt::format(
      "1 validation error detected: Value at 'updates.{}.member.{}' failed to satisfy constraint: "
      "Member must {}",
      position, member, rule);
}

std::string length_limit(std::size_t limit) {
  return fmt::format("have length less than or equal to {}", limit);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// `allowed` says of which characters `text` may be made; `pattern` says so to people.
template <class Predicate>
std::string check_text(std::size_t position, std::string_view member, std::string_view text,
                       std::size_t limit, Predicate allowed, std::string_view pattern) {
  if (text.empty()) return constraint(position, member, "have length greater than or equal to 1");
  if (text.size() > limit) return constraint(position, member, length_limit(limit));
  if (std::all_of(text.begin(), text.end(), allowed)) return {};
  return constraint(position, member,
                    fmt::format("satisfy regular expression pattern: {}", pattern));
}

std::string check_identity(const OperationUpdate& update, std::size_t position) {
  if (update.type != OperationType::execution && update.path.is_root()) {
    return constraint(position, "id", "have length greater than or equal to 1");
  }
  if (!update.name.present()) return {};
  const auto printable = [](char c) { return c >= '\x20' && c <= '\x7E'; };
  return check_text(position, "name", update.name.view(), durable::kNameLimit, printable,
                    "[\\x20-\\x7E]+");
}

std::string check_target(const durable::InvokeTarget& target, std::size_t position) {
  const auto among = [](std::string_view others) {
    return [others](char c) { return is_letter_or_digit(c) || others.find(c) != others.npos; };
  };
  std::string fault = check_text(position, "chainedInvokeOptions.functionName", target.function,
                                 kFunctionNameLimit, among("-_.:$"), "[a-zA-Z0-9-_.:$]+");
  if (!fault.empty() || target.tenant_id.empty()) return fault;
  return check_text(position, "chainedInvokeOptions.tenantId", target.tenant_id, kTenantIdLimit,
                    among("._:/=+-@ "), "[a-zA-Z0-9\\._:\\/=+\\-@ ]+");
}

/// Of a span in the options of an update.
std::string check_seconds(std::size_t position, std::string_view member, std::chrono::seconds value,
                          std::chrono::seconds least) {
  if (value >= least && value <= durable::kLongestWait) return {};
  const bool too_short = value < least;
  return fmt::format(
      "1 validation error detected: Value '{}' at 'updates.{}.member.{}' failed to satisfy "
      "constraint: Member must have value {} than or equal to {}",
      value.count(), position, member, too_short ? "greater" : "less",
      too_short ? least.count() : durable::kLongestWait.count());
}

std::string check_options(const OperationUpdate& update, std::size_t position) {
  constexpr std::chrono::seconds kAtLeastOne{1};
  constexpr std::chrono::seconds kUnset{0};
  const bool starts = update.action == OperationAction::start;
  if (update.type == OperationType::step) {
    // A retry without a delay has no options, which is not a matter of shape.
    if (update.action != OperationAction::retry || update.delay == kUnset) return {};
    return check_seconds(position, "stepOptions.nextAttemptDelaySeconds", update.delay,
                         kAtLeastOne);
  }
  if (!starts) return {};
  if (update.type == OperationType::wait)
    return check_seconds(position, "waitOptions.waitSeconds", update.delay, kAtLeastOne);
  if (update.type == OperationType::callback) {
    std::string fault =
        check_seconds(position, "callbackOptions.timeoutSeconds", update.delay, kUnset);
    if (!fault.empty()) return fault;
    return check_seconds(position, "callbackOptions.heartbeatTimeoutSeconds",
                         update.heartbeat_timeout, kUnset);
  }
  const bool invokes = update.type == OperationType::chained_invoke && update.target;
  return invokes ? check_target(*update.target, position) : std::string();
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
  if (std::string fault = check_options(update, position); !fault.empty()) return fault;
  if (update.type == OperationType::execution &&
      update.payload.view().size() > kExecutionResultLimitBytes) {
    return constraint(position, "payload", length_limit(kExecutionResultLimitBytes));
  }
  return {};
}

std::string size_violation(const OperationUpdate& update, const ServiceConfig& config) {
  const std::size_t limit = config.payload_limit_bytes;
  if (update.type != OperationType::execution && update.payload.view().size() > limit) {
    const bool asks = update.type == OperationType::chained_invoke;
    return fmt::format("{} {} payload size must be less than or equal to {} bytes.",
                       durable::to_string(update.type), asks ? "input" : "output", limit);
  }
  return update.error ? size_violation(*update.error, config.error_limit_bytes) : std::string();
}

std::string size_violation(const durable::ErrorObject& error, std::size_t limit) {
  if (json_size(error) <= limit) return {};
  return fmt::format("Error object size must be less than or equal to {} bytes.", limit);
}

}  // namespace durasim
