#include <durasim/history.hpp>

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "durasim/service/json_text.hpp"

/// The history in the form of the service's API.
/// Source: docs/reference/protocol.md, history
namespace durasim {
namespace {

using nlohmann::ordered_json;

/// The part of `arn` that follows the `skipped`-th slash from its end.
std::string_view part_from_end(std::string_view arn, int skipped) {
  for (; skipped > 0; --skipped) arn = arn.substr(0, arn.rfind('/'));
  return arn.substr(arn.rfind('/') + 1);
}

/// Whole seconds stay integers, so that the text is short and exact.
ordered_json seconds_json(Timestamp at) {
  const auto milliseconds = at.time_since_epoch().count();
  if (milliseconds % 1000 == 0) return milliseconds / 1000;
  return static_cast<double>(milliseconds) / 1000.0;
}

ordered_json payload_json(const durable::Text& payload) {
  ordered_json json = ordered_json::object();
  if (payload.present()) json["Payload"] = payload.view();
  json["Truncated"] = false;
  return json;
}

ordered_json error_json(const durable::ErrorPtr& error) {
  ordered_json payload = ordered_json::object();
  if (error) {
    payload["ErrorMessage"] = error->message;
    payload["ErrorType"] = error->type;
    if (!error->data.empty()) payload["ErrorData"] = error->data;
    if (!error->stack_trace.empty()) payload["StackTrace"] = error->stack_trace;
  }
  return {{"Payload", std::move(payload)}, {"Truncated", false}};
}

ordered_json retry_json(const HistoryEvent& event) {
  ordered_json json = {{"CurrentAttempt", event.attempt}};
  if (event.delay.count() > 0) json["NextAttemptDelaySeconds"] = event.delay.count();
  return json;
}

ordered_json invocation_json(const Execution& execution, const HistoryEvent& event) {
  ordered_json json = {{"StartTimestamp", seconds_json(event.started_at)},
                       {"EndTimestamp", seconds_json(event.at)},
                       {"RequestId", request_id(execution, event.attempt)}};
  if (event.error) json["Error"] = error_json(event.error);
  return json;
}

/// Of the function that an invoke started: "1" of "ship:1", or that of the execution's ARN.
std::string_view version_of(const InvokedFunction& invoked) {
  std::string_view name = invoked.target.function;
  const std::string_view arn = invoked.execution_arn;
  if (!arn.empty()) name = arn.substr(0, arn.find('/'));
  const std::size_t colon = name.rfind(':');
  return colon == name.npos ? std::string_view() : name.substr(colon + 1);
}

ordered_json invoke_json(const HistoryEvent& event) {
  const InvokedFunction& invoked = *event.invoked;
  ordered_json json = {{"FunctionName", invoked.target.function}};
  if (!invoked.target.tenant_id.empty()) json["TenantId"] = invoked.target.tenant_id;
  json["Input"] = payload_json(event.payload);
  if (const std::string_view version = version_of(invoked); !version.empty())
    json["ExecutedVersion"] = version;
  if (!invoked.execution_arn.empty()) json["DurableExecutionArn"] = invoked.execution_arn;
  return json;
}

ordered_json callback_json(const HistoryEvent& event, const durable::Operation* callback) {
  ordered_json json = ordered_json::object();
  if (callback != nullptr) json["CallbackId"] = callback->callback_id.view();
  if (event.delay.count() != 0) json["Timeout"] = event.delay.count();
  if (event.heartbeat_timeout.count() != 0)
    json["HeartbeatTimeout"] = event.heartbeat_timeout.count();
  return json;
}

ordered_json start_json(const Execution& execution, const HistoryEvent& event) {
  const auto timeout = std::chrono::duration_cast<std::chrono::seconds>(execution.timeout);
  return {{"Input", payload_json(event.payload)}, {"ExecutionTimeout", timeout.count()}};
}

ordered_json wait_json(const HistoryEvent& event) {
  return {{"Duration", event.delay.count()},
          {"ScheduledEndTimestamp", seconds_json(event.at + event.delay)}};
}

/// `operation` is the one that the event concerns, if any.
ordered_json details_json(const Execution& execution, const HistoryEvent& event,
                          const durable::Operation* operation) {
  switch (event.type) {
    case EventType::execution_started:
      return start_json(execution, event);
    case EventType::execution_succeeded:
    case EventType::context_succeeded:
    case EventType::callback_succeeded:
    case EventType::chained_invoke_succeeded:
      return {{"Result", payload_json(event.payload)}};
    case EventType::execution_failed:
    case EventType::execution_timed_out:
    case EventType::execution_stopped:
    case EventType::context_failed:
    case EventType::callback_failed:
    case EventType::callback_timed_out:
    case EventType::chained_invoke_failed:
    case EventType::chained_invoke_timed_out:
    case EventType::chained_invoke_stopped:
      return {{"Error", error_json(event.error)}};
    case EventType::context_started:
    case EventType::step_started:
      break;
    case EventType::step_succeeded:
      return {{"Result", payload_json(event.payload)}, {"RetryDetails", retry_json(event)}};
    case EventType::step_failed:
      return {{"Error", error_json(event.error)}, {"RetryDetails", retry_json(event)}};
    case EventType::wait_started:
      return wait_json(event);
    case EventType::wait_succeeded:
      return {{"Duration", event.delay.count()}};
    case EventType::wait_cancelled:
      if (event.error) return {{"Error", error_json(event.error)}};
      break;
    case EventType::callback_started:
      return callback_json(event, operation);
    case EventType::chained_invoke_started:
      return invoke_json(event);
    case EventType::invocation_completed:
      return invocation_json(execution, event);
  }
  return ordered_json::object();
}

/// Finds what an event concerns. Most events concern the operation of the event before.
class Operations {
 public:
  explicit Operations(const std::vector<durable::Operation>& all) : all_(all) {}

  const durable::Operation* find(durable::OperationPath path) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const std::size_t candidate = (last_ + i) % all_.size();
      if (all_[candidate].path != path) continue;
      last_ = candidate;
      return &all_[candidate];
    }
    return nullptr;
  }

 private:
  const std::vector<durable::Operation>& all_;
  std::size_t last_ = 0;
};

void describe_operation(ordered_json& json, durable::OperationPath path,
                        const durable::Operation* operation) {
  if (path.is_root()) return;
  json["Id"] = path.wire_id();
  if (operation != nullptr && operation->sub_type != durable::OperationSubType::none)
    json["SubType"] = to_string(operation->sub_type);
  if (operation != nullptr && operation->name.present()) json["Name"] = operation->name.view();
  const durable::OperationPath parent = operation != nullptr ? operation->parent() : path.parent();
  if (!parent.is_root()) json["ParentId"] = parent.wire_id();
}

}  // namespace

std::string history_json(const Execution& execution) {
  Operations operations(execution.operations);
  ordered_json events = ordered_json::array();
  for (const HistoryEvent& event : execution.history) {
    const std::string type(to_string(event.type));
    ordered_json json = {{"EventType", type},
                         {"EventId", events.size() + 1},
                         {"EventTimestamp", seconds_json(event.at)}};
    if (event.type == EventType::execution_started) {
      json["Id"] = execution_id(execution);
      json["Name"] = part_from_end(execution.arn, 1);
    }
    const durable::Operation* const operation =
        event.path.is_root() ? nullptr : operations.find(event.path);
    describe_operation(json, event.path, operation);
    json[type + "Details"] = details_json(execution, event, operation);
    events.push_back(std::move(json));
  }
  return json_text({{"Events", std::move(events)}});
}

std::string request_id(const Execution& execution, std::uint32_t invocation) {
  return fmt::format("{:08x}-0000-4000-9000-{:012}", invocation, execution.number);
}

std::string execution_id(const Execution& execution) {
  return std::string(part_from_end(execution.arn, 0));
}

}  // namespace durasim
