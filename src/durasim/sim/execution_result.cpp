#include <durasim/execution.hpp>

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/core/duration_text.hpp"
#include "durasim/sim/outside.hpp"

namespace durasim {
namespace {

/// At most `width` columns of a text, by code points.
std::string shortened(std::string_view text, std::size_t width) {
  std::string result;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++columns) {
    if (columns + 1 == width && i + 1 < text.size()) return result + "\u2026";
    std::size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    result += text.substr(i, next - i);
    i = next;
  }
  return result;
}

std::string outcome_of(const durable::Operation& operation) {
  if (operation.error) return operation.error->type + ": " + operation.error->message;
  return operation.result.str();
}

}  // namespace

std::string ExecutionResult::table() const {
  const Execution& execution = *execution_;
  const auto since_start = [&](Timestamp at) {
    return "+" + duration_text(at - execution.started_at);
  };
  std::string text =
      fmt::format("execution {} of {}: {} after {} in {} invocation{}\n", execution.number,
                  execution.function, to_string(execution.status), duration_text(elapsed()),
                  execution.invocations, execution.invocations == 1 ? "" : "s");
  std::size_t path_width = 6;
  std::size_t type_width = 5;
  for (const durable::Operation& operation : execution.operations) {
    path_width = std::max(path_width, operation.path.to_string().size());
    type_width = std::max(type_width, to_string(operation.type).size());
  }
  if (!execution.operations.empty()) {
    text += fmt::format("  {:<{}} {:<{}} {:<24} {:<10} {:>7}  {:<14} {:<14} {}\n", "path",
                        path_width, "type", type_width, "name", "status", "attempt", "started",
                        "ended", "result or error");
  }
  for (const durable::Operation& operation : execution.operations) {
    text += fmt::format(
        "  {:<{}} {:<{}} {:<24} {:<10} {:>7}  {:<14} {:<14} {}\n", operation.path.to_string(),
        path_width, to_string(operation.type), type_width, shortened(operation.name.view(), 24),
        to_string(operation.status),
        operation.type == durable::OperationType::step ? std::to_string(operation.attempt) : "",
        since_start(operation.started_at),
        durable::is_terminal(operation.status) ? since_start(operation.ended_at) : "",
        shortened(outcome_of(operation), 60));
  }
  std::size_t invocation = 0;
  for (const HistoryEvent& event : execution.history) {
    if (event.type != EventType::invocation_completed) continue;
    text += fmt::format("  invocation {} ended at {}{}\n", ++invocation, since_start(event.at),
                        event.error ? ": " + event.error->type : "");
  }
  if (execution.result.present())
    text += fmt::format("  result {}\n", shortened(execution.result.view(), 90));
  if (execution.error)
    text += fmt::format("  error  {}: {}\n", execution.error->type, execution.error->message);
  return text + describe_narrow(margins_, "  limit  ");
}

std::string_view name_of(const Execution& execution) {
  const std::string_view arn = execution.arn;
  const std::size_t end = arn.rfind('/');
  const std::size_t begin = arn.rfind('/', end - 1) + 1;
  return arn.substr(begin, end - begin);
}

std::string_view ExecutionResult::name() const { return name_of(*execution_); }

std::optional<Timestamp> ExecutionResult::wakes_at() const {
  using durable::OperationStatus;
  using durable::OperationType;
  std::optional<Timestamp> next;
  for (const durable::Operation& operation : operations()) {
    const bool waiting =
        operation.type == OperationType::wait && operation.status == OperationStatus::started;
    if (!waiting && operation.status != OperationStatus::pending) continue;
    if (!next || operation.due_at < *next) next = operation.due_at;
  }
  for (const HistoryEvent& event : history()) {
    if (event.type != EventType::callback_started || event.delay == Duration(0)) continue;
    const durable::Operation* const callback = find_operation(*execution_, event.path);
    if (callback == nullptr || is_terminal(callback->status)) continue;
    const Timestamp timeout = event.at + event.delay;
    if (!next || timeout < *next) next = timeout;
  }
  return is_terminal(status()) ? std::nullopt : next;
}

std::string_view to_string(InvocationResult::Outcome outcome) {
  using Outcome = InvocationResult::Outcome;
  switch (outcome) {
    case Outcome::suspended:
      return "SUSPENDED";
    case Outcome::succeeded:
      return "SUCCEEDED";
    case Outcome::failed:
      return "FAILED";
    case Outcome::crashed:
      return "CRASHED";
    case Outcome::overtaken:
      break;
  }
  return "OVERTAKEN";
}

std::ostream& operator<<(std::ostream& out, InvocationResult::Outcome outcome) {
  return out << to_string(outcome);
}

std::string InvocationResult::text() const {
  std::string line = fmt::format("invocation {} of execution {}: {} after {}", number, execution,
                                 to_string(outcome), duration_text(ended_at - started_at));
  if (result.present()) line += fmt::format(" with {}", shortened(result.view(), 90));
  if (error) line += fmt::format(" with {}: {}", error->type, error->message);
  const char* separator = "; recorded ";
  for (const durable::Operation& operation : operations) {
    const std::string_view name = operation.name.view();
    line += fmt::format("{}{} {}", std::exchange(separator, ", "),
                        name.empty() ? operation.path.to_string() : std::string(name),
                        to_string(operation.status));
  }
  return line;
}

std::ostream& operator<<(std::ostream& out, const InvocationResult& result) {
  return out << result.text();
}

const durable::ErrorObject& ExecutionResult::error() const {
  static const durable::ErrorObject none;
  return execution_->error ? *execution_->error : none;
}

Duration ExecutionResult::elapsed() const {
  return (durable::is_terminal(status()) ? execution_->ended_at : now_) - execution_->started_at;
}

void ExecutionResult::require_success() const {
  if (succeeded()) return;
  throw std::logic_error("durasim: the execution has no value\n" + table());
}

std::ostream& operator<<(std::ostream& out, const ExecutionResult& result) {
  return out << result.table();
}

}  // namespace durasim
