#include <utility>

#include <fmt/format.h>

#include "durasim/oracle/history_checker.hpp"
#include "durasim/oracle/wording.hpp"

/// history-legal: every event of a history is one that the protocol allows after those before it.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

std::string sentence(const HistoryEntry& entry, const std::string& violation) {
  return fmt::format("event {} of the history, {}{}, {}", entry.id, entry.type,
                     entry.path.is_root() ? "" : " of operation " + entry.path.to_string(),
                     violation);
}

class HistoryLegal final : public Monitor {
 public:
  explicit HistoryLegal(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    return {TraceEvent::Kind::history, TraceEvent::Kind::execution_ended};
  }

  void on(const TraceEvent& event) override {
    Execution& execution = executions_[event.execution];
    if (execution.reported) return;
    if (event.kind == TraceEvent::Kind::execution_ended) {
      if (std::string lacks = execution.checker.at_end(); !lacks.empty())
        report(execution, event, std::move(lacks));
      return;
    }
    const HistoryEntry entry{.type = event.event_type,
                             .id = event.event_id,
                             .path = event.path,
                             .virtual_contexts = event.virtual_contexts,
                             .attempt = event.attempt,
                             .again = event.delay.count() > 0,
                             .failed = event.error != nullptr,
                             .result_bytes = event.payload.view().size()};
    if (const std::string violation = execution.checker.next(entry); !violation.empty())
      report(execution, event, sentence(entry, violation));
  }

 private:
  struct Execution {
    oracle::HistoryChecker checker;
    bool reported = false;
  };

  void report(Execution& execution, const TraceEvent& event, std::string what) {
    execution.reported = true;
    Finding finding = oracle::concerning(Oracle::history_legal, event, "");
    if (event.path.is_root()) finding.operation.clear();
    finding.what = std::move(what);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Executions<Execution> executions_;
};

}  // namespace

std::string check_history(std::span<const HistoryEntry> history, bool over) {
  oracle::HistoryChecker checker;
  for (const HistoryEntry& entry : history) {
    if (const std::string violation = checker.next(entry); !violation.empty())
      return sentence(entry, violation);
  }
  return over ? checker.at_end() : std::string();
}

std::unique_ptr<Monitor> make_history_legal(Findings& findings) {
  return std::make_unique<HistoryLegal>(findings);
}

}  // namespace durasim
