#include <utility>

#include <durasim/framework.hpp>

#include <nlohmann/json.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/sim/invocation.hpp"

/// Step bodies, and what can happen to the sandbox while they run.
namespace durasim {

namespace {

durable::ErrorPtr injected_failure() {
  return scripted_error("InjectedFailure", "the simulator had this attempt fail");
}

constexpr Duration kDay = std::chrono::hours(24);

}  // namespace

durable::Fate Invocation::run_body(const durable::BodyCall& call,
                                   durable::detail::FunctionRef<void()> body,
                                   durable::BodyOutcome& outcome) {
  if (world_.given() != nullptr) return run_given(call, body, outcome);

  // Whether a START that is still queued reaches the service makes two crashes of one.
  const bool may_lose_start = call.start_queued;
  Menu before(world_.options().faults);
  if (may_fail()) {
    before.offer(Fault::crash_before_body);
    if (may_lose_start) before.offer(Fault::crash_before_body_start_delivered);
    before.offer(Fault::overtaken_before_body);
    before.offer(Fault::body_fails);
  }
  switch (world_.choose(SiteKind::before_body, ChoiceKind::fault, execution_, call.path,
                        call.attempt, before)) {
    case Fault::crash_before_body_start_delivered:
      send_queued();
      [[fallthrough]];
    case Fault::crash_before_body:
      return durable::Fate::dead;
    case Fault::overtaken_before_body:
      world_.overtake(*this);
      break;
    case Fault::body_fails:
      body_started(call);
      outcome.error = injected_failure();
      body_ended(call, {}, outcome.error);
      return durable::Fate::ok;
    default:
      break;
  }

  run_scripted(call, body, outcome);

  Menu after(world_.options().faults);
  if (may_fail()) {
    after.offer(Fault::crash_after_body);
    if (may_lose_start) after.offer(Fault::crash_after_body_start_delivered);
    after.offer(Fault::body_outlives_invocation);
    after.offer(Fault::overtaken_after_body);
    if (!outcome.error) after.offer(Fault::body_fails_after_effects);
  }
  switch (world_.choose(SiteKind::after_body, ChoiceKind::fault, execution_, call.path,
                        call.attempt, after)) {
    case Fault::crash_after_body_start_delivered:
      send_queued();
      [[fallthrough]];
    case Fault::crash_after_body:
      return durable::Fate::dead;
    case Fault::body_outlives_invocation:
      send_queued();
      engine_.park_body();  // until the deadline ends the invocation
      return durable::Fate::dead;
    case Fault::overtaken_after_body:
      world_.overtake(*this);
      break;
    case Fault::body_fails_after_effects:
      outcome = {{}, injected_failure()};
      break;
    default:
      break;
  }
  return durable::Fate::ok;
}

durable::Fate Invocation::run_given(const durable::BodyCall& call,
                                    durable::detail::FunctionRef<void()> body,
                                    durable::BodyOutcome& outcome) {
  for (const Environment::Attempt& attempt : world_.given()->attempts) {
    if (attempt.execution != execution_ || attempt.path != call.path ||
        attempt.attempt != call.attempt)
      continue;
    if (!attempt.interrupted || attempt.body_ended) run_scripted(call, body, outcome);
    if (attempt.interrupted) return durable::Fate::dead;
    outcome = {attempt.value, attempt.error};
    return durable::Fate::ok;
  }
  run_scripted(call, body, outcome);
  return durable::Fate::ok;
}

void Invocation::run_scripted(const durable::BodyCall& call,
                              durable::detail::FunctionRef<void()> body,
                              durable::BodyOutcome& outcome) {
  const detail::StepRule* const rule = world_.outside().step(execution_, call);
  const durable::ErrorPtr failure = rule != nullptr ? rule->failure(call.attempt) : nullptr;
  world_.asked() = {};
  if (failure == nullptr && (rule == nullptr || rule->json.empty())) {
    body();
  } else {
    body_started(call);
    outcome.error = failure;
    if (failure == nullptr) outcome = scripted_result(call, rule->json);
    body_ended(call, outcome.value, outcome.error);
  }
  Duration takes = std::chrono::ceil<Duration>(std::exchange(world_.asked(), {}).slept);
  if (rule != nullptr) takes += rule->time;
  if (takes == Duration(0) || world_.given() != nullptr) return;
  world_.set_timer(*this, World::wake, takes);
  engine_.park_body();
}

durable::BodyOutcome Invocation::scripted_result(const durable::BodyCall& call,
                                                 const std::string& json) const {
  if (call.serdes == nullptr) return {durable::Text(json), nullptr};
  try {
    const durable::SerdesContext context{call.name, call.path, engine_.execution().arn};
    return {durable::Text(call.serdes->serialize(nlohmann::json::parse(json), context)), nullptr};
  } catch (...) {
    return {{},
            std::make_shared<durable::ErrorObject>(
                durable::current_exception_error("the serdes of a scripted result"))};
  }
}

bool Invocation::sends_at_once(durable::OperationPath operation, std::uint32_t attempt) {
  if (!world_.options().faults.offers(Fault::flush_now) || world_.given() != nullptr) return false;
  Menu menu(world_.options().faults);
  if (is_current()) menu.offer(Fault::flush_now);
  return world_.choose(SiteKind::flush, ChoiceKind::order, execution_, operation, attempt, menu) ==
         Fault::flush_now;
}

bool Invocation::leaves_out_result(durable::OperationPath context) {
  if (!world_.options().faults.offers(Fault::children_replayed) || world_.given() != nullptr)
    return false;
  Menu menu(world_.options().faults);
  if (is_current()) menu.offer(Fault::children_replayed);
  return world_.choose(SiteKind::record, ChoiceKind::shape, execution_, context, 1, menu) ==
         Fault::children_replayed;
}

Timestamp Invocation::now() const {
  const Timestamp now = world_.clock().now();
  switch (clock) {
    case Fault::clock_ahead:
      return now + kDay;
    case Fault::clock_behind:
      return now - kDay;
    case Fault::clock_drifts:
      return now + std::chrono::seconds(++clock_reads_);
    case Fault::clock_steps_back:
      return ++clock_reads_ == 1 ? now : now - std::chrono::hours(1);
    default:
      return now;
  }
}

std::uint64_t Invocation::random(const durable::BodyCall& call) {
  Hash64 hash;
  hash.add(world_.options().seed);
  hash.add(execution_);
  hash.add(call.path.to_string());
  hash.add(call.attempt);
  hash.add(ordinal_);  // a body that runs again draws other numbers
  hash.add(++draws_in_body_);
  return hash.value();
}

std::chrono::seconds Invocation::jittered(const durable::BodyCall& call, std::chrono::seconds delay,
                                          durable::Jitter jitter) {
  if (jitter == durable::Jitter::none) return delay;
  const std::chrono::seconds shortest = jitter == durable::Jitter::half
                                            ? (delay + std::chrono::seconds(1)) / 2
                                            : std::chrono::seconds(1);
  if (delay <= shortest) return delay;
  Menu menu(world_.options().faults);
  menu.add(Fault::full_jitter);
  const Fault drawn =
      world_.choose(SiteKind::jitter, ChoiceKind::data, execution_, call.path, call.attempt, menu);
  return drawn == Fault::full_jitter ? shortest : delay;
}

void Invocation::log(const durable::LogRecord& record) {
  world_.service().log(execution_, {.at = now(),
                                    .invocation = first_token_.invocation,
                                    .level = record.level,
                                    .path = record.path,
                                    .parent = record.parent,
                                    .name = std::string(record.name),
                                    .attempt = record.attempt,
                                    .text = std::string(record.message)});
}

bool Invocation::is_test_abort(const std::exception_ptr& exception) const {
  return durasim::is_test_abort(exception);
}

}  // namespace durasim
