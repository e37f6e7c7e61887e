#include "durasim/oracle/history_checker.hpp"

#include <fmt/format.h>

#include "durable/model/mutant.hpp"

namespace durasim::oracle {

using Of = HistoryWord::Of;
using Role = HistoryWord::Role;

std::string HistoryChecker::next(const HistoryEntry& entry) {
  if (entry.id != last_id_ + 1) {
    return fmt::format("follows event {}: numbers are consecutive from 1", last_id_);
  }
  last_id_ = entry.id;
  if (over_ && !DURASIM_MUTANT(history_legal_knows_no_end))
    return "comes after the end of the execution";
  const HistoryWord word = history_word(entry.type);
  const bool begins = word.of == Of::execution && word.role == Role::started;
  if (begins != (entry.id == 1)) {
    return begins ? "starts an execution that has started" : "comes before ExecutionStarted";
  }
  if (word.of == Of::unknown) return {};
  if (word.of == Of::execution) return of_execution(word.role, entry);
  if (word.of == Of::invocation) return of_invocation(entry);
  return of_operation(word, entry);
}

std::string HistoryChecker::at_end() const {
  return over_ ? std::string() : "the execution is over, but no event says how it ended";
}

std::string HistoryChecker::of_execution(Role role, const HistoryEntry& entry) {
  if (role == Role::started) return {};
  over_ = true;
  if (role != Role::succeeded) return {};  // the service ends executions of its own accord
  if (entry.failed) return "holds an error";
  // What does not fit into a response is recorded by a checkpoint, which completes no invocation.
  if (invocation_open_ && entry.result_bytes <= durable::kResponseLimitBytes)
    return "comes before the InvocationCompleted of the invocation that returned";
  return {};
}

std::string HistoryChecker::of_invocation(const HistoryEntry& entry) {
  invocation_open_ = false;
  if (entry.attempt == 0) return {};
  if (entry.attempt <= last_invocation_) {
    return fmt::format("ends invocation {}, but invocation {} has ended before", entry.attempt,
                       last_invocation_);
  }
  last_invocation_ = entry.attempt;
  return {};
}

std::string HistoryChecker::of_operation(HistoryWord word, const HistoryEntry& entry) {
  if (entry.path.is_root()) return "names no operation";
  const durable::OperationPath parent =
      durable::recorded_parent(entry.path, entry.virtual_contexts);
  if (!parent.is_root()) {
    if (std::string wrong = of_parent(parent, word, entry); !wrong.empty()) return wrong;
  }
  const bool of_handler = word.of == Of::step || word.of == Of::context;
  if (of_handler || word.role == Role::started) invocation_open_ = true;  // other ends just come

  Operation& operation = this->operation(entry.path, word.of);
  if (operation.of != word.of) return "names an operation that is recorded with another type";
  if (operation.state == Operation::State::over) return "comes after the end of its operation";
  if (word.role == Role::succeeded && entry.failed) return "holds an error";
  return word.of == Of::step ? of_step(operation, word.role, entry)
                             : of_other(operation, word.role);
}

std::string HistoryChecker::of_parent(durable::OperationPath parent, HistoryWord word,
                                      const HistoryEntry& entry) const {
  if (!paths_.contains(parent))
    return fmt::format("is inside operation {}, which has not started", parent.to_string());
  const Operation& context = operations_[index_of(parent)];
  if (context.of != Of::context)
    return fmt::format("is inside operation {}, which is no context", parent.to_string());
  // What was under way when its context ended may still end: a callback has a timeout of its own.
  const bool starts = word.role == Role::started && !paths_.contains(entry.path);
  if (starts && context.state == Operation::State::over &&
      !DURASIM_MUTANT(history_legal_knows_no_end_of_contexts))
    return fmt::format("starts inside operation {}, which has ended", parent.to_string());
  return {};
}

std::string HistoryChecker::of_step(Operation& step, Role role, const HistoryEntry& entry) {
  using State = Operation::State;
  const std::uint32_t next = step.finished_attempts + 1;
  if (entry.attempt != next && !DURASIM_MUTANT(history_legal_takes_any_attempt)) {
    return fmt::format("is of attempt {}, but attempt {} is next: attempts are consecutive",
                       entry.attempt, next);
  }
  if (role == Role::started) {
    if (step.state == State::started) return fmt::format("starts attempt {} a second time", next);
    step.state = State::started;
    return {};
  }
  if (step.state != State::started)
    return fmt::format("ends attempt {}, which has not started", next);
  step.finished_attempts = next;
  step.state = entry.again ? State::between_attempts : State::over;
  return {};
}

std::string HistoryChecker::of_other(Operation& operation, Role role) {
  using State = Operation::State;
  const bool starts = role == Role::started;
  if (starts == (operation.state == State::started))
    return starts ? "starts an operation that has started"
                  : "ends an operation that has not started";
  operation.state = starts ? State::started : State::over;
  return {};
}

HistoryChecker::Operation& HistoryChecker::operation(durable::OperationPath path, Of of) {
  if (paths_.insert(path)) return operations_.emplace_back(Operation{.path = path, .of = of});
  return operations_[index_of(path)];
}

std::size_t HistoryChecker::index_of(durable::OperationPath path) const {
  std::size_t at = operations_.size() - 1;  // recent ones are asked for most
  while (operations_[at].path != path) --at;
  return at;
}

}  // namespace durasim::oracle
