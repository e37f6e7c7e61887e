#include <algorithm>
#include <utility>

#include "durable/model/mutant.hpp"
#include "durasim/service/refusal.hpp"
#include "durasim/service/slot.hpp"

/// What invocations are told of the record: which operations, and in which pages.
/// Source: docs/reference/protocol.md#state
namespace durasim {

using durable::InvocationEvent;
using durable::Operation;
using durable::OperationPath;
using durable::Request;
using durable::Response;

namespace {

bool is_inside(OperationPath path, OperationPath context) {
  while (!path.is_root()) {
    path = path.parent();
    if (path == context) return true;
  }
  return context.is_root();
}

}  // namespace

/// From now on invocations are told of the completed context at `index`, not of what is inside it.
void Service::collapse(Slot& slot, std::size_t index) {
  const std::vector<Operation>& operations = slot.data->operations;
  slot.collapsed.resize(operations.size());
  for (std::size_t i = index + 1; i < operations.size(); ++i) {
    if (is_inside(operations[i].path, operations[index].path)) slot.collapsed[i] = true;
  }
}

/// An operation that starts inside a completed context is left out as those before it are.
bool Service::begins_collapsed(Slot& slot, const durable::OperationUpdate& update) {
  if (slot.collapsed.empty() || update.parent().is_root()) return false;
  const std::size_t parent = *slot.find(update.parent());
  const Operation& context = slot.data->operations[parent];
  return slot.is_collapsed(parent) ||
         (durable::is_terminal(context.status) && !context.replay_children);
}

bool Service::leaves_insides_out(std::uint32_t number) const {
  return !slot(number).collapsed.empty();
}

InvocationEvent Service::event_of(const Slot& slot, std::uint32_t page_size) const {
  const Execution& data = *slot.data;
  InvocationEvent event{.execution_arn = data.arn,
                        .token = slot.token,
                        .input = data.input,
                        .started_at = data.started_at,
                        .operations = {}};
  if (page_size == 0 && slot.collapsed.empty()) {
    event.operations = data.operations;
  } else {
    event.next_marker = add_page(slot, 0, page_size, event.operations);
  }
  return event;
}

std::uint32_t Service::add_page(const Slot& slot, std::size_t position, std::uint32_t page_size,
                                std::vector<Operation>& page) const {
  const std::vector<Operation>& operations = slot.data->operations;
  for (; position < operations.size(); ++position) {
    if (slot.is_collapsed(position)) continue;
    if (page_size != 0 && page.size() == page_size) {
      if (DURASIM_MUTANT(page_drops_its_last_operation)) page.pop_back();
      return static_cast<std::uint32_t>(position);
    }
    page.push_back(operations[position]);
  }
  return 0;
}

std::uint32_t Service::add_rest(const Slot& slot, std::size_t offset, std::uint32_t page_size,
                                std::vector<Operation>& page) const {
  for (; offset < slot.rest.size() && page.size() < page_size; ++offset)
    page.push_back(slot.data->operations[slot.rest[offset]]);
  return offset < slot.rest.size() ? kOfAnswer + static_cast<std::uint32_t>(offset) : 0;
}

Response Service::state(const Request& request) const {
  const Slot* const slot = find(request.token.execution);
  if (std::string fault = token_fault(slot, request.token); !fault.empty())
    return refused("Invalid checkpoint token: " + fault);
  const std::uint32_t page_size = slot->page_size;
  const bool of_answer = request.marker >= kOfAnswer;
  const std::size_t begin = of_answer                      ? request.marker - kOfAnswer
                            : request.marker == kFromStart ? 0
                                                           : request.marker;
  const std::size_t end = of_answer ? slot->rest.size() : slot->data->operations.size();
  if (begin != 0 && begin >= end) return refused("Invalid marker.");

  Response response;
  response.next_marker = of_answer ? add_rest(*slot, begin, page_size, response.operations)
                                   : add_page(*slot, begin, page_size, response.operations);
  return response;
}

}  // namespace durasim
