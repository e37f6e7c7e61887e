#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <durable/config.hpp>
#include <durable/detail/function_ref.hpp>
#include <durable/errors.hpp>
#include <durable/logger.hpp>
#include <durable/model.hpp>
#include <durable/name.hpp>

namespace durable {

class Context;
class Engine;

namespace detail {
template <class Body>
struct StepBody;  // what a body returns, and how to call it: context_impl.hpp

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
  /// Units:   1 s to 31,622,400 s (366 days).
  /// Replay:  returns at once when the wait is over.
  /// Errors:  ValidationError for a duration outside that range or a bad name.
  /// Source:  docs/reference/wait.md
  void wait(const Name& name, std::chrono::seconds duration);

  const ExecutionInfo& execution() const;

  /// Writes log lines for the handler itself.
  Logger logger() const;

 private:
  friend class Engine;
  friend void detail::configure(Context& context, const HandlerConfig& config);
  Context(Engine& engine, OperationPath path) : engine_(engine), path_(path) {}

  Text run_step(const Name& name, const StepConfig& config, const std::type_info& body_type,
                detail::FunctionRef<Text(StepContext&)> body);
  OperationPath next_path() { return path_.child(++operations_); }
  /// nullptr where plain JSON is recorded.
  const Serdes* serdes_of(const StepConfig& config) const {
    return config.serdes ? config.serdes.get() : serdes_.get();
  }
  /// What `serdes` makes of the record of the step just returned.
  nlohmann::json read_step(const Name& name, const Serdes& serdes, const Text& recorded) const;

  Engine& engine_;
  OperationPath path_;
  std::uint32_t operations_ = 0;
  std::shared_ptr<const Serdes> serdes_;
};

}  // namespace durable

#include <durable/detail/context_impl.hpp>  // IWYU pragma: keep
