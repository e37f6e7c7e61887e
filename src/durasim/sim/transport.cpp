#include "durasim/sim/invocation.hpp"

/// Requests of an invocation on their way to the service, and what can happen to them there.
namespace durasim {
namespace {

durable::Response refused(int http_status, const char* code, const char* message) {
  durable::Response response;
  response.fate = durable::Fate::error;
  response.error = durable::ServiceError{http_status, code, message};
  return response;
}

durable::Response throttled() { return refused(429, "TooManyRequestsException", "Rate exceeded"); }

durable::Response server_error() {
  return refused(500, "ServiceException", "An internal error occurred");
}

durable::Response unanswered() { return refused(0, "", "no answer: the connection was lost"); }

durable::Response dead() {
  durable::Response response;
  response.fate = durable::Fate::dead;
  return response;
}

}  // namespace

durable::Response Invocation::apply(const durable::Request& request) {
  const bool reads = request.kind == durable::Request::Kind::get_state;
  durable::Response response =
      reads ? world_.service().state(request) : world_.service().checkpoint(request);
  TraceEvent event = this->event(TraceEvent::Kind::answer);
  event.operations = response.operations;
  event.refusal = response.error ? &*response.error : nullptr;
  // What the answer tells the handler, which may be less than what the service knows by now.
  event.execution_over = response.fate == durable::Fate::ok
                             ? !response.token && !reads
                             : durable::is_terminal(world_.service().execution(execution_).status);
  event.attempt = request.transmission;
  world_.emit(event);
  if (!reads) world_.record_state();
  return response;
}

void Invocation::send_queued() {
  std::vector<durable::OperationUpdate> queued = engine_.take_queued();
  if (queued.empty()) return;
  const durable::Request request{engine_.token(), client_token(), 1, std::move(queued)};
  TraceEvent event = this->event(TraceEvent::Kind::request);
  event.updates = request.updates;
  event.attempt = request.transmission;
  world_.emit(event);
  world_.service().checkpoint(request);  // its answer reaches nobody
  world_.record_state();
}

/// What changes nothing is lost with its answer or without: the two are one fault.
std::optional<durable::Response> Invocation::send_read(const durable::Request& request) {
  Menu menu(world_.options().faults);
  if (may_fail()) {
    menu.offer(Fault::request_lost);
    if (request.transmission == 1) menu.offer(Fault::request_lost_for_good);
    menu.offer(Fault::throttled);
    menu.offer(Fault::server_error);
    menu.offer(Fault::answer_delayed);
    menu.offer(Fault::crash_before_sending);
  }
  const Fault fault = world_.choose(SiteKind::request, ChoiceKind::fault, execution_, {},
                                    request.transmission, menu);
  switch (fault) {
    case Fault::request_lost_for_good:
      outage_ = fault;
      [[fallthrough]];
    case Fault::request_lost:
      return unanswered();
    case Fault::throttled:
      return throttled();
    case Fault::server_error:
      return server_error();
    case Fault::answer_delayed:
      return delay(apply(request));
    case Fault::crash_before_sending:
      return dead();
    default:
      return apply(request);
  }
}

std::optional<durable::Response> Invocation::delay(durable::Response answer) {
  delayed_answer = std::move(answer);
  world_.set_timer(*this, World::answer,
                   world_.past_next_deadline(execution_, world_.invocation_timeout(execution_),
                                             std::chrono::minutes(1)));
  return std::nullopt;
}

std::optional<durable::Response> Invocation::send(const durable::Request& request) {
  TraceEvent event = this->event(TraceEvent::Kind::request);
  event.updates = request.updates;
  event.attempt = request.transmission;
  world_.emit(event);

  if (request.transmission == 1) outage_ = Fault::none;
  if (outage_ == Fault::request_lost_for_good) return unanswered();
  if (request.kind == durable::Request::Kind::get_state) return send_read(request);
  if (outage_ == Fault::answer_lost_for_good) {
    world_.service().checkpoint(request);
    return unanswered();
  }

  Menu menu(world_.options().faults);
  if (may_fail()) {
    menu.offer(Fault::request_lost);
    if (request.transmission == 1) menu.offer(Fault::request_lost_for_good);
    menu.offer(Fault::answer_lost);
    if (request.transmission == 1) menu.offer(Fault::answer_lost_for_good);
    menu.offer(Fault::throttled);
    menu.offer(Fault::server_error);
    menu.offer(Fault::server_error_applied);
    menu.offer(Fault::answer_delayed);
    menu.offer(Fault::crash_before_sending);
    menu.offer(Fault::crash_after_applying);
  }
  const Fault fault = world_.choose(SiteKind::request, ChoiceKind::fault, execution_,
                                    request.updates.back().path, request.transmission, menu);
  switch (fault) {
    case Fault::request_lost_for_good:
      outage_ = fault;
      [[fallthrough]];
    case Fault::request_lost:
      return unanswered();
    case Fault::answer_lost_for_good:
      outage_ = fault;
      [[fallthrough]];
    case Fault::answer_lost:
      world_.service().checkpoint(request);
      world_.record_state();
      return unanswered();
    case Fault::throttled:
      return throttled();
    case Fault::server_error:
      return server_error();
    case Fault::server_error_applied:
      world_.service().checkpoint(request);
      world_.record_state();
      return server_error();
    case Fault::answer_delayed:
      return delay(apply(request));
    case Fault::crash_before_sending:
      return dead();
    case Fault::crash_after_applying:
      world_.service().checkpoint(request);
      world_.record_state();
      return dead();
    default:
      return apply(request);
  }
}

}  // namespace durasim
