#pragma once

#include <cstdint>
#include <exception>
#include <source_location>
#include <span>
#include <string_view>
#include <typeinfo>

#include <durable/client.hpp>
#include <durable/config.hpp>
#include <durable/detail/function_ref.hpp>
#include <durable/model.hpp>
#include <durable/operation_inputs.hpp>

/// The second and third seam of the SDK: where code runs, and who watches.
namespace durable {

/// One run of a step's body.
struct BodyCall {
  OperationPath path;
  std::string_view name;
  /// Counted from 1.
  std::uint32_t attempt = 1;
  std::uint32_t max_attempts = 1;
  StepSemantics semantics = StepSemantics::at_least_once_per_retry;
  /// The START of this attempt is still in the queue: a crash may lose it.
  bool start_queued = false;
  std::source_location where = {};
  /// Converts the result; nullptr for plain JSON.
  const Serdes* serdes = nullptr;
  /// A step, or a wait_for_condition, whose check it is.
  OperationSubType sub_type = OperationSubType::step;
};

/// How one run of a body ended: with a value or with an error, never both.
struct BodyOutcome {
  Text value;
  ErrorPtr error;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };

struct LogRecord {
  LogLevel level = LogLevel::info;
  OperationPath path;          ///< the execution, for lines of the handler itself
  std::string_view name = {};  ///< of the operation; empty if it has none
  OperationPath parent = {};   ///< the context that the operation is recorded in
  std::uint32_t attempt = 0;   ///< of a step, from 1; 0 for lines of a handler or child context
  std::string_view message;
};

/// Runs bodies and answers for time and chance.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Calls `body` once, unless the fate is decided before. `body` does not throw, except to unwind; it
  /// leaves its end in `outcome`, which the executor may replace.
  virtual Fate run_body(const BodyCall& call, detail::FunctionRef<void()> body,
                        BodyOutcome& outcome) = 0;

  /// Whether a START that nobody waits for is sent at once, in place of with the next request.
  virtual bool sends_at_once(OperationPath /*operation*/, std::uint32_t /*attempt*/) {
    return false;
  }

  /// Whether the result of a context is left out of the record as one that is too large, so that each
  /// replay makes it again.
  virtual bool leaves_out_result(OperationPath /*context*/) { return false; }

  virtual Timestamp now() const = 0;
  /// Asks for Engine::wake at the end of `delay`.
  virtual void wake_after(Duration delay) = 0;
  /// A number that no other request to the service has, of this or any other invocation.
  virtual std::uint64_t client_token() = 0;
  /// A number for user code inside a step.
  virtual std::uint64_t random(const BodyCall& call) = 0;
  /// How long to wait, given the whole delay and the jitter that the retry strategy asks for.
  virtual std::chrono::seconds jittered(const BodyCall& call, std::chrono::seconds delay,
                                        Jitter jitter) = 0;
  virtual void log(const LogRecord& record) = 0;
  /// True for exceptions by which a test framework ends a test: not failures of user code.
  virtual bool is_test_abort(const std::exception_ptr& exception) const = 0;
};

/// A durable call as the handler made it, whether or not the record answers it.
struct IssuedOperation {
  OperationPath path;
  OperationType type = OperationType::step;
  OperationSubType sub_type = OperationSubType::none;
  std::string_view name;
  /// What the operation is asked to do: the duration of a wait, the payload of an invoke.
  std::span<const OperationInput> inputs = {};
  OperationOptions options = {};
  /// The type of the step's body; nullptr where there is none.
  const std::type_info* body = nullptr;
  std::source_location where = {};
};

/// Something that no handler should do.
struct Misuse {
  enum class Kind : std::uint8_t {
    suspension_swallowed,  ///< a catch (...) ended an unwinding
    terminated,            ///< std::terminate on a handler's stack
    nested_call,           ///< a durable call inside a step's body or a condition's check
    outer_context,         ///< a durable call on the context around the one whose body runs
    ended_context,         ///< a durable call on a context whose body or invocation has ended
    foreign_context        ///< a durable call from another handler or thread
  };
  Kind kind = Kind::suspension_swallowed;
  /// The durable call concerned; of a call that has no place in the execution, the context that it is
  /// made on.
  OperationPath path;
  std::string_view name;
  std::source_location where = {};  ///< of that call
  std::source_location next =
      {};  ///< suspension_swallowed: where user code made another, if it did
  std::string_view message;
};

/// Told what the SDK does. All calls are made on the thread that pumps the engine.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void issued(const IssuedOperation&) {}
  /// A recorded or fresh value is handed to user code.
  virtual void returned(OperationPath, const Text&) {}
  /// A recorded or fresh failure is thrown to user code.
  virtual void threw(OperationPath, const ErrorPtr&) {}
  virtual void body_started(const BodyCall&) {}
  /// Exactly one of value and error is present.
  virtual void body_ended(const BodyCall&, const Text& /*value*/, const ErrorPtr& /*error*/) {}
  virtual void suspended(OperationPath) {}
  virtual void unwinding(bool /*begins*/) {}
  virtual void misused(const Misuse&) {}
};

}  // namespace durable
