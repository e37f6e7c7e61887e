#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <durable/context.hpp>
#include <durasim/chooser.hpp>
#include <durasim/effects.hpp>
#include <durasim/execution.hpp>
#include <durasim/faults.hpp>
#include <durasim/oracles.hpp>
#include <durasim/outside.hpp>
#include <durasim/script.hpp>
#include <durasim/service.hpp>
#include <durasim/timeline.hpp>
#include <durasim/trace.hpp>

namespace durasim {

class World;

namespace detail {
/// Given a context and the serialised input; returns the serialised result.
using ErasedHandler = std::function<durable::Text(durable::Context&, const durable::Text&)>;
/// Makes what a cold start makes: a handler without a past.
using ErasedFactory = std::function<ErasedHandler()>;
/// A plain function: given and returning JSON text.
using ErasedFunction = std::function<durable::Text(const durable::Text&)>;
using ErasedFunctionFactory = std::function<ErasedFunction()>;
}  // namespace detail

/// Which replays are made a second time in a process that no invocation has run in: there, what a static
/// variable keeps from one invocation to the next is not kept.
enum class ColdReplays : std::uint8_t {
  never,
  nominal,  ///< those of one run without faults in each exploration
  always    ///< those of every run
};

struct SimulationOptions {
  FaultModel faults = FaultModel::none();
  ServiceConfig service = {};
  /// Where virtual time begins: 2026-01-01T00:00:00Z.
  Timestamp start = Timestamp(std::chrono::milliseconds(1'767'225'600'000));
  /// Seeds StepContext::random().
  std::uint64_t seed = 1;
  /// The judges of each run. Without some of them: OracleSet::all().without(Oracle::progress).
  OracleSet oracles = OracleSet::all();
  /// Replays each invocation's record without effects, for replay-agreement and first-run-parity.
  bool shadow_replay = true;
  /// Of shadow replays. Each one takes a process.
  ColdReplays cold_replays = ColdReplays::nominal;
  /// Invocations of one execution after which it is held to be endless.
  std::uint32_t invocations_limit = 10'000;
  /// Executions that the chained invokes of one execution may lead to, directly or not, before they are
  /// held to be endless.
  std::uint32_t invoked_executions_limit = 1'000;
  /// What it is for a test if something that it has scripted of the outside does not happen. Not asked
  /// of runs that a fault of an exploration has led elsewhere.
  Unreached unreached = Unreached::fails;
  /// A run that takes so many seconds of processor time is held to hang: that ends the process, and
  /// leaves a schedule behind. 0: a run may take any time.
  std::uint32_t hang_after = 60;
  /// Where durasim::guard is linked: what steps' bodies, and fakes called from them, read of the clock is
  /// the simulation's time, and their random numbers come from `seed`.
  bool guard_bodies = true;
};

/// How a function is deployed.
/// Units:   timeouts are whole seconds, 1 or more.
struct FunctionOptions {
  /// As it is deployed with; the same for a test and for Lambda.
  durable::HandlerConfig handler = {};
  /// Of each of its executions, at most durable::kLongestWait. Absent: as ServiceConfig says.
  std::optional<Duration> execution_timeout = {};
  /// Of each of its invocations, at most 15 minutes. Absent: as ServiceConfig says.
  std::optional<Duration> invocation_timeout = {};
};

struct StartOptions {
  /// Of the execution: 1 to 64 of [a-zA-Z0-9-_]. Empty: made up.
  std::string name = {};
};

/// A world of its own: a service, a virtual clock, functions, and what reached the outside.
/// Shape:   everything on one thread; no real time passes and nothing is read from the machine.
class Simulation {
 public:
  Simulation();
  explicit Simulation(SimulationOptions options);
  /// With choices and monitors of the caller, which outlive it. For explorations.
  Simulation(SimulationOptions options, Chooser& chooser);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// An object that lives as long as this world, such as a fake. Destroyed in reverse order.
  template <class T, class... Arguments>
  T& make(Arguments&&... arguments) {
    auto object = std::make_shared<T>(std::forward<Arguments>(arguments)...);
    T& reference = *object;
    keep(std::move(object));
    return reference;
  }

  /// Publishes `handler` as version 1 of the function `name`. A cold start copies it.
  /// Shape:   handler is (durable::Context&, const Input&) -> Result or (durable::Context&) -> Result.
  /// Errors:  std::invalid_argument for a timeout that Lambda would refuse.
  template <class Handler>
  void function(std::string name, Handler handler, const FunctionOptions& options = {});
  /// The same for a generic handler, whose input type cannot be deduced.
  template <class Input, class Handler>
  void function(std::string name, Handler handler, const FunctionOptions& options = {});
  /// `factory()` makes a new handler at every cold start.
  template <class Factory>
  void function_factory(std::string name, Factory factory, const FunctionOptions& options = {});

  /// Publishes `callable` as a function that is not durable, for chained invokes. Each of them is an
  /// execution of its own, which records nothing: an invocation that is interrupted runs it again from
  /// its beginning. What it throws fails the invoke. A cold start copies it.
  /// Shape:   callable is (const Input&) -> Result or () -> Result.
  template <class Callable>
  void plain_function(std::string name, Callable callable);

  // The outside, as scripts: see outside.hpp. With a `number`, the operation of that number among those
  // of the name in each execution, in order of their start; otherwise all of them. Of several scripts that
  // fit an operation, the last one holds. What is scripted and never happens fails the test.
  // Source:  docs/how-to/script-the-outside.md

  /// Callbacks of this name; those of a wait_for_callback go by its name.
  CallbackScript on_callback(std::string_view name, std::uint32_t number = 0);
  CallbackScript on_callback(OperationPredicate which);
  /// Chained invokes of this name, or of the function of this name.
  InvokeScript on_invoke(std::string_view name, std::uint32_t number = 0);
  InvokeScript on_invoke(OperationPredicate which);
  /// Bodies of the steps of this name. The checks of a condition are steps too, and so is what submits
  /// a callback, by the name of its wait_for_callback.
  StepScript on_step(std::string_view name, std::uint32_t number = 0);
  StepScript on_step(OperationPredicate which);
  /// Calls `action` at a time of this simulation, between what else happens then.
  /// Shape:   it may do what a test may do, except drive the simulation. One that is never reached fails
  ///          the test, unless a step's body asked for it, as a fake that answers later does.
  /// Errors:  std::invalid_argument for a time that is over.
  void at(Duration since_start, std::function<void()> action);

  // The same by hand. Completions return how the service has refused them, if it has:
  // CallbackTimeoutException for a callback that is closed, ResourceNotFoundException for none.

  /// The id of a callback that was created by now.
  /// Errors:  std::invalid_argument if there is none of that name and number.
  std::string callback_id(ExecutionHandle execution, std::string_view name,
                          std::uint32_t number = 1) const;
  /// A text is sent as it is, any other value as its JSON.
  template <class T>
  std::optional<durable::ServiceError> succeed_callback(const std::string& id, const T& result) {
    return succeed_callback_with(id, detail::sent_text(result));
  }
  std::optional<durable::ServiceError> succeed_callback(const std::string& id) {
    return succeed_callback_with(id, {});
  }
  std::optional<durable::ServiceError> fail_callback(const std::string& id, std::string type,
                                                     std::string message) {
    return fail_callback(id, durable::ErrorObject{std::move(type), std::move(message)});
  }
  std::optional<durable::ServiceError> fail_callback(const std::string& id,
                                                     durable::ErrorObject error);
  std::optional<durable::ServiceError> heartbeat_callback(const std::string& id);
  /// StopDurableExecution. An invocation under way finds out at its next checkpoint.
  /// Errors:  std::invalid_argument for a handle that this simulation has not given.
  void stop(ExecutionHandle execution, const std::string& reason = "the execution was stopped");

  /// Every run from here on suffers the faults of `script`, and no others. What the run does not come
  /// to fails the test when the simulation ends.
  /// Errors:  ScriptError for a text that is no script; std::logic_error if an execution was started
  ///          already, or the choices are not this simulation's own, as in an exploration.
  /// Source:  docs/reference/script.md
  void script(std::string_view text, Unreached unreached = Unreached::fails) {
    script(Script::parse(text), unreached);
  }
  void script(Script script, Unreached unreached = Unreached::fails);
  /// What the script, and those of the outside, say and has not happened so far, and what the run met
  /// instead.
  std::vector<std::string> unreached() const;

  /// Starts an execution of the newest version and runs until it is over and nothing of it can act.
  /// Errors:  std::invalid_argument for a function that was not published.
  template <class Input>
  ExecutionResult run(const std::string& function, const Input& input) {
    return run_text(function, durable::Text(durable::serialize<Input>(input)));
  }
  ExecutionResult run(const std::string& function) { return run_text(function, {}); }
  /// The same with an input that is JSON text already.
  ExecutionResult run_json(const std::string& function, const std::string& input) {
    return run_text(function, durable::Text(input));
  }

  /// Starts an execution of the newest version. Nothing of it happens before the simulation is driven on.
  /// Errors:  std::invalid_argument for a function that was not published, for a name that the service
  ///          would refuse, and for one that an execution of this function was started with before.
  template <class Input>
  ExecutionHandle start(const std::string& function, const Input& input,
                        const StartOptions& options = {}) {
    return start_text(function, durable::Text(durable::serialize<Input>(input)), options);
  }
  ExecutionHandle start(const std::string& function, const StartOptions& options = {}) {
    return start_text(function, {}, options);
  }

  // Driving, of all executions on one clock. What happens, and in which order, does not depend on how a
  // test divides it into calls: they decide only where the test looks in between. Where an oracle has
  // found that an execution would run for ever, nothing happens any more.

  /// Until the execution is suspended or over: what can happen now happens, to other executions too. The
  /// clock moves only as far as an invocation that has begun, or is to be repeated, needs; without faults
  /// that is not at all. Changes nothing about an execution that sleeps or is over.
  /// Errors:  std::invalid_argument for a handle that this simulation has not given.
  ExecutionResult run_until_suspended(ExecutionHandle execution);
  /// Until one more invocation of the execution has ended, which is then told of. If the execution sleeps,
  /// the clock moves to the time when it wakes. What other executions do before that, they do.
  /// Errors:  as run_until_suspended; std::logic_error if there is no further invocation, because the
  ///          execution is over, times out before, or was stopped by an oracle.
  InvocationResult step_invocation(ExecutionHandle execution);
  /// Until nothing can happen any more: all timers have fired, and every execution is over.
  void run_until_idle();
  /// Everything that happens within `duration` from now; then the clock is there.
  void run_for(Duration duration);
  /// Ends what still runs, as a crash would. Called by the destructor.
  void finish();

  /// What is recorded of the execution now.
  /// Errors:  std::invalid_argument as above.
  ExecutionResult result(ExecutionHandle execution) const;
  /// What the service wrote down of all executions and what reached the outside, in the order in which it
  /// happened.
  Timeline timeline() const;

  Effects& effects();
  Timestamp now() const;
  /// Since the simulation began, as `at` counts: a fake that answers in an hour does so at elapsed() + 1h.
  Duration elapsed() const;
  /// What the oracles have found so far. What nobody has asked for by the end of the simulation is
  /// reported to the test framework as failures of the test.
  const Findings& findings() const;
  /// Every choice made so far, in order.
  const std::vector<Decision>& decisions() const;
  /// Fingerprints of the durable states met so far, in order; kept in runs of verify and check only.
  const std::vector<std::uint64_t>& durable_states() const;
  std::uint32_t executions() const;

  /// `monitor` is told of every event from now on; it outlives the simulation.
  void watch(Monitor& monitor);

  World& world() { return *world_; }

 private:
  void keep(std::shared_ptr<void> object);
  void publish(std::string name, detail::ErasedFactory factory, const FunctionOptions& options);
  void publish_plain(std::string name, detail::ErasedFunctionFactory factory);
  std::optional<durable::ServiceError> succeed_callback_with(const std::string& id,
                                                             durable::Text result);
  ExecutionResult run_text(const std::string& function, durable::Text input);
  ExecutionHandle start_text(const std::string& function, durable::Text input,
                             const StartOptions& options = {});

  std::unique_ptr<World> world_;
  mutable bool findings_read_ = false;
};

}  // namespace durasim

#include <durasim/detail/simulation_impl.hpp>  // IWYU pragma: keep
