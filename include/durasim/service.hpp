#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
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
  execution_stopped,
  context_started,
  context_succeeded,
  context_failed,
  step_started,
  step_succeeded,
  step_failed,
  wait_started,
  wait_succeeded,
  wait_cancelled,
  callback_started,
  callback_succeeded,
  callback_failed,
  callback_timed_out,
  chained_invoke_started,
  chained_invoke_succeeded,
  chained_invoke_failed,
  chained_invoke_timed_out,
  chained_invoke_stopped,
  invocation_completed
};
/// As in the service's history: "StepStarted".
std::string_view to_string(EventType type);

/// What a chained invoke has started.
struct InvokedFunction {
  durable::InvokeTarget target;
  /// Of the execution that was started; empty where it is not known.
  std::string execution_arn = {};
};

/// One line of an execution's history. Events are numbered from 1 in their order.
struct HistoryEvent {
  EventType type = EventType::execution_started;
  durable::OperationPath path = {};
  Timestamp at{};
  std::uint32_t attempt = 0;  ///< steps: the attempt, from 1; invocations: which one, from 1
  /// Waits: their duration. Failed attempts: until the next one. Callbacks: their timeout.
  std::chrono::seconds delay{0};
  std::chrono::seconds heartbeat_timeout{0};  ///< of a callback that started; 0: none
  durable::Text payload = {};
  durable::ErrorPtr error = {};
  Timestamp started_at{};                               ///< invocations: when they began
  std::shared_ptr<const InvokedFunction> invoked = {};  ///< of a chained invoke that started
};

/// What a handler logged.
struct LogLine {
  Timestamp at{};
  std::uint32_t invocation = 0;  ///< of the execution, from 1
  durable::LogLevel level = durable::LogLevel::info;
  durable::OperationPath path = {};    ///< the execution, for lines of the handler itself
  durable::OperationPath parent = {};  ///< the context that the operation is recorded in
  std::string name = {};               ///< of the operation; empty if it has none
  std::uint32_t attempt = 0;           ///< of a step, from 1; 0 for lines of the handler itself
  std::string text = {};
};

/// One execution, as the service knows it.
struct Execution {
  std::uint32_t number = 0;  ///< counted from 1
  std::string function;
  std::string arn;
  std::string tenant_id = {};  ///< as the invoke that started it said; empty for none
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

/// An invoke of another function that was asked for, for the world to carry out.
struct ChainedInvoke {
  std::uint32_t execution = 0;  ///< that asked for it
  durable::OperationPath path = {};
  durable::InvokeTarget target = {};
  durable::Text payload = {};
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
  std::size_t error_limit_bytes = durable::kErrorLimitBytes;
  /// How many operations one answer, or the event of an invocation, holds; 0: all of them.
  std::uint32_t state_page_size = 0;

  /// The numbers of AWS's own emulator: 5 consecutive failures, 5 s apart.
  static ServiceConfig emulator();
};

/// The form in which an invocation is told of the record.
struct StateShape {
  std::uint32_t page_size = 0;  ///< 0: ServiceConfig::state_page_size
  bool empty_first_page = false;
  bool reversed = false;      ///< the operations of the event, the last one first
  bool insides_told = false;  ///< of completed contexts too; in one page
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
  /// Shape:   `timeout` is ServiceConfig::execution_timeout where it is absent.
  /// Errors:  std::invalid_argument for a name that is not 1 to 64 of [a-zA-Z0-9-_].
  std::uint32_t start(const std::string& function, durable::Text input, std::string name = {},
                      std::optional<Duration> timeout = {}, std::string tenant_id = {});
  /// StopDurableExecution. What is under way stays STARTED; an invocation can write no more. Nothing
  /// happens to an execution that is over.
  void stop(std::uint32_t number, durable::ErrorPtr error);

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
  /// Another execution than this one is to be invoked.
  bool wants_others(std::uint32_t number) const;
  /// There are completed contexts, so that invocations are not told of everything.
  bool leaves_insides_out(std::uint32_t number) const;
  /// It waits for its timers: no invocation is under way, due, or still to come for one that failed.
  bool is_suspended(std::uint32_t number) const;
  /// A new invocation with a new token; older ones can write no more.
  durable::InvocationEvent begin_invocation(std::uint32_t number, const StateShape& shape = {});
  /// What a delivery after completion hands out: the whole record in one page, and a token that is
  /// refused.
  durable::InvocationEvent terminal_event(std::uint32_t number) const;
  /// Another invocation is to begin, beside the one under way if there is one.
  void supersede(std::uint32_t number);
  /// No later invocation of the execution has begun.
  bool is_current(const durable::CheckpointToken& token) const;
  /// A checkpoint with this token would not be refused for its token.
  bool accepts(const durable::CheckpointToken& token) const;

  /// CheckpointDurableExecution.
  durable::Response checkpoint(const durable::Request& request);
  /// GetDurableExecutionState: another page of what the event of the invocation began, or the answer to
  /// its last checkpoint. Uses no token up, and gives none.
  durable::Response state(const durable::Request& request) const;

  /// SendDurableExecutionCallbackSuccess, ...Failure and ...Heartbeat. The first end counts; a heartbeat
  /// starts the heartbeat timeout anew.
  /// Errors:  ResourceNotFoundException (404) for an id that no callback has; CallbackTimeoutException
  ///          (400) where the callback or its execution has ended; InvalidParameterValueException (400)
  ///          for what is too large.
  std::optional<durable::ServiceError> succeed_callback(std::string_view id, durable::Text result);
  std::optional<durable::ServiceError> fail_callback(std::string_view id, durable::ErrorPtr error);
  std::optional<durable::ServiceError> heartbeat_callback(std::string_view id);

  /// The chained invokes that were asked for since the last call, in their order.
  std::vector<ChainedInvoke> take_invokes();
  /// Writes into the history which execution carries an invoke out.
  void invoke_started(std::uint32_t execution, durable::OperationPath path,
                      const std::string& target_arn);
  /// The invoked function has ended. Nothing happens where the invoke, or its execution, is over.
  /// Shape:   `status` is succeeded, failed, timed_out or stopped.
  /// Errors:  std::invalid_argument for another status.
  void end_invoke(std::uint32_t execution, durable::OperationPath path,
                  durable::OperationStatus status, durable::Text result, durable::ErrorPtr error);

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
  /// Where the operation with some callback id is.
  struct Place {
    std::uint32_t execution;
    std::uint32_t operation;
  };
  /// Which timer of an operation this is.
  enum class Wake : std::uint8_t { time, timeout, heartbeat };

  /// nullptr where there is no such execution.
  Slot* find(std::uint32_t number) const;
  Slot& slot(std::uint32_t number) const { return *slots_[number - 1]; }

  // service.cpp
  void write(Slot& slot, HistoryEvent&& event);
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
  /// Why a request with this token is refused; empty if it is not. `slot` is that of its execution.
  static std::string token_fault(const Slot* slot, const durable::CheckpointToken& token);
  bool exceeds_quota(Slot& slot, const std::vector<durable::OperationUpdate>& updates) const;
  void apply_all(Slot& slot, const std::vector<durable::OperationUpdate>& updates);
  durable::Response answer(Slot& slot, const durable::Request& request);

  // state.cpp
  durable::InvocationEvent event_of(const Slot& slot, std::uint32_t page_size) const;
  /// A page of the record from `position`. Returns where the next one begins; 0 if there is none.
  std::uint32_t add_page(const Slot& slot, std::size_t position, std::uint32_t page_size,
                         std::vector<durable::Operation>& page) const;
  /// The same of what the last answer left over, from its `offset`-th operation.
  std::uint32_t add_rest(const Slot& slot, std::size_t offset, std::uint32_t page_size,
                         std::vector<durable::Operation>& page) const;
  void collapse(Slot& slot, std::size_t index);
  bool begins_collapsed(Slot& slot, const durable::OperationUpdate& update);

  // transitions.cpp
  void apply(Slot& slot, const durable::OperationUpdate& update);
  void apply_to_step(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  void apply_to_wait(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  void apply_to_context(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  void start_step(Slot& slot, durable::Operation& step);
  void end_attempt(Slot& slot, durable::Operation& step, const durable::OperationUpdate& update);
  std::size_t find_or_add(Slot& slot, const durable::OperationUpdate& update);

  // callbacks.cpp
  void start_callback(Slot& slot, std::size_t index, const durable::OperationUpdate& update);
  /// The callback, if it can still be ended; otherwise why not.
  std::optional<durable::ServiceError> find_callback(std::string_view id, Slot*& slot,
                                                     std::size_t& index) const;
  void time_out_callback(Slot& slot, std::size_t index, Wake which);

  // invokes.cpp
  void apply_to_invoke(Slot& slot, std::size_t index, const durable::OperationUpdate& update);

  // timers.cpp
  void wake_at(Slot& slot, std::size_t index, Timestamp due, Wake which = Wake::time);
  void forget_timers(Slot& slot, std::size_t index);
  void wake(Slot& slot, std::size_t index);
  /// The outside, or a timeout, has ended an operation that only they can end.
  void end_from_outside(Slot& slot, std::size_t index, durable::OperationStatus status,
                        durable::Text result, durable::ErrorPtr error);
  void notify(Slot& slot, std::size_t index);
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
  std::map<std::string, Place, std::less<>> callbacks_;  ///< by their id
  std::vector<ChainedInvoke> invokes_;                   ///< asked for, and not yet taken
};

}  // namespace durasim
