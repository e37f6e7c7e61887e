#include "durasim/service/fingerprint.hpp"

#include <algorithm>

#include "durasim/core/hash.hpp"
#include "durasim/service/slot.hpp"

namespace durasim {
namespace {

std::uint64_t operation_hash(std::size_t position, const durable::Operation& operation) {
  Hash64 hash;
  hash.add(position);
  hash.add(operation.path.hash());
  hash.add(static_cast<std::uint64_t>(operation.type) << 16U |
           static_cast<std::uint64_t>(operation.sub_type) << 8U |
           static_cast<std::uint64_t>(operation.replay_children) << 32U |
           static_cast<std::uint64_t>(operation.virtual_contexts) << 40U |
           static_cast<std::uint64_t>(operation.status));
  hash.add(operation.attempt);
  hash.add(text_hash(operation.name));
  hash.add(text_hash(operation.result));
  hash.add(error_hash(operation.error));
  const std::uint64_t value = hash.value();
  return value == 0 ? 1 : value;
}

std::uint64_t relative(Timestamp when, Timestamp now) {
  return static_cast<std::uint64_t>((when - now).count());
}

}  // namespace

std::uint64_t text_hash(const durable::Text& text) {
  if (!text.present()) return 0;
  Hash64 hash;
  hash.add(text.view());
  return hash.value();
}

std::uint64_t error_hash(const durable::ErrorPtr& error) {
  if (!error) return 0;
  Hash64 hash;
  hash.add(error->type);
  hash.add(error->message);
  hash.add(error->data);
  return hash.value();
}

void Fingerprint::changed(std::size_t operation) {
  if (operation >= hashes_.size()) return;  // it has no hash yet
  sum_ -= hashes_[operation];
  hashes_[operation] = 0;
  first_changed_ = std::min(first_changed_, operation);
}

std::uint64_t Fingerprint::of(const std::vector<durable::Operation>& operations) {
  hashes_.resize(operations.size(), 0);
  for (; first_changed_ < hashes_.size(); ++first_changed_) {
    std::uint64_t& hash = hashes_[first_changed_];
    if (hash != 0) continue;
    hash = operation_hash(first_changed_, operations[first_changed_]);
    sum_ += hash;
  }
  return sum_;
}

std::uint64_t Service::Slot::durable_state(Timestamp now, const ServiceConfig& config) {
  if (began_with == 0) {
    Hash64 start;
    start.add(data->function);
    start.add(text_hash(data->input));
    began_with = start.value();
  }
  Hash64 hash;
  hash.add(began_with);
  hash.add(static_cast<std::uint64_t>(data->status));
  hash.add(fingerprint.of(data->operations));
  if (durable::is_terminal(data->status)) {
    hash.add(text_hash(data->result));
    hash.add(error_hash(data->error));
    return hash.value();
  }
  std::uint64_t due = 0;  // a sum, because the order in which timers were set tells nothing
  for (const Waiting& timer : waiting) {
    Hash64 one;
    one.add(std::uint64_t{timer.operation} << 8U | static_cast<std::uint64_t>(timer.which));
    one.add(relative(timer.due, now));
    due += one.value();
  }
  for (const Outstanding& asked_for : outstanding) {
    Hash64 one;
    one.add(asked_for.operation);
    one.add(static_cast<std::uint64_t>(asked_for.heartbeat_timeout.count()));
    one.add(asked_for.asked);
    due += one.value();
  }
  hash.add(due);
  if (config.failed_invocation_limit) hash.add(failures);
  if (data->timeout != durable::kLongestWait)
    hash.add(relative(data->started_at + data->timeout, now));
  return hash.value();
}

std::uint64_t Service::durable_state() const {
  Hash64 hash;
  for (const auto& slot : slots_) hash.add(slot->durable_state(clock_.now(), config_));
  for (const ChainedInvoke& asked_for : invokes_) {
    hash.add(asked_for.execution);
    hash.add(asked_for.path.hash());
  }
  return hash.value();
}

}  // namespace durasim
