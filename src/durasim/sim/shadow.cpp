#include <sys/wait.h>

#include <csignal>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <durasim/framework.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/service/validation.hpp"
#include "durasim/sim/cold_image.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/other_addresses.hpp"
#include "durasim/sim/world.hpp"

/// Shadow replays: the handler runs once more against the record that an invocation left, with another
/// clock and other random numbers, and without any effect. It stops wherever it would need the world.
namespace durasim {

class Shadow final : public durable::ServiceClient,
                     public durable::Executor,
                     public durable::Observer {
 public:
  using Sink = std::function<void(TraceEvent&)>;
  /// `record`: of the execution. `sink` is told what the handler does; nullptr: the world is.
  Shadow(World& world, std::uint32_t execution, const std::vector<durable::Operation>& record,
         const Sink* sink = nullptr)
      : world_(world), execution_(execution), record_(record), sink_(sink) {}

  std::optional<durable::Response> send(const durable::Request& request) override {
    durable::Response response;
    response.fate = durable::Fate::never;
    // A result too large for a response ends the execution by a checkpoint, which is an end like any other.
    if (request.kind == durable::Request::Kind::get_state) return world_.service().state(request);
    if (request.updates.back().type == durable::OperationType::execution) {
      durable::OperationIndex index;
      std::string violation =
          first_violation(record_, index, request.updates, world_.service().config());
      response.fate = violation.empty() ? durable::Fate::ok : durable::Fate::error;
      if (!violation.empty())
        response.error =
            durable::ServiceError{400, "InvalidParameterValueException", std::move(violation)};
    }
    return response;
  }

  durable::Fate run_body(const durable::BodyCall&, durable::detail::FunctionRef<void()>,
                         durable::BodyOutcome&) override {
    return durable::Fate::never;
  }
  Timestamp now() const override { return world_.clock().now() + kShadowShift; }
  void wake_after(Duration) override {}
  std::uint64_t client_token() override { return 0; }
  std::uint64_t random(const durable::BodyCall&) override { return 0; }
  std::chrono::seconds jittered(const durable::BodyCall&, std::chrono::seconds delay,
                                durable::Jitter) override {
    return delay;
  }
  void log(const durable::LogRecord&) override {}
  bool is_test_abort(const std::exception_ptr&) const override { return false; }

  void issued(const durable::IssuedOperation& operation) override {
    TraceEvent event = this->event(TraceEvent::Kind::operation_issued);
    describe_issued(event, operation);
    tell(event);
  }

  void returned(durable::OperationPath path, const durable::Text& value) override {
    TraceEvent event = this->event(TraceEvent::Kind::value_returned);
    event.path = path;
    event.payload = value;
    tell(event);
  }
  void threw(durable::OperationPath path, const durable::ErrorPtr& error) override {
    TraceEvent event = this->event(TraceEvent::Kind::error_thrown);
    event.path = path;
    event.error = error;
    tell(event);
  }

  TraceEvent event(TraceEvent::Kind kind) const {
    TraceEvent event;
    event.kind = kind;
    event.execution = execution_;
    event.shadow = true;
    return event;
  }

  void tell(TraceEvent& event) const {
    if (sink_ == nullptr) {
      world_.emit(event);
    } else {
      (*sink_)(event);
    }
  }

 private:
  World& world_;
  std::uint32_t execution_;
  const std::vector<durable::Operation>& record_;
  const Sink* sink_;
};

namespace {

/// What is asserted meanwhile is evidence of nothing: the world is not the one it was.
class DiscardedExpectations {
 public:
  DiscardedExpectations() {
    if (framework_ != nullptr) framework_->begin_run();
  }
  ~DiscardedExpectations() {
    if (framework_ != nullptr) framework_->end_run();
  }
  DiscardedExpectations(const DiscardedExpectations&) = delete;
  DiscardedExpectations& operator=(const DiscardedExpectations&) = delete;

 private:
  TestFramework* framework_ = test_framework();
};

/// Of a cold process that did not come to the end of its replay.
std::string how_it_ended(const ProcessSource::Answer& answer) {
  if (answer.silent) return "the replay does not come to an end";
  if (WIFSIGNALED(answer.status))
    return fmt::format("signal {} ended the process", WTERMSIG(answer.status));
  return fmt::format("the process ended with status {}", WEXITSTATUS(answer.status));
}

/// Why the end of a cold process says nothing of the handler; empty if it does.
std::string doubt_of(const std::optional<ProcessSource::Answer>& reply, bool among_threads) {
  if (!reply) return "no process was to be had";
  if (reply->silent && among_threads) {
    return "the replay does not come to an end; the process had other threads when it was copied, "
           "and may wait for a lock that one of them held";
  }
  if (!reply->silent && WIFSIGNALED(reply->status) && WTERMSIG(reply->status) == SIGKILL)
    return "signal 9 ended the process, as where there is not enough memory";
  return reply->said.empty() && reply->status == 0 ? "the process said nothing" : "";
}

/// No story is to be told of this process: the one that asks tells of it.
void leave_deaths_to_parent() {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(signal, SIG_DFL);
}

}  // namespace

void World::shadow(const Invocation& invocation, bool ended_abnormally) {
  const bool compared = options_.oracles.contains(Oracle::replay_agreement) ||
                        options_.oracles.contains(Oracle::first_run_parity);
  if (!options_.shadow_replay || !compared) return;
  if (given_ != nullptr || halted_) return;
  const std::uint32_t number = invocation.execution();
  if (is_plain(number)) return;  // it replays nothing
  const Execution& execution = service_.execution(number);
  const durable::InvocationOutcome& real = invocation.engine().outcome();
  const bool completed =
      !ended_abnormally && real.status != durable::InvocationOutcome::Status::pending;
  if (shadowed_ != nullptr && !completed) {
    Hash64 key;
    key.add(service_.durable_state());
    if (starts_later_)
      key.add(static_cast<std::uint64_t>(options_.start.time_since_epoch().count()));
    key.add(number);
    key.add(static_cast<std::uint64_t>(ended_abnormally));
    if (!shadowed_->add(key.value())) return;
  }

  Shadow shadow(*this, number, execution.operations);
  TraceEvent started = shadow.event(TraceEvent::Kind::replay_started);
  started.operations = execution.operations;
  started.ended_abnormally = ended_abnormally;
  started.outcome = real.status;
  started.payload = real.result;
  started.error = real.error;
  in_shadow_ = true;
  emit(started);
  replay(shadow, functions_.at(execution.function).factory, service_.terminal_event(number));
  if (wants_cold_shadow(number)) shadow_cold(started);
  in_shadow_ = false;
}

void World::replay(Shadow& shadow, const detail::ErasedFactory& factory,
                   durable::InvocationEvent event) {
  const DiscardedExpectations discarded;
  const guarded::Elsewhere elsewhere;
  const guarded::Running running(*this);
  const detail::ErasedHandler handler = factory();
  durable::Engine engine(shadow, shadow, &shadow);
  engine.begin(std::move(event), handler);
  engine.pump();
  TraceEvent ended = shadow.event(TraceEvent::Kind::replay_ended);
  ended.outcome = engine.outcome().status;
  ended.payload = engine.outcome().result;
  ended.error = engine.outcome().error;
  shadow.tell(ended);
}

void World::take_cold_image() {
  cold_ = std::make_unique<ColdImage>(
      [this](std::string_view request, const ProcessSource::Tell& tell) {
        serve_cold(request, tell);
      },
      (options_.hang_after + 1) / 2,  // whoever waits for this process waits for longer
      service_.executions(), publications_);
}

bool World::wants_cold_shadow(std::uint32_t execution) {
  return cold_ != nullptr && !abort_ && cold_->has(root_of(execution), publications_) &&
         cold_->takes_next();
}

void World::shadow_cold(TraceEvent started) {
  const std::uint32_t number = started.execution;
  const ColdRequest request{number, service_.execution(number).function,
                            service_.terminal_event(number)};
  const auto reply = cold_->ask(request.pack());
  const std::string doubt = doubt_of(reply, cold_->among_threads());
  // Whoever waits for this process has the patience for one replay that does not come to an end.
  if (!doubt.empty() || reply->silent) cold_->stop();
  if (!doubt.empty()) return ColdDoubts::add(doubt);
  started.cold = true;
  emit(started);
  const auto tell = [this](TraceEvent& event) { emit(event); };
  if (unpack_cold(reply->said, started, tell)) return;
  TraceEvent ended = started;
  ended.kind = TraceEvent::Kind::replay_ended;
  ended.operations = {};
  ended.outcome = durable::InvocationOutcome::Status::failed;
  ended.payload = {};
  ended.error = std::make_shared<const durable::ErrorObject>(
      durable::ErrorObject{"Runtime.ExitError", how_it_ended(*reply)});
  emit(ended);
}

void World::serve_cold(std::string_view packed, const ProcessSource::Tell& tell) {
  ColdRequest request = ColdRequest::unpack(packed);
  const auto function = functions_.find(request.function);
  if (function == functions_.end()) return;
  leave_deaths_to_parent();
  in_shadow_ = true;
  const Shadow::Sink sink = [&](TraceEvent& event) { tell(pack_cold(event)); };
  const std::vector<durable::Operation> record = request.event.operations;
  const OtherAddresses other_addresses;
  Shadow shadow(*this, request.execution, record, &sink);
  replay(shadow, function->second.factory, std::move(request.event));
}

}  // namespace durasim
