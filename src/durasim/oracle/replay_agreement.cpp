#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <durable/errors.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/divergence.hpp"
#include "durasim/oracle/handler_run.hpp"
#include "durasim/oracle/identity.hpp"
#include "durasim/oracle/wording.hpp"

/// replay-agreement: whenever a handler runs against a record, it makes the durable calls that are
/// recorded, in their order, and ends as it did when it made the record.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;
using Status = durable::InvocationOutcome::Status;
using oracle::Ending;
using oracle::HandlerRun;

bool responded(const TraceEvent& ended) {
  return !ended.ended_abnormally && ended.outcome != Status::function_error;
}

class ReplayAgreement final : public Monitor {
 public:
  explicit ReplayAgreement(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {invocation_started, answer,           history,        operation_issued,
            response_ignored,   invocation_ended, replay_started, replay_ended};
  }

  void on(const TraceEvent& event) override {
    using enum TraceEvent::Kind;
    switch (event.kind) {
      case invocation_started:
        started(event);
        break;
      case answer:
        if (HandlerRun* run = runs_.find(event.invocation)) answered(*run, event);
        break;
      case history:
        recorded(event);
        break;
      case operation_issued:
        if (HandlerRun* run = event.shadow ? shadow() : runs_.find(event.invocation))
          issued(*run, event);
        break;
      case response_ignored:
        runs_.end(event.invocation);
        break;
      case invocation_ended:
        ended(event);
        break;
      case replay_started:
        shadow_started(event);
        break;
      case replay_ended:
        shadow_ended(event);
        break;
      default:
        break;
    }
  }

 private:
  struct Execution {
    oracle::Identities identities;
    std::uint32_t last_ended = 0;     // invocation
    std::uint32_t last_of_those = 0;  // the same, counted in the execution
    bool reported = false;  // what follows from the first difference is not reported again
  };

  HandlerRun* shadow() { return shadowing_ ? &shadow_ : nullptr; }
  /// The invocation that the shadow replays; nullptr if it was not seen.
  HandlerRun* real() { return shadowed_ == 0 ? nullptr : runs_.find(shadowed_); }

  void started(const TraceEvent& event) {
    HandlerRun& run = runs_.begin(event.invocation);
    run.begin(event.execution, event.operations);
    run.invocation = number_of(event);
  }

  /// As narratives count.
  static std::uint32_t number_of(const TraceEvent& event) {
    return event.ordinal != 0 ? event.ordinal : event.invocation;
  }

  void recorded(const TraceEvent& event) {
    if (event.path.is_root()) return;
    oracle::Identity* const identity = executions_[event.execution].identities.find(event.path);
    if (identity != nullptr) identity->recorded = true;
  }

  void issued(HandlerRun& run, const TraceEvent& event) {
    Execution& execution = executions_[run.execution];
    if (execution.reported) return;
    oracle::Identity* identity = execution.identities.find(event.path, run.hint);
    if (identity == nullptr && !event.shadow) identity = &execution.identities.add(event);
    run.issued.insert(event.path);
    run.order.push_back(event.path);

    const OperationPath context = identity != nullptr ? identity->context : event.path.parent();
    const std::uint32_t number = identity != nullptr ? identity->number : event.path.number();
    if (!run.is_next(context, number)) {
      report_call(run, event, Divergence::Kind::out_of_turn, {});
    } else if (run.given.contains(event.path)) {
      ++run.issued_of_given;
      if (identity != nullptr && !identity->is(event)) report_difference(run, *identity, event);
    } else if (event.shadow) {
      const HandlerRun* const real = this->real();
      if (!comparable_ || (real != nullptr && real->issued.contains(event.path))) return;
      report_call(run, event, Divergence::Kind::extra_operation, ending_.describe());
    } else if (!identity->recorded && event.invocation > identity->invocation) {
      identity->assign(event);  // the call made before never reached the record
    }
  }

  /// What an answer ends can be told before the run learns of it.
  void answered(HandlerRun& run, const TraceEvent& event) {
    for (const durable::Operation& operation : event.operations) {
      if (operation.type == durable::OperationType::context && is_terminal(operation.status) &&
          run.issued.contains(operation.path) && !run.known.knows_terminal(operation.path))
        context_ended(run, operation, event.at);
    }
    run.learn(event.operations);
  }

  /// Its body has ended: what is recorded inside it has to have been made again.
  void context_ended(const HandlerRun& run, const durable::Operation& context, Timestamp at) {
    if (DURASIM_MUTANT(replay_agreement_ignores_ends_of_contexts)) return;
    Execution& execution = executions_[run.execution];
    if (execution.reported) return;
    std::vector<OperationPath> lacking = run.lacking();
    std::erase_if(lacking, [&](OperationPath path) { return !is_inside(path, context.path); });
    if (lacking.empty()) return;
    Divergence divergence;
    divergence.kind = Divergence::Kind::unconsumed_operations;
    divergence.actual.call = call_at(execution, context.path);
    divergence.actual.end = oracle::ending(to_string(context.status), {}, context.error);
    report_lacking(run, lacking, std::move(divergence), at);
  }

  static bool is_inside(OperationPath path, OperationPath context) {
    while (!path.is_root() && path != context) path = path.parent();
    return path == context;
  }

  void ended(const TraceEvent& event) {
    const HandlerRun* const run = runs_.find(event.invocation);
    runs_.end(event.invocation);
    Execution& execution = executions_[event.execution];
    execution.last_ended = event.invocation;
    execution.last_of_those = number_of(event);
    if (run == nullptr || execution.reported || !responded(event)) return;
    if (event.outcome == Status::failed && event.error &&
        event.error->type == durable::kNonDeterministic) {
      report_refused(*run, event);
    } else if (!run->stopped_inside_operation(event.outcome)) {
      const std::vector<OperationPath> lacking = run->lacking();
      if (!lacking.empty())
        report_lacking(*run, lacking, stopped(*run, Ending::of(event)), event.at);
    }
  }

  void shadow_started(const TraceEvent& event) {
    const Execution& execution = executions_[event.execution];
    shadowing_ = !execution.reported;
    if (!shadowing_) return;
    shadow_.begin(event.execution, event.operations);
    shadow_.shadow = true;
    shadow_.cold = event.cold;
    shadow_.invocation = event.invocation != 0 ? number_of(event) : execution.last_of_those;
    shadowed_ = event.invocation != 0 ? event.invocation : execution.last_ended;
    const HandlerRun* const real = this->real();
    // A replay of what the invocation was not told of may go further than it did.
    comparable_ =
        responded(event) && (real == nullptr || real->known.agrees_with(event.operations));
    ending_ = Ending::of(event);
  }

  void shadow_ended(const TraceEvent& event) {
    if (!shadowing_) return;
    shadowing_ = false;
    const Execution& execution = executions_[shadow_.execution];
    if (!comparable_ || execution.reported) return;
    const Ending ending = Ending::of(event);
    std::vector<OperationPath> lacking;
    if (const HandlerRun* const real = this->real()) {
      std::ranges::copy_if(real->order, std::back_inserter(lacking),
                           [&](OperationPath path) { return shadow_.lacks(path); });
    } else {
      lacking = shadow_.lacking();
    }
    if (!lacking.empty() && report_lacking(shadow_, lacking, stopped(shadow_, ending), event.at))
      return;
    // A shadow runs no body and makes no request: it cannot fail where the SDK did, but stops
    // there.
    const bool stopped_there =
        ending.status == Status::pending && shadow_.stopped_inside_operation(ending_.status);
    if (!ending.agrees_with(ending_) && !stopped_there) report_ending(ending, event.at);
  }

  /// What comes of the calls that `run` lacks when it ends like this.
  Divergence stopped(const HandlerRun& run, const Ending& ending) {
    Divergence divergence;
    const bool suspended = ending.status == Status::pending;
    divergence.kind = suspended ? Divergence::Kind::missing_operation : Divergence::Kind::early_end;
    divergence.actual.end = oracle::told_apart(ending.describe(), "").first;
    if (suspended && !run.order.empty()) {
      const Divergence::Call last = call_at(executions_[run.execution], run.order.back());
      divergence.actual.end += fmt::format(" on {}", oracle::named(last));
    }
    return divergence;
  }

  /// The call made at a path, as far as it is known.
  static Divergence::Call call_at(Execution& execution, OperationPath path) {
    const oracle::Identity* const identity = execution.identities.find(path);
    return identity != nullptr ? identity->call() : Divergence::Call{.path = path};
  }

  void report_call(const HandlerRun& run, const TraceEvent& event, Divergence::Kind kind,
                   std::string expected_end) {
    Divergence divergence;
    divergence.kind = kind;
    divergence.path = event.path;
    divergence.expected.end = std::move(expected_end);
    divergence.actual.call = oracle::call_of(event);
    report(run, event, event.name, std::move(divergence));
  }

  void report_difference(const HandlerRun& run, const oracle::Identity& identity,
                         const TraceEvent& event) {
    const bool made_later = executions_[run.execution].identities.has_later(identity, event);
    const bool same_name = identity.name == event.name;  // otherwise neither says which it is
    report(run, event, same_name ? event.name : "", identity.difference(event), {}, made_later);
  }

  /// The SDK itself found it: where the simulation has seen less than the record holds, or where a
  /// context makes its result again.
  void report_refused(const HandlerRun& run, const TraceEvent& event) {
    Execution& execution = executions_[run.execution];
    const OperationPath last = run.order.empty() ? OperationPath() : run.order.back();
    Divergence divergence;
    divergence.kind = Divergence::Kind::another_operation;
    divergence.path = last;
    if (!last.is_root()) divergence.actual.call = call_at(execution, last);
    const OperationPath context = run.made_again();
    if (!context.is_root()) {
      divergence.expected = {.call = call_at(execution, context), .end = "SUCCEEDED"};
      const bool threw = run.given.contains(last);
      divergence.kind = threw ? Divergence::Kind::another_end : Divergence::Kind::extra_operation;
      if (threw) {
        divergence.path = context;
        divergence.actual = {.call = divergence.expected.call, .end = "FAILED"};
      }
    }
    report_about(run, last, event.at, std::move(divergence), event.error->message);
  }

  void report_ending(const Ending& ending, Timestamp at) {
    Divergence divergence;
    divergence.kind = Divergence::Kind::another_end;
    auto [replayed, before] = oracle::told_apart(ending.describe(), ending_.describe());
    divergence.actual.end = std::move(replayed);
    divergence.expected.end = std::move(before);
    report_about(shadow_, {}, at, std::move(divergence));
  }

  /// Reports the first of the operations that `run` had to make again and did not; there is one.
  bool report_lacking(const HandlerRun& run, const std::vector<OperationPath>& lacking,
                      Divergence divergence, Timestamp at) {
    if (DURASIM_MUTANT(replay_agreement_ignores_missing_calls)) return false;
    divergence.path = lacking.front();
    divergence.expected.call = call_at(executions_[run.execution], lacking.front());
    divergence.unconsumed = static_cast<std::uint32_t>(lacking.size());
    report_about(run, lacking.front(), at, std::move(divergence));
    return true;
  }

  /// At the place of an operation that was made before.
  void report_about(const HandlerRun& run, OperationPath path, Timestamp at, Divergence divergence,
                    std::string what = {}) {
    TraceEvent about;
    about.at = at;
    about.path = path;
    const oracle::Identity* const identity = executions_[run.execution].identities.find(path);
    if (identity != nullptr) about.where = identity->where;
    report(run, about, identity != nullptr ? std::string_view(identity->name) : "",
           std::move(divergence), std::move(what));
  }

  void report(const HandlerRun& run, const TraceEvent& about, std::string_view name,
              Divergence divergence, std::string what = {}, bool made_later = false) {
    Execution& execution = executions_[run.execution];
    execution.reported = true;
    locate(divergence, execution, run);
    divergence.advice = oracle::advise(divergence, made_later);
    Finding finding = oracle::concerning(Oracle::replay_agreement, about, name);
    finding.what = what.empty() ? oracle::sentence(divergence) : std::move(what);
    finding.remedy = divergence.advice;
    if (run.cold) {
      finding.why =
          "nothing that an invocation leaves in memory, as in a static variable, is there in a "
          "cold "
          "sandbox";
    }
    finding.divergence = std::move(divergence);
    findings_.add(std::move(finding));
  }

  /// Where in `run` it is: at its newest call, or after that.
  static void locate(Divergence& divergence, Execution& execution, const HandlerRun& run) {
    const bool at_newest = !run.order.empty() && run.order.back() == divergence.path;
    const std::size_t agreed = run.order.size() - (at_newest ? 1 : 0);
    divergence.ordinal = static_cast<std::uint32_t>(agreed) + 1;
    if (agreed > 0) divergence.last_agreeing = call_at(execution, run.order[agreed - 1]);
    divergence.execution = run.execution;
    divergence.invocation = run.invocation;
    divergence.shadow = run.shadow;
    divergence.cold = run.cold;
  }

  Findings& findings_;
  oracle::Invocations<HandlerRun> runs_;
  oracle::Executions<Execution> executions_;

  HandlerRun shadow_;
  bool shadowing_ = false;
  bool comparable_ = false;     // the invocation responded, knowing all that the shadow knows
  std::uint32_t shadowed_ = 0;  // invocation
  Ending ending_;               // of that invocation
};

}  // namespace

std::unique_ptr<Monitor> make_replay_agreement(Findings& findings) {
  return std::make_unique<ReplayAgreement>(findings);
}

}  // namespace durasim
