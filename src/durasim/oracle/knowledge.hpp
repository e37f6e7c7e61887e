#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <durable/model.hpp>

#include "durable/model/path_set.hpp"

/// What monitors keep: sets of operations, what an invocation was told, and one state per
/// invocation. Monitors see every event of runs that last microseconds, so nothing here allocates
/// twice.
namespace durasim::oracle {

using durable::PathSet;

/// What an invocation was told of an operation last.
struct KnownOperation {
  durable::OperationPath path;
  std::uint32_t attempt = 0;  ///< finished ones
  durable::OperationStatus status = durable::OperationStatus::started;
  bool replay_children = false;  ///< a context whose body runs again although it has ended
};

/// What an invocation was told of its execution's record: the state it was given, and the answers
/// since.
class Knowledge {
 public:
  void start(std::span<const durable::Operation> state) {
    paths_.clear();
    operations_.clear();
    operations_.reserve(state.size() + 8);
    learn(state);
  }

  void learn(std::span<const durable::Operation> changed) {
    for (const durable::Operation& operation : changed) {
      const KnownOperation news{operation.path, operation.attempt, operation.status,
                                operation.replay_children};
      if (paths_.insert(operation.path)) {
        operations_.push_back(news);
      } else {
        operations_[newest(operation.path)] = news;
      }
    }
  }

  /// nullptr for an operation that it was never told of.
  const KnownOperation* find(durable::OperationPath path) const {
    return paths_.contains(path) ? &operations_[newest(path)] : nullptr;
  }

  bool knows_terminal(durable::OperationPath path) const {
    const KnownOperation* const known = find(path);
    return known != nullptr && is_terminal(known->status);
  }

  /// The result of a context around it is recorded: its body does not run again, and nobody is told
  /// of what is inside.
  bool is_inside_completed(durable::OperationPath path) const {
    for (path = path.parent(); !path.is_root(); path = path.parent()) {
      const KnownOperation* const context = find(path);
      if (context != nullptr && is_terminal(context->status) && !context->replay_children)
        return true;
    }
    return false;
  }

  /// Whether nothing has changed that it was not told of.
  bool agrees_with(std::span<const durable::Operation> record) const {
    if (record.size() < operations_.size()) return false;
    for (std::size_t i = 0; i < record.size(); ++i) {
      const bool in_order = i < operations_.size() && operations_[i].path == record[i].path;
      const KnownOperation* const known = in_order ? &operations_[i] : find(record[i].path);
      const bool same = known != nullptr && known->status == record[i].status &&
                        known->attempt == record[i].attempt;
      if (!same && !is_inside_completed(record[i].path)) return false;
    }
    return true;
  }

  /// In the order in which it was told of them first.
  const std::vector<KnownOperation>& operations() const { return operations_; }

 private:
  /// Where an operation of the set is; recent ones are asked for most.
  std::size_t newest(durable::OperationPath path) const {
    std::size_t at = operations_.size() - 1;
    while (operations_[at].path != path) --at;
    return at;
  }

  std::vector<KnownOperation> operations_;
  PathSet paths_;
};

/// One state for each invocation that is under way. States are used again: begin() hands out one
/// with the contents of an invocation that has ended, and its caller resets it.
template <class State>
class Invocations {
 public:
  Invocations() = default;
  Invocations(const Invocations&) = delete;
  Invocations& operator=(const Invocations&) = delete;

  State& begin(std::uint32_t invocation) {
    const auto free =
        std::find_if(slots_.begin(), slots_.end(), [](const Slot& s) { return !s.live; });
    recent_ = free != slots_.end() ? &*free : &slots_.emplace_back();
    recent_->invocation = invocation;
    recent_->live = true;
    return recent_->state;
  }

  /// Also that of an invocation which has ended, until another takes its place.
  State* find(std::uint32_t invocation) {
    if (recent_ != nullptr && recent_->invocation == invocation) return &recent_->state;
    for (Slot& slot : slots_) {
      if (slot.invocation != invocation) continue;
      recent_ = &slot;
      return &slot.state;
    }
    return nullptr;
  }

  void end(std::uint32_t invocation) {
    for (Slot& slot : slots_) slot.live = slot.live && slot.invocation != invocation;
  }

 private:
  struct Slot {
    std::uint32_t invocation = 0;
    bool live = false;
    State state;
  };

  std::vector<Slot> slots_;
  Slot* recent_ = nullptr;  // of them: events of one invocation come one after the other
};

/// One state for each execution; they are numbered from 1.
template <class State>
class Executions {
 public:
  Executions() = default;
  Executions(const Executions&) = delete;
  Executions& operator=(const Executions&) = delete;

  State& operator[](std::uint32_t execution) {
    if (recent_ == nullptr || execution != recent_number_) look_up(execution);
    return *recent_;
  }

 private:
  void look_up(std::uint32_t execution) {
    if (execution >= states_.size()) states_.resize(std::size_t{execution} + 1);
    recent_number_ = execution;
    recent_ = &states_[execution];
  }

  std::vector<State> states_;
  State* recent_ = nullptr;  // of them: events of one execution come one after the other
  std::uint32_t recent_number_ = 0;
};

}  // namespace durasim::oracle
