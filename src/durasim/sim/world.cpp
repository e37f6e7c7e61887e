#include "durasim/sim/world.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "durasim/core/hash.hpp"
#include "durasim/sim/cold_image.hpp"
#include "durasim/sim/invocation.hpp"

namespace durasim {
namespace {

constexpr std::uint32_t kServiceTimers = 0;
constexpr std::size_t kUsualInterests = 8;  // kinds of events that an oracle is told of

/// A time to begin at, half a minute before something.
struct Start {
  Fault fault;
  Timestamp at;
};
constexpr Start kStarts[] = {
    {Fault::starts_on_leap_day, Timestamp(std::chrono::seconds(1'835'481'570))},
    {Fault::starts_at_month_end, Timestamp(std::chrono::seconds(1'769'903'970))},
    {Fault::starts_at_summer_time, Timestamp(std::chrono::seconds(1'774'745'970))},
    {Fault::starts_at_winter_time, Timestamp(std::chrono::seconds(1'792'889'970))},
    {Fault::starts_at_year_end, Timestamp(std::chrono::seconds(1'798'761'570))},
    {Fault::starts_before_2038, Timestamp(std::chrono::seconds(2'147'483'617))},
};

/// Asked of every event: those of the handler itself have none above them.
std::uint8_t virtual_contexts_of(const Execution& execution, durable::OperationPath path) {
  if (path.parent().is_root()) return 0;
  const auto operation =
      std::find_if(execution.operations.rbegin(), execution.operations.rend(),
                   [&](const durable::Operation& other) { return other.path == path; });
  return operation != execution.operations.rend() ? operation->virtual_contexts : std::uint8_t{0};
}

}  // namespace

World::World(SimulationOptions options, Chooser& chooser)
    : options_(options),
      chooser_(&chooser),
      clock_(options_.start),
      service_(
          clock_, options_.service, kServiceTimers,
          [this](const Execution& execution, const HistoryEvent& written) {
            timeline_.push_back({execution.number,
                                 static_cast<std::uint32_t>(execution.history.size() - 1), false});
            TraceEvent event;
            event.kind = TraceEvent::Kind::history;
            event.execution = execution.number;
            event.event_type = to_string(written.type);
            event.path = written.path;
            event.virtual_contexts = virtual_contexts_of(execution, written.path);
            event.event_id = static_cast<std::uint32_t>(execution.history.size());
            event.attempt = written.attempt;
            event.delay = written.delay;
            event.heartbeat_timeout = written.heartbeat_timeout;
            event.payload = written.payload;
            event.error = written.error;
            emit(event);
            notice(execution, written);
          }),
      outside_(*this),
      effects_(*this),
      findings_(options_.oracles),
      replays_cold_(options_.cold_replays == ColdReplays::always) {
  judge_by(make_monitors(options_.oracles, findings_));
}

void World::judge_by(std::vector<std::unique_ptr<Monitor>> oracles) {
  oracles_ = std::move(oracles);
  std::array<EventKinds, kOracleCount> interests{};
  for (std::size_t i = 0; i < oracles_.size(); ++i) {
    interests[i] = oracles_[i]->interests();
    wanted_ |= interests[i];
  }
  listeners_.reserve(oracles_.size() * kUsualInterests);
  for (std::size_t kind = 0; kind < kEventKindCount; ++kind) {
    for (std::size_t i = 0; i < oracles_.size(); ++i) {
      if (interests[i].contains(static_cast<TraceEvent::Kind>(kind)))
        listeners_.push_back(oracles_[i].get());
    }
    first_listener_[kind + 1] = static_cast<std::uint32_t>(listeners_.size());
  }
}

void World::watch(Monitor& monitor) {
  if (watchers_.empty()) announced_ = findings_.all().size();
  watchers_.push_back({&monitor, monitor.interests()});
  wanted_ |= watchers_.back().interests;
}

void World::tell_watchers(const TraceEvent& event) {
  const guarded::Exempt exempt;
  for (const Watcher& watcher : watchers_) {
    if (watcher.interests.contains(event.kind)) watcher.monitor->on(event);
  }
}

World::~World() {
  finish();
  while (!kept_.empty()) kept_.pop_back();
}

void World::notice(const Execution& execution, const HistoryEvent& written) {
  switch (written.type) {
    case EventType::callback_started:
      return outside_.callback_created(execution, written.path);
    case EventType::callback_timed_out:
      return outside_.callback_timed_out(execution, written.path);
    case EventType::chained_invoke_started:
      return invoke_made();
    case EventType::execution_succeeded:
    case EventType::execution_failed:
    case EventType::execution_timed_out:
    case EventType::execution_stopped:
      if (actor(execution.number).caller.execution != 0) answered_.push_back(execution.number);
      return;
    default:
      return;
  }
}

std::uint32_t World::start(const std::string& function, durable::Text input,
                           const std::string& name) {
  const auto known = functions_.find(function);
  if (known == functions_.end()) {
    throw std::invalid_argument(
        fmt::format("durasim: no function \"{}\" was published with Simulation::function; "
                    "published: {}",
                    function, published()));
  }
  if (known->second.plain) {
    throw std::invalid_argument(fmt::format(
        "durasim: \"{}\" is a plain function, which only chained invokes run: start a durable one, "
        "published with Simulation::function",
        function));
  }
  if (!name.empty()) {
    Service::check_name(name);
    if (!named_.emplace(function, name).second) {
      throw std::invalid_argument(
          fmt::format("durasim: an execution of \"{}\" was started with the name \"{}\" before",
                      function, name));
    }
  }
  return begin(function, std::move(input), name, {});
}

std::uint32_t World::begin(const std::string& function, durable::Text input,
                           const std::string& name, Caller caller) {
  if (service_.executions() == 0) choose_start();
  TraceEvent event;
  event.kind = TraceEvent::Kind::execution_started;
  event.execution = service_.executions() + 1;
  event.caller = caller.execution;
  event.path = caller.path;
  event.name = function;
  event.payload = input;
  const Duration timeout =
      functions_.at(function).execution_timeout.value_or(options_.service.execution_timeout);
  event.due = clock_.now() + timeout;
  emit(event);
  const std::uint32_t execution =
      service_.start(function, std::move(input), name, timeout, caller.tenant_id);
  actor(execution).caller = std::move(caller);
  record_state();
  return execution;
}

void World::choose_start() {
  if (clock_.now() != options_.start || clock_.next_due()) return;
  Menu menu(options_.faults);
  for (const Start& moment : kStarts) {
    if (moment.at > options_.start) menu.offer(moment.fault);
  }
  const Fault fault = choose(SiteKind::start, ChoiceKind::shape, 1, {}, 1, menu);
  for (const Start& moment : kStarts) {
    if (moment.fault != fault) continue;
    options_.start = moment.at;
    starts_later_ = true;
    clock_.advance_to(moment.at);
  }
}

void World::settle() {
  while (!halted_ && settle_once()) {
  }
  ended_.clear();
  rethrow_abort();
}

/// Lets one thing happen that can happen now; false if there is none.
bool World::settle_once() {
  if (abort_) return false;
  if (!invokes_.empty()) {
    take_invokes();
    return true;
  }
  if (!answered_.empty()) {
    tell_callers();
    return true;
  }
  if (!runnable_.empty()) {
    pump(*find(*runnable_.begin()));
    return true;
  }
  if (!stops_.empty()) {
    stop(stops_.back(), scripted_error("Operator.Stopped", "an operator stopped it"));
    stops_.pop_back();
    return true;
  }
  if (!deliveries_.empty()) {
    Delivery delivery = std::move(deliveries_.front());
    deliveries_.erase(deliveries_.begin());
    Invocation& invocation = invoke(delivery.execution, std::move(delivery.event), false);
    invocation.repeated = true;
    pump(invocation);
    return true;
  }
  while (const auto execution = service_.take_next_invocation()) {
    if (actor(*execution).late == Actor::Late::under_way) continue;  // put back when it is here
    deliver(*execution);
    return true;
  }
  return false;
}

void World::fire(const Clock::Timer& timer) {
  if (timer.owner == kServiceTimers) {
    if (!is_punctual(timer)) return;
    TraceEvent event;
    event.kind = TraceEvent::Kind::timer_fired;
    event.execution = timer.first;
    event.due = timer.due;
    event.path = path_of(timer);
    emit(event);
    service_.fire(timer);
    record_state();
    if (durable::is_terminal(service_.execution(timer.first).status)) after_completion(timer.first);
    return;
  }
  const auto kind = static_cast<TimerKind>(timer.owner - kFirstOwnTimer);
  if (kind == from_outside) return outside_.act(timer.first);
  if (kind == late_delivery) {
    actor(timer.first).late = Actor::Late::here;
    service_.put_back(timer.first);
    return;
  }
  if (kind == lost_response) {
    service_.fail_invocation({timer.first, timer.second, 0},
                             {"Sandbox.Timedout", "the invocation timed out"});
    record_state();
    halt_if_endless(timer.first);
    if (durable::is_terminal(service_.execution(timer.first).status)) after_completion(timer.first);
    return;
  }
  Invocation* invocation = find(timer.first);
  if (invocation == nullptr) return;
  if (kind == deadline) return kill(*invocation, {"Sandbox.Timedout", "the invocation timed out"});
  if (kind == late_response) return take_response(*invocation, Fault::response_delayed);
  if (invocation->responds_late) return;
  if (kind == arrival) {
    invocation->arrive();
  } else if (kind == answer) {
    invocation->engine().deliver(std::move(*invocation->delayed_answer));
    invocation->delayed_answer.reset();
  } else {
    invocation->engine().wake();
  }
  let_run(*invocation);
}

bool World::is_punctual(const Clock::Timer& timer) {
  const durable::OperationPath path = path_of(timer);
  if (path.is_root() || !options_.faults.offers(Fault::timer_late)) return true;
  const Execution& execution = service_.execution(timer.first);
  const durable::Operation& operation = execution.operations[timer.second - 1];
  if (durable::is_terminal(execution.status) || durable::is_terminal(operation.status)) return true;
  if (late_timers_.contains(timer.id)) return true;
  Menu menu(options_.faults);
  menu.offer(Fault::timer_late);
  const std::uint32_t attempt = std::max(operation.attempt, 1U);
  if (choose(SiteKind::timer, ChoiceKind::fault, timer.first, path, attempt, menu) == Fault::none)
    return true;
  late_timers_.insert(timer.id);
  clock_.defer(timer, clock_.now() + past_next_deadline(timer.first, std::chrono::hours(24),
                                                        std::chrono::hours(1)));
  return false;
}

durable::OperationPath World::path_of(const Clock::Timer& timer) {
  const auto kind = static_cast<TimerKind>(timer.owner - kFirstOwnTimer);
  if (timer.owner != kServiceTimers)
    return kind == from_outside ? outside_.path_of(timer.first) : durable::OperationPath();
  const auto& operations = service_.execution(timer.first).operations;
  return timer.second > 0 && timer.second <= operations.size() ? operations[timer.second - 1].path
                                                               : durable::OperationPath();
}

std::uint32_t World::execution_of(const Clock::Timer& timer) {
  const auto kind = static_cast<TimerKind>(timer.owner - kFirstOwnTimer);
  if (timer.owner == kServiceTimers || kind == lost_response || kind == late_delivery)
    return timer.first;
  if (kind == from_outside) return outside_.execution_of(timer.first);
  const Invocation* const invocation = find(timer.first);
  return invocation != nullptr ? invocation->execution() : 0;
}

void World::set_timer(Invocation& invocation, std::uint32_t what, Duration delay) {
  invocation.timers.push_back(
      set_own_timer(static_cast<TimerKind>(what), delay, invocation.number()));
}

Clock::TimerId World::set_own_timer(TimerKind kind, Duration delay, std::uint32_t first,
                                    std::uint32_t second) {
  return clock_.set(clock_.now() + delay, kFirstOwnTimer + kind, first, second);
}

Timestamp World::now() const {
  if (in_shadow_) return clock_.now() + kShadowShift;
  return current_ != nullptr ? current_->now() : clock_.now();
}

Duration World::past_next_deadline(std::uint32_t execution, Duration horizon, Duration otherwise) {
  const auto due = clock_.next_due_of(
      [&](const Clock::Timer& timer) { return execution_of(timer) == execution; });
  if (!due || *due - clock_.now() >= horizon) return otherwise;
  return *due - clock_.now() + std::chrono::seconds(1);
}

std::vector<std::unique_ptr<Invocation>>::iterator World::position(std::uint32_t number) {
  return std::lower_bound(
      invocations_.begin(), invocations_.end(), number,
      [](const auto& invocation, std::uint32_t sought) { return invocation->number() < sought; });
}

Invocation* World::find(std::uint32_t number) {
  const auto at = position(number);
  return at != invocations_.end() && (*at)->number() == number ? at->get() : nullptr;
}

World::Actor& World::actor(std::uint32_t execution) {
  if (execution > actors_.size()) actors_.resize(execution);
  return actors_[execution - 1];
}

void World::count_live(std::uint32_t execution, int change) {
  const auto add = [&](std::uint32_t& count) {
    count = static_cast<std::uint32_t>(static_cast<int>(count) + change);
  };
  add(actor(execution).live);
  add(actor(root_of(execution)).live_in_tree);
}

std::uint64_t World::durable_state() const {
  const std::uint64_t outside = outside_.durable_state();
  if (outside == 0 && !starts_later_) return service_.durable_state();
  Hash64 hash;
  hash.add(service_.durable_state());
  hash.add(outside);
  if (starts_later_)
    hash.add(static_cast<std::uint64_t>(options_.start.time_since_epoch().count()));
  return hash.value();
}

void World::let_run(Invocation& invocation) { runnable_.insert(invocation.number()); }

void World::overtake(Invocation& invocation) {
  service_.supersede(invocation.execution());
  invocation.waits_for_successor = true;
  invocation.engine().park_body();
}

void World::halt_if_endless(std::uint32_t execution) {
  const bool found =
      findings_.all().size() > harmless_ && findings_.all().back().oracle == Oracle::progress;
  if (found) halted_ = true;
  if (halted_ || service_.execution(execution).invocations < options_.invocations_limit) return;
  report(Oracle::progress,
         fmt::format("execution {} was invoked {} times and is not over", execution,
                     service_.execution(execution).invocations),
         "SimulationOptions::invocations_limit raises the bound");
  halted_ = true;
}

void World::rethrow_abort() {
  if (!abort_) return;
  finish();
  std::rethrow_exception(std::exchange(abort_, nullptr));
}

void World::finish() {
  for (auto invocation = invocations_.rbegin(); invocation != invocations_.rend(); ++invocation) {
    current_ = invocation->get();
    (*invocation)->engine().unwind();
  }
  current_ = nullptr;
  while (!invocations_.empty()) {
    count_live(invocations_.back()->execution(), -1);
    invocations_.pop_back();
  }
  runnable_.clear();
  ended_.clear();
  deliveries_.clear();
}

void World::abandon_parked_invocations() {
  for (auto& invocation : invocations_) {
    report(Oracle::hygiene,
           fmt::format("the scenario returned while invocation {} of execution {} was running",
                       invocation->ordinal(), invocation->execution()),
           "end with Simulation::run, or call Simulation::finish before the scenario's objects go");
    invocation->engine().leave();
  }
  invocations_.clear();
}

void World::report(Oracle oracle, std::string what, std::string remedy) {
  Finding finding;
  finding.oracle = oracle;
  finding.what = std::move(what);
  finding.remedy = std::move(remedy);
  finding.at = clock_.now();
  findings_.add(std::move(finding));
}

Margins World::margins(std::uint32_t execution) const {
  return margins_of(service_.execution(execution), service_.config(), options_.invocations_limit,
                    clock_.now());
}

void World::check_end() {
  if (!halted_) effects_.check_at_end();
}

Fault World::choose(SiteKind kind, ChoiceKind choice, std::uint32_t execution,
                    durable::OperationPath path, std::uint32_t occurrence, const Menu& menu) {
  const std::span<const Fault> entries = menu.entries();
  if (entries.size() < 2 || in_shadow_ || abort_) return Fault::none;
  const Site site{kind, choice, execution, path, occurrence};
  std::size_t taken = 0;
  try {
    const guarded::Exempt exempt;
    taken = chooser_->choose(site, entries);
    if (taken >= entries.size()) {
      throw std::logic_error(
          fmt::format("durasim: a chooser answered {} where {} alternatives were offered", taken,
                      entries.size()));
    }
  } catch (...) {  // thrown on the driver's stack: the handler's, where we may be, must not see it
    abort_ = std::current_exception();
    return Fault::none;
  }
  decisions_.push_back({site, static_cast<std::uint16_t>(entries.size()),
                        static_cast<std::uint16_t>(taken), entries[taken], menu.set()});
  TraceEvent event;
  event.kind = TraceEvent::Kind::choice;
  event.execution = execution;
  event.path = path;
  event.decision = &decisions_.back();
  emit(event);
  return entries[taken];
}

void World::emit(TraceEvent& event) {
  if (abort_) return;  // what happens from here on is of no interest
  event.at = clock_.now();
  if (keeps_states_) footprint_.add(event, in_shadow_);
  for (Monitor* const oracle : listeners(event.kind)) oracle->on(event);
  if (watchers_.empty()) return;
  tell_watchers(event);
  announce_findings();
}

/// So that a narrative shows where in the run a rule was broken.
void World::announce_findings() {
  while (announced_ < findings_.all().size()) {
    const Finding& finding = findings_.all()[announced_++];
    TraceEvent event;
    event.kind = TraceEvent::Kind::finding;
    event.at = clock_.now();
    event.name = to_string(finding.oracle);
    event.key = finding.what;
    tell_watchers(event);
  }
}

}  // namespace durasim
