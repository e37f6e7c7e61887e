#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/service/slot.hpp"

/// Executions: how they start and how they end.
namespace durasim {
namespace {

/// Source: docs/reference/protocol.md#limits
constexpr std::size_t kExecutionNameLimit = 64;
// What a small execution needs, so that it is not copied as it grows.
constexpr std::size_t kFewEvents = 16;
constexpr std::size_t kFewOperations = 4;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

void Service::check_name(const std::string& name) {
  if (name.empty() || name.size() > kExecutionNameLimit ||
      !std::all_of(name.begin(), name.end(), is_name_character)) {
    throw std::invalid_argument(fmt::format(
        "\"{}\" cannot name an execution: a name has 1 to {} characters of [a-zA-Z0-9-_]", name,
        kExecutionNameLimit));
  }
}

namespace {

/// Its last part looks like a UUID and is derived from the number.
std::string arn_of(const std::string& function, const std::string& name, std::uint32_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  std::string arn;
  arn.reserve(128 + function.size() + name.size());
  arn.append("arn:aws:lambda:us-east-1:123456789012:function:").append(function);
  arn.append(":1/durable-execution/").append(name);
  arn.append("/00000000-0000-4000-8000-").append(digits);
  return arn;
}

EventType end_event(durable::ExecutionStatus status) {
  switch (status) {
    case durable::ExecutionStatus::succeeded:
      return EventType::execution_succeeded;
    case durable::ExecutionStatus::timed_out:
      return EventType::execution_timed_out;
    case durable::ExecutionStatus::stopped:
      return EventType::execution_stopped;
    default:
      return EventType::execution_failed;
  }
}

}  // namespace

ServiceConfig ServiceConfig::emulator() {
  ServiceConfig config;
  config.failed_invocation_limit = 5;
  config.retry_backoff = std::chrono::seconds(5);
  return config;
}

Service::Service(Clock& clock, ServiceConfig config, std::uint32_t timer_owner,
                 HistoryListener listener)
    : clock_(clock), config_(config), timer_owner_(timer_owner), listener_(std::move(listener)) {}

Service::~Service() = default;

std::uint32_t Service::start(const std::string& function, durable::Text input, std::string name,
                             std::optional<Duration> timeout, std::string tenant_id) {
  const std::uint32_t number = executions() + 1;
  if (name.empty()) name = "execution-" + std::to_string(number);
  check_name(name);

  auto data = std::make_shared<Execution>();
  data->number = number;
  data->function = function;
  data->arn = arn_of(function, name, number);
  data->tenant_id = std::move(tenant_id);
  data->input = std::move(input);
  data->started_at = clock_.now();
  data->timeout = timeout.value_or(config_.execution_timeout);
  data->history.reserve(kFewEvents);
  data->operations.reserve(kFewOperations);
  Slot& slot = *slots_.emplace_back(std::make_unique<Slot>());
  slot.data = std::move(data);
  slot.unheard.reserve(kFewOperations);
  slot.token.execution = number;
  slot.owed = true;
  queue_if_wanting(slot);
  Timestamp end = clock_.now() + slot.data->timeout;
  if (DURASIM_MUTANT(times_out_early)) end -= std::chrono::seconds(1);
  slot.timeout = clock_.set(end, timer_owner_, number, kExecutionTimeout);
  write(slot, {.type = EventType::execution_started, .payload = slot.data->input});
  return number;
}

void Service::stop(std::uint32_t number, durable::ErrorPtr error) {
  Slot& slot = this->slot(number);
  if (slot.running()) finish(slot, durable::ExecutionStatus::stopped, {}, std::move(error));
}

Service::Slot* Service::find(std::uint32_t number) const {
  return number >= 1 && number <= slots_.size() ? slots_[number - 1].get() : nullptr;
}

const Execution& Service::execution(std::uint32_t number) const { return *slot(number).data; }

std::shared_ptr<const Execution> Service::share(std::uint32_t number) const {
  return slot(number).data;
}

void Service::log(std::uint32_t number, LogLine line) {
  slot(number).data->logs.push_back(std::move(line));
}

void Service::write(Slot& slot, HistoryEvent&& event) {
  event.at = clock_.now();
  slot.data->history.push_back(std::move(event));
  if (listener_) listener_(*slot.data, slot.data->history.back());
}

void Service::finish(Slot& slot, durable::ExecutionStatus status, durable::Text result,
                     durable::ErrorPtr error) {
  Execution& data = *slot.data;
  data.status = status;
  data.ended_at = clock_.now();
  data.result = std::move(result);
  data.error = std::move(error);
  slot.owed = slot.triggered = slot.in_flight = slot.open = false;
  cancel_timers(slot);
  slot.outstanding.clear();
  if (DURASIM_MUTANT(writes_no_end)) return;
  write(slot, {.type = end_event(status), .payload = data.result, .error = data.error});
}

}  // namespace durasim
