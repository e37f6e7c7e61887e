#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// What replay-agreement keeps of the runs that it compares.
namespace durasim::oracle {

/// One run of a handler: an invocation, or a shadow replay of one.
struct HandlerRun {
  std::uint32_t execution = 0;
  std::uint32_t invocation = 0;  ///< of that execution
  bool shadow = false;
  bool cold = false;  ///< of shadows: in a process of its own
  Knowledge known;
  PathSet given;  ///< what is recorded in the state it began with
  std::size_t given_count = 0;
  PathSet issued;
  std::vector<durable::OperationPath> order;  ///< what it issued
  std::size_t issued_of_given = 0;
  std::size_t hint = 0;

  void begin(std::uint32_t of, std::span<const durable::Operation> state) {
    execution = of;
    known.start(state);
    given.clear();
    for (const durable::Operation& operation : state) given.insert(operation.path);
    given_count = state.size();
    issued.clear();
    order.clear();
    order.reserve(state.size() + 8);
    issued_of_given = hint = 0;
    contexts_.clear();
  }

  /// Takes `number` as the next call of `context`. False if it is not.
  bool is_next(durable::OperationPath context, std::uint32_t number) {
    auto at = std::find_if(contexts_.rbegin(), contexts_.rend(),
                           [&](const Context& c) { return c.path == context; });
    if (at == contexts_.rend()) {
      contexts_.push_back({context, 0});
      at = contexts_.rbegin();
    }
    return ++at->calls == number || DURASIM_MUTANT(replay_agreement_ignores_turns);
  }

  /// Learns from an answer. What it holds that the run did not make is a further page of the state
  /// that it began with.
  void learn(std::span<const durable::Operation> changed) {
    known.learn(changed);
    for (const durable::Operation& operation : changed) {
      if (!issued.contains(operation.path) && given.insert(operation.path)) ++given_count;
    }
  }

  /// Whether it had to make an operation that was made before, and has not.
  bool lacks(durable::OperationPath path) const {
    return !issued.contains(path) && !known.is_inside_completed(path);
  }

  /// What of the state that it began with it lacks, in the order of the record.
  std::vector<durable::OperationPath> lacking() const {
    std::vector<durable::OperationPath> paths;
    if (issued_of_given == given_count) return paths;
    for (const KnownOperation& operation : known.operations()) {
      if (given.contains(operation.path) && lacks(operation.path)) paths.push_back(operation.path);
    }
    return paths;
  }

  /// Some failures are of the SDK inside an operation: a result that cannot be stored, a request
  /// that was refused. The handler gets no further than that operation then, which is the last one
  /// that it made or a context around it.
  bool stopped_inside_operation(durable::InvocationOutcome::Status status) const {
    if (status != durable::InvocationOutcome::Status::failed || order.empty()) return false;
    for (durable::OperationPath path = order.back(); !path.is_root(); path = path.parent()) {
      if (!known.knows_terminal(path)) return true;
    }
    return false;
  }

  /// Of the contexts around its newest call, one that makes its result again from what is recorded;
  /// the root if there is none.
  durable::OperationPath made_again() const {
    durable::OperationPath path = order.empty() ? durable::OperationPath() : order.back();
    for (; !path.is_root(); path = path.parent()) {
      const KnownOperation* const context = known.find(path);
      if (context != nullptr && is_terminal(context->status) && context->replay_children) break;
    }
    return path;
  }

 private:
  struct Context {
    durable::OperationPath path;
    std::uint32_t calls;
  };
  std::vector<Context> contexts_;
};

/// How a run of a handler ended.
struct Ending {
  durable::InvocationOutcome::Status status = durable::InvocationOutcome::Status::pending;
  durable::Text result;
  durable::ErrorPtr error;

  static Ending of(const TraceEvent& event) { return {event.outcome, event.payload, event.error}; }
  bool agrees_with(const Ending& other) const {
    using Status = durable::InvocationOutcome::Status;
    if (DURASIM_MUTANT(replay_agreement_ignores_endings)) return true;
    if (status != other.status) return false;
    if (status == Status::succeeded) return result == other.result;
    if (status != Status::failed || error == other.error) return true;
    return error && other.error && error->type == other.error->type &&
           error->message == other.error->message;
  }
  std::string describe() const { return ending(to_string(status), result, error); }
};

}  // namespace durasim::oracle
