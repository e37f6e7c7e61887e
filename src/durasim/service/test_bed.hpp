#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <durasim/clock.hpp>
#include <durasim/service.hpp>

/// For the tests of this folder: a service with one execution, driven by hand.
namespace durasim::test_bed {

inline durable::OperationPath path(std::uint32_t number) {
  return durable::OperationPath().child(number);
}

inline durable::ErrorPtr error(std::string type, std::string message = "it broke") {
  return std::make_shared<durable::ErrorObject>(
      durable::ErrorObject{std::move(type), std::move(message)});
}

inline durable::OperationUpdate step(std::uint32_t number, durable::OperationAction action) {
  durable::OperationUpdate update;
  update.path = path(number);
  update.action = action;
  update.sub_type = durable::OperationSubType::step;
  return update;
}

inline durable::OperationUpdate start(std::uint32_t number) {
  return step(number, durable::OperationAction::start);
}

inline durable::OperationUpdate succeed(std::uint32_t number, std::string payload) {
  durable::OperationUpdate update = step(number, durable::OperationAction::succeed);
  update.payload = durable::Text(std::move(payload));
  return update;
}

inline durable::OperationUpdate fail(std::uint32_t number, durable::ErrorPtr cause) {
  durable::OperationUpdate update = step(number, durable::OperationAction::fail);
  update.error = std::move(cause);
  return update;
}

inline durable::OperationUpdate retry(std::uint32_t number, durable::ErrorPtr cause,
                                      std::chrono::seconds delay) {
  durable::OperationUpdate update = step(number, durable::OperationAction::retry);
  update.error = std::move(cause);
  update.delay = delay;
  return update;
}

inline durable::OperationUpdate wait(std::uint32_t number, std::chrono::seconds delay) {
  durable::OperationUpdate update;
  update.path = path(number);
  update.type = durable::OperationType::wait;
  update.sub_type = durable::OperationSubType::wait;
  update.delay = delay;
  return update;
}

inline durable::OperationUpdate cancel(std::uint32_t number) {
  durable::OperationUpdate update = wait(number, {});
  update.action = durable::OperationAction::cancel;
  return update;
}

inline durable::OperationUpdate context(std::uint32_t number, durable::OperationAction action,
                                        std::string payload = {}) {
  durable::OperationUpdate update;
  update.path = path(number);
  update.type = durable::OperationType::context;
  update.action = action;
  update.sub_type = durable::OperationSubType::run_in_child_context;
  if (action == durable::OperationAction::succeed) update.payload = durable::Text(payload);
  return update;
}

inline durable::OperationUpdate callback(std::uint32_t number, std::chrono::seconds timeout = {},
                                         std::chrono::seconds heartbeat_timeout = {}) {
  durable::OperationUpdate update;
  update.path = path(number);
  update.type = durable::OperationType::callback;
  update.sub_type = durable::OperationSubType::callback;
  update.delay = timeout;
  update.heartbeat_timeout = heartbeat_timeout;
  return update;
}

inline durable::OperationUpdate invoke(std::uint32_t number, std::string function = "ship:1",
                                       std::string payload = "7", std::string tenant_id = {}) {
  durable::OperationUpdate update;
  update.path = path(number);
  update.type = durable::OperationType::chained_invoke;
  update.sub_type = durable::OperationSubType::chained_invoke;
  update.payload = durable::Text(payload);
  update.target = std::make_shared<durable::InvokeTarget>(
      durable::InvokeTarget{std::move(function), std::move(tenant_id)});
  return update;
}

/// The same inside the `number`-th operation.
inline durable::OperationUpdate inside(std::uint32_t number, durable::OperationUpdate update) {
  update.path = path(number).child(update.path.number());
  return update;
}

inline durable::OperationUpdate end(durable::OperationAction action) {
  durable::OperationUpdate update;
  update.type = durable::OperationType::execution;
  update.action = action;
  return update;
}

inline durable::InvocationOutcome succeeded(std::string result) {
  return {durable::InvocationOutcome::Status::succeeded, durable::Text(std::move(result)), nullptr};
}

inline durable::InvocationOutcome failed(durable::ErrorPtr cause) {
  return {durable::InvocationOutcome::Status::failed, {}, std::move(cause)};
}

inline durable::InvocationOutcome pending() { return {}; }

struct TestBed {
  explicit TestBed(ServiceConfig config = {})
      : service(clock, config, kOwner, [this](const Execution&, const HistoryEvent&) { ++told; }) {
    service.start("pay", durable::Text("1"));
  }

  const Execution& execution() const { return service.execution(1); }
  const durable::Operation& operation(std::size_t number) const {
    return execution().operations.at(number - 1);
  }

  durable::InvocationEvent begin() {
    durable::InvocationEvent event = service.begin_invocation(1);
    token = event.token;
    return event;
  }

  /// A checkpoint of the invocation that holds `token`, which goes on with the new one.
  durable::Response send(std::vector<durable::OperationUpdate> updates) {
    durable::Response response = service.checkpoint({token, ++client_token, 1, std::move(updates)});
    if (response.token) token = *response.token;
    return response;
  }

  std::string end_invocation(const durable::InvocationOutcome& outcome) {
    return service.end_invocation(token, outcome);
  }

  std::string id_of(std::size_t number) const { return operation(number).callback_id.str(); }

  /// Suspends the invocation that holds `token`; the next one holds its successor.
  void suspend() { end_invocation(pending()); }

  /// Goes to the next deadline and fires what is due then.
  void advance() {
    for (const Clock::Timer& timer : clock.advance()) service.fire(timer);
  }

  /// Fires what is due in the next `span`, and goes to its end.
  void pass(Duration span) {
    const Timestamp end = clock.now() + span;
    while (clock.next_due() && *clock.next_due() <= end) advance();
    clock.advance_to(end);
  }

  /// "ExecutionStarted, StepStarted 1#1": types, paths and attempts.
  std::string history() const {
    std::string text;
    for (const HistoryEvent& event : execution().history) {
      if (!text.empty()) text += ", ";
      text += to_string(event.type);
      if (!event.path.is_root()) text += " " + event.path.to_string();
      if (event.attempt != 0) text += "#" + std::to_string(event.attempt);
    }
    return text;
  }

  static constexpr std::uint32_t kOwner = 7;

  Clock clock{Timestamp(std::chrono::seconds(1'000))};
  std::size_t told = 0;
  Service service;
  durable::CheckpointToken token;
  std::uint64_t client_token = 0;
};

}  // namespace durasim::test_bed
