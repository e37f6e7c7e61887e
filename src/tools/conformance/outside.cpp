#include "tools/conformance/outside.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "tools/conformance/events.hpp"
#include "tools/conformance/regex.hpp"

namespace conformance {
namespace {

bool is_for(const CallbackAction& action, const std::string& name) {
  return action.callback_name == name || action.callback_name == "*" ||
         python_search(action.callback_name, name);
}

/// Units: whole milliseconds.
durasim::Duration delay_of(const CallbackAction& action) {
  return durasim::Duration(std::llround(action.delay_seconds * 1000));
}

/// A member of a failure's payload; "" if it has none.
std::string field(const std::optional<Json>& payload, const char* key) {
  if (!payload || !payload->is_object()) return "";
  const Json value = payload->value(key, Json());
  return value.is_null() ? "" : python_str(value);
}

durable::ErrorObject error_of(const std::optional<Json>& payload) {
  durable::ErrorObject error{.type = field(payload, "ErrorType"),
                             .message = field(payload, "ErrorMessage"),
                             .data = field(payload, "ErrorData")};
  if (!payload || !payload->is_object()) return error;
  for (const Json& line : payload->value("StackTrace", Json::array()))
    error.stack_trace.push_back(python_str(line));
  return error;
}

}  // namespace

Outside::Outside(durasim::Simulation& sim, durasim::ExecutionHandle execution,
                 std::span<const CallbackAction> actions)
    : sim_(sim), execution_(execution), actions_(actions), taken_(actions.size()) {}

void Outside::drive() {
  while (answer() || go_on()) {
  }
  sim_.run_until_idle();
}

bool Outside::answer() {
  sim_.run_until_suspended(execution_);
  bool answered = false;
  for (const Json& event : events_of(sim_.result(execution_).execution())) {
    if (event.at("EventType") != "CallbackStarted") continue;
    const auto callback = event.at("CallbackStartedDetails").at("CallbackId").get<std::string>();
    if (ended_.contains(callback)) continue;
    if (const CallbackAction* const action = next_action(event.value("Name", ""))) {
      take(*action, callback);
      answered = true;
    }
  }
  return answered;
}

bool Outside::go_on() {
  if (durable::is_terminal(sim_.result(execution_).status())) return false;
  try {
    sim_.step_invocation(execution_);
    return true;
  } catch (const std::logic_error&) {  // nothing wakes it any more
    return false;
  }
}

const CallbackAction* Outside::next_action(const std::string& name) {
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    if (taken_[i] || !is_for(actions_[i], name)) continue;
    taken_[i] = true;
    return &actions_[i];
  }
  return nullptr;
}

std::optional<durable::ServiceError> Outside::send(const CallbackAction& action,
                                                   const std::string& callback) {
  switch (action.operation) {
    case CallbackAction::Operation::success:
      return action.payload ? sim_.succeed_callback(callback, python_json(*action.payload))
                            : sim_.succeed_callback(callback);
    case CallbackAction::Operation::failure:
      return sim_.fail_callback(callback, error_of(action.payload));
    case CallbackAction::Operation::heartbeat:
      return sim_.heartbeat_callback(callback);
  }
  return std::nullopt;
}

void Outside::take(const CallbackAction& action, const std::string& callback) {
  sim_.run_for(delay_of(action));
  if (action.operation != CallbackAction::Operation::heartbeat) ended_.insert(callback);
  const std::optional<durable::ServiceError> refusal = send(action, callback);
  if (refusal) refused_.push_back(fmt::format("callback {}: {}", callback, refusal->message));
  sim_.run_until_suspended(execution_);
}

}  // namespace conformance
