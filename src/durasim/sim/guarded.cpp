#include "durasim/sim/guarded.hpp"

#include <fmt/format.h>

#include <durasim/guard.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {
namespace guarded {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kPatience =
    1000;  // looks at the clock before a body is held to wait for it
constexpr nanoseconds kBetweenLooks = std::chrono::microseconds(1);
constexpr nanoseconds kBetweenImpatientLooks = std::chrono::milliseconds(1);
constexpr nanoseconds kBetweenSandboxes = std::chrono::milliseconds(1007);
constexpr nanoseconds kUptime = std::chrono::hours(1);

std::string_view remedy_for(Kind kind) {
  switch (kind) {
    case Kind::time:
      return "read the clock inside a step, whose result is recorded, or use "
             "ctx.execution().started_at";
    case Kind::randomness:
      return "draw it inside a step, with StepContext::random(): what a step returns is recorded";
    case Kind::environment:
      return "read it inside a step, or before the handler is made and give it to the handler";
    case Kind::sleep:
      return "use ctx.wait: it is recorded, and no machine runs meanwhile";
    case Kind::thread:
      return "start threads inside a step's body and join them there; durable calls belong to the "
             "handler's own thread";
    case Kind::file:
      return "use files inside a step: the next invocation may run on another machine";
    case Kind::network:
      return "ask other systems inside a step: a replay would ask them again";
    case Kind::machine:
      return "take it from a step: the next invocation may run on another machine";
  }
  return "";
}

/// Times that a handler reads differ from one of its invocations to the next, even at one instant.
nanoseconds shift(Caller caller) {
  return caller == Caller::handler ? sandbox() * kBetweenSandboxes : nanoseconds(0);
}

/// What the stack does not show of a place, the last durable call does.
void add(const Place& place, std::string_view does, std::string_view why, std::string_view remedy) {
  const durable::Engine& engine = *durable::Engine::running();
  Finding finding;
  finding.oracle = Oracle::hygiene;
  finding.file = place.file;
  finding.line = place.line;
  if (place.file.empty()) {
    finding.file = engine.last_call().file_name();
    finding.line = engine.last_call().line();
  }
  finding.what = fmt::format("{}{}, {}", place.callee, does,
                             place.chain.empty()  ? engine.whereabouts()
                             : place.file.empty() ? place.chain + ", " + engine.whereabouts()
                                                  : place.chain);
  finding.why = why;
  finding.remedy = remedy;
  finding.at = world->clock().now();
  world->findings().add(std::move(finding));
  world->announce_findings();
}

}  // namespace

constinit thread_local World* world = nullptr;
constinit thread_local std::uint32_t exempt = 0;
constinit bool active = false;
constinit Travel* travel = nullptr;

Caller caller() {
  const durable::Engine* const engine = durable::Engine::running();
  if (exempt != 0 || engine == nullptr || engine->unwinding() || engine->allowances != 0)
    return Caller::other;
  const Invocation* const invocation = world->current();
  if (engine->runs_recorded_code() || (invocation != nullptr && invocation->body() != nullptr))
    return world->options().guard_bodies ? Caller::body : Caller::other;
  return Caller::handler;
}

bool is_handlers_stack() { return exempt == 0 && durable::Engine::running() != nullptr; }

bool in_shadow() { return world->in_shadow(); }

bool is_reported() { return !in_shadow() && world->options().oracles.contains(Oracle::hygiene); }

void report(Kind kind, const Place& place) {
  add(place, " is called by the handler outside a step",
      "a handler runs from its beginning in every invocation, and then the machine answers "
      "something else",
      remedy_for(kind));
}

void report_deadlock(const Place& place) {
  add(place,
      " waits for ever: the mutex is held already on this thread, as by a handler that waits in a "
      "durable call",
      "a durable call suspends the handler with all the locks that it holds, and others run on the "
      "same thread meanwhile",
      "take the lock once, inside the body of a step, and give it back there: the next invocation "
      "may run on another machine, where it protects nothing");
}

nanoseconds real_time(Caller caller) {
  Asked& asked = world->asked();
  asked.passed += ++asked.times <= kPatience ? kBetweenLooks : kBetweenImpatientLooks;
  return world->now().time_since_epoch() + asked.passed + shift(caller);
}

nanoseconds steady_time(Caller caller) {
  return real_time(caller) - world->options().start.time_since_epoch() + kUptime;
}

nanoseconds processor_time() {
  real_time(Caller::body);
  return world->asked().passed;
}

std::uint64_t random(Caller caller) {
  Invocation* const invocation = world->current();
  if (caller == Caller::body && invocation != nullptr && invocation->body() != nullptr)
    return invocation->random(*invocation->body());
  Hash64 hash;
  hash.add(world->options().seed);
  hash.add(invocation != nullptr ? invocation->execution() : 0);
  hash.add(sandbox());
  hash.add(++world->asked().numbers);
  return hash.value();
}

void sleep(nanoseconds duration) {
  world->asked().passed += duration;
  world->asked().slept += duration;
}

std::uint32_t sandbox() {
  return world->current() != nullptr ? world->current()->ordinal() - 1 : 0;
}

}  // namespace guarded

AllowNondeterminism::AllowNondeterminism() : engine_(durable::Engine::running()) {
  if (engine_ != nullptr) ++engine_->allowances;
}

AllowNondeterminism::~AllowNondeterminism() {
  if (engine_ != nullptr) --engine_->allowances;
}

bool guard_is_active() { return guarded::active; }

}  // namespace durasim
