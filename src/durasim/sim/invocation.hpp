#pragma once

#include <memory>
#include <optional>

#include "durable/sdk/engine.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {

/// One run of a handler in a sandbox: its engine, and the three seams through which the simulator
/// decides what happens to it.
class Invocation final : public durable::ServiceClient,
                         public durable::Executor,
                         public durable::Observer {
 public:
  Invocation(World& world, std::uint32_t execution, std::uint32_t number, std::uint32_t ordinal,
             durable::InvocationEvent event, std::shared_ptr<detail::ErasedHandler> sandbox);

  durable::Engine& engine() { return engine_; }
  const durable::Engine& engine() const { return engine_; }
  /// Among all of the simulation.
  std::uint32_t number() const { return number_; }
  /// Among those of its execution: all that may depend on a number of the invocation takes this one.
  std::uint32_t ordinal() const { return ordinal_; }
  std::uint32_t execution() const { return execution_; }
  const durable::CheckpointToken& first_token() const { return first_token_; }
  Timestamp started_at() const { return started_at_; }
  /// Length of the execution's history when it began.
  std::size_t history_before() const { return history_before_; }
  const std::shared_ptr<detail::ErasedHandler>& sandbox() const { return sandbox_; }
  /// Only the invocation with the newest token can change anything that is recorded.
  bool is_current() const;
  /// Faults are offered at all, and not in vain: nothing of an overtaken invocation is recorded,
  /// whatever befalls it.
  bool may_fail() const { return !world_.options().faults.empty() && is_current(); }

  bool repeated = false;             ///< a delivery of an event that was delivered before
  bool waits_for_successor = false;  ///< overtaken: goes on when a later invocation has ended
  bool has_deadline = false;
  bool rejected = false;  ///< the service has ended it: its end says nothing about the handler
  bool dies_at_effect = false;  ///< staged by an exception, which no noexcept frame lets through
  bool responds_late = false;   ///< it has ended, but its response is under way
  /// To be delivered once more when this invocation has ended.
  std::optional<durable::InvocationEvent> redelivery;
  /// Set for this invocation; void when it has ended.
  std::vector<Clock::TimerId> timers;
  /// An answer under way, or a request.
  std::optional<durable::Response> delayed_answer;
  std::optional<durable::Request> delayed_request;
  /// How its clock differs from that of the service: a fault that begins with clock_, or none.
  Fault clock = Fault::none;

  TraceEvent event(TraceEvent::Kind kind) const;

  // ServiceClient: transport.cpp
  std::optional<durable::Response> send(const durable::Request& request) override;

  // Executor: body.cpp
  durable::Fate run_body(const durable::BodyCall& call, durable::detail::FunctionRef<void()> body,
                         durable::BodyOutcome& outcome) override;
  bool sends_at_once(durable::OperationPath operation, std::uint32_t attempt) override;
  bool leaves_out_result(durable::OperationPath context) override;
  Timestamp now() const override;
  void wake_after(Duration delay) override { world_.set_timer(*this, World::wake, delay); }
  std::uint64_t client_token() override { return std::uint64_t{ordinal_} << 32 | ++requests_; }
  std::uint64_t random(const durable::BodyCall& call) override;
  std::chrono::seconds jittered(const durable::BodyCall& call, std::chrono::seconds delay,
                                durable::Jitter jitter) override;
  void log(const durable::LogRecord& record) override;
  bool is_test_abort(const std::exception_ptr& exception) const override;
  /// Runs a function that is not durable, as one body without a record: plain.cpp.
  durable::Text run_plain(std::string_view name, const durable::Text& input,
                          const detail::ErasedFunction& function);
  /// The body that runs: a step's, or a plain function; nullptr if none does.
  const durable::BodyCall* body() const { return plain_ != nullptr ? plain_ : engine_.body(); }
  /// Differs between the runs of all bodies of the simulation; never 0.
  std::uint64_t body_run() const { return std::uint64_t{number_} << 32U | bodies_; }
  /// Which effect of the running body comes next, counted from 1.
  std::uint32_t next_effect() { return ++effects_in_body_; }
  /// What a background sender has sent by the time of a later crash.
  void send_queued();
  /// A second more than until the next deadline of the execution.
  Duration longer_than_the_next_deadline() const;
  /// The request that was under way has come to the service.
  void arrive();

  // Observer: invocation.cpp
  void issued(const durable::IssuedOperation& operation) override;
  void returned(durable::OperationPath path, const durable::Text& value) override;
  void threw(durable::OperationPath path, const durable::ErrorPtr& error) override;
  void body_started(const durable::BodyCall& call) override;
  void body_ended(const durable::BodyCall& call, const durable::Text& value,
                  const durable::ErrorPtr& error) override;
  void suspended(durable::OperationPath path) override;
  void unwinding(bool begins) override;
  void misused(const durable::Misuse& misuse) override;

 private:
  durable::Response apply(const durable::Request& request);
  /// Of a GetDurableExecutionState.
  std::optional<durable::Response> send_read(const durable::Request& request);
  void offer_at_checkpoint(Menu& menu, const durable::Request& request) const;
  std::optional<durable::Response> suffer(Fault fault, const durable::Request& request);
  /// What an outage makes of a repetition; nothing if there is none.
  std::optional<durable::Response> suffer_outage(const durable::Request& request);
  /// Whether another execution goes first.
  bool yields(const durable::Request& request);
  /// Applied, and nobody is told.
  void apply_unheard(const durable::Request& request);
  /// It is under way for longer than until the next deadline.
  std::optional<durable::Response> delay(durable::Response answer);
  /// Runs the body, or has happen what is scripted in its place.
  void run_scripted(const durable::BodyCall& call, durable::detail::FunctionRef<void()> body,
                    durable::BodyOutcome& outcome);
  durable::BodyOutcome scripted_result(const durable::BodyCall& call,
                                       const std::string& json) const;
  durable::Fate run_given(const durable::BodyCall& call, durable::detail::FunctionRef<void()> body,
                          durable::BodyOutcome& outcome);

  World& world_;
  std::uint32_t execution_;
  std::uint32_t number_;
  std::uint32_t ordinal_;
  durable::CheckpointToken first_token_;
  Timestamp started_at_;
  std::size_t history_before_;
  std::shared_ptr<detail::ErasedHandler> sandbox_;
  Fault outage_ = Fault::none;  // the transmissions that follow share the fate of the first
  std::uint32_t effects_in_body_ = 0;
  std::uint32_t draws_in_body_ = 0;
  std::uint32_t bodies_ = 0;  // that were started
  mutable std::uint32_t clock_reads_ = 0;
  std::uint32_t requests_ = 0;
  const durable::BodyCall* plain_ = nullptr;
  durable::Engine engine_;
};

/// Fills in what an operation_issued event says, of a real invocation or of a shadow replay.
void describe_issued(TraceEvent& event, const durable::IssuedOperation& operation);

}  // namespace durasim
