#include <utility>

#include "durable/model/mutant.hpp"
#include "durasim/service/slot.hpp"

/// What an update makes of an operation. It was validated before.
/// Source: docs/reference/protocol.md#operations
namespace durasim {

using durable::Operation;
using durable::OperationAction;
using durable::OperationStatus;
using durable::OperationType;
using durable::OperationUpdate;

void Service::apply(Slot& slot, const OperationUpdate& update) {
  if (update.type == OperationType::execution) {
    const bool succeeded = update.action == OperationAction::succeed;
    finish(slot, succeeded ? durable::ExecutionStatus::succeeded : durable::ExecutionStatus::failed,
           update.payload, update.error);
    return;
  }
  const std::size_t index = find_or_add(slot, update);
  slot.touch(index);
  switch (update.type) {
    case OperationType::wait:
      return apply_to_wait(slot, index, update);
    case OperationType::context:
      return apply_to_context(slot, index, update);
    case OperationType::callback:
      return start_callback(slot, index, update);
    case OperationType::chained_invoke:
      return apply_to_invoke(slot, index, update);
    default:
      return apply_to_step(slot, index, update);
  }
}

std::size_t Service::find_or_add(Slot& slot, const OperationUpdate& update) {
  if (const auto found = slot.find(update.path)) return *found;
  std::vector<Operation>& operations = slot.data->operations;
  if (!slot.collapsed.empty()) slot.collapsed.push_back(begins_collapsed(slot, update));
  Operation& added = operations.emplace_back();
  added.path = update.path;
  added.virtual_contexts = update.virtual_contexts;
  added.type = update.type;
  added.sub_type = update.sub_type;
  added.name = update.name;
  added.started_at = clock_.now();
  return operations.size() - 1;
}

void Service::apply_to_step(Slot& slot, std::size_t index, const OperationUpdate& update) {
  Operation& step = slot.data->operations[index];
  switch (update.action) {
    case OperationAction::start:
      start_step(slot, step);
      return;
    case OperationAction::succeed:
      step.status = OperationStatus::succeeded;
      step.result = update.payload;
      step.error = nullptr;
      step.ended_at = clock_.now();
      break;
    case OperationAction::fail:
      step.status = OperationStatus::failed;
      step.result = {};
      step.error = update.error;
      step.ended_at = clock_.now();
      break;
    default:  // retry
      step.status = OperationStatus::pending;
      if (update.payload.present()) step.result = update.payload;
      step.error = update.error;
      step.due_at = clock_.now() + update.delay;
      wake_at(slot, index, DURASIM_MUTANT(retries_at_once) ? clock_.now() : step.due_at);
      break;
  }
  end_attempt(slot, step, update);
}

void Service::start_step(Slot& slot, Operation& step) {
  step.status = OperationStatus::started;
  step.error = nullptr;
  step.due_at = {};
  write(slot, {.type = EventType::step_started, .path = step.path, .attempt = step.attempt + 1});
}

/// A retry without an error is a success as well: that of one poll of a condition.
void Service::end_attempt(Slot& slot, Operation& step, const OperationUpdate& update) {
  const std::uint32_t attempt = step.attempt + 1;
  if (!DURASIM_MUTANT(forgets_attempts)) step.attempt = attempt;
  const bool again = update.action == OperationAction::retry;
  const bool failed = update.action == OperationAction::fail || (again && update.error);
  HistoryEvent ended{.type = failed ? EventType::step_failed : EventType::step_succeeded,
                     .path = step.path,
                     .attempt = attempt,
                     .delay = again ? update.delay : std::chrono::seconds(0),
                     .payload = update.payload,
                     .error = update.error};
  if (DURASIM_MUTANT(writes_ends_of_steps_twice)) write(slot, HistoryEvent(ended));
  write(slot, std::move(ended));
}

void Service::apply_to_wait(Slot& slot, std::size_t index, const OperationUpdate& update) {
  Operation& wait = slot.data->operations[index];
  if (update.action == OperationAction::cancel) {
    wait.status = OperationStatus::cancelled;
    wait.ended_at = clock_.now();
    forget_timers(slot, index);
    write(slot, {.type = EventType::wait_cancelled, .path = wait.path, .error = update.error});
    return;
  }
  wait.status = OperationStatus::started;
  wait.due_at = clock_.now() + update.delay;
  Timestamp end = wait.due_at;
  if (DURASIM_MUTANT(wait_ends_early) && update.delay > std::chrono::seconds(1))
    end -= std::chrono::seconds(1);
  if (DURASIM_MUTANT(wait_ends_late)) end += std::chrono::seconds(1);
  wake_at(slot, index, end);
  write(slot, {.type = EventType::wait_started, .path = wait.path, .delay = update.delay});
}

void Service::apply_to_context(Slot& slot, std::size_t index, const OperationUpdate& update) {
  Operation& context = slot.data->operations[index];
  if (update.action == OperationAction::start) {
    write(slot, {.type = EventType::context_started, .path = context.path});
    return;
  }
  const bool succeeded = update.action == OperationAction::succeed;
  context.status = succeeded ? OperationStatus::succeeded : OperationStatus::failed;
  context.result = update.payload;
  context.error = update.error;
  context.ended_at = clock_.now();
  context.replay_children = succeeded && update.replay_children;
  const bool drops = !context.replay_children || DURASIM_MUTANT(drops_children_to_be_replayed);
  if (drops && !DURASIM_MUTANT(keeps_children_of_completed_contexts)) collapse(slot, index);
  write(slot, {.type = succeeded ? EventType::context_succeeded : EventType::context_failed,
               .path = context.path,
               .payload = update.payload,
               .error = update.error});
}

}  // namespace durasim
