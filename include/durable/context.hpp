#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <durable/config.hpp>
#include <durable/detail/function_ref.hpp>
#include <durable/errors.hpp>
#include <durable/logger.hpp>
#include <durable/model.hpp>
#include <durable/name.hpp>
#include <durable/operation_inputs.hpp>
#include <durable/whole_seconds.hpp>

namespace durable {

class Context;
class ContextPool;
class Engine;
template <class T = std::string>
class Callback;

namespace detail {
class CallbackHandle;
struct Condition;
template <class Body>
struct StepBody;  // what a body returns, and how to call it: context_impl.hpp
template <class Body>
struct ContextBody;
template <class Body>
struct RetriedBody;

/// Sets what `config` says for the operations of `context`. For whoever runs handlers.
void configure(Context& context, const HandlerConfig& config);
}  // namespace detail

/// The execution that a handler is running for. The same on every replay.
struct ExecutionInfo {
  std::string arn;
  /// The name that the execution was started with, or the one that the service gave it.
  std::string name;
  /// When the execution was started, on the service's clock.
  Timestamp started_at{};
};

/// What a step's body may use. Valid while the body runs.
class StepContext {
 public:
  StepContext(const StepContext&) = delete;
  StepContext& operator=(const StepContext&) = delete;

  /// Which attempt this is, counted from 1.
  std::uint32_t attempt() const { return call_.attempt; }

  /// Names this operation of this execution to the outside world: the same for every attempt and
  /// replay, different for every other operation. Give it to whoever can ignore a second request.
  std::string idempotency_key() const;

  /// The time. Units: virtual under the simulator.
  Timestamp now() const;

  /// A random number. Replay:  safe, because the step's result is recorded.
  std::uint64_t random() const;

  Logger logger() const;

 private:
  friend class Context;
  friend class Engine;
  /// The text to record for a result.
  Text write_result(const Serdes& serdes, const nlohmann::json& value) const;
  StepContext(Engine& engine, const BodyCall& call) : engine_(engine), call_(call) {}

  Engine& engine_;
  const BodyCall& call_;
};

/// The durable operations of one handler. Each call takes its place in the execution's record by the
/// order of calls, so a handler must make the same calls in the same order whenever it runs.
class Context {
 public:
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Runs `body` and records its result; later invocations return the record and do not run it.
  /// Shape:   body is () -> T or (StepContext&) -> T; T converts to and from JSON, or is void.
  /// Units:   the serialised result is at most 262,144 bytes.
  /// Replay:  no effect; a recorded failure is thrown again as StepError.
  /// Errors:  StepError when the retry strategy gives up, or the registered type of the failure;
  ///          StepInterruptedError for an interrupted at-most-once attempt; ValidationError for a bad
  ///          name; SerDesError for a record that does not convert. A result that does not serialise,
  ///          a retry strategy that throws and a record of another type, name or sub-type end the
  ///          execution as failed.
  /// Source:  docs/reference/step.md
  template <class Body>
  auto step(const Name& name, Body&& body, const StepConfig& config = {}) ->
      typename detail::StepBody<Body>::Result;

  /// Suspends the execution for `duration`; the process need not live meanwhile.
  /// Units:   whole seconds, 1 s to 31,622,400 s (366 days).
  /// Replay:  returns at once when the wait is over.
  /// Errors:  ValidationError for a duration outside that range or with a fraction, or a bad name.
  /// Source:  docs/reference/wait.md
  void wait(const Name& name, WholeSeconds duration);

  /// Runs `body` on a context of its own, whose operations are numbered and recorded inside it, and
  /// records its result; later invocations return the record and do not run the body.
  /// Shape:   body is (Context&) -> T; T converts to and from JSON, or is void. Inside it, use that
  ///          context and no other.
  /// Units:   a serialised result of more than 262,144 bytes is not recorded: on replay the body runs
  ///          again over what its operations recorded.
  /// Replay:  a body that was interrupted runs again, over what its operations recorded; a recorded
  ///          failure is thrown again.
  /// Errors:  ChildContextError where the body throws, or the registered type of what it threw;
  ///          ValidationError for a bad name; SerDesError for a record that does not convert. A result
  ///          that does not serialise and a record of another type, name or sub-type end the execution
  ///          as failed.
  /// Source:  docs/reference/child-context.md
  template <class Body>
  auto run_in_child_context(const Name& name, Body&& body, const ChildContextConfig& config = {}) ->
      typename detail::ContextBody<Body>::Result;

  /// Runs `body` again while it throws and the retry strategy allows, with durable waits in between.
  /// Shape:   body is (Context&) -> T or (Context&, std::uint32_t attempt) -> T, the first attempt
  ///          being 1. All attempts share a child context, unless config says otherwise; inside the body
  ///          use the context that it is given.
  /// Units:   the name has at most 237 characters: the waits are called "<name>-backoff-<attempt>".
  /// Replay:  every attempt runs again over what its operations recorded, until all have ended.
  /// Errors:  ChildContextError when the retry strategy gives up, or what the last attempt threw where
  ///          there is no child context; otherwise as run_in_child_context. A retry strategy that throws
  ///          ends the execution as failed.
  /// Source:  docs/reference/with-retry.md
  template <class Body>
  auto with_retry(const Name& name, Body&& body, const WithRetryConfig& config = {}) ->
      typename detail::RetriedBody<Body>::Result;

  /// Makes something that the outside is to complete, by its id, and does not wait for it: that does
  /// Callback::get, here or later.
  /// Shape:   T is what is sent: a std::string as it is, any other type as JSON; void for nothing.
  /// Replay:  the same id. A callback that is over is made as any other: its failure is thrown by get.
  /// Errors:  ValidationError for a timeout that is negative, over 366 days or no whole seconds, or a
  ///          bad name.
  /// Source:  docs/reference/callback.md
  template <class T = std::string>
  Callback<T> create_callback(const Name& name, const CallbackConfig& config = {});

  /// Makes a callback, runs `submitter`, which is to tell the outside its id, and suspends the execution
  /// until the outside has completed it; returns what it sent.
  /// Shape:   submitter is (const std::string& id) or (const std::string& id, StepContext&), and runs as
  ///          a step; T as for create_callback.
  /// Replay:  no effect; a failure is thrown again. An interrupted submitter runs again, with the same id.
  /// Errors:  CallbackExternalError, CallbackTimeoutError; CallbackSubmitterError when the submitter's
  ///          retry strategy gives up; ChildContextError for anything else, such as a text that is no
  ///          T; ValidationError as for create_callback.
  /// Source:  docs/reference/wait-for-callback.md
  template <class T = std::string, class Submitter>
  T wait_for_callback(const Name& name, Submitter&& submitter,
                      const WaitForCallbackConfig& config = {});

  /// Has another function do the work, and suspends the execution until it has.
  /// Shape:   function is a name with version or alias, such as "ship:1"; payload and Result convert to
  ///          and from JSON; Result may be void.
  /// Units:   the serialised payload and result are at most 262,144 bytes.
  /// Replay:  no effect; a failure is thrown again.
  /// Errors:  InvokeError; ValidationError for an empty function, a bad tenant id or a bad name;
  ///          SerDesError for a payload that is not JSON, or a result that is no Result.
  /// Source:  docs/reference/invoke.md
  template <class Result = void, class Payload>
  Result invoke(const Name& name, std::string_view function, const Payload& payload,
                const InvokeConfig& config = {});

  /// Runs `check` on a state, again and again with pauses, until the state it returns meets the
  /// condition of `config`; returns that state. Suspends the execution in between.
  /// Shape:   check is (const State&) -> State or (const State&, StepContext&) -> State.
  /// Replay:  no effect; each check continues from the recorded state of the one before.
  /// Errors:  WaitForConditionError when check or strategy throws, or after the last check;
  ///          ValidationError for options out of range or a bad name.
  /// Source:  docs/reference/wait-for-condition.md
  template <class State, class Check>
  State wait_for_condition(const Name& name, State initial, Check&& check,
                           const WaitForConditionConfig<State>& config);

  /// Valid while the invocation lasts.
  const ExecutionInfo& execution() const;

  /// Writes log lines for the handler itself, or for the child context.
  Logger logger() const;

 private:
  friend class ContextPool;
  friend class Engine;
  friend class Logger;
  friend class StepContext;
  friend class detail::CallbackHandle;
  friend void detail::configure(Context& context, const HandlerConfig& config);
  Context(ContextPool& pool, Engine& engine, OperationPath path)
      : engine_(&engine), pool_(&pool), path_(path) {}

  /// For a durable call.
  /// Errors:  does not return where the call is not made by this handler's own code.
  Engine& engine_of_call(const Name& name) const;

  /// Runs `body` in a child context, of whatever operation.
  /// Errors:  ChildContextError, or the registered type of the failure unless the context is that of a
  ///          wait_for_callback.
  Text run_child(const Name& name, OperationSubType sub_type, bool is_virtual,
                 const OperationOptions& options, const std::type_info& body_type,
                 detail::FunctionRef<Text(Context&)> body);
  /// The same with a result that is converted.
  template <class Result, class Body>
  Result in_child(const Name& name, OperationSubType sub_type, const ChildContextConfig& config,
                  const OperationOptions& options, const std::type_info& body_type, Body&& body);
  /// Calls `attempt` until it returns or throws for good.
  void retry(const Name& name, const RetryStrategy& strategy,
             detail::FunctionRef<void(std::uint32_t)> attempt);
  /// The text to record for a result of this context.
  Text write_result(const Name& name, const Serdes& serdes, const nlohmann::json& value) const;

  Text run_step(const Name& name, const StepConfig& config, const std::type_info& body_type,
                detail::FunctionRef<Text(StepContext&)> body);
  detail::CallbackHandle make_callback(const Name& name, const CallbackConfig& config);
  /// Runs the submitter of a callback, as a step of this context, which ends with its failure.
  void submit(const Name& name, const RetryStrategy& retry, const std::type_info& type,
              detail::FunctionRef<void(StepContext&)> submitter);
  Text run_invoke(const Name& name, std::string_view function, const Text& payload,
                  const InvokeConfig& config);
  Text run_condition(const Name& name, const detail::Condition& condition);
  OperationPath next_path() { return path_.child(++operations_); }
  /// nullptr where plain JSON is recorded.
  template <class Config>
  const Serdes* serdes_of(const Config& config) const {
    return config.serdes ? config.serdes.get() : serdes_.get();
  }
  /// What `serdes` makes of the record of the operation just returned.
  nlohmann::json read_step(const Name& name, const Serdes& serdes, const Text& recorded) const;

  /// nullptr once the invocation is over: a Context that was kept is still there, and says so.
  Engine* engine_;
  ContextPool* pool_;
  OperationPath path_;
  std::uint32_t operations_ = 0;
  /// OperationUpdate::virtual_contexts of its operations.
  std::uint8_t virtual_contexts_ = 0;
  /// That of its own operation.
  std::uint8_t virtual_around_ = 0;
  /// It has ended in the record, which did not take its result: it can only repeat its operations.
  bool rebuilding_ = false;
  bool log_on_replay_ = false;
  /// Of its own operation; none for the handler's.
  OperationSubType sub_type_ = OperationSubType::none;
  Text name_;
  std::source_location where_;
  std::shared_ptr<const Serdes> serdes_;
};

}  // namespace durable

#include <durable/detail/condition_impl.hpp>          // IWYU pragma: keep
#include <durable/detail/context_impl.hpp>            // IWYU pragma: keep
#include <durable/detail/invoke_impl.hpp>             // IWYU pragma: keep
#include <durable/detail/wait_for_callback_impl.hpp>  // IWYU pragma: keep
