#include "durasim/sim/invocation.hpp"

#include "durable/model/mutant.hpp"

namespace durasim {

Invocation::Invocation(World& world, std::uint32_t execution, std::uint32_t number,
                       std::uint32_t ordinal, durable::InvocationEvent event,
                       std::shared_ptr<detail::ErasedHandler> sandbox)
    : world_(world),
      execution_(execution),
      number_(number),
      ordinal_(ordinal),
      first_token_(event.token),
      started_at_(world.clock().now()),
      history_before_(world.service().execution(execution).history.size()),
      sandbox_(std::move(sandbox)),
      engine_(*this, *this, this) {
  engine_.begin(std::move(event), *sandbox_);
}

bool Invocation::is_current() const {
  // The service knows of no second delivery: that one is good only while the first has changed nothing.
  return repeated ? world_.service().accepts(engine_.token())
                  : world_.service().is_current(engine_.token());
}

TraceEvent Invocation::event(TraceEvent::Kind kind) const {
  TraceEvent event;
  event.kind = kind;
  event.execution = execution_;
  event.invocation = number_;
  event.ordinal = ordinal_;
  return event;
}

void describe_issued(TraceEvent& event, const durable::IssuedOperation& operation) {
  event.path = operation.path;
  event.type = operation.type;
  event.sub_type = operation.sub_type;
  event.name = operation.name;
  event.inputs = durable::digest(operation.inputs);
  event.issued = &operation;
  event.body = operation.body;
  event.where = operation.where;
}

void Invocation::issued(const durable::IssuedOperation& operation) {
  TraceEvent event = this->event(TraceEvent::Kind::operation_issued);
  describe_issued(event, operation);
  world_.emit(event);
}

void Invocation::returned(durable::OperationPath path, const durable::Text& value) {
  if (!world_.wants(TraceEvent::Kind::value_returned)) return;
  TraceEvent event = this->event(TraceEvent::Kind::value_returned);
  event.path = path;
  event.payload = value;
  world_.emit(event);
}

void Invocation::threw(durable::OperationPath path, const durable::ErrorPtr& error) {
  TraceEvent event = this->event(TraceEvent::Kind::error_thrown);
  event.path = path;
  event.error = error;
  world_.emit(event);
}

void Invocation::body_started(const durable::BodyCall& call) {
  effects_in_body_ = draws_in_body_ = 0;
  ++bodies_;
  TraceEvent event = this->event(TraceEvent::Kind::body_started);
  event.path = call.path;
  event.name = call.name;
  event.attempt = call.attempt;
  event.max_attempts = call.max_attempts;
  event.semantics = call.semantics;
  event.start_queued = call.start_queued;
  event.where = call.where;
  world_.emit(event);
}

void Invocation::body_ended(const durable::BodyCall& call, const durable::Text& value,
                            const durable::ErrorPtr& error) {
  if (!world_.wants(TraceEvent::Kind::body_ended)) return;
  TraceEvent event = this->event(TraceEvent::Kind::body_ended);
  event.path = call.path;
  event.name = call.name;
  event.attempt = call.attempt;
  event.semantics = call.semantics;
  event.payload = value;
  event.error = error;
  event.where = call.where;
  world_.emit(event);
}

void Invocation::suspended(durable::OperationPath path) {
  TraceEvent event = this->event(TraceEvent::Kind::suspended);
  event.path = path;
  world_.emit(event);
}

void Invocation::unwinding(bool begins) {
  if (!world_.wants(TraceEvent::Kind::unwinding)) return;
  TraceEvent event = this->event(TraceEvent::Kind::unwinding);
  event.unwinding = begins;
  world_.emit(event);
}

void Invocation::misused(const durable::Misuse& misuse) {
  // A process that dies unwinds nothing, so the destructor or noexcept function is not to blame.
  if (misuse.kind == durable::Misuse::Kind::terminated && dies_at_effect &&
      !DURASIM_MUTANT(blames_what_a_crash_cannot_unwind))
    return;
  TraceEvent event = this->event(TraceEvent::Kind::misuse);
  event.path = misuse.path;
  event.name = misuse.name;
  event.where = misuse.where;
  event.misuse = &misuse;
  world_.emit(event);
}

}  // namespace durasim
