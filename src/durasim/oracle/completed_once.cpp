#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// completed-once: no body starts in an invocation that was told how its operation ended.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

class CompletedOnce final : public Monitor {
 public:
  explicit CompletedOnce(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {invocation_started, answer, body_started, invocation_ended, response_ignored};
  }

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    switch (event.kind) {
      case Kind::invocation_started: {
        Ended& ended = invocations_.begin(event.invocation);
        ended.operations.clear();
        ended.learn(event.operations);
        break;
      }
      case Kind::answer:
        if (DURASIM_MUTANT(completed_once_ignores_answers)) break;
        if (Ended* ended = invocations_.find(event.invocation)) ended->learn(event.operations);
        break;
      case Kind::body_started: {
        const Ended* const ended = invocations_.find(event.invocation);
        if (ended != nullptr && ended->operations.contains(event.path)) report(event);
        break;
      }
      case Kind::response_ignored:
      case Kind::invocation_ended:
        invocations_.end(event.invocation);
        break;
      default:
        break;
    }
  }

 private:
  struct Ended {
    oracle::PathSet operations;

    void learn(std::span<const durable::Operation> changed) {
      for (const durable::Operation& operation : changed) {
        if (DURASIM_MUTANT(completed_once_ignores_failures) &&
            operation.status == durable::OperationStatus::failed)
          continue;
        if (is_terminal(operation.status)) operations.insert(operation.path);
      }
    }
  };

  void report(const TraceEvent& event) {
    Finding finding = oracle::concerning(Oracle::completed_once, event, event.name);
    finding.what =
        fmt::format("the body of {} started in an invocation that had been told how the step ended",
                    oracle::named(durable::OperationType::step, event.name, event.path));
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Invocations<Ended> invocations_;
};

}  // namespace

std::unique_ptr<Monitor> make_completed_once(Findings& findings) {
  return std::make_unique<CompletedOnce>(findings);
}

}  // namespace durasim
