#include <algorithm>
#include <utility>

#include "durable/model/mutant.hpp"
#include "durasim/service/slot.hpp"

/// Invocations: when one is due, and what its end means for the execution.
/// Source: docs/reference/protocol.md#executions-and-invocations
namespace durasim {

using durable::ErrorObject;
using durable::ErrorPtr;
using durable::ExecutionStatus;
using durable::InvocationEvent;
using durable::InvocationOutcome;

namespace {

constexpr std::size_t kResponseLimitBytes = 6 * 1024 * 1024;

ErrorPtr share_error(ErrorObject error) {
  return std::make_shared<const ErrorObject>(std::move(error));
}

}  // namespace

bool Service::wants_invocation(std::uint32_t number) const { return slot(number).wanting(); }

void Service::queue_if_wanting(Slot& slot) {
  if (!slot.wanting() || slot.queued) return;
  slot.queued = true;
  queue_.push_back(slot.data->number);
}

std::optional<std::uint32_t> Service::take_next_invocation() {
  while (queue_front_ < queue_.size()) {
    Slot& slot = this->slot(queue_[queue_front_++]);
    slot.queued = false;
    if (slot.wanting()) return slot.data->number;
  }
  queue_.clear();
  queue_front_ = 0;
  return std::nullopt;
}

bool Service::wants_others(std::uint32_t number) const {
  return std::any_of(
      queue_.begin() + static_cast<std::ptrdiff_t>(queue_front_), queue_.end(),
      [&](std::uint32_t other) { return other != number && wants_invocation(other); });
}

void Service::put_back(std::uint32_t number) { queue_if_wanting(slot(number)); }

bool Service::is_suspended(std::uint32_t number) const {
  const Slot& slot = this->slot(number);
  return slot.running() && !slot.in_flight && !slot.wanting() && slot.reinvocation == 0;
}

InvocationEvent Service::begin_invocation(std::uint32_t number, const StateShape& shape) {
  Slot& slot = this->slot(number);
  slot.token = {number, ++slot.data->invocations, 0};
  slot.invoked_at = clock_.now();
  slot.owed = slot.triggered = false;
  slot.in_flight = slot.open = true;
  slot.unheard.clear();
  slot.rest.clear();
  slot.answered.client_token = 0;
  if (slot.reinvocation != 0) clock_.cancel(std::exchange(slot.reinvocation, 0));

  slot.page_size = shape.page_size != 0 ? shape.page_size : config_.state_page_size;
  InvocationEvent event = event_of(slot, slot.page_size);
  if (shape.empty_first_page) {
    event.operations.clear();
    event.next_marker = kFromStart;
  }
  if (shape.insides_told) {
    event.operations = slot.data->operations;
    event.next_marker = 0;
  }
  if (shape.reversed) std::reverse(event.operations.begin(), event.operations.end());
  if (DURASIM_MUTANT(drops_last_operation_from_state) && !event.operations.empty()) {
    event.operations.pop_back();
  }
  if (DURASIM_MUTANT(callbacks_change_their_ids)) {
    for (durable::Operation& operation : event.operations) {
      if (operation.type == durable::OperationType::callback)
        operation.callback_id = durable::Text(operation.callback_id.str() + "=");
    }
  }
  return event;
}

InvocationEvent Service::terminal_event(std::uint32_t number) const {
  return event_of(slot(number), 0);
}

void Service::supersede(std::uint32_t number) {
  Slot& slot = this->slot(number);
  if (!slot.running()) return;
  slot.owed = true;
  slot.in_flight = false;
  queue_if_wanting(slot);
}

bool Service::is_current(const durable::CheckpointToken& token) const {
  const Slot* const slot = find(token.execution);
  return slot != nullptr && slot->token.invocation == token.invocation;
}

bool Service::accepts(const durable::CheckpointToken& token) const {
  const Slot* const slot = find(token.execution);
  return slot != nullptr && slot->running() && slot->token == token;
}

Service::Slot* Service::find_open(const durable::CheckpointToken& token) const {
  if (!is_current(token)) return nullptr;
  Slot& slot = this->slot(token.execution);
  return slot.running() && slot.open ? &slot : nullptr;
}

std::string Service::end_invocation(const durable::CheckpointToken& token,
                                    const InvocationOutcome& outcome) {
  Slot* const slot = find_open(token);
  if (slot == nullptr) return {};
  if (outcome.status == InvocationOutcome::Status::function_error) {
    invocation_failed(*slot, outcome.error ? outcome.error : share_error({"Unhandled", ""}));
    return {};
  }
  if (auto refusal = refusal_of(*slot, outcome)) {
    std::string reason = refusal->message;
    invocation_failed(*slot, share_error(std::move(*refusal)));
    return reason;
  }
  if (!DURASIM_MUTANT(completes_invocation_last)) close_invocation(*slot, nullptr);
  slot->failures = 0;
  if (outcome.status == InvocationOutcome::Status::succeeded) {
    finish(*slot, ExecutionStatus::succeeded, outcome.result, nullptr);
  } else if (outcome.status == InvocationOutcome::Status::failed) {
    finish(*slot, ExecutionStatus::failed, {}, outcome.error);
  }
  if (DURASIM_MUTANT(completes_invocation_last)) close_invocation(*slot, nullptr);
  return {};
}

std::optional<ErrorObject> Service::refusal_of(const Slot& slot,
                                               const InvocationOutcome& outcome) const {
  const auto invalid = [](const char* message) {
    return ErrorObject{"InvalidParameterValueException", message};
  };
  switch (outcome.status) {
    case InvocationOutcome::Status::succeeded:
      if (outcome.error) return invalid("Cannot provide an Error for SUCCEEDED status.");
      break;
    case InvocationOutcome::Status::failed:
      if (outcome.result.present()) return invalid("Cannot provide a Result for FAILED status.");
      break;
    default:
      if (slot.waiting.empty() && slot.outstanding.empty() && !slot.triggered && !slot.owed) {
        return invalid("Cannot return PENDING status with no pending operations.");
      }
      break;
  }
  if (outcome.result.view().size() > kResponseLimitBytes) {
    return ErrorObject{
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."};
  }
  return std::nullopt;
}

void Service::fail_invocation(const durable::CheckpointToken& token, ErrorObject error) {
  Slot* const slot = find_open(token);
  if (slot != nullptr) invocation_failed(*slot, share_error(std::move(error)));
}

void Service::invocation_failed(Slot& slot, ErrorPtr error) {
  close_invocation(slot, error);
  ++slot.failures;
  if (config_.failed_invocation_limit && slot.failures >= *config_.failed_invocation_limit) {
    finish(slot, ExecutionStatus::failed, {}, std::move(error));
  } else if (config_.retry_backoff == Duration{0}) {
    slot.owed = true;
    queue_if_wanting(slot);
  } else {
    slot.reinvocation = clock_.set(clock_.now() + config_.retry_backoff, timer_owner_,
                                   slot.data->number, kReinvocation);
  }
}

void Service::close_invocation(Slot& slot, ErrorPtr error) {
  slot.in_flight = slot.open = false;
  if (DURASIM_MUTANT(invokes_again_at_once)) slot.owed = true;
  queue_if_wanting(slot);
  write(slot, {.type = EventType::invocation_completed,
               .attempt = slot.token.invocation,
               .error = std::move(error),
               .started_at = slot.invoked_at});
}

}  // namespace durasim
