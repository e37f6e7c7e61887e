#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <span>
#include <string>
#include <vector>

#include <durasim/simulation.hpp>

#include "durable/sdk/engine.hpp"
#include "durasim/core/process_source.hpp"
#include "durasim/core/script_chooser.hpp"
#include "durasim/sim/footprint.hpp"
#include "durasim/sim/guarded.hpp"
#include "durasim/sim/outside.hpp"
#include "durasim/sim/shadowed_states.hpp"

namespace durasim {

class ColdImage;
class Invocation;
class Shadow;

/// By how much the clock of shadow replays is off: a time read outside a step shows.
inline constexpr Duration kShadowShift = std::chrono::hours(24 * 400);

/// The alternatives at one choice site: the benign one, and the faults that the model offers there, in
/// the order of Fault.
class Menu {
 public:
  /// Alternatives at one site.
  static constexpr std::size_t kMost = 31;
  explicit Menu(const FaultModel& model) : model_(model) {}
  void offer(Fault fault) {
    if (model_.offers(fault)) add(fault);
  }
  /// Whatever the model says: for random draws.
  void add(Fault fault) {
    entries_[size_++] = fault;
    set_.insert(fault);
  }
  std::span<const Fault> entries() const { return {entries_.data(), size_}; }
  const FaultSet& set() const { return set_; }

 private:
  const FaultModel& model_;
  std::array<Fault, kMost + 1> entries_{};
  std::size_t size_ = 1;  // entries_[0] is Fault::none
  FaultSet set_;
};

/// All that a simulation consists of: the actors, the clock they share, and the one chooser that they
/// ask. Advances from one quiescent point to the next.
class World {
 public:
  World(SimulationOptions options, Chooser& chooser);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Set-up.
  void publish(std::string name, detail::ErasedFactory factory, const FunctionOptions& options);
  void publish_plain(std::string name, detail::ErasedFunctionFactory factory);
  std::uint32_t start(const std::string& function, durable::Text input, const std::string& name);
  void keep(std::shared_ptr<void> object) { kept_.push_back(std::move(object)); }
  /// Choices are made by `script`; `unreached` says what becomes of what does not happen.
  void follow(Script script, Unreached unreached);
  void watch(Monitor& monitor);
  /// Every attempt has the outcome that `environment` says, and attempts that it holds to be interrupted
  /// are. For the reference run of result-agreement; `environment` outlives the world.
  void give(const Environment* environment) { given_ = environment; }
  /// States whose shadow replay has been judged already, by this run or others; outlives the world.
  void share_shadowed(ShadowedStates* shadowed) { shadowed_ = shadowed; }
  /// From the first invocation on, shadow replays are made in cold processes as well.
  void replay_cold() { replays_cold_ = true; }

  // The outside: outside.cpp, callbacks.cpp, chained.cpp.
  Outside& outside() { return outside_; }
  /// Errors:  std::invalid_argument for a time that is over.
  void at(Duration since_start, std::function<void()> action);
  void set_outside_timer(Timestamp due, std::uint32_t action) {
    clock_.set(due, kFirstOwnTimer + from_outside, action);
  }
  /// How the service has refused it, if it has.
  std::optional<durable::ServiceError> signal_callback(const CallbackSignal& signal);
  /// That nobody answers a callback is what the test wants.
  void say_never(std::uint32_t execution, durable::OperationPath path);
  /// Says whose callback `signal` is about, if it is one that exists.
  void locate(CallbackSignal& signal) const;
  /// Errors:  std::invalid_argument if there is no such callback.
  std::string callback_id(std::uint32_t execution, std::string_view name,
                          std::uint32_t which) const;
  void stop(std::uint32_t execution, durable::ErrorPtr error);
  /// Starts the function that it asks for.
  void start_invoked(const ChainedInvoke& invoke);
  void end_invoke(std::uint32_t execution, durable::OperationPath path,
                  durable::OperationStatus status, durable::Text result, durable::ErrorPtr error);
  /// Ends the run; what the test has thrown is rethrown from the driving call.
  void abort_with(std::exception_ptr exception) { abort_ = std::move(exception); }

  // Driving.
  /// Errors:  std::invalid_argument for a number that no execution has.
  void require(ExecutionHandle execution) const;
  /// Until the execution is over and nothing of it can act any more.
  void run_to_end(std::uint32_t execution);
  void run_until_suspended(std::uint32_t execution);
  void run_until_idle();
  void run_until(Timestamp limit);
  /// Until an invocation of the execution has ended.
  InvocationResult step(std::uint32_t execution);
  /// Ends what still runs, by unwinding it.
  void finish();
  /// Findings about the script, or warnings, as the test has asked for.
  std::vector<Finding> check_script() const;
  /// The same about the outside, once. Empty where faults have led the run elsewhere.
  std::vector<Finding> check_outside();
  /// What a scenario must not leave behind, and what it declared about effects.
  void check_end();
  bool has_parked_invocations() const { return !invocations_.empty(); }
  /// Leaves parked invocations as they are: what their frames refer to is gone.
  void abandon_parked_invocations();

  // For actors.
  Fault choose(SiteKind kind, ChoiceKind choice, std::uint32_t execution,
               durable::OperationPath path, std::uint32_t occurrence, const Menu& menu);
  /// Whether anybody is told of such events; others need not be made.
  bool wants(TraceEvent::Kind kind) const { return wanted_.contains(kind); }
  void emit(TraceEvent& event);
  void announce_findings();
  /// A finding that concerns no operation.
  void report(Oracle oracle, std::string what, std::string remedy = {});
  /// For explorations: notes the durable state whenever it may have changed.
  void keep_states() { keeps_states_ = true; }
  void record_state() {
    if (keeps_states_) states_.push_back(durable_state());
  }
  /// Of the records, and of what is still to come from outside.
  std::uint64_t durable_state() const;
  void effect(std::string_view kind, std::string_view key, std::string_view value, bool applied,
              const std::source_location& where);
  /// What is done now does: shadow replays do not, nor do the destructors that a crash runs here in a
  /// body, as a process that dies runs none.
  bool reaches_the_outside() const;
  /// Before an effect of a step's body: the sandbox may die here.
  void before_effect();
  /// Lets a later invocation of the execution run beside this one, which goes on when it has ended.
  void overtake(Invocation& invocation);
  void set_timer(Invocation& invocation, std::uint32_t what, Duration delay);
  /// How long something takes that is to come after the next deadline of its execution, `otherwise` if
  /// there is none before `horizon`.
  Duration past_next_deadline(std::uint32_t execution, Duration horizon, Duration otherwise);

  /// Another execution has something to do in this instant.
  bool others_can_go(std::uint32_t execution) const;
  /// Of the invocations of this execution.
  Duration invocation_timeout(std::uint32_t execution) const;
  /// Its function is not durable.
  bool is_plain(std::uint32_t execution) const;

  /// How much of each limit an execution has used until now.
  Margins margins(std::uint32_t execution) const;

  const SimulationOptions& options() const { return options_; }
  Clock& clock() { return clock_; }
  /// What the code that runs now sees of the time.
  Timestamp now() const;
  const Clock& clock() const { return clock_; }
  Service& service() { return service_; }
  const Service& service() const { return service_; }
  Effects& effects() { return effects_; }
  Findings& findings() { return findings_; }
  const Findings& findings() const { return findings_; }
  const std::vector<Decision>& decisions() const { return decisions_; }
  const std::vector<std::uint64_t>& states() const { return states_; }
  /// Kept along with the states.
  const Footprint& footprint() const { return footprint_; }
  std::vector<std::string> unreached() const;
  Timeline timeline() const;
  const Environment* given() const { return given_; }
  bool in_shadow() const { return in_shadow_; }
  Invocation* current() const { return current_; }
  /// What code that runs has asked the machine for.
  guarded::Asked& asked() { return asked_; }

  enum TimerKind : std::uint32_t {
    wake,
    answer,
    deadline,
    lost_response,
    late_delivery,
    from_outside,
    arrival,
    late_response
  };
  /// Owners of timers from here on are TimerKind.
  static constexpr std::uint32_t kFirstOwnTimer = 1;

 private:
  struct Function {
    detail::ErasedFactory factory;
    std::optional<Duration> execution_timeout = {};
    std::optional<Duration> invocation_timeout = {};
    bool plain = false;
    /// The sandbox that is free, if there is one.
    std::shared_ptr<detail::ErasedHandler> warm = nullptr;
  };
  /// The operation that an execution was started for.
  struct Caller {
    std::uint32_t execution = 0;  // 0: none, the test itself has started it
    durable::OperationPath path{};
    std::string tenant_id{};
  };
  struct Delivery {
    std::uint32_t execution;
    durable::InvocationEvent event;
  };
  /// An event that is delivered once more when a later invocation has ended.
  struct Stale {
    std::uint32_t ordinal = 0;
    durable::InvocationEvent event;
  };
  /// Where something that happened is written down: a place in an execution's history, or in the ledger.
  struct Moment {
    std::uint32_t execution;
    std::uint32_t place;
    bool effect;
  };
  /// What the simulator remembers of an execution. Nothing of it concerns any other execution.
  struct Actor {
    enum class Late : std::uint8_t { no, under_way, here };
    std::uint32_t begun = 0;  // invocations, with repeated deliveries
    std::uint32_t live = 0;   // of those
    Late late = Late::no;     // a delivery that was chosen to come late
    bool warm = false;        // it has left a sandbox that it has not used again
    bool completed = false;   // its end was announced
    Caller caller{};
    std::uint32_t live_in_tree = 0;  // invocations of it and of all that its invokes led to
    std::uint32_t invoked = 0;       // executions that its invokes led to
    bool refused_invoke = false;     // there were too many, and a finding says so
    std::unique_ptr<Stale> stale = {};
  };

  // driving.cpp
  bool over(std::uint32_t execution);
  bool pass_time();
  /// Of the timers that are due now, those that are to fire in a later wake-up are put back.
  void defer_some(std::vector<Clock::Timer>& due);
  void report_stuck(std::uint32_t execution);
  void require_driver() const;
  InvocationResult result_of(const Invocation& invocation, const TraceEvent& ended) const;

  // functions.cpp
  /// The names of all functions, for messages.
  std::string published() const;

  // chained.cpp
  void take_invokes();
  void carry_out(const ChainedInvoke& invoke);
  /// A chained invoke is being recorded: what becomes of it may be decided now.
  void invoke_made();
  void tell_callers();
  /// False, with a finding, if the invokes of this one's root would never end.
  bool may_invoke(const ChainedInvoke& invoke);
  void fail_invoke(const ChainedInvoke& invoke, const char* type, std::string message);
  /// The execution that the test itself has started, above one that was invoked.
  std::uint32_t root_of(std::uint32_t execution);

  // world.cpp
  std::uint32_t begin(const std::string& function, durable::Text input, const std::string& name,
                      Caller caller);
  /// Before the first execution, the clock may be set forward to where calendars are odd.
  void choose_start();
  /// What the service has written down may concern the outside, or an execution that waits.
  void notice(const Execution& execution, const HistoryEvent& written);
  void count_live(std::uint32_t execution, int change);
  void judge_by(std::vector<std::unique_ptr<Monitor>> oracles);
  std::span<Monitor* const> listeners(TraceEvent::Kind kind) const {
    const auto at = static_cast<std::size_t>(kind);
    return std::span(listeners_)
        .subspan(first_listener_[at], first_listener_[at + 1] - first_listener_[at]);
  }
  void tell_watchers(const TraceEvent& event);
  void settle();
  bool settle_once();
  void fire(const Clock::Timer& timer);
  /// A timer of the service; false if it is to come late.
  bool is_punctual(const Clock::Timer& timer);
  /// Whose timer this is; 0 if it concerns no execution.
  std::uint32_t execution_of(const Clock::Timer& timer);
  durable::OperationPath path_of(const Clock::Timer& timer);
  void halt_if_endless(std::uint32_t execution);
  void rethrow_abort();
  Clock::TimerId set_own_timer(TimerKind kind, Duration delay, std::uint32_t first,
                               std::uint32_t second = 0);
  std::vector<std::unique_ptr<Invocation>>::iterator position(std::uint32_t number);
  Invocation* find(std::uint32_t number);
  Actor& actor(std::uint32_t execution);
  void let_run(Invocation& invocation);

  // delivery.cpp
  void deliver(std::uint32_t execution);
  Invocation& invoke(std::uint32_t execution, durable::InvocationEvent event, bool cold);
  void pump(Invocation& invocation);
  void conclude(Invocation& invocation);
  void respond(Invocation& invocation);
  /// The response has come to the service.
  void take_response(Invocation& invocation, Fault fault);
  void kill(Invocation& invocation, const durable::ErrorObject& error);
  void close(Invocation& invocation, bool ended_abnormally);
  void wake_those_overtaken_by(const Invocation& successor);
  void after_completion(std::uint32_t execution);
  void offer_at_start(Menu& menu, std::uint32_t execution, bool was_late);
  bool delivery_yields(std::uint32_t execution, std::uint32_t which);
  /// How the next invocation of the execution is told of its record.
  StateShape shape_of_state(std::uint32_t execution);
  void check_limits(std::uint32_t execution);
  std::shared_ptr<detail::ErasedHandler> sandbox(Function& function, bool cold);

  // shadow.cpp
  void shadow(const Invocation& invocation, bool ended_abnormally);
  void replay(Shadow& shadow, const detail::ErasedFactory& factory, durable::InvocationEvent event);
  void take_cold_image();
  /// Whether the next one is to be made in a cold process as well.
  bool wants_cold_shadow(std::uint32_t execution);
  /// `started` is how a shadow replay of the invocation started here.
  void shadow_cold(TraceEvent started);
  /// In a cold process.
  void serve_cold(std::string_view request, const ProcessSource::Tell& tell);

  SimulationOptions options_;
  Chooser* chooser_;
  std::unique_ptr<ScriptChooser> script_;
  Unreached unreached_ = Unreached::fails;
  Clock clock_;
  Service service_;
  Outside outside_;
  Effects effects_;
  Findings findings_;
  std::map<std::string, Function> functions_;
  std::vector<std::unique_ptr<Monitor>> oracles_;
  /// The oracles that are told of each kind of event, kind after kind, and where those of each begin.
  std::vector<Monitor*> listeners_;
  std::array<std::uint32_t, kEventKindCount + 1> first_listener_{};
  struct Watcher {
    Monitor* monitor;
    EventKinds interests;
  };
  std::vector<Watcher> watchers_;
  EventKinds wanted_ = {};  // by an oracle or a watcher
  std::vector<Decision> decisions_;
  std::vector<std::uint64_t> states_;
  Footprint footprint_;
  std::vector<Actor> actors_;                             // by number of the execution - 1
  std::vector<std::unique_ptr<Invocation>> invocations_;  // not ended; in order of their numbers
  std::set<std::uint32_t> runnable_;                      // the numbers of those that can go on
  std::vector<std::unique_ptr<Invocation>> ended_;        // until nothing refers to them any more
  std::vector<Delivery> deliveries_;                      // repeated ones, to be made next
  std::vector<Moment> timeline_;
  std::set<std::pair<std::string, std::string>> named_;  // executions: function and name
  std::uint32_t stepping_ = 0;                           // an execution; 0: none
  std::optional<InvocationResult> stepped_;              // its first invocation that ended since
  const Environment* given_ = nullptr;
  ShadowedStates* shadowed_ = nullptr;
  std::unique_ptr<ColdImage> cold_;  // of before the first invocation
  std::uint32_t publications_ = 0;
  bool replays_cold_ = false;
  Invocation* current_ = nullptr;
  std::exception_ptr abort_;
  std::uint32_t invocation_numbers_ = 0;
  bool in_shadow_ = false;
  bool starts_later_ = false;  // than the test has said
  guarded::Asked asked_;
  std::size_t announced_ = 0;  // of the findings
  std::size_t harmless_ = 0;   // of them, from the first on: those that need no halt
  bool halted_ = false;
  bool keeps_states_ = false;
  bool outside_checked_ = false;
  /// A chained invoke that was asked for, and what is to become of it in place of its function.
  struct Asked {
    ChainedInvoke invoke;
    Fault fault;
  };
  std::vector<Asked> invokes_;  // to be taken
  std::set<Clock::TimerId> late_timers_;
  std::vector<std::uint32_t> stops_;     // executions that an operator is about to stop
  std::vector<std::uint32_t> answered_;  // invoked executions that ended, until that is told
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace durasim
