#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/core/duration_text.hpp"
#include "durasim/core/nearest.hpp"
#include "durasim/sim/outside.hpp"
#include "durasim/sim/world.hpp"

/// What the outside sends, by script or by the test itself, on its way to the service.
namespace durasim {

using Refusal = std::optional<durable::ServiceError>;

Refusal World::signal_callback(const CallbackSignal& signal) {
  Refusal refusal;
  TraceEvent event;
  event.kind = TraceEvent::Kind::outside;
  event.execution = signal.execution;
  event.path = signal.path;
  event.payload = signal.result;
  event.error = signal.error;
  switch (signal.kind) {
    case CallbackSignal::Kind::success:
      event.name = "succeed";
      refusal = service_.succeed_callback(signal.id, signal.result);
      break;
    case CallbackSignal::Kind::failure:
      event.name = "fail";
      refusal = service_.fail_callback(signal.id, signal.error);
      break;
    case CallbackSignal::Kind::heartbeat:
      event.name = "heartbeat";
      refusal = service_.heartbeat_callback(signal.id);
      break;
  }
  event.applied = !refusal;
  event.refusal = refusal ? &*refusal : nullptr;
  emit(event);
  record_state();
  return refusal;
}

void World::say_never(std::uint32_t execution, durable::OperationPath path) {
  TraceEvent event;
  event.kind = TraceEvent::Kind::outside;
  event.execution = execution;
  event.path = path;
  event.name = "never";
  emit(event);
}

void World::locate(CallbackSignal& signal) const {
  for (std::uint32_t number = service_.executions(); number >= 1; --number) {
    for (const durable::Operation& operation : service_.execution(number).operations) {
      if (operation.type != durable::OperationType::callback ||
          operation.callback_id.view() != signal.id)
        continue;
      signal.execution = number;
      signal.path = operation.path;
      return;
    }
  }
}

std::string World::callback_id(std::uint32_t number, std::string_view name,
                               std::uint32_t which) const {
  const Execution& execution = service_.execution(number);
  std::vector<std::string> known;
  std::uint32_t met = 0;
  for (const durable::Operation& operation : execution.operations) {
    if (operation.type != durable::OperationType::callback) continue;
    const std::string_view its_name = spoken_name(execution, operation);
    known.push_back(fmt::format("\"{}\"", its_name));
    if (its_name == name && ++met == which) return operation.callback_id.str();
  }
  throw std::invalid_argument(fmt::format(
      "durasim: execution {} has no callback \"{}\" number {} by now; {}", number, name, which,
      known.empty() ? "it has created none" : "it has " + nearest_first(name, known)));
}

void World::at(Duration since_start, std::function<void()> action) {
  const Timestamp when = options_.start + since_start;
  if (when < clock_.now()) {
    throw std::invalid_argument(fmt::format("durasim: +{} is over: the simulation is at +{}",
                                            duration_text(since_start),
                                            duration_text(clock_.now() - options_.start)));
  }
  outside_.at(when, std::move(action));
}

void World::stop(std::uint32_t execution, durable::ErrorPtr error) {
  service_.stop(execution, std::move(error));
  record_state();
  if (durable::is_terminal(service_.execution(execution).status)) after_completion(execution);
}

}  // namespace durasim
