#include "durable/sdk/engine.hpp"

#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/model/mutant.hpp"

namespace durable {

Engine::Engine(ServiceClient& client, Executor& executor, Observer* observer)
    : client_(client), executor_(executor), observer_(observer) {}

Engine::~Engine() {
  unwind();
  for (Context* const context : contexts_) pool_.close(*context);
}

namespace {

/// Of the JSON in which an error is reported; at most an estimate where that is small.
std::size_t response_size(const ErrorObject& error) {
  constexpr std::size_t longest_escape = 6;  // of one byte: \u0000
  std::size_t size = error.type.size() + error.message.size() + error.data.size();
  for (const std::string& line : error.stack_trace) size += line.size();
  return size <= kResponseLimitBytes / longest_escape ? size : json_size(error);
}

}  // namespace

void Engine::begin(InvocationEvent event, const Handler& handler) {
  const std::string_view arn = event.execution_arn;
  const auto id = arn.rfind('/');
  const auto name =
      id == std::string_view::npos || id == 0 ? std::string_view::npos : arn.rfind('/', id - 1);
  execution_.name = name == std::string_view::npos
                        ? std::string()
                        : std::string(arn.substr(name + 1, id - name - 1));
  execution_.arn = std::move(event.execution_arn);
  execution_.started_at = event.started_at;
  input_ = std::move(event.input);
  token_ = event.token;
  marker_ = DURASIM_MUTANT(forgets_pages) ? 0 : event.next_marker;
  record_.load(std::move(event.operations));
  handler_ = &handler;
  fiber_.emplace([this] { run_handler(); }, static_cast<fiber::Listener&>(*this));
  ready_ = true;
}

Engine::State Engine::pump() {
  while (ready_ && !ending_) {
    ready_ = false;
    fiber_->resume();
    if (pool_.has_stray_calls()) report_stray_calls();
  }
  if (!ending_ && parked_ != Parked::no && state_ == State::running &&
      (parked_ == Parked::for_service || parked_ == Parked::for_good)) {
    state_ = State::blocked;
    outcome_ = {InvocationOutcome::Status::pending, {}, {}};
  }
  return state_;
}

void Engine::deliver(Response response) {
  if (parked_ != Parked::for_answer) return;
  answer_ = std::move(response);
  ready_ = true;
}

void Engine::wake() {
  if (parked_ == Parked::for_time || parked_ == Parked::in_body) ready_ = true;
}

void Engine::unwind() {
  if (!fiber_ || fiber_->ended()) return;
  ending_ = true;
  if (observer_) observer_->unwinding(true);
  fiber_->unwind();
  if (observer_) observer_->unwinding(false);
}

void Engine::run_handler() {
  ErrorPtr failure;
  try {
    if (marker_ != 0) read_pages(marker_);
    current_ = contexts_.emplace_back(&pool_.open(*this, OperationPath{}));
    const Text result = (*handler_)(*current_, input_);
    if (fiber_->unwinding()) return;  // user code swallowed the unwinding: the fiber reports it
    flush();
    if (result.view().size() > kResponseLimitBytes) {
      checkpoint_end(OperationAction::succeed, result, {});
      finish({InvocationOutcome::Status::succeeded, Text(""), {}}, State::returned);
    } else {
      finish({InvocationOutcome::Status::succeeded, result, {}}, State::returned);
    }
    return;
  } catch (const fiber::Unwind&) {
    fiber_->caught_unwind();
    return;
  } catch (...) {
    if (fiber_->unwinding()) return;  // user code replaced it by an exception of its own: likewise
    if (executor_.is_test_abort(std::current_exception())) {
      test_abort_ = std::current_exception();
      state_ = State::dead;
      ending_ = true;
      return;
    }
    if (DURASIM_MUTANT(returns_pending_without_cause)) {
      finish({InvocationOutcome::Status::pending, {}, {}}, State::blocked);
      return;
    }
    failure = std::make_shared<ErrorObject>(current_exception_error("the handler"));
  }
  finish_failed(std::move(failure));
}

void Engine::finish_failed(ErrorPtr error) {
  if (response_size(*error) > kResponseLimitBytes) {
    checkpoint_end(OperationAction::fail, {}, error);
    error = nullptr;
  }
  finish({InvocationOutcome::Status::failed, {}, std::move(error)}, State::threw);
}

void Engine::finish(InvocationOutcome outcome, State state) {
  outcome_ = std::move(outcome);
  state_ = state;
  ending_ = true;
}

void Engine::end_invocation(State state) {
  state_ = state;
  ending_ = true;
  for (;;) park(Parked::for_good);  // left by unwinding only
}

void Engine::fail_execution(ErrorObject error) {
  outcome_ = {
      InvocationOutcome::Status::failed, {}, std::make_shared<ErrorObject>(std::move(error))};
  end_invocation(State::threw);
}

void Engine::fail_invocation(ErrorObject error) {
  outcome_ = {InvocationOutcome::Status::function_error,
              {},
              std::make_shared<ErrorObject>(std::move(error))};
  end_invocation(State::threw);
}

void Engine::die() { end_invocation(State::dead); }

void Engine::park_body() { park(Parked::in_body); }

void Engine::swallowed(fiber::Fiber&, bool at_end) {
  if (!observer_ || swallow_reported_) return;
  swallow_reported_ = true;
  const std::string_view message =
      next_.made()
          ? "a catch (...) swallowed the unwinding of this call, and the handler went on to another"
      : at_end
          ? "a catch (...) swallowed the unwinding of this call, and the handler went on to its end"
          : "a catch (...) in the body of this step swallowed its unwinding, and the body went on";
  observer_->misused({Misuse::Kind::suspension_swallowed, last_.path, last_.name, last_.where,
                      next_.where, message});
}

void Engine::terminated(fiber::Fiber&, bool by_unwinding) {
  if (!ending_) {  // std::terminate on its own account, or a noexcept frame met by the handler's
                   // exception
    state_ = State::dead;
    ending_ = true;
  }
  if (!observer_) return;
  const Called& call = by_unwinding && next_.made() ? next_ : last_;
  observer_->misused(
      {Misuse::Kind::terminated,
       call.path,
       call.name,
       call.where,
       {},
       by_unwinding
           ? "std::terminate: the durable call stands in a destructor or under a noexcept "
             "function; "
             "a durable call may suspend, which unwinds the stack"
           : "std::terminate: called by the handler's code, or by an exception that met a noexcept "
             "function"});
}

void Engine::arrive(const DurableCall& call) {
  if (fiber_->unwinding()) {
    next_ = {call.path, std::string(call.name.text()), call.name.where()};
    fiber_->check_alive();
  }
  last_.path = call.path;
  last_.name.assign(call.name.text());
  last_.where = call.name.where();
  if (body_ != nullptr || helper_ != nullptr) refuse_nested_call(call);
}

void Engine::enter(const DurableCall& call) {
  arrive(call);
  if (call.path.parent() != current_->path_ && !DURASIM_MUTANT(allows_calls_on_other_contexts))
    refuse_other_context(call);
  if (observer_) {
    observer_->issued({call.path, call.type, call.sub_type, call.name.text(), call.inputs,
                       call.options, call.body, call.name.where()});
  }
}

Operation* Engine::find(const DurableCall& call) {
  Operation* recorded = record_.find(call.path);
  if (recorded == nullptr) {
    if (current_->rebuilding_) refuse_unrecorded(call);
    return nullptr;
  }
  const auto differs = [&](std::string_view what, std::string_view was, std::string_view is) {
    fail_execution(
        {std::string(kNonDeterministic),
         fmt::format(
             "operation {} is recorded with {} \"{}\", but the replay made it with {} \"{}\" at "
             "{}: "
             "a handler must make the same durable calls in the same order whenever it runs",
             call.path.to_string(), what, was, what, is, describe(call.name.where()))});
  };
  if (recorded->type != call.type) differs("type", to_string(recorded->type), to_string(call.type));
  if (recorded->name.view() != call.name.text())
    differs("name", recorded->name.view(), call.name.text());
  if (recorded->sub_type != call.sub_type) {
    differs("sub-type", to_string(recorded->sub_type), to_string(call.sub_type));
  }
  if (DURASIM_MUTANT(swallows_step_errors_on_replay) &&
      recorded->status == OperationStatus::failed) {
    recorded->status = OperationStatus::succeeded;
  }
  if (DURASIM_MUTANT(forgets_results_on_replay)) recorded->result = Text("null");
  return recorded;
}

const Operation& Engine::acknowledged(const DurableCall& call, bool ended) {
  const Operation* recorded = record_.find(call.path);
  if (recorded == nullptr || (ended && !is_terminal(recorded->status))) {
    fail_invocation(
        {"ServiceProtocolError",
         fmt::format("the service acknowledged an update of {} but did not say what became of it",
                     describe(call.name.text(), call.path))});
  }
  return *recorded;
}

}  // namespace durable
