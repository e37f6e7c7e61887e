#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <durable/text.hpp>

/// The protocol between a handler and the durable execution service, as structs.
/// Source: docs/explanation/architecture.md#the-protocol-inside-one-process
namespace durable {

/// A span of time. Units: whole milliseconds; virtual under the simulator.
using Duration = std::chrono::milliseconds;

/// A point in time. Units: whole milliseconds since the Unix epoch; virtual under the simulator.
using Timestamp = std::chrono::sys_time<Duration>;

/// The longest wait, retry delay and execution timeout: 366 days.
inline constexpr std::chrono::seconds kLongestWait{31'622'400};
/// The largest result of a step, in bytes of its serialised form.
inline constexpr std::size_t kPayloadLimitBytes = 262'144;
/// The largest result of a handler that fits into the response of an invocation; larger ones are recorded
/// by a checkpoint, which takes up to 6 MiB.
inline constexpr std::size_t kResponseLimitBytes = 6 * 1024 * 1024 - 50;
/// The largest failure of an operation, in bytes of its JSON.
inline constexpr std::size_t kErrorLimitBytes = 32'768;
/// The longest name of an operation, in characters.
inline constexpr std::size_t kNameLimit = 256;

/// The place of an operation: the numbers of the durable calls that lead to it, outermost first.
/// Inside a process it is an index into a trie; the id on the wire is a hash of it.
class OperationPath {
 public:
  /// The execution itself, parent of the handler's operations.
  constexpr OperationPath() = default;

  /// The operation made by the `number`-th durable call (counted from 1) of this context.
  OperationPath child(std::uint32_t number) const;
  OperationPath parent() const;
  /// Which durable call of its context this is, counted from 1; 0 for the execution.
  std::uint32_t number() const;
  bool is_root() const { return index_ == 0; }

  /// For people: "2" is the second durable call of the handler, "2.1" the first one inside it.
  std::string to_string() const;
  /// The id on the wire: SHA-256 of the parent's id and the number, 64 hexadecimal characters.
  std::string wire_id() const;

  /// Dense and stable for the life of the process, not across processes: order of first use.
  std::uint32_t index() const { return index_; }
  /// Of the numbers that lead here: the same in every process.
  std::uint64_t hash() const;

  friend bool operator==(OperationPath, OperationPath) = default;

 private:
  constexpr explicit OperationPath(std::uint32_t index) : index_(index) {}
  std::uint32_t index_ = 0;
};

/// The nearest context above `path` that is recorded, where the next `virtual_contexts` are not.
inline OperationPath recorded_parent(OperationPath path, std::uint8_t virtual_contexts) {
  OperationPath parent = path.parent();
  for (; virtual_contexts > 0; --virtual_contexts) parent = parent.parent();
  return parent;
}

enum class OperationType : std::uint8_t {
  execution,
  context,
  step,
  wait,
  callback,
  chained_invoke
};

enum class OperationStatus : std::uint8_t {
  started,
  pending,    ///< a retry waits for its time
  ready,      ///< a retry may start
  succeeded,  ///< the first terminal status
  failed,
  cancelled,
  timed_out,
  stopped
};

enum class OperationAction : std::uint8_t { start, succeed, fail, retry, cancel };

/// What the SDK calls an operation of a type; compared on replay.
enum class OperationSubType : std::uint8_t {
  none,
  step,
  wait,
  callback,
  chained_invoke,
  run_in_child_context,
  wait_for_callback,
  wait_for_condition,
  with_retry
};

enum class ExecutionStatus : std::uint8_t { running, succeeded, failed, timed_out, stopped };

/// Names as on the wire, such as "CHAINED_INVOKE"; sub-types such as "WaitForCondition".
std::string_view to_string(OperationType type);
std::string_view to_string(OperationStatus status);
std::string_view to_string(OperationAction action);
std::string_view to_string(OperationSubType sub_type);
std::string_view to_string(ExecutionStatus status);

constexpr bool is_terminal(OperationStatus status) { return status >= OperationStatus::succeeded; }
constexpr bool is_terminal(ExecutionStatus status) { return status != ExecutionStatus::running; }

/// A failure as it is recorded. `type` is the name of the exception's class.
struct ErrorObject {
  std::string type;
  std::string message;
  std::string data = {};
  std::vector<std::string> stack_trace = {};

  friend bool operator==(const ErrorObject&, const ErrorObject&) = default;
};

using ErrorPtr = std::shared_ptr<const ErrorObject>;

/// One entry of an execution's record, as the service hands it to a handler.
struct Operation {
  OperationPath path;
  /// How many contexts directly above it are virtual: they number operations, but are not recorded.
  std::uint8_t virtual_contexts = 0;
  OperationType type = OperationType::step;
  OperationStatus status = OperationStatus::started;
  OperationSubType sub_type = OperationSubType::none;
  /// Contexts: the result was too large to record, so the body runs again over what it recorded.
  bool replay_children = false;
  /// Steps: finished attempts, so the attempt under way is the next one.
  std::uint32_t attempt = 0;
  Text name;
  Text result;
  ErrorPtr error;
  /// Callbacks: by which the outside names it.
  Text callback_id;
  Timestamp started_at{};
  Timestamp ended_at{};
  /// Waits: the scheduled end. Pending steps: when the next attempt may start.
  Timestamp due_at{};

  /// The context that it is recorded in; the execution if there is none.
  OperationPath parent() const { return recorded_parent(path, virtual_contexts); }
};

/// What a chained invoke asks for.
struct InvokeTarget {
  /// With its qualifier: "ship:1".
  std::string function;
  /// Empty: none.
  std::string tenant_id;

  friend bool operator==(const InvokeTarget&, const InvokeTarget&) = default;
};

/// One change of an operation that a handler asks the service to record.
struct OperationUpdate {
  OperationPath path;
  /// See Operation::virtual_contexts.
  std::uint8_t virtual_contexts = 0;
  OperationType type = OperationType::step;
  OperationAction action = OperationAction::start;
  OperationSubType sub_type = OperationSubType::none;
  /// See Operation::replay_children.
  bool replay_children = false;
  Text name;
  Text payload;
  ErrorPtr error;
  /// Waits: how long. Retries: how long until the next attempt. Callbacks: their timeout, 0 for none.
  std::chrono::seconds delay{0};
  /// Callbacks: the longest time without a heartbeat, 0 for any.
  std::chrono::seconds heartbeat_timeout{0};
  /// Chained invokes: present in their START.
  std::shared_ptr<const InvokeTarget> target;

  /// The context that it is recorded in; the execution if there is none.
  OperationPath parent() const { return recorded_parent(path, virtual_contexts); }
};

/// Proves that its holder is the latest invocation and has seen the latest state.
/// Opaque to handlers; the service gives a new one with each response.
struct CheckpointToken {
  std::uint32_t execution = 0;
  std::uint32_t invocation = 0;
  std::uint32_t sequence = 0;

  friend bool operator==(const CheckpointToken&, const CheckpointToken&) = default;
};

/// What an invocation is started with.
struct InvocationEvent {
  /// arn:aws:lambda:<region>:<account>:function:<name>:<version>/durable-execution/<name>/<id>
  std::string execution_arn;
  CheckpointToken token;
  Text input;
  Timestamp started_at{};             ///< of the execution
  std::vector<Operation> operations;  ///< in order of their start; the first page of them
  /// Where the next page begins; 0 if there is none.
  std::uint32_t next_marker = 0;
};

/// How an invocation ended, as it is reported to the service.
struct InvocationOutcome {
  enum class Status : std::uint8_t {
    succeeded,      ///< the handler returned: `result`
    failed,         ///< the handler threw, or the execution cannot go on: `error`
    pending,        ///< suspended: something recorded will wake it
    function_error  ///< this invocation failed; the service invokes again: `error`
  };
  Status status = Status::pending;
  Text result;
  ErrorPtr error;
};

std::string_view to_string(InvocationOutcome::Status status);

}  // namespace durable
