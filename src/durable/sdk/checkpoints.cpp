#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"

/// Requests to the service: batches, transmissions and what their errors mean.
/// Source: docs/reference/protocol.md#limits
namespace durable {
namespace {

constexpr std::size_t kBatchUpdates = 200;
constexpr std::size_t kBatchBytes = 750 * 1024;
constexpr std::uint32_t kTransmissions = 3;
constexpr Duration kFirstBackOff{100};

std::size_t size_of(const OperationUpdate& update) {
  std::size_t bytes = 256 + update.payload.view().size() + update.name.view().size();
  if (update.error) bytes += update.error->message.size() + update.error->data.size();
  return bytes;
}

/// The updates that go into one request; a single one that is too large goes alone.
std::vector<OperationUpdate> take_batch(std::vector<OperationUpdate>& queue) {
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < queue.size() && count < kBatchUpdates; ++count) {
    bytes += size_of(queue[count]);
    if (count > 0 && bytes > kBatchBytes) break;
  }
  if (count == queue.size()) return std::exchange(queue, {});
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<OperationUpdate> batch(std::make_move_iterator(queue.begin()),
                                     std::make_move_iterator(end));
  queue.erase(queue.begin(), end);
  return batch;
}

bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  for (std::size_t at = 0; at + lower.size() <= text.size(); ++at) {
    std::size_t i = 0;
    while (i < lower.size() && std::tolower(static_cast<unsigned char>(text[at + i])) == lower[i])
      ++i;
    if (i == lower.size()) return true;
  }
  return false;
}

enum class ErrorClass : std::uint8_t { transmit_again, invocation, execution };

/// Source: docs/reference/errors.md#errors-of-the-service
ErrorClass classify(const ServiceError& error) {
  if (error.code.starts_with("KMS")) return ErrorClass::execution;
  if (error.http_status == 429 || error.http_status >= 500 || error.http_status == 0) {
    return ErrorClass::transmit_again;
  }
  if (error.code == "InvalidParameterValueException" &&
      contains_ignoring_case(error.message, "invalid checkpoint token")) {
    return ErrorClass::invocation;
  }
  return ErrorClass::execution;
}

}  // namespace

OperationUpdate Engine::update(const DurableCall& call, OperationAction action) const {
  OperationUpdate made;
  made.path = call.path;
  made.virtual_contexts = current_->virtual_contexts_;
  made.type = call.type;
  made.action = action;
  made.sub_type = call.sub_type;
  if (!call.name.text().empty()) made.name = Text(call.name.text());
  return made;
}

void Engine::enqueue_start(const DurableCall& call, std::uint32_t attempt) {
  enqueue(update(call, OperationAction::start));
  if (executor_.sends_at_once(call.path, attempt)) flush();
}

void Engine::flush() {
  while (!queue_.empty()) {
    Request request{token_, executor_.client_token(), 1, take_batch(queue_)};
    Response response = transmit(request);
    for (Operation& operation : response.operations) record_.merge(std::move(operation));
    if (!response.token && request.updates.back().type == OperationType::execution) return;
    if (!response.token) {  // the execution is over: nothing more can be recorded
      queue_.clear();
      fail_invocation({"ExecutionCompletedError", "the execution is already complete"});
    }
    token_ = *response.token;
    if (response.next_marker != 0) read_pages(response.next_marker);
    if (!queue_.empty()) continue;
    queue_ = std::move(request.updates);  // its memory serves the next one
    queue_.clear();
    return;
  }
}

void Engine::checkpoint_end(OperationAction action, const Text& result, const ErrorPtr& error) {
  OperationUpdate end;
  end.type = OperationType::execution;
  end.action = action;
  end.payload = result;
  end.error = error;
  enqueue(std::move(end));
  flush();
}

void Engine::read_pages(std::uint32_t marker) {
  while (marker != 0) {
    Request request{token_, executor_.client_token(), 1, {}, Request::Kind::get_state, marker};
    Response response = transmit(request);
    for (Operation& operation : response.operations) record_.merge(std::move(operation));
    if (response.next_marker == marker) {
      fail_invocation(
          {"ServiceProtocolError",
           fmt::format("page {} of the execution's state names itself as the next one", marker)});
    }
    marker = response.next_marker;
  }
}

Response Engine::transmit(Request& request) {
  for (;; ++request.transmission) {
    if (DURASIM_MUTANT(fresh_client_token_per_transmission))
      request.client_token = executor_.client_token();
    std::optional<Response> response = client_.send(request);
    if (!response) {
      park(Parked::for_answer);
      response = std::exchange(answer_, std::nullopt);
    }
    switch (response->fate) {
      case Fate::ok:
        return std::move(*response);
      case Fate::dead:
        die();
      case Fate::never:
        for (;;) park(Parked::for_good);
      case Fate::error:
        break;
    }
    if (classify(*response->error) != ErrorClass::transmit_again ||
        request.transmission >= kTransmissions) {
      give_up(request, *response->error);
    }
    executor_.wake_after(kFirstBackOff * (1 << (request.transmission - 1)));
    park(Parked::for_time);
  }
}

void Engine::give_up(const Request& request, const ServiceError& error) {
  if (request.kind == Request::Kind::get_state) {
    ErrorObject failure{error.code.empty() ? "GetExecutionStateError" : error.code,
                        fmt::format("reading the state of the execution (page {}) refused: {}",
                                    request.marker, error.message)};
    if (classify(error) == ErrorClass::execution) fail_execution(std::move(failure));
    fail_invocation(std::move(failure));
  }
  const OperationUpdate& last = request.updates.back();
  const bool sent = last.type == OperationType::chained_invoke;
  const bool of_handler = last.type == OperationType::execution;
  std::string message = fmt::format("checkpoint of {} ({}) refused: {}",
                                    !of_handler  ? describe(last.name.view(), last.path)
                                    : last.error ? "the handler's failure"
                                                 : "the handler's result",
                                    to_string(last.action), error.message);
  if (!of_handler && last.payload.view().size() > kPayloadLimitBytes) {
    message += fmt::format(
        " (at {}: the {} has {} bytes and the limit is {}; store it elsewhere and {} a reference "
        "to "
        "it)",
        describe(last_.where), sent ? "payload" : "result", last.payload.view().size(),
        kPayloadLimitBytes, sent ? "send" : "return");
  }
  if (!of_handler && last.error && json_size(*last.error) > kErrorLimitBytes) {
    message += fmt::format(
        " (at {}: the error has {} bytes as JSON and the limit is {}; shorten the message of what "
        "was thrown)",
        describe(last_.where), json_size(*last.error), kErrorLimitBytes);
  }
  if (DURASIM_MUTANT(raises_failure_for_lost_answer)) {
    throw StepError(last.name.str(), last.path, {error.code, message});
  }
  if (classify(error) == ErrorClass::execution) fail_execution({error.code, message});
  fail_invocation({error.code.empty() ? "CheckpointError" : error.code, message});
}

}  // namespace durable
