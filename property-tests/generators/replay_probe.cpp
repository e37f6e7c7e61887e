#include "generators/replay_probe.hpp"

#include <algorithm>
#include <source_location>
#include <stdexcept>

#include <fmt/format.h>

#include "durable/sdk/engine.hpp"
#include "generators/interpreter.hpp"

namespace generated {
namespace {

std::string identity(durable::OperationPath path, durable::OperationType type,
                     std::string_view name, std::uint64_t inputs,
                     const std::source_location& where) {
  return fmt::format("{} {} \"{}\" inputs {} at line {}", path.to_string(), to_string(type), name,
                     inputs, where.line());
}

/// A world in which nothing new happens.
class Nothing final : public durable::ServiceClient,
                      public durable::Executor,
                      public durable::Observer {
 public:
  std::vector<std::string> issued_operations;

  std::optional<durable::Response> send(const durable::Request&) override {
    return durable::Response{.fate = durable::Fate::never};
  }
  durable::Fate run_body(const durable::BodyCall&, durable::detail::FunctionRef<void()>,
                         durable::BodyOutcome&) override {
    return durable::Fate::never;
  }
  durable::Timestamp now() const override { return {}; }
  void wake_after(durable::Duration) override {}
  std::uint64_t random(const durable::BodyCall&) override { return 0; }
  std::chrono::seconds jittered(const durable::BodyCall&, std::chrono::seconds delay,
                                durable::Jitter) override {
    return delay;
  }
  std::uint64_t client_token() override { return 1; }
  void log(const durable::LogRecord&) override {}
  bool is_test_abort(const std::exception_ptr&) const override { return false; }

  void issued(const durable::IssuedOperation& operation) override {
    issued_operations.push_back(identity_of(operation));
  }
};

/// The state of `operation` after `event`.
void apply(const durasim::HistoryEvent& event, durable::Operation& operation) {
  using durable::OperationStatus;
  switch (event.type) {
    case durasim::EventType::step_started:
    case durasim::EventType::wait_started:
    case durasim::EventType::context_started:
    case durasim::EventType::callback_started:
    case durasim::EventType::chained_invoke_started:
      operation.status = OperationStatus::started;
      break;
    case durasim::EventType::wait_succeeded:
    case durasim::EventType::context_succeeded:
    case durasim::EventType::callback_succeeded:
    case durasim::EventType::chained_invoke_succeeded:
      operation.status = OperationStatus::succeeded;
      operation.result = event.payload;
      break;
    case durasim::EventType::context_failed:
    case durasim::EventType::callback_failed:
    case durasim::EventType::chained_invoke_failed:
      operation.status = OperationStatus::failed;
      operation.error = event.error;
      break;
    case durasim::EventType::callback_timed_out:
      operation.status = OperationStatus::timed_out;
      operation.error = event.error;
      break;
    case durasim::EventType::step_succeeded:
      operation.status =  // a poll of a condition is followed by another
          event.delay.count() > 0 ? OperationStatus::pending : OperationStatus::succeeded;
      operation.attempt = event.attempt;
      operation.result = event.payload;
      break;
    case durasim::EventType::step_failed:
      operation.status =
          event.delay.count() > 0 ? OperationStatus::pending : OperationStatus::failed;
      operation.attempt = event.attempt;
      operation.error = event.error;
      break;
    default:
      throw std::logic_error("a generated handler has no such operation");
  }
}

}  // namespace

std::string identity_of(const durable::IssuedOperation& operation) {
  return identity(operation.path, operation.type, operation.name, digest(operation.inputs),
                  operation.where);
}

std::string identity_of(const durasim::TraceEvent& issued) {
  return identity(issued.path, issued.type, issued.name, issued.inputs, issued.where);
}

Replay replay(const Case& generated_case, const Record& record) {
  Nothing nothing;
  Surroundings surroundings;
  const durable::Engine::Handler handler = [&](durable::Context& context,
                                               const durable::Text& input) {
    const auto results = interpret(generated_case.program, context,
                                   durable::deserialize<Input>(input.view()), surroundings);
    return durable::Text(durable::serialize(results));
  };
  durable::Engine engine(nothing, nothing, &nothing);
  engine.begin({.execution_arn = "arn/replay/1",
                .token = {},
                .input = durable::Text(durable::serialize(generated_case.input)),
                .started_at = {},
                .operations = record},
               handler);
  const durable::Engine::State state = engine.pump();
  const bool completed =
      state == durable::Engine::State::returned || state == durable::Engine::State::threw;
  return {std::move(nothing.issued_operations), completed, engine.outcome()};
}

std::vector<Record> prefixes_of_the_record(const durasim::ExecutionResult& execution) {
  std::vector<Record> prefixes = {{}};
  Record record;
  for (const durasim::HistoryEvent& event : execution.history()) {
    if (event.path.is_root()) continue;
    auto at = std::ranges::find(record, event.path, &durable::Operation::path);
    if (at == record.end()) {
      const auto final =
          std::ranges::find(execution.operations(), event.path, &durable::Operation::path);
      durable::Operation started;
      started.path = final->path;
      started.virtual_contexts = final->virtual_contexts;
      started.callback_id = final->callback_id;
      started.type = final->type;
      started.sub_type = final->sub_type;
      started.name = final->name;
      at = record.insert(record.end(), started);
    }
    apply(event, *at);
    prefixes.push_back(record);
  }
  return prefixes;
}

}  // namespace generated
