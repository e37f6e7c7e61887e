#include <durasim/framework.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/service/validation.hpp"
#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

/// Shadow replays: the handler runs once more against the record that an invocation left, with another
/// clock and other random numbers, and without any effect. It stops wherever it would need the world.
namespace durasim {
namespace {

class Shadow final : public durable::ServiceClient,
                     public durable::Executor,
                     public durable::Observer {
 public:
  Shadow(World& world, std::uint32_t execution) : world_(world), execution_(execution) {}

  std::optional<durable::Response> send(const durable::Request& request) override {
    durable::Response response;
    response.fate = durable::Fate::never;
    // A result too large for a response ends the execution by a checkpoint, which is an end like any other.
    if (request.kind == durable::Request::Kind::get_state) return world_.service().state(request);
    if (request.updates.back().type == durable::OperationType::execution) {
      durable::OperationIndex index;
      std::string violation = first_violation(world_.service().execution(execution_).operations,
                                              index, request.updates, world_.service().config());
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
    world_.emit(event);
  }

  void returned(durable::OperationPath path, const durable::Text& value) override {
    TraceEvent event = this->event(TraceEvent::Kind::value_returned);
    event.path = path;
    event.payload = value;
    world_.emit(event);
  }
  void threw(durable::OperationPath path, const durable::ErrorPtr& error) override {
    TraceEvent event = this->event(TraceEvent::Kind::error_thrown);
    event.path = path;
    event.error = error;
    world_.emit(event);
  }

  TraceEvent event(TraceEvent::Kind kind) const {
    TraceEvent event;
    event.kind = kind;
    event.execution = execution_;
    event.shadow = true;
    return event;
  }

 private:
  World& world_;
  std::uint32_t execution_;
};

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

  in_shadow_ = true;
  Shadow shadow(*this, number);
  TraceEvent started = shadow.event(TraceEvent::Kind::replay_started);
  started.operations = execution.operations;
  started.ended_abnormally = ended_abnormally;
  started.outcome = real.status;
  started.payload = real.result;
  started.error = real.error;
  emit(started);
  {
    const DiscardedExpectations discarded;
    const guarded::Elsewhere elsewhere;
    const guarded::Running running(*this);
    const detail::ErasedHandler handler = functions_.at(execution.function).factory();
    durable::Engine engine(shadow, shadow, &shadow);
    engine.begin(service_.terminal_event(number), handler);
    engine.pump();
    TraceEvent ended = shadow.event(TraceEvent::Kind::replay_ended);
    ended.outcome = engine.outcome().status;
    ended.payload = engine.outcome().result;
    ended.error = engine.outcome().error;
    emit(ended);
  }
  in_shadow_ = false;
}

}  // namespace durasim
