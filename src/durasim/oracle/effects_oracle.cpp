#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// effects: where the outside world may be reached from. How often is judged where the ledger is
/// kept.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

class EffectsOracle final : public Monitor {
 public:
  explicit EffectsOracle(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {invocation_started, operation_issued, answer, effect,
            invocation_ended,   response_ignored};
  }

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    switch (event.kind) {
      case Kind::invocation_started:
        invocations_.begin(event.invocation).reset();
        break;
      case Kind::operation_issued:
        if (Invocation* invocation = invocations_.find(event.invocation))
          invocation->last.assign(event);
        break;
      case Kind::answer:
        if (!event.execution_over) break;
        if (Invocation* invocation = invocations_.find(event.invocation))
          invocation->told_over = !DURASIM_MUTANT(allows_effects_after_the_end);
        break;
      case Kind::effect:
        if (event.invocation != 0) judge(event);
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
  /// The durable call that an effect came after: an effect of the handler itself has no place of
  /// its own.
  struct LastCall {
    durable::OperationPath path;
    durable::OperationType type = durable::OperationType::step;
    std::source_location where = {};
    std::string name;

    void assign(const TraceEvent& issued) {
      path = issued.path;
      type = issued.type;
      where = issued.where;
      name.assign(issued.name);
    }
    std::string describe() const {
      if (path.is_root()) return "before the first durable call";
      return fmt::format("after {} at {}", oracle::named(type, name, path), oracle::place(where));
    }
  };
  struct Invocation {
    bool told_over = false;
    LastCall last;

    void reset() {
      told_over = false;
      last.path = {};
    }
  };

  void judge(const TraceEvent& event) {
    if (DURASIM_MUTANT(allows_effects_of_the_handler) && !event.in_body) return;
    if (DURASIM_MUTANT(allows_effects_while_unwinding) && event.unwinding) return;
    const Invocation* const invocation = invocations_.find(event.invocation);
    const bool told_over = invocation != nullptr && invocation->told_over;
    if (event.in_body && !event.unwinding && !told_over) return;
    const std::string where =
        invocation != nullptr ? invocation->last.describe() : "in the handler";
    const bool known_step = invocation != nullptr && invocation->last.path == event.path;
    Finding finding = oracle::concerning(Oracle::effects, event,
                                         event.path.is_root() ? event.name
                                         : known_step ? std::string_view(invocation->last.name)
                                                      : "");
    if (event.unwinding) {
      finding.what =
          fmt::format("\"{}\" took effect while the stack was unwound, {}", event.name, where);
      finding.remedy =
          "do nothing durable or external in destructors and catch (...) blocks: undo things in "
          "a step, after catch (const std::exception&)";
      finding.why =
          "an invocation that has to wait ends by unwinding the handler's stack: that runs "
          "destructors and catch (...) blocks although nothing has failed";
    } else if (told_over) {
      finding.what = fmt::format(
          "\"{}\" took effect in an invocation that had been told that the execution is over, {}",
          event.name, where);
      finding.remedy = oracle::kDefectOfTheSdk;
    } else {
      finding.what = fmt::format("\"{}\" took effect outside a step, {}", event.name, where);
      finding.remedy = "make it in a step's body, whose result is recorded";
      finding.why =
          "a handler runs from its beginning in every invocation, and does again whatever is not "
          "in a step";
    }
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Invocations<Invocation> invocations_;
};

}  // namespace

std::unique_ptr<Monitor> make_effects(Findings& findings) {
  return std::make_unique<EffectsOracle>(findings);
}

}  // namespace durasim
