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

durable::Response token_refused() {
  return refused(400, "InvalidParameterValueException", "Invalid checkpoint token");
}

durable::Response rejection() {
  return refused(400, "KMSAccessDeniedException", "The key cannot be used.");
}

bool ends_execution(const durable::Request& request) {
  return request.updates.back().type == durable::OperationType::execution;
}

}  // namespace

durable::Response Invocation::apply(const durable::Request& request) {
  const guarded::Exempt exempt;
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
  const guarded::Exempt exempt;
  const durable::Request request{engine_.token(), client_token(), 1, std::move(queued)};
  TraceEvent event = this->event(TraceEvent::Kind::request);
  event.updates = request.updates;
  event.attempt = request.transmission;
  world_.emit(event);
  world_.service().checkpoint(request);  // its answer reaches nobody
  world_.record_state();
}

void Invocation::apply_unheard(const durable::Request& request) {
  const guarded::Exempt exempt;
  world_.service().checkpoint(request);
  world_.record_state();
}

Duration Invocation::longer_than_the_next_deadline() const {
  return world_.past_next_deadline(execution_, world_.invocation_timeout(execution_),
                                   std::chrono::minutes(1));
}

std::optional<durable::Response> Invocation::delay(durable::Response answer) {
  delayed_answer = std::move(answer);
  world_.set_timer(*this, World::answer, longer_than_the_next_deadline());
  return std::nullopt;
}

void Invocation::arrive() {
  engine_.deliver(apply(*delayed_request));
  delayed_request.reset();
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
    if (request.transmission == 1) menu.offer(Fault::throttled_for_good);
    menu.offer(Fault::token_refused);
    menu.offer(Fault::request_rejected);
  }
  return suffer(world_.choose(SiteKind::request, ChoiceKind::fault, execution_, {},
                              request.transmission, menu),
                request);
}

void Invocation::offer_at_checkpoint(Menu& menu, const durable::Request& request) const {
  const bool first = request.transmission == 1;
  menu.offer(Fault::request_lost);
  if (first) menu.offer(Fault::request_lost_for_good);
  menu.offer(Fault::answer_lost);
  if (first) menu.offer(Fault::answer_lost_for_good);
  menu.offer(Fault::throttled);
  menu.offer(Fault::server_error);
  menu.offer(Fault::server_error_applied);
  menu.offer(Fault::answer_delayed);
  menu.offer(Fault::crash_before_sending);
  menu.offer(Fault::crash_after_applying);
  if (first) menu.offer(Fault::throttled_for_good);
  menu.offer(Fault::request_delayed);
  menu.offer(Fault::request_duplicated);
  menu.offer(Fault::answer_after_timeout);
  if (!ends_execution(request)) menu.offer(Fault::answer_without_token);
  menu.offer(Fault::token_refused);
  menu.offer(Fault::token_refused_applied);
  menu.offer(Fault::overtaken_before_sending);
  menu.offer(Fault::request_rejected);
  menu.offer(Fault::stopped_before_applying);
}

std::optional<durable::Response> Invocation::suffer_outage(const durable::Request& request) {
  switch (outage_) {
    case Fault::request_lost_for_good:
      return unanswered();
    case Fault::answer_lost_for_good:
      world_.service().checkpoint(request);
      return unanswered();
    case Fault::throttled_for_good:
      return throttled();
    default:
      return std::nullopt;
  }
}

std::optional<durable::Response> Invocation::send(const durable::Request& request) {
  TraceEvent event = this->event(TraceEvent::Kind::request);
  event.updates = request.updates;
  event.attempt = request.transmission;
  world_.emit(event);

  if (request.transmission == 1) outage_ = Fault::none;
  if (auto response = suffer_outage(request)) return response;
  if (request.kind == durable::Request::Kind::get_state) return send_read(request);

  Menu menu(world_.options().faults);
  if (may_fail()) offer_at_checkpoint(menu, request);
  const Fault fault = world_.choose(SiteKind::request, ChoiceKind::fault, execution_,
                                    request.updates.back().path, request.transmission, menu);
  if (fault == Fault::none && yields(request)) {
    delayed_request = request;
    world_.set_timer(*this, World::arrival, Duration(0));
    return std::nullopt;
  }
  return suffer(fault, request);
}

bool Invocation::yields(const durable::Request& request) {
  if (!world_.options().faults.offers(Fault::request_yields) || !world_.others_can_go(execution_))
    return false;
  Menu menu(world_.options().faults);
  if (is_current()) menu.offer(Fault::request_yields);
  return world_.choose(SiteKind::turn, ChoiceKind::order, execution_, request.updates.back().path,
                       request.transmission, menu) == Fault::request_yields;
}

std::optional<durable::Response> Invocation::suffer(Fault fault, const durable::Request& request) {
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
      apply_unheard(request);
      return unanswered();
    case Fault::throttled_for_good:
      outage_ = fault;
      [[fallthrough]];
    case Fault::throttled:
      return throttled();
    case Fault::server_error:
      return server_error();
    case Fault::server_error_applied:
      apply_unheard(request);
      return server_error();
    case Fault::answer_delayed:
      return delay(apply(request));
    case Fault::crash_before_sending:
      return dead();
    case Fault::crash_after_applying:
      apply_unheard(request);
      return dead();
    case Fault::request_delayed:
      delayed_request = request;
      world_.set_timer(*this, World::arrival, longer_than_the_next_deadline());
      return std::nullopt;
    case Fault::request_duplicated: {
      apply_unheard(request);
      TraceEvent copy = this->event(TraceEvent::Kind::request);
      copy.updates = request.updates;
      copy.attempt = request.transmission;
      world_.emit(copy);
      return apply(request);
    }
    case Fault::answer_after_timeout:
      apply_unheard(request);
      return std::nullopt;  // the deadline comes first
    case Fault::answer_without_token: {
      durable::Response response = apply(request);
      response.token.reset();
      return response;
    }
    case Fault::token_refused:
      return token_refused();
    case Fault::token_refused_applied:
      apply_unheard(request);
      return token_refused();
    case Fault::overtaken_before_sending:
      world_.overtake(*this);
      return apply(request);
    case Fault::request_rejected:
      rejected = true;
      return rejection();
    case Fault::stopped_before_applying:
      world_.stop(execution_, scripted_error("Operator.Stopped", "an operator stopped it"));
      return apply(request);
    default:
      return apply(request);
  }
}

}  // namespace durasim
