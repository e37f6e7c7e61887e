#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>

#include <durable/client.hpp>
#include <durable/executor.hpp>
#include <durable/model.hpp>
#include <durasim/chooser.hpp>
#include <durasim/clock.hpp>

namespace durasim {

/// One thing that happened in a simulation: what oracles judge and traces hold. Views are valid only
/// while the event is handed out.
struct TraceEvent {
  enum class Kind : std::uint8_t {
    execution_started,   ///< payload: input; due: when it times out; caller and path: by an invoke
    execution_ended,     ///< execution_status, payload or error
    invocation_started,  ///< operations: the state it was given
    invocation_ended,  ///< outcome, payload or error; ended_abnormally; operations: the record then
    response_ignored,  ///< an invocation that was overtaken, or came after the end, has ended
    replay_started,    ///< a shadow replay: the same record and handler, without any effect
    replay_ended,      ///< outcome, payload or error
    request,           ///< updates, attempt: transmission
    answer,            ///< operations; error text if refused; execution_over
    operation_issued,  ///< type, sub_type, name, inputs, body, where, issued
    value_returned,    ///< payload: handed to the handler
    error_thrown,      ///< error: thrown to the handler
    body_started,      ///< attempt, semantics, max_attempts, start_queued
    body_ended,        ///< payload or error
    effect,            ///< name: its kind; key; payload; applied; in_body; unwinding
    suspended,
    unwinding,
    misuse,       ///< misuse
    choice,       ///< decision
    timer_fired,  ///< path, due
    outside,      ///< path: a callback; name: succeed, fail, heartbeat; payload or error; applied
    history,      ///< event_type, event_id, delay: what the service wrote down
    finding       ///< name: the oracle; key: what it found. Not part of the trace
  };

  Kind kind = Kind::execution_started;
  Timestamp at{};
  std::uint32_t execution = 0;   ///< counted from 1
  std::uint32_t invocation = 0;  ///< counted from 1 over the whole simulation; 0: none
  std::uint32_t ordinal = 0;     ///< the same invocation, counted from 1 in its execution
  std::uint32_t caller = 0;      ///< the execution whose chained invoke started this one; 0: none
  bool shadow = false;           ///< made by a shadow replay
  bool cold = false;             ///< of shadow replays: in a process that no invocation had run in
  durable::OperationPath path;
  std::uint8_t virtual_contexts = 0;  ///< directly above the path, not recorded
  durable::OperationType type = durable::OperationType::step;
  durable::OperationSubType sub_type = durable::OperationSubType::none;
  std::string_view name;
  std::string_view key;
  std::string_view event_type;
  durable::Text payload;
  durable::ErrorPtr error;
  std::uint32_t attempt = 0;
  std::uint32_t max_attempts = 0;
  durable::StepSemantics semantics = durable::StepSemantics::at_least_once_per_retry;
  durable::InvocationOutcome::Status outcome = durable::InvocationOutcome::Status::pending;
  durable::ExecutionStatus execution_status = durable::ExecutionStatus::running;
  std::uint64_t inputs = 0;  ///< their digest
  const std::type_info* body = nullptr;
  std::source_location where = {};
  Timestamp due{};
  /// Waits: how long. Attempts: until the next one. Callbacks: their timeout, 0 for none.
  std::chrono::seconds delay{0};
  std::chrono::seconds heartbeat_timeout{0};  ///< callbacks: the longest silence, 0 for any
  std::uint32_t event_id = 0;                 ///< counted from 1 for each execution
  std::span<const durable::Operation> operations;
  std::span<const durable::OperationUpdate> updates;
  const durable::ServiceError* refusal = nullptr;
  const Decision* decision = nullptr;
  const durable::Misuse* misuse = nullptr;
  const durable::IssuedOperation* issued = nullptr;  ///< with what it was given
  bool applied = false;
  bool in_body = false;
  bool unwinding = false;
  bool start_queued = false;
  bool ended_abnormally = false;  ///< crashed, timed out or failed: no valid response
  bool superseded = false;        ///< a later invocation holds the current token
  bool execution_over = false;
};

/// Some of the kinds of events.
class EventKinds {
 public:
  constexpr EventKinds(std::initializer_list<TraceEvent::Kind> kinds) {
    for (const TraceEvent::Kind kind : kinds) bits_ |= bit(kind);
  }
  static constexpr EventKinds all() {
    EventKinds kinds{};
    kinds.bits_ = ~std::uint32_t{0};
    return kinds;
  }

  constexpr bool contains(TraceEvent::Kind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr EventKinds& operator|=(EventKinds other) {
    bits_ |= other.bits_;
    return *this;
  }

 private:
  static constexpr std::uint32_t bit(TraceEvent::Kind kind) {
    return std::uint32_t{1} << static_cast<unsigned>(kind);
  }

  std::uint32_t bits_ = 0;
};
inline constexpr std::size_t kEventKindCount =
    static_cast<std::size_t>(TraceEvent::Kind::finding) + 1;
static_assert(kEventKindCount <= 32);

/// Watches the events of a simulation.
class Monitor {
 public:
  virtual ~Monitor() = default;
  /// The kinds that it is told of. Asked once, when it begins to watch; fewer make runs faster.
  virtual EventKinds interests() const { return EventKinds::all(); }
  virtual void on(const TraceEvent& event) = 0;
};

/// The canonical text of a run: one line an event, the same on every machine and compiler. Leaves out
/// source locations, messages of libraries and names of types.
class Trace final : public Monitor {
 public:
  static constexpr int kFormatVersion = 1;

  Trace() = default;
  /// Of one execution, with its invocations counted from 1: what other executions do beside it leaves
  /// no mark.
  static Trace of(std::uint32_t execution) { return Trace(execution); }

  void on(const TraceEvent& event) override;

  const std::string& text() const { return text_; }
  /// FNV-1a, 64 bits, of the text.
  std::uint64_t hash() const;
  /// 16 hexadecimal characters.
  std::string hash_text() const;

 private:
  explicit Trace(std::uint32_t execution) : only_(execution) {}

  std::uint32_t only_ = 0;  // execution; 0: all
  std::string text_;
};

/// The first line in which two texts differ, with both versions; empty if they are equal.
std::string first_difference(std::string_view expected, std::string_view actual);

}  // namespace durasim
