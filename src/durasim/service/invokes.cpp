#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/core/hash.hpp"
#include "durasim/service/slot.hpp"

/// Chained invokes: asked for by a handler, carried out by the world.
/// Source: docs/reference/protocol.md#chained-invokes
namespace durasim {

using durable::ErrorPtr;
using durable::Operation;
using durable::OperationAction;
using durable::OperationPath;
using durable::OperationStatus;
using durable::OperationUpdate;
using durable::Text;

namespace {

std::uint64_t hash_of(const OperationUpdate& update) {
  Hash64 hash;
  hash.add(update.target->function);
  hash.add(update.target->tenant_id);
  hash.add(text_hash(update.payload));
  return hash.value();
}

}  // namespace

/// A cancelled one writes no event: the history has no word for it.
void Service::apply_to_invoke(Slot& slot, std::size_t index, const OperationUpdate& update) {
  Operation& invoke = slot.data->operations[index];
  if (update.action == OperationAction::cancel) {
    invoke.status = OperationStatus::cancelled;
    invoke.ended_at = clock_.now();
    slot.forget_outstanding(index);
    return;
  }
  slot.outstanding.push_back({static_cast<std::uint32_t>(index), {}, hash_of(update)});
  invokes_.push_back({slot.data->number, update.path, *update.target, update.payload});
  write(slot,
        {.type = EventType::chained_invoke_started,
         .path = update.path,
         .payload = update.payload,
         .invoked = std::make_shared<const InvokedFunction>(InvokedFunction{*update.target})});
}

std::vector<ChainedInvoke> Service::take_invokes() { return std::exchange(invokes_, {}); }

void Service::invoke_started(std::uint32_t execution, OperationPath path,
                             const std::string& target_arn) {
  std::vector<HistoryEvent>& history = slot(execution).data->history;
  for (std::size_t i = history.size(); i-- > 0;) {
    HistoryEvent& event = history[i];
    if (event.type != EventType::chained_invoke_started || event.path != path) continue;
    event.invoked =
        std::make_shared<const InvokedFunction>(InvokedFunction{event.invoked->target, target_arn});
    return;
  }
}

void Service::end_invoke(std::uint32_t execution, OperationPath path, OperationStatus status,
                         Text result, ErrorPtr error) {
  if (!durable::is_terminal(status) || status == OperationStatus::cancelled) {
    throw std::invalid_argument(
        fmt::format("a chained invoke ends as SUCCEEDED, FAILED, TIMED_OUT or STOPPED, not as {}",
                    durable::to_string(status)));
  }
  Slot* const slot = find(execution);
  if (slot == nullptr || !slot->running()) return;
  const auto index = slot->find(path);
  if (!index || slot->find_outstanding(*index) == nullptr) return;
  const bool succeeded = status == OperationStatus::succeeded;
  end_from_outside(*slot, *index, status, succeeded ? std::move(result) : Text(),
                   succeeded ? nullptr : std::move(error));
  if (DURASIM_MUTANT(ends_of_invokes_wake_nobody)) slot->triggered = false;
}

}  // namespace durasim
