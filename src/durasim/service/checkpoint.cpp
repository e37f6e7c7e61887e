#include <algorithm>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/service/refusal.hpp"
#include "durasim/service/slot.hpp"
#include "durasim/service/validation.hpp"

/// CheckpointDurableExecution: who may write, what was written already, and the answer.
/// Source: docs/reference/protocol.md#checkpoints
namespace durasim {

using durable::CheckpointToken;
using durable::OperationUpdate;
using durable::Request;
using durable::Response;

namespace {

constexpr std::chrono::minutes kRepeatWindow{15};

/// Why `token` is not `current`; empty if it is.
std::string difference(const CheckpointToken& token, const CheckpointToken& current) {
  if (token == current) return {};
  if (token.invocation < current.invocation) {
    return fmt::format("invocation {} is superseded by invocation {}", token.invocation,
                       current.invocation);
  }
  if (token.invocation > current.invocation) {
    return fmt::format("unknown invocation {}", token.invocation);
  }
  const char* const what = token.sequence < current.sequence ? "used" : "unknown";
  return fmt::format("{} sequence {} of invocation {}, which is at {}", what, token.sequence,
                     token.invocation, current.sequence);
}

}  // namespace

std::string Service::token_fault(const Slot* slot, const CheckpointToken& token) {
  if (slot == nullptr) return "there is no such execution";
  return slot->running() ? difference(token, slot->token) : "the execution is complete";
}

Response Service::checkpoint(const Request& request) {
  Slot* const slot = find(request.token.execution);
  if (slot == nullptr) return refused("Invalid checkpoint token: there is no such execution");
  const Slot::Answered& last = slot->answered;
  const bool repeated = last.client_token != 0 && last.client_token == request.client_token &&
                        last.inbound == request.token && clock_.now() - last.at <= kRepeatWindow;
  if (repeated && !DURASIM_MUTANT(applies_client_token_twice)) {
    Response response;
    response.token = last.token;
    response.operations = last.operations;
    response.next_marker = last.next_marker;
    return response;
  }
  if (!repeated) {
    if (!slot->running()) return refused("Invalid checkpoint token: the execution is complete");
    const std::string fault = difference(request.token, slot->token);
    if (!fault.empty() && !DURASIM_MUTANT(accepts_stale_tokens)) {
      return refused("Invalid checkpoint token: " + fault);
    }
    std::string violation =
        first_violation(slot->data->operations, slot->index, request.updates, config_);
    if (!violation.empty()) return refused(std::move(violation));
  }
  apply_all(*slot, request.updates);
  return answer(*slot, request);
}

void Service::apply_all(Slot& slot, const std::vector<OperationUpdate>& updates) {
  if (exceeds_quota(slot, updates) && !DURASIM_MUTANT(ignores_the_operations_limit)) {
    finish(slot, durable::ExecutionStatus::failed, {},
           std::make_shared<durable::ErrorObject>(
               durable::ErrorObject{"OperationLimitExceeded",
                                    fmt::format("the execution would have more than {} operations",
                                                config_.operations_limit)}));
    return;
  }
  for (const OperationUpdate& update : updates) apply(slot, update);
}

bool Service::exceeds_quota(Slot& slot, const std::vector<OperationUpdate>& updates) const {
  const std::size_t operations = slot.data->operations.size();
  if (operations + updates.size() <= config_.operations_limit) return false;
  std::vector<std::uint32_t> added;
  for (const OperationUpdate& update : updates) {
    const bool counts = update.type != durable::OperationType::execution && !slot.find(update.path);
    if (counts) added.push_back(update.path.index());
  }
  std::sort(added.begin(), added.end());
  added.erase(std::unique(added.begin(), added.end()), added.end());
  return operations + added.size() > config_.operations_limit;
}

Response Service::answer(Slot& slot, const Request& request) {
  ++slot.token.sequence;
  Response response;
  if (slot.running()) {
    response.token = {request.token.execution, request.token.invocation, slot.token.sequence};
  }
  std::vector<std::uint32_t>& news = slot.unheard;
  std::sort(news.begin(), news.end());
  news.erase(std::unique(news.begin(), news.end()), news.end());
  const std::size_t page =
      slot.page_size == 0 ? news.size() : std::min<std::size_t>(news.size(), slot.page_size);
  std::vector<durable::Operation>& told = slot.answered.operations;
  told.clear();
  for (std::size_t i = 0; i < page; ++i) told.push_back(slot.data->operations[news[i]]);
  response.operations = told;
  slot.rest.assign(news.begin() + static_cast<std::ptrdiff_t>(page), news.end());
  if (!slot.rest.empty()) response.next_marker = kOfAnswer;
  news.clear();
  if (slot.open) slot.triggered = false;  // one that has responded cannot act on what it is told

  slot.answered.client_token = request.client_token;
  slot.answered.inbound = request.token;
  slot.answered.at = clock_.now();
  slot.answered.token = response.token;
  slot.answered.next_marker = response.next_marker;
  return response;
}

}  // namespace durasim
