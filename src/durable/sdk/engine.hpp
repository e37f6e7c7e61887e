#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <vector>

#include <durable/client.hpp>
#include <durable/context.hpp>
#include <durable/executor.hpp>

#include "durable/fiber/fiber.hpp"
#include "durable/sdk/context_pool.hpp"
#include "durable/sdk/record.hpp"

namespace durable {

/// Runs one invocation of a handler: replays it against the record, sends what is new, and says how
/// it ended. Knows nothing of what is behind its three seams.
class Engine final : private fiber::Listener {
 public:
  enum class State : std::uint8_t {
    running,   ///< waits for an answer, a wake-up or a body
    blocked,   ///< no code can go on without the service: suspended
    returned,  ///< the handler returned
    threw,     ///< the handler threw, or the invocation failed: see outcome()
    dead       ///< the sandbox died, or the handler's stack had to be abandoned
  };
  /// Given the execution's input; returns the serialised result.
  using Handler = std::function<Text(Context&, const Text& input)>;

  Engine(ServiceClient& client, Executor& executor, Observer* observer);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void begin(InvocationEvent event, const Handler& handler);

  /// Runs what can run. Answers and wake-ups given meanwhile are taken in at the next call.
  State pump();
  State state() const { return state_; }

  /// The answer to a request for which the client had none at once.
  void deliver(Response response);
  /// The time asked for with Executor::wake_after has come, or park_body() may return.
  void wake();

  /// Ends whatever still runs, by unwinding it. The state and outcome stay.
  void unwind();
  /// Abandons the handler's stack, when what its frames refer to is gone.
  void leave() {
    if (fiber_) fiber_->leave();
  }
  bool abandoned() const { return fiber_ && fiber_->abandoned(); }

  /// How to report the end of this invocation. Valid once pump() said other than running or dead.
  const InvocationOutcome& outcome() const { return outcome_; }
  /// The exception by which a test framework ended the run, to be rethrown to the test.
  std::exception_ptr test_abort() const { return test_abort_; }

  /// What a background sender would have sent by now: taken by a simulated crash that comes after
  /// it.
  std::vector<OperationUpdate> take_queued() { return std::exchange(queue_, {}); }
  const CheckpointToken& token() const { return token_; }
  const ExecutionInfo& execution() const { return execution_; }
  /// The operation that the handler is suspended on.
  OperationPath suspended_on() const { return suspended_on_; }

  // For executors, on the handler's stack.
  /// Stays inside run_body until wake().
  void park_body();
  /// The sandbox dies here.
  [[noreturn]] void die();
  bool in_body() const { return body_ != nullptr; }
  const BodyCall* body() const { return body_; }
  bool unwinding() const { return fiber_ && fiber_->unwinding(); }

  // For whoever wants to know whose code runs on this thread.
  /// The one whose handler does, if any.
  static Engine* running();
  /// Code of the user's runs that a replay does not repeat: a body, or a helper of an operation.
  bool runs_recorded_code() const { return body_ != nullptr || helper_ != nullptr; }
  /// The durable call last made, as "after "charge" (operation 1) at shop.cpp:12".
  std::string whereabouts() const;
  std::source_location last_call() const { return last_.where; }
  /// Counts those scopes of the handler in which it may ask the machine whatever it likes.
  std::uint32_t allowances = 0;

 private:
  friend class Context;
  friend class StepContext;
  friend class Logger;
  friend class detail::CallbackHandle;

  struct DurableCall;  // one durable call under way
  enum class Parked : std::uint8_t { no, for_answer, for_time, in_body, for_service, for_good };

  // engine.cpp: the life of an invocation
  void run_handler();
  void finish_failed(ErrorPtr error);
  void finish(InvocationOutcome outcome, State state);
  [[noreturn]] void end_invocation(State state);
  [[noreturn]] void fail_execution(ErrorObject error);
  [[noreturn]] void fail_invocation(ErrorObject error);
  void park(Parked why) {
    parked_ = why;
    fiber_->park();
    parked_ = Parked::no;
  }
  void swallowed(fiber::Fiber& fiber, bool at_end) override;
  void terminated(fiber::Fiber& fiber, bool by_unwinding) override;

  // durable calls
  void enter(const DurableCall& call);
  /// The part of it that also a call repeats which goes on with an operation.
  void arrive(const DurableCall& call);
  Operation* find(const DurableCall& call);
  /// What is recorded once the service has applied an update, which must have ended the operation
  /// if `ended`.
  const Operation& acknowledged(const DurableCall& call, bool ended);
  /// In the header, like what it calls: each suspension ends by unwinding, and a frame less is a tenth
  /// of its cost.
  void suspend_until_changed(OperationPath path) {
    flush();
    suspended_on_ = path;
    if (observer_) observer_->suspended(path);
    park(Parked::for_service);
    suspended_on_ = {};
  }
  void wait(const Name& name, OperationPath path, std::chrono::seconds duration);
  Text run_step(const Name& name, OperationPath path, const StepConfig& config,
                const std::type_info& body_type, detail::FunctionRef<Text(StepContext&)> body);
  BodyOutcome run_attempt(const DurableCall& call, const StepConfig& config, std::uint32_t attempt,
                          detail::FunctionRef<Text(StepContext&)> body);
  void record_failure(const DurableCall& call, const StepConfig& config, std::uint32_t attempt,
                      const ErrorPtr& error);
  [[noreturn]] void throw_recorded(const DurableCall& call, const ErrorPtr& error);

  // child.cpp
  /// Makes the body's calls those of a child of the current context, and records how it ends.
  Text run_child(const DurableCall& call, bool is_virtual,
                 detail::FunctionRef<Text(Context&)> body);
  Text run_virtual(const DurableCall& call, detail::FunctionRef<Text(Context&)> body);
  /// Runs the body again over its operations, where the record has not taken its result.
  Text rebuild(const DurableCall& call, detail::FunctionRef<Text(Context&)> body);
  BodyOutcome run_context(const DurableCall& call, Context& child,
                          detail::FunctionRef<Text(Context&)> body);
  Context& add_context(const DurableCall& call);
  [[noreturn]] void throw_recorded_context(const DurableCall& call, const ErrorPtr& error);
  [[noreturn]] void refuse_other_context(const DurableCall& call);
  /// "child context "order" (operation 2) at shop.cpp:12", or "the handler"
  static std::string body_of(const Context& context);
  [[noreturn]] void refuse_unrecorded(const DurableCall& call);

  // callback.cpp, condition.cpp, invoke.cpp
  std::string create_callback(const Name& name, OperationPath path, const CallbackConfig& config);
  Text callback_result(const Name& name, OperationPath path);
  Text run_condition(const Name& name, OperationPath path, const detail::Condition& condition);
  void record_check(const DurableCall& call, const detail::Condition& condition,
                    std::uint32_t attempt, const BodyOutcome& ended);
  Text invoke(const Name& name, OperationPath path, std::string_view function, const Text& payload,
              const InvokeConfig& config);
  Text write_payload(const DurableCall& call, const Serdes& serdes, const Text& payload);

  // user_code.cpp
  /// Code of the user's that takes part in an operation, and is not its body.
  struct Helper {
    const char* what;  ///< "the serdes"
    std::string_view name;
    OperationPath path;
    std::source_location where;
    /// Of the operation; none: as it is recorded.
    OperationSubType owner = OperationSubType::none;
  };
  /// Calls it; makes no durable calls meanwhile. What it throws comes back as a text, except what
  /// ends the run.
  std::optional<std::string> ask(const Helper& helper, detail::FunctionRef<void()> code);
  std::optional<ErrorObject> ask_for_error(const Helper& helper, detail::FunctionRef<void()> code);
  Text write_result(const Helper& helper, const Serdes& serdes, const nlohmann::json& value);
  nlohmann::json read_result(const Name& name, OperationPath path, const Serdes& serdes,
                             const Text& recorded);
  RetryDecision ask_strategy(const RetryStrategy& strategy, const Helper& helper,
                             std::uint32_t attempt, const ErrorObject& error);
  [[noreturn]] void refuse_nested_call(const DurableCall& call);
  /// "step "charge" (operation 1)", or whose submitter that is.
  std::string owner(OperationSubType sub_type, std::string_view name, OperationPath path) const;
  /// Of the step that submits the callback of a wait_for_callback.
  bool is_submitter(OperationSubType sub_type) const;
  /// "the body of step "charge" (operation 1)", or whose check or submitter it is.
  std::string describe_body(const BodyCall& body) const;

  // stray_call.cpp
  /// Whether the code that runs is that of this handler.
  bool runs_here() const { return fiber::Fiber::current() == &*fiber_; }
  /// A durable call that is not made by the code of the handler that the context belongs to.
  [[noreturn]] static void refuse_stray(const Context& context, const Name& name);
  static void report_late_line(std::string_view line);
  void report(const StrayCall& call);
  void report_stray_calls();

  // checkpoints.cpp
  OperationUpdate update(const DurableCall& call, OperationAction action) const;
  void enqueue(OperationUpdate update) { queue_.push_back(std::move(update)); }
  /// Nobody waits for it: it travels with the next request.
  void enqueue_start(const DurableCall& call, std::uint32_t attempt);
  /// Sends what is queued and returns once the service has applied it.
  void flush();
  /// A result or error that is too large for a response ends the execution by a checkpoint.
  void checkpoint_end(OperationAction action, const Text& result, const ErrorPtr& error);
  /// Reads the state from `marker` on.
  void read_pages(std::uint32_t marker);
  Response transmit(Request& request);
  [[noreturn]] void give_up(const Request& request, const ServiceError& error);

  /// Whether `context` repeats what is recorded: its next operation is recorded already.
  bool replaying(const Context& context) {
    return record_.begun(context.path_.child(context.operations_ + 1));
  }

  ServiceClient& client_;
  Executor& executor_;
  Observer* observer_;

  const Handler* handler_ = nullptr;
  ExecutionInfo execution_;
  Text input_;
  CheckpointToken token_;
  std::uint32_t marker_ = 0;
  Record record_;
  std::vector<OperationUpdate> queue_;
  std::optional<Response> answer_;

  std::optional<fiber::Fiber> fiber_;
  Parked parked_ = Parked::no;
  bool ready_ = false;
  bool ending_ = false;
  State state_ = State::running;
  InvocationOutcome outcome_;
  std::exception_ptr test_abort_;
  OperationPath suspended_on_;

  /// The one whose body runs.
  Context* current_ = nullptr;
  /// That of the handler, and the others of this invocation. Their bodies may have ended.
  ContextPool& pool_ = ContextPool::of_this_thread();
  std::vector<Context*> contexts_;
  const BodyCall* body_ = nullptr;
  const Helper* helper_ = nullptr;
  /// A durable call that findings speak of.
  struct Called {
    OperationPath path;
    std::string name;
    std::source_location where;
    bool made() const { return !path.is_root(); }
  };
  Called last_;  // the one last entered
  Called next_;  // one made after that although the stack is being unwound
  bool swallow_reported_ = false;
};

/// What a durable call is about, for records and findings.
struct Engine::DurableCall {
  OperationPath path;
  OperationType type;
  OperationSubType sub_type;
  const Name& name;
  std::span<const OperationInput> inputs = {};
  const std::type_info* body = nullptr;
  OperationOptions options = {};
};

/// "charge" (operation 2), for messages.
std::string describe(std::string_view name, OperationPath path);
/// What users call the operations of a sub-type: "step", "child context".
std::string_view describe(OperationSubType sub_type);
/// file:line, without the directories.
std::string describe(const std::source_location& where);

/// The type to record for the exception being handled: error_registry.cpp.
std::string current_exception_type();
/// What is recorded of the exception being handled. `by` names the code that threw it.
ErrorObject current_exception_error(std::string_view by);

/// "1.5 s"
std::string describe(WholeSeconds duration);
/// What to do about a fraction of a second, if there is one.
std::string_view remedy(WholeSeconds duration);

/// In bytes, of the form in which an error is reported and recorded.
std::size_t json_size(const ErrorObject& error);

/// Errors:  ValidationError for a name that the service would refuse.
void check_name(const Name& name);

}  // namespace durable
