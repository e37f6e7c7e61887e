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

void Service::wake_at(Slot& slot, std::size_t index, Timestamp due) {
  forget_timer(slot, index);
  const auto operation = static_cast<std::uint32_t>(index);
  slot.waiting.push_back(
      {operation, clock_.set(due, timer_owner_, slot.data->number, operation + 1)});
}

void Service::forget_timer(Slot& slot, std::size_t index) {
  const auto timer = std::find_if(slot.waiting.begin(), slot.waiting.end(),
                                  [&](const auto& waiting) { return waiting.operation == index; });
  if (timer == slot.waiting.end()) return;
  clock_.cancel(timer->timer);
  slot.waiting.erase(timer);
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
    const std::size_t index = due->operation;
    slot->waiting.erase(due);
    wake(*slot, index);
  }
}

void Service::time_out(Slot& slot) {
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(config_.execution_timeout);
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
  slot.touch(index);
  slot.triggered = !DURASIM_MUTANT(loses_wake_up);
  queue_if_wanting(slot);
}

}  // namespace durasim
