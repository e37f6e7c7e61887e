#include <algorithm>

#include <fmt/format.h>

#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

/// The life of invocations: how they are delivered, respond, are killed and closed.
namespace durasim {
namespace {

using Kind = TraceEvent::Kind;

const durable::ErrorObject& exit_error() {
  static const durable::ErrorObject error{"Runtime.ExitError", "the sandbox died"};
  return error;
}

}  // namespace

std::shared_ptr<detail::ErasedHandler> World::sandbox(Function& function, bool cold) {
  if (!cold && function.warm) return std::exchange(function.warm, nullptr);
  return std::make_shared<detail::ErasedHandler>(function.factory());
}

void World::deliver(std::uint32_t execution) {
  const bool was_late = std::exchange(actor(execution).late, Actor::Late::no) == Actor::Late::here;

  Menu menu(options_.faults);
  offer_at_start(menu, execution, was_late);
  const std::uint32_t which = service_.execution(execution).invocations + 1;
  const Fault fault =
      choose(SiteKind::invocation_start, ChoiceKind::fault, execution, {}, which, menu);

  if (fault == Fault::late_delivery) {
    actor(execution).late = Actor::Late::under_way;
    const Duration delay =
        past_next_deadline(execution, std::chrono::hours(24), std::chrono::hours(1));
    set_own_timer(late_delivery, delay, execution);
    return;
  }
  if (fault == Fault::none && !was_late && delivery_yields(execution, which)) return;
  const StateShape shape = shape_of_state(execution);
  durable::InvocationEvent event = service_.begin_invocation(execution, shape);
  if (fault != Fault::concurrent_delivery_older_first &&
      fault != Fault::concurrent_delivery_newer_first) {
    std::optional<durable::InvocationEvent> copy;
    if (fault == Fault::redelivery_after_end) copy = event;
    if (fault == Fault::stale_redelivery)
      actor(execution).stale = std::make_unique<Stale>(Stale{actor(execution).begun + 1, event});
    Invocation& invocation = invoke(execution, std::move(event), fault == Fault::cold_start);
    invocation.redelivery = std::move(copy);
    invocation.clock = fault;
    if (fault == Fault::crash_at_start) return kill(invocation, exit_error());
    pump(invocation);
    return;
  }
  service_.supersede(execution);
  durable::InvocationEvent other = service_.begin_invocation(execution);
  if (fault == Fault::concurrent_delivery_newer_first) std::swap(event, other);
  Invocation& first = invoke(execution, std::move(event), false);
  Invocation& second = invoke(execution, std::move(other), true);
  pump(first);
  pump(second);
}

/// A late delivery that is not late, for what goes first in an instant.
bool World::delivery_yields(std::uint32_t execution, std::uint32_t which) {
  if (!options_.faults.offers(Fault::delivery_yields) || !others_can_go(execution)) return false;
  Menu menu(options_.faults);
  menu.offer(Fault::delivery_yields);
  if (choose(SiteKind::turn, ChoiceKind::order, execution, {}, which, menu) == Fault::none)
    return false;
  actor(execution).late = Actor::Late::under_way;
  set_own_timer(late_delivery, Duration(0), execution);
  return true;
}

bool World::others_can_go(std::uint32_t execution) const {
  const auto of_another = [&](const auto& other) { return other.execution != execution; };
  return !invokes_.empty() || !answered_.empty() || service_.wants_others(execution) ||
         std::ranges::any_of(deliveries_, of_another) ||
         std::ranges::any_of(invocations_, [&](const auto& other) {
           return other->execution() != execution && runnable_.contains(other->number());
         });
}

void World::offer_at_start(Menu& menu, std::uint32_t execution, bool was_late) {
  if (actor(execution).warm) menu.offer(Fault::cold_start);
  if (!was_late) menu.offer(Fault::late_delivery);
  menu.offer(Fault::redelivery_after_end);
  menu.offer(Fault::concurrent_delivery_older_first);
  menu.offer(Fault::concurrent_delivery_newer_first);
  menu.offer(Fault::crash_at_start);
  if (!actor(execution).stale) menu.offer(Fault::stale_redelivery);
  menu.offer(Fault::clock_ahead);
  menu.offer(Fault::clock_behind);
  menu.offer(Fault::clock_drifts);
  menu.offer(Fault::clock_steps_back);
}

StateShape World::shape_of_state(std::uint32_t execution) {
  const Execution& data = service_.execution(execution);
  Menu menu(options_.faults);
  if (data.operations.size() > 1) menu.offer(Fault::pages_of_one);
  if (data.operations.size() > 2) menu.offer(Fault::pages_of_two);
  if (!data.operations.empty()) menu.offer(Fault::empty_first_page);
  if (data.operations.size() > 1) menu.offer(Fault::operations_reversed);
  if (service_.leaves_insides_out(execution)) menu.offer(Fault::insides_told);
  switch (choose(SiteKind::state, ChoiceKind::shape, execution, {}, data.invocations + 1, menu)) {
    case Fault::pages_of_one:
      return {.page_size = 1};
    case Fault::pages_of_two:
      return {.page_size = 2};
    case Fault::empty_first_page:
      return {.empty_first_page = true};
    case Fault::operations_reversed:
      return {.reversed = true};
    case Fault::insides_told:
      return {.insides_told = true};
    default:
      return {};
  }
}

Invocation& World::invoke(std::uint32_t execution, durable::InvocationEvent event, bool cold) {
  if (replays_cold_ && invocation_numbers_ == 0) take_cold_image();
  Function& function = functions_.at(service_.execution(execution).function);
  count_live(execution, +1);
  Actor& actor = this->actor(execution);
  if (!cold) actor.warm = false;
  TraceEvent started;
  started.kind = Kind::invocation_started;
  started.execution = execution;
  started.invocation = ++invocation_numbers_;
  started.ordinal = ++actor.begun;
  started.operations = event.operations;
  emit(started);
  invocations_.push_back(std::make_unique<Invocation>(*this, execution, started.invocation,
                                                      started.ordinal, std::move(event),
                                                      sandbox(function, cold)));
  return *invocations_.back();
}

void World::pump(Invocation& invocation) {
  if (abort_) return;
  runnable_.erase(invocation.number());
  current_ = &invocation;
  const durable::Engine::State state = [&] {
    const guarded::Running running(*this);
    return invocation.engine().pump();
  }();
  current_ = nullptr;
  if (abort_) return;
  if (state != durable::Engine::State::running) {
    conclude(invocation);
  } else if (!invocation.has_deadline) {
    invocation.has_deadline = true;
    const Timestamp end = invocation.started_at() + invocation_timeout(invocation.execution());
    set_timer(invocation, deadline, end - clock_.now());
  }
}

void World::conclude(Invocation& invocation) {
  if (const std::exception_ptr abort = invocation.engine().test_abort()) {
    abort_ = abort;
    return;
  }
  if (invocation.engine().state() == durable::Engine::State::dead) {
    // A sandbox that died without a fault of ours would die again and again.
    if (invocation.engine().abandoned()) halted_ = true;
    service_.fail_invocation(invocation.first_token(), exit_error());
    close(invocation, true);
  } else {
    respond(invocation);
  }
}

void World::respond(Invocation& invocation) {
  const bool counts = invocation.is_current() &&
                      !durable::is_terminal(service_.execution(invocation.execution()).status);
  Menu menu(options_.faults);
  if (counts) {
    menu.offer(Fault::crash_before_response);
    menu.offer(Fault::response_lost);
    menu.offer(Fault::response_delayed);
    if (invocation.engine().outcome().status == durable::InvocationOutcome::Status::pending) {
      menu.offer(Fault::spurious_wake_up);
      menu.offer(Fault::stopped_while_suspended);
    }
  } else {
    TraceEvent ignored = invocation.event(Kind::response_ignored);
    emit(ignored);
  }
  const std::uint32_t which = service_.execution(invocation.execution()).invocations;
  const Fault fault =
      choose(SiteKind::invocation_end, ChoiceKind::fault, invocation.execution(), {}, which, menu);
  switch (fault) {
    case Fault::crash_before_response:
      return kill(invocation, exit_error());
    case Fault::response_lost: {
      const Timestamp end = invocation.started_at() + invocation_timeout(invocation.execution());
      set_own_timer(lost_response, end - clock_.now(), invocation.execution(),
                    invocation.first_token().invocation);
      return close(invocation, true);
    }
    case Fault::response_delayed:
      invocation.responds_late = true;
      return set_timer(invocation, late_response, invocation.longer_than_the_next_deadline());
    default:
      return take_response(invocation, fault);
  }
}

void World::take_response(Invocation& invocation, Fault fault) {
  const durable::InvocationOutcome& outcome = invocation.engine().outcome();
  const bool valid = service_.end_invocation(invocation.first_token(), outcome).empty();
  if (fault == Fault::spurious_wake_up) service_.supersede(invocation.execution());
  if (fault == Fault::stopped_while_suspended) stops_.push_back(invocation.execution());
  close(invocation, !valid || outcome.status == durable::InvocationOutcome::Status::function_error);
}

void World::kill(Invocation& invocation, const durable::ErrorObject& error) {
  service_.fail_invocation(invocation.first_token(), error);
  close(invocation, true);
}

void World::close(Invocation& invocation, bool ended_abnormally) {
  const std::uint32_t execution = invocation.execution();
  const Execution& data = service_.execution(execution);
  TraceEvent ended = invocation.event(Kind::invocation_ended);
  const durable::InvocationOutcome& outcome = invocation.engine().outcome();
  ended.outcome = outcome.status;
  ended.payload = outcome.result;
  ended.error = outcome.error;
  ended.ended_abnormally = ended_abnormally;
  ended.superseded = !service_.is_current(invocation.first_token());
  ended.operations = data.operations;
  emit(ended);
  record_state();
  if (stepping_ == execution && !stepped_) stepped_ = result_of(invocation, ended);
  if (!ended.superseded || durable::is_terminal(data.status))
    shadow(invocation, ended_abnormally || invocation.rejected);

  current_ = &invocation;
  invocation.engine().unwind();
  current_ = nullptr;
  Actor& actor = this->actor(execution);
  for (const Clock::TimerId timer : invocation.timers) clock_.cancel(timer);
  if (!ended_abnormally) {
    functions_.at(data.function).warm = invocation.sandbox();
    actor.warm = true;
  }

  if (invocation.redelivery) deliveries_.push_back({execution, std::move(*invocation.redelivery)});
  if (actor.stale &&
      (invocation.ordinal() > actor.stale->ordinal || durable::is_terminal(data.status)))
    deliveries_.push_back({execution, std::move(std::exchange(actor.stale, nullptr)->event)});
  if (actor.live > 1) wake_those_overtaken_by(invocation);
  count_live(execution, -1);
  runnable_.erase(invocation.number());
  const auto self = position(invocation.number());
  ended_.push_back(std::move(*self));
  invocations_.erase(self);
  halt_if_endless(execution);
  if (durable::is_terminal(data.status)) after_completion(execution);
}

void World::wake_those_overtaken_by(const Invocation& successor) {
  for (auto& other : invocations_) {
    if (!other->waits_for_successor || other->execution() != successor.execution() ||
        other.get() == &successor)
      continue;
    other->waits_for_successor = false;
    other->engine().wake();
    let_run(*other);
  }
}

void World::after_completion(std::uint32_t execution) {
  if (std::exchange(actor(execution).completed, true)) return;
  const Execution& data = service_.execution(execution);
  TraceEvent ended;
  ended.kind = Kind::execution_ended;
  ended.execution = execution;
  ended.execution_status = data.status;
  ended.payload = data.result;
  ended.error = data.error;
  emit(ended);
  check_limits(execution);

  Menu menu(options_.faults);
  menu.offer(Fault::delivery_after_completion);
  if (choose(SiteKind::execution_end, ChoiceKind::fault, execution, {}, 1, menu) ==
      Fault::delivery_after_completion) {
    deliveries_.push_back({execution, service_.terminal_event(execution)});
  }
}

/// What exceeds a limit should have been refused.
void World::check_limits(std::uint32_t execution) {
  if (!options_.oracles.contains(Oracle::hygiene)) return;
  for (const Margin& margin : margins(execution)) {
    if (!margin.is_exceeded()) continue;
    report(Oracle::hygiene,
           fmt::format("execution {} has used {} {}, but the limit is {}", execution, margin.used,
                       margin.what, margin.limit),
           "no handler can cause this: report it as a defect of the service model");
  }
}

}  // namespace durasim
