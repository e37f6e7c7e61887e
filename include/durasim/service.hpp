#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <durable/client.hpp>
#include <durable/executor.hpp>
#include <durable/model.hpp>
#include <durasim/clock.hpp>

/// A model of the AWS Lambda durable execution service. Knows nothing of handlers.
namespace durasim {

enum class EventType : std::uint8_t {
  execution_started,
  execution_succeeded,
  execution_failed,
  execution_timed_out,
  step_started,
  step_succeeded,
  step_failed,
  wait_started,
  wait_succeeded,
  wait_cancelled,
  invocation_completed
};
/// As in the service's history: "StepStarted".
std::string_view to_string(EventType type);

/// One line of an execution's history. Events are numbered from 1 in their order.
struct HistoryEvent {
  EventType type = EventType::execution_started;
  durable::OperationPath path = {};
  Timestamp at{};
  std::uint32_t attempt = 0;      ///< steps: the attempt, from 1; invocations: which one, from 1
  std::chrono::seconds delay{0};  ///< waits: their duration; failed attempts: until the next one
  durable::Text payload = {};
  durable::ErrorPtr error = {};
  Timestamp started_at{};  ///< invocations: when they began
};

/// What a handler logged.
struct LogLine {
  Timestamp at{};
  std::uint32_t invocation = 0;  ///< of the execution, from 1
  durable::LogLevel level = durable::LogLevel::info;
  durable::OperationPath path = {};  ///< the execution, for lines of the handler itself
  std::string name = {};             ///< of the operation; empty if it has none
  std::uint32_t attempt = 0;         ///< of a step, from 1; 0 for lines of the handler itself
  std::string text = {};
};

/// One execution, as the service knows it.
struct Execution {
  std::uint32_t number = 0;  ///< counted from 1
  std::string function;
  std::string arn;
  durable::Text input;
  durable::ExecutionStatus status = durable::ExecutionStatus::running;
  durable::Text result;
  durable::ErrorPtr error;
  Timestamp started_at{};
  Timestamp ended_at{};
  Duration timeout{};                          ///< after its start it is over, whatever happens
  std::vector<durable::Operation> operations;  ///< in order of their start
  std::vector<HistoryEvent> history;
  std::vector<LogLine> logs;  ///< what the handler logged; kept for the simulator
  std::uint32_t invocations = 0;
};

struct ServiceConfig {
  /// Consecutive failed invocations after which an execution fails. Absent: never, so that the
  /// number of injected crashes does not decide the outcome.
  std::optional<std::uint32_t> failed_invocation_limit = {};
  /// Until the service invokes again after a failed invocation.
  Duration retry_backoff{0};
  Duration invocation_timeout = std::chrono::minutes(15);
  Duration execution_timeout = durable::kLongestWait;
  std::uint32_t operations_limit = 3'000;
  std::size_t payload_limit_bytes = durable::kPayloadLimitBytes;

  /// The numbers of AWS's own emulator: 5 consecutive failures, 5 s apart.
  static ServiceConfig emulator();
};

/// The state machine of executions: tokens, transitions, timers, history.
class Service {
 public:
  /// Told of every event that the service writes down.
  using HistoryListener = std::function<void(const Execution&, const HistoryEvent&)>;

  Service(Clock& clock, ServiceConfig config, std::uint32_t timer_owner, HistoryListener listener);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Starts an execution of a published version of a function. Returns its number.
  /// Errors:  std::invalid_argument for a name that is not 1 to 64 of [a-zA-Z0-9-_].
  std::uint32_t start(const std::string& function, durable::Text input, std::string name = {});

  /// Errors:  std::invalid_argument as start.
  static void check_name(const std::string& name);

  const Execution& execution(std::uint32_t number) const;
  std::shared_ptr<const Execution> share(std::uint32_t number) const;
  std::uint32_t executions() const { return static_cast<std::uint32_t>(slots_.size()); }

  /// Something changed that the handler has not been told of, and no invocation is under way.
  bool wants_invocation(std::uint32_t number) const;
  /// Takes the execution that has wanted an invocation for longest; nothing if none does. It is not
  /// given again before something else happens to it, or it is put back.
  std::optional<std::uint32_t> take_next_invocation();
  void put_back(std::uint32_t number);
  /// It waits for its timers: no invocation is under way, due, or still to come for one that failed.
  bool is_suspended(std::uint32_t number) const;
  /// A new invocation with a new token; older ones can write no more.
  durable::InvocationEvent begin_invocation(std::uint32_t number);
  /// What a delivery after completion hands out: the whole record, and a token that is refused.
  durable::InvocationEvent terminal_event(std::uint32_t number) const;
  /// Makes room for another invocation beside the one under way.
  void supersede(std::uint32_t number);
  /// No later invocation of the execution has begun.
  bool is_current(const durable::CheckpointToken& token) const;
  /// A checkpoint with this token would not be refused for its token.
  bool accepts(const durable::CheckpointToken& token) const;

  /// CheckpointDurableExecution.
  durable::Response checkpoint(const durable::Request& request);

  /// The response of an invocation. Ignored if it was superseded, has responded or failed before,
  /// or the execution is over. Returns why it was refused as invalid, empty if it was not.
  std::string end_invocation(const durable::CheckpointToken& token,
                             const durable::InvocationOutcome& outcome);
  /// It ended without a response: "Runtime.ExitError", "Sandbox.Timedout".
  void fail_invocation(const durable::CheckpointToken& token, durable::ErrorObject error);

  /// For timers whose owner is the service.
  void fire(const Clock::Timer& timer);

  void log(std::uint32_t number, LogLine line);

  /// Fingerprint of all that a handler's future depends on: the records with due times relative to
  /// now. The same for the same state within one process only.
  std::uint64_t durable_state() const;

  const ServiceConfig& config() const { return config_; }

 private:
  struct Slot;

  /// nullptr where there is no such execution.
  Slot* find(std::uint32_t number) const;
  Slot& slot(std::uint32_t number) const { return *slots_[number - 1]; }

  // service.cpp
  void write(Slot& slot, HistoryEvent event);
  void finish(Slot& slot, durable::ExecutionStatus status, durable::Text result,
              durable::ErrorPtr error);

  // invocations.cpp
  Slot* find_open(const durable::CheckpointToken& token) const;
  std::optional<durable::ErrorObject> refusal_of(const Slot& slot,
                                                 const durable::InvocationOutcome& outcome) const;
  void queue_if_wanting(Slot& slot);
  void close_invocation(Slot& slot, durable::ErrorPtr error);
  void invocation_failed(Slot& slot, durable::ErrorPtr error);

  // checkpoint.cpp
  bool exceeds_quota(Slot& slot, const std::vector<durable::OperationUpdate>& updates) const;
  void apply_all(Slot& slot, const std::vector<durable::OperationUpdate>& updates);
  durable::Response answer(Slot& slot, const durable::Request& request);

  // transitions.cpp
  void apply(Slot& slot, const durable::OperationUpdate& update);
  void apply_to_step(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  void apply_to_wait(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  void start_step(Slot& slot, durable::Operation& step);
  void end_attempt(Slot& slot, durable::Operation& step, const durable::OperationUpdate& update);
  std::size_t find_or_add(Slot& slot, const durable::OperationUpdate& update);

  // timers.cpp
  void wake_at(Slot& slot, std::size_t index, Timestamp due);
  void forget_timer(Slot& slot, std::size_t index);
  void wake(Slot& slot, std::size_t index);
  void time_out(Slot& slot);
  void cancel_timers(Slot& slot);

  Clock& clock_;
  ServiceConfig config_;
  std::uint32_t timer_owner_;
  HistoryListener listener_;
  std::vector<std::unique_ptr<Slot>> slots_;
  /// Executions to be invoked, in the order in which they came to it.
  std::vector<std::uint32_t> queue_;
  std::size_t queue_front_ = 0;
};

}  // namespace durasim
