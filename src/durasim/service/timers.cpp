#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/service/slot.hpp"

/// What the service does when its time has come: ends of waits, retries, timeouts.
/// Source: docs/reference/protocol.md#operations
namespace durasim {
namespace {

/// How callbacks and chained invokes end.
EventType end_event(durable::OperationType type, durable::OperationStatus status) {
  const bool callback = type == durable::OperationType::callback;
  switch (status) {
    case durable::OperationStatus::succeeded:
      return callback ? EventType::callback_succeeded : EventType::chained_invoke_succeeded;
    case durable::OperationStatus::failed:
      return callback ? EventType::callback_failed : EventType::chained_invoke_failed;
    case durable::OperationStatus::timed_out:
      return callback ? EventType::callback_timed_out : EventType::chained_invoke_timed_out;
    default:
      return EventType::chained_invoke_stopped;
  }
}

}  // namespace

/// In place of the timer of the same kind, if there is one.
void Service::wake_at(Slot& slot, std::size_t index, Timestamp due, Wake which) {
  const auto operation = static_cast<std::uint32_t>(index);
  std::erase_if(slot.waiting, [&](const Slot::Waiting& waiting) {
    if (waiting.operation != operation || waiting.which != which) return false;
    clock_.cancel(waiting.timer);
    return true;
  });
  slot.waiting.push_back(
      {operation, which, due, clock_.set(due, timer_owner_, slot.data->number, operation + 1)});
}

void Service::forget_timers(Slot& slot, std::size_t index) {
  std::erase_if(slot.waiting, [&](const Slot::Waiting& waiting) {
    if (waiting.operation != index) return false;
    clock_.cancel(waiting.timer);
    return true;
  });
}

void Service::cancel_timers(Slot& slot) {
  for (const Slot::Waiting& waiting : slot.waiting) clock_.cancel(waiting.timer);
  slot.waiting.clear();
  if (slot.reinvocation != 0) clock_.cancel(slot.reinvocation);
  slot.reinvocation = 0;
  if (slot.timeout != 0) clock_.cancel(slot.timeout);
  slot.timeout = 0;
}

void Service::fire(const Clock::Timer& timer) {
  Slot* const slot = find(timer.first);
  if (slot == nullptr || !slot->running()) return;
  if (timer.second == kExecutionTimeout) {
    time_out(*slot);
  } else if (timer.second == kReinvocation) {
    if (slot->reinvocation != timer.id) return;  // cancelled in the moment in which it was due
    slot->reinvocation = 0;
    slot->owed = true;
    queue_if_wanting(*slot);
  } else {
    const auto expected = [&](const auto& waiting) { return waiting.timer == timer.id; };
    const auto due = std::find_if(slot->waiting.begin(), slot->waiting.end(), expected);
    if (due == slot->waiting.end()) return;
    const Slot::Waiting waiting = *due;
    slot->waiting.erase(due);
    if (waiting.which == Wake::time) {
      wake(*slot, waiting.operation);
    } else {
      time_out_callback(*slot, waiting.operation, waiting.which);
    }
  }
}

void Service::time_out(Slot& slot) {
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(slot.data->timeout);
  durable::ErrorObject error{"ExecutionTimedOut",
                             fmt::format("the execution timed out after {} s", limit.count())};
  finish(slot, durable::ExecutionStatus::timed_out, {},
         std::make_shared<durable::ErrorObject>(std::move(error)));
}

/// What an operation waited for has come.
void Service::wake(Slot& slot, std::size_t index) {
  durable::Operation& operation = slot.data->operations[index];
  if (operation.type == durable::OperationType::wait) {
    operation.status = durable::OperationStatus::succeeded;
    operation.ended_at = clock_.now();
    write(slot, {.type = EventType::wait_succeeded,
                 .path = operation.path,
                 .delay = std::chrono::duration_cast<std::chrono::seconds>(operation.due_at -
                                                                           operation.started_at)});
  } else {
    operation.status = durable::OperationStatus::ready;
  }
  notify(slot, index);
}

void Service::end_from_outside(Slot& slot, std::size_t index, durable::OperationStatus status,
                               durable::Text result, durable::ErrorPtr error) {
  durable::Operation& operation = slot.data->operations[index];
  operation.status = status;
  operation.result = std::move(result);
  operation.error = std::move(error);
  operation.ended_at = clock_.now();
  forget_timers(slot, index);
  slot.forget_outstanding(index);
  write(slot, {.type = end_event(operation.type, status),
               .path = operation.path,
               .payload = operation.result,
               .error = operation.error});
  notify(slot, index);
}

/// Told to the invocation under way by its next answer, or else to a new one.
void Service::notify(Slot& slot, std::size_t index) {
  slot.touch(index);
  slot.triggered = !DURASIM_MUTANT(loses_wake_up);
  queue_if_wanting(slot);
}

}  // namespace durasim
