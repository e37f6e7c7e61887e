#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/oracles.hpp>

/// Hand-written traces for the tests of the oracles.
namespace durasim::oracle {

using Operations = std::vector<durable::Operation>;
using durable::OperationStatus;
using Outcome = durable::InvocationOutcome::Status;

inline constexpr std::source_location kHere = std::source_location::current();
inline constexpr std::source_location kElsewhere = std::source_location::current();

/// The `number`-th durable call of the handler.
inline durable::OperationPath op(std::uint32_t number) {
  return durable::OperationPath().child(number);
}

/// Entries of a record.
inline durable::Operation step(std::uint32_t number, OperationStatus status,
                               std::uint32_t finished_attempts = 0) {
  durable::Operation operation;
  operation.path = op(number);
  operation.status = status;
  operation.attempt = finished_attempts;
  return operation;
}
inline durable::Operation wait(std::uint32_t number, OperationStatus status) {
  durable::Operation operation;
  operation.path = op(number);
  operation.type = durable::OperationType::wait;
  operation.status = status;
  return operation;
}

inline durable::Operation context(std::uint32_t number, OperationStatus status,
                                  bool replay_children = false) {
  durable::Operation operation;
  operation.path = op(number);
  operation.type = durable::OperationType::context;
  operation.status = status;
  operation.replay_children = replay_children;
  return operation;
}
inline durable::Operation callback(std::uint32_t number, std::string id,
                                   OperationStatus status = OperationStatus::started) {
  durable::Operation operation;
  operation.path = op(number);
  operation.type = durable::OperationType::callback;
  operation.status = status;
  operation.callback_id = durable::Text(std::move(id));
  return operation;
}
/// The same inside operation `outer`.
inline durable::Operation inside(std::uint32_t outer, durable::Operation operation) {
  operation.path = op(outer).child(operation.path.number());
  return operation;
}

inline durable::ErrorPtr failure(std::string type, std::string message) {
  return std::make_shared<durable::ErrorObject>(
      durable::ErrorObject{std::move(type), std::move(message)});
}

/// How an invocation or a replay ends.
struct End {
  Outcome outcome = Outcome::pending;
  durable::Text result = {};
  durable::ErrorPtr error = {};
};
inline End suspended() { return {}; }
inline End returned(std::string json) {
  return {Outcome::succeeded, durable::Text(std::move(json)), {}};
}
inline End threw(std::string type, std::string message) {
  return {Outcome::failed, {}, failure(std::move(type), std::move(message))};
}

/// Tells one monitor what happens to execution 1, in the order of the calls.
class Script {
 public:
  using Kind = TraceEvent::Kind;

  /// Of an oracle.
  explicit Script(std::unique_ptr<Monitor> (*make)(Findings&))
      : owned_(make(findings_)), monitor_(*owned_) {}
  /// Of a monitor that the caller keeps.
  explicit Script(Monitor& monitor) : monitor_(monitor) {}
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  /// What happens to other executions is told between two calls of this.
  void of_execution(std::uint32_t execution) { execution_ = execution; }

  /// What is told next happens `span` after what was told last.
  void later(Duration span) { now_ += span; }
  Timestamp now() const { return now_; }

  /// As a simulation does, which hands out only what a monitor asks for.
  void tell(const TraceEvent& event) {
    if (monitor_.interests().contains(event.kind)) monitor_.on(event);
  }
  TraceEvent event(Kind kind, std::uint32_t invocation = 0, std::uint32_t number = 0) const {
    TraceEvent event;
    event.kind = kind;
    event.at = now_;
    event.execution = execution_;
    event.invocation = invocation;
    if (number != 0) event.path = op(number);
    return event;
  }

  void start(std::uint32_t invocation, const Operations& record = {}) {
    TraceEvent event = this->event(Kind::invocation_started, invocation);
    event.operations = record;
    tell(event);
  }
  TraceEvent issue_event(std::uint32_t invocation, std::uint32_t number,
                         std::string_view name) const {
    TraceEvent event = this->event(Kind::operation_issued, invocation, number);
    event.sub_type = durable::OperationSubType::step;
    event.name = name;
    event.body = &typeid(Script);
    event.where = kHere;
    return event;
  }
  void issue(std::uint32_t invocation, std::uint32_t number, std::string_view name = "charge") {
    tell(issue_event(invocation, number, name));
  }
  /// The same calls inside operation `outer`.
  void issue_inside(std::uint32_t invocation, std::uint32_t outer, std::uint32_t number) {
    TraceEvent event = issue_event(invocation, number, "charge");
    event.path = op(outer).child(number);
    event.shadow = invocation == 0;
    tell(event);
  }
  void body_inside(std::uint32_t invocation, std::uint32_t outer, std::uint32_t number) {
    TraceEvent event = body_event(invocation, number, 1);
    event.path = op(outer).child(number);
    tell(event);
  }
  void request(std::uint32_t invocation) { tell(event(Kind::request, invocation)); }
  void answer(std::uint32_t invocation, const Operations& changed) {
    TraceEvent event = this->event(Kind::answer, invocation);
    event.operations = changed;
    tell(event);
  }
  void refuse(std::uint32_t invocation, bool execution_over = false) {
    const durable::ServiceError error{400, "InvalidParameterValueException",
                                      "Invalid checkpoint token"};
    TraceEvent event = this->event(Kind::answer, invocation);
    event.refusal = &error;
    event.execution_over = execution_over;
    tell(event);
  }
  TraceEvent body_event(std::uint32_t invocation, std::uint32_t number,
                        std::uint32_t attempt) const {
    TraceEvent event = this->event(Kind::body_started, invocation, number);
    event.name = "charge";
    event.attempt = attempt;
    event.max_attempts = 3;
    event.where = kHere;
    return event;
  }
  void body(std::uint32_t invocation, std::uint32_t number, std::uint32_t attempt = 1) {
    tell(body_event(invocation, number, attempt));
  }
  void at_most_once_body(std::uint32_t invocation, std::uint32_t number,
                         std::uint32_t attempt = 1) {
    TraceEvent event = body_event(invocation, number, attempt);
    event.semantics = durable::StepSemantics::at_most_once_per_retry;
    tell(event);
  }
  void body_ends(std::uint32_t invocation, std::uint32_t number, std::uint32_t attempt = 1) {
    TraceEvent event = body_event(invocation, number, attempt);
    event.kind = Kind::body_ended;
    tell(event);
  }
  void suspend(std::uint32_t invocation, std::uint32_t number) {
    tell(event(Kind::suspended, invocation, number));
  }

  TraceEvent end_event(std::uint32_t invocation, const End& end, const Operations& record) const {
    TraceEvent event = this->event(Kind::invocation_ended, invocation);
    event.outcome = end.outcome;
    event.payload = end.result;
    event.error = end.error;
    event.operations = record;
    return event;
  }
  void end(std::uint32_t invocation, const End& end, const Operations& record = {}) {
    tell(end_event(invocation, end, record));
  }
  void crash(std::uint32_t invocation, const Operations& record = {}) {
    TraceEvent event = end_event(invocation, {}, record);
    event.ended_abnormally = true;
    tell(event);
  }
  void end_superseded(std::uint32_t invocation, const End& end, const Operations& record = {}) {
    TraceEvent event = end_event(invocation, end, record);
    event.superseded = true;
    tell(event);
  }
  void end_execution(durable::ExecutionStatus status, const End& end = {}) {
    TraceEvent event = this->event(Kind::execution_ended);
    event.execution_status = status;
    event.payload = end.result;
    event.error = end.error;
    tell(event);
  }

  TraceEvent history_event(std::string_view type, std::uint32_t number) {
    TraceEvent event = this->event(Kind::history, 0, number);
    event.event_type = type;
    event.attempt = 1;
    event_ids_.resize(std::max<std::size_t>(event_ids_.size(), execution_ + 1));
    event.event_id = ++event_ids_[execution_];
    return event;
  }
  /// A wait that starts, or an attempt that fails and is followed by another.
  void history_with_delay(std::string_view type, std::uint32_t number, std::chrono::seconds delay) {
    TraceEvent event = history_event(type, number);
    event.delay = delay;
    tell(event);
  }
  void history(std::string_view type, std::uint32_t number, std::uint32_t attempt = 1,
               durable::Text payload = {}, durable::ErrorPtr error = {}) {
    TraceEvent event = history_event(type, number);
    event.attempt = attempt;
    event.payload = std::move(payload);
    event.error = std::move(error);
    tell(event);
  }
  /// The value of an operation is handed to the handler.
  void gives(std::uint32_t invocation, std::uint32_t number, durable::Text value) {
    TraceEvent event = this->event(Kind::value_returned, invocation, number);
    event.payload = std::move(value);
    tell(event);
  }
  void throws(std::uint32_t invocation, std::uint32_t number, durable::ErrorPtr error) {
    TraceEvent event = this->event(Kind::error_thrown, invocation, number);
    event.error = std::move(error);
    tell(event);
  }

  /// A callback that starts, with its timeouts.
  void callback_starts(std::uint32_t number, std::chrono::seconds timeout,
                       std::chrono::seconds heartbeat_timeout = {}) {
    TraceEvent event = history_event("CallbackStarted", number);
    event.delay = timeout;
    event.heartbeat_timeout = heartbeat_timeout;
    tell(event);
  }
  /// The outside sends something to a callback.
  TraceEvent sent_event(std::uint32_t number, std::string_view what) const {
    TraceEvent event = this->event(Kind::outside, 0, number);
    event.name = what;
    event.applied = true;
    return event;
  }
  void heartbeat(std::uint32_t number) { tell(sent_event(number, "heartbeat")); }
  void send(std::uint32_t number, std::string result, bool accepted = true) {
    TraceEvent event = sent_event(number, "succeed");
    event.payload = durable::Text(std::move(result));
    event.applied = accepted;
    tell(event);
  }

  void inject(Fault fault) {
    const Decision decision{{}, 2, 1, fault};
    TraceEvent event = this->event(Kind::choice);
    event.decision = &decision;
    tell(event);
  }

  /// A shadow replay of an invocation that ended in `end`.
  void replay(const Operations& record, const End& end) {
    TraceEvent event = end_event(0, end, record);
    event.kind = Kind::replay_started;
    event.shadow = true;
    tell(event);
  }
  void replay_of_crash(const Operations& record) {
    TraceEvent event = end_event(0, {}, record);
    event.kind = Kind::replay_started;
    event.shadow = event.ended_abnormally = true;
    tell(event);
  }
  void replay_issue(std::uint32_t number, std::string_view name = "charge") {
    TraceEvent event = issue_event(0, number, name);
    event.shadow = true;
    tell(event);
  }
  void replay_end(const End& end) {
    TraceEvent event = end_event(0, end, {});
    event.kind = Kind::replay_ended;
    event.shadow = true;
    tell(event);
  }

  const std::vector<Finding>& findings() const { return findings_.all(); }
  /// The sentence of the only finding; otherwise how many there are.
  std::string sentence() const {
    if (findings().size() != 1) return std::to_string(findings().size()) + " findings";
    return findings()[0].what;
  }

 private:
  Findings findings_;
  std::unique_ptr<Monitor> owned_;
  Monitor& monitor_;
  std::uint32_t execution_ = 1;
  Timestamp now_{};
  std::vector<std::uint32_t> event_ids_;  // of each execution, the last one told
};

}  // namespace durasim::oracle
