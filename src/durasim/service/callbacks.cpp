#include <string>
#include <utility>

#include <durable/errors.hpp>
#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/service/callback_id.hpp"
#include "durasim/service/refusal.hpp"
#include "durasim/service/shape.hpp"
#include "durasim/service/slot.hpp"

/// Callbacks: what the outside completes, or a timeout.
/// Source: docs/reference/protocol.md#callbacks
namespace durasim {

using durable::ErrorObject;
using durable::ErrorPtr;
using durable::Operation;
using durable::OperationStatus;
using durable::ServiceError;
using durable::Text;

namespace {

constexpr std::chrono::seconds kNone{0};

ErrorPtr timeout_error(std::string_view type, std::chrono::seconds after,
                       std::string_view without) {
  return std::make_shared<const ErrorObject>(ErrorObject{
      std::string(type),
      fmt::format("the callback timed out after {} s without {}", after.count(), without)});
}

}  // namespace

void Service::start_callback(Slot& slot, std::size_t index,
                             const durable::OperationUpdate& update) {
  Operation& callback = slot.data->operations[index];
  const auto operation = static_cast<std::uint32_t>(index);
  std::string id = callback_id(slot.data->arn, callback.path);
  callback.callback_id = Text(id);
  callbacks_.insert_or_assign(std::move(id), Place{slot.data->number, operation});
  slot.outstanding.push_back({operation, update.heartbeat_timeout});

  Timestamp end = clock_.now() + update.delay;
  if (DURASIM_MUTANT(callback_times_out_early)) end -= std::chrono::seconds(1);
  if (update.delay != kNone) wake_at(slot, index, end, Wake::timeout);
  if (update.heartbeat_timeout != kNone)
    wake_at(slot, index, clock_.now() + update.heartbeat_timeout, Wake::heartbeat);
  write(slot, {.type = EventType::callback_started,
               .path = callback.path,
               .delay = update.delay,
               .heartbeat_timeout = update.heartbeat_timeout});
}

std::optional<ServiceError> Service::find_callback(std::string_view id, Slot*& slot,
                                                   std::size_t& index) const {
  const auto found = callbacks_.find(id);
  if (found == callbacks_.end()) {
    return ServiceError{404, "ResourceNotFoundException",
                        fmt::format("There is no callback with the id \"{}\".", id)};
  }
  slot = &this->slot(found->second.execution);
  index = found->second.operation;
  const OperationStatus status = slot->data->operations[index].status;
  const bool closed =
      durable::is_terminal(status) && !DURASIM_MUTANT(last_end_of_a_callback_counts);
  if (!slot->running()) {
    return ServiceError{400, "CallbackTimeoutException",
                        fmt::format("The execution of the callback has ended: it is {}.",
                                    durable::to_string(slot->data->status))};
  }
  if (closed) {
    return ServiceError{
        400, "CallbackTimeoutException",
        fmt::format("The callback is closed: it is {}.", durable::to_string(status))};
  }
  return std::nullopt;
}

std::optional<ServiceError> Service::succeed_callback(std::string_view id, Text result) {
  const std::size_t limit = config_.payload_limit_bytes;
  if (result.view().size() > limit) {
    return invalid_parameter(fmt::format("The result of a callback has at most {} bytes, not {}.",
                                         limit, result.view().size()));
  }
  Slot* slot = nullptr;
  std::size_t index = 0;
  if (auto refusal = find_callback(id, slot, index)) return refusal;
  end_from_outside(*slot, index, OperationStatus::succeeded, std::move(result), nullptr);
  return std::nullopt;
}

std::optional<ServiceError> Service::fail_callback(std::string_view id, ErrorPtr error) {
  if (error) {
    if (std::string fault = size_violation(*error, config_.error_limit_bytes); !fault.empty())
      return invalid_parameter(std::move(fault));
  }
  Slot* slot = nullptr;
  std::size_t index = 0;
  if (auto refusal = find_callback(id, slot, index)) return refusal;
  end_from_outside(*slot, index, OperationStatus::failed, {}, std::move(error));
  return std::nullopt;
}

std::optional<ServiceError> Service::heartbeat_callback(std::string_view id) {
  Slot* slot = nullptr;
  std::size_t index = 0;
  if (auto refusal = find_callback(id, slot, index)) return refusal;
  const Slot::Outstanding* const callback = slot->find_outstanding(index);
  if (callback == nullptr || callback->heartbeat_timeout == kNone) return std::nullopt;
  if (DURASIM_MUTANT(heartbeats_change_nothing)) return std::nullopt;
  wake_at(*slot, index, clock_.now() + callback->heartbeat_timeout, Wake::heartbeat);
  return std::nullopt;
}

void Service::time_out_callback(Slot& slot, std::size_t index, Wake which) {
  const Operation& callback = slot.data->operations[index];
  ErrorPtr error;
  if (which == Wake::heartbeat) {
    error = timeout_error(durable::kCallbackHeartbeat,
                          slot.find_outstanding(index)->heartbeat_timeout, "a heartbeat");
  } else {
    const auto after = std::chrono::round<std::chrono::seconds>(clock_.now() - callback.started_at);
    error = timeout_error(durable::kCallbackTimeout, after, "an end");
  }
  end_from_outside(slot, index, OperationStatus::timed_out, {}, std::move(error));
}

}  // namespace durasim
