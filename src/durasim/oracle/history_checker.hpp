#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <durasim/oracles.hpp>

#include "durasim/oracle/history_words.hpp"
#include "durasim/oracle/knowledge.hpp"

namespace durasim::oracle {

/// The state machine of one execution's history. It knows the protocol, and nothing of a service.
/// Source: docs/reference/protocol.md, history
class HistoryChecker {
 public:
  /// Takes the next event. What is wrong with it, as the rest of a sentence; empty if nothing is.
  /// After the first such event the others are its consequences.
  std::string next(const HistoryEntry& entry);
  /// What a history lacks whose execution is over; empty if nothing.
  std::string at_end() const;

 private:
  struct Operation {
    durable::OperationPath path;
    HistoryWord::Of of = HistoryWord::Of::unknown;
    enum class State : std::uint8_t { fresh, started, between_attempts, over } state = State::fresh;
    std::uint32_t finished_attempts = 0;
  };

  Operation& operation(durable::OperationPath path, HistoryWord::Of of);
  /// Of one that has been met.
  std::size_t index_of(durable::OperationPath path) const;
  std::string of_execution(HistoryWord::Role role, const HistoryEntry& entry);
  std::string of_invocation(const HistoryEntry& entry);
  std::string of_operation(HistoryWord word, const HistoryEntry& entry);
  std::string of_parent(durable::OperationPath parent, HistoryWord word,
                        const HistoryEntry& entry) const;
  static std::string of_step(Operation& step, HistoryWord::Role role, const HistoryEntry& entry);
  static std::string of_other(Operation& operation, HistoryWord::Role role);

  std::uint64_t last_id_ = 0;
  std::uint32_t last_invocation_ = 0;
  bool over_ = false;
  bool invocation_open_ =
      true;  ///< what only an invocation writes came after the last completed one
  PathSet paths_;
  std::vector<Operation> operations_;
};

}  // namespace durasim::oracle
