#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// completed-once: no body starts in an invocation that was told how its operation ended, or how a
/// context around it did; nor does the body of such a context.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;

class CompletedOnce final : public Monitor {
 public:
  explicit CompletedOnce(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {invocation_started, answer,           operation_issued,
            body_started,       invocation_ended, response_ignored};
  }

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    switch (event.kind) {
      case Kind::invocation_started: {
        Ended& ended = invocations_.begin(event.invocation);
        ended.clear();
        ended.learn(event.operations);
        break;
      }
      case Kind::answer:
        if (DURASIM_MUTANT(completed_once_ignores_answers)) break;
        if (Ended* ended = invocations_.find(event.invocation)) ended->learn(event.operations);
        break;
      case Kind::operation_issued:
        issued(event);
        break;
      case Kind::body_started:
        body_started(event);
        break;
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
    oracle::PathSet replayed;  ///< contexts among them whose bodies run again over their records
    bool any_context = false;  ///< is among them
    bool reported = false;     ///< a body that ran again: what it makes are its consequences

    void clear() {
      operations.clear();
      replayed.clear();
      any_context = reported = false;
    }

    void learn(std::span<const durable::Operation> changed) {
      for (const durable::Operation& operation : changed) {
        if (DURASIM_MUTANT(completed_once_ignores_failures) &&
            operation.status == durable::OperationStatus::failed)
          continue;
        if (!is_terminal(operation.status)) continue;
        operations.insert(operation.path);
        any_context = any_context || operation.type == durable::OperationType::context;
        if (operation.replay_children) replayed.insert(operation.path);
      }
    }

    /// The nearest context around `path` that has ended; the execution if none has. `or_again`: also
    /// one whose body runs again.
    OperationPath context_of(OperationPath path, bool or_again) const {
      if (!any_context) return {};
      for (path = path.parent(); !path.is_root(); path = path.parent()) {
        if (operations.contains(path) && (or_again || !replayed.contains(path))) return path;
      }
      return path;
    }
  };

  /// The body of a context may make a durable call.
  void issued(const TraceEvent& event) {
    if (DURASIM_MUTANT(completed_once_ignores_contexts)) return;
    Ended* const ended = invocations_.find(event.invocation);
    if (ended == nullptr || ended->reported) return;
    const OperationPath context = ended->context_of(event.path, false);
    if (context.is_root()) return;
    ended->reported = true;
    report(event,
           fmt::format("the body of context operation {} ran again and made {} in an "
                       "invocation that had been told how the context ended",
                       context.to_string(), oracle::named(event.type, event.name, event.path)));
  }

  void body_started(const TraceEvent& event) {
    Ended* const ended = invocations_.find(event.invocation);
    if (ended == nullptr || ended->reported) return;
    const auto step = [&] {
      return oracle::named(durable::OperationType::step, event.name, event.path);
    };
    if (ended->operations.contains(event.path)) {
      report(event, fmt::format("the body of {} started in an invocation that had been told how "
                                "the step ended",
                                step()));
    } else if (const OperationPath context = ended->context_of(event.path, true);
               !context.is_root()) {
      report(event, fmt::format("the body of {} started in an invocation that had been told how "
                                "context operation {} around it ended",
                                step(), context.to_string()));
    }
  }

  void report(const TraceEvent& event, std::string what) {
    Finding finding = oracle::concerning(Oracle::completed_once, event, event.name);
    finding.what = std::move(what);
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
