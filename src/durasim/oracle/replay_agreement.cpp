#include <algorithm>

#include <fmt/format.h>

#include <durable/errors.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/identity.hpp"
#include "durasim/oracle/wording.hpp"

/// replay-agreement: whenever a handler runs against a record, it makes the durable calls that are
/// recorded, in their order, and ends as it did when it made the record.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;
using Status = durable::InvocationOutcome::Status;

/// One run of a handler: an invocation, or a shadow replay of one.
struct HandlerRun {
  std::uint32_t execution = 0;
  oracle::Knowledge known;
  oracle::PathSet given;  ///< what is recorded in the state it began with
  std::size_t given_count = 0;
  oracle::PathSet issued;
  std::vector<OperationPath> order;  ///< what it issued
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
  bool is_next(OperationPath context, std::uint32_t number) {
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

 private:
  struct Context {
    OperationPath path;
    std::uint32_t calls;
  };
  std::vector<Context> contexts_;
};

/// How a run of a handler ended.
struct Ending {
  Status status = Status::pending;
  durable::Text result;
  durable::ErrorPtr error;

  static Ending of(const TraceEvent& event) { return {event.outcome, event.payload, event.error}; }
  bool agrees_with(const Ending& other) const {
    if (DURASIM_MUTANT(replay_agreement_ignores_endings)) return true;
    if (status != other.status) return false;
    if (status == Status::succeeded) return result == other.result;
    if (status != Status::failed || error == other.error) return true;
    return error && other.error && error->type == other.error->type &&
           error->message == other.error->message;
  }
  std::string describe() const { return oracle::ending(to_string(status), result, error); }
};

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
    using Kind = TraceEvent::Kind;
    switch (event.kind) {
      case Kind::invocation_started:
        runs_.begin(event.invocation).begin(event.execution, event.operations);
        break;
      case Kind::answer:
        if (HandlerRun* run = runs_.find(event.invocation)) run->learn(event.operations);
        break;
      case Kind::history:
        recorded(event);
        break;
      case Kind::operation_issued:
        if (HandlerRun* run = event.shadow ? shadow() : runs_.find(event.invocation))
          issued(*run, event);
        break;
      case Kind::response_ignored:
        runs_.end(event.invocation);
        break;
      case Kind::invocation_ended:
        ended(event);
        break;
      case Kind::replay_started:
        replay_started(event);
        break;
      case Kind::replay_ended:
        replay_ended(event);
        break;
      default:
        break;
    }
  }

 private:
  struct Execution {
    oracle::Identities identities;
    std::uint32_t last_ended = 0;  // invocation
    bool reported = false;         // what follows from the first difference is not reported again
  };

  HandlerRun* shadow() { return shadowing_ ? &shadow_ : nullptr; }
  /// The invocation that the shadow replays; nullptr if it was not seen.
  HandlerRun* real() { return shadowed_ == 0 ? nullptr : runs_.find(shadowed_); }

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
      report(execution, event, event.name,
             fmt::format("{} was made out of its turn at {}: the durable calls of a context are "
                         "numbered 1, 2, 3",
                         oracle::named(event.type, event.name, event.path),
                         oracle::place(event.where)));
    } else if (run.given.contains(event.path)) {
      ++run.issued_of_given;
      if (identity == nullptr || identity->is(event)) return;
      const bool same_name =
          identity->name == event.name;  // otherwise neither says which operation it is
      report(execution, event, same_name ? event.name : "", identity->difference(event));
    } else if (event.shadow) {
      const HandlerRun* const real = this->real();
      if (!comparable_ || (real != nullptr && real->issued.contains(event.path))) return;
      report(execution, event, event.name,
             fmt::format("on replay the handler made {} at {}, which it had not made before",
                         oracle::named(event.type, event.name, event.path),
                         oracle::place(event.where)));
    } else if (!identity->recorded && event.invocation > identity->invocation) {
      identity->assign(event);  // the call made before never reached the record
    }
  }

  void ended(const TraceEvent& event) {
    const HandlerRun* const run = runs_.find(event.invocation);
    runs_.end(event.invocation);
    Execution& execution = executions_[event.execution];
    execution.last_ended = event.invocation;
    if (run == nullptr || execution.reported || !responded(event)) return;
    if (event.outcome == Status::failed && event.error &&
        event.error->type == durable::kNonDeterministic) {
      const OperationPath last = run->order.empty() ? OperationPath() : run->order.back();
      report_about(execution, last, event.at, event.error->message);
    } else if (run->issued_of_given < run->given_count &&
               !stopped_inside_operation(*run, event.outcome)) {
      for (const oracle::KnownOperation& operation : run->known.operations()) {
        if (run->given.contains(operation.path) && is_missing(operation.path, *run, event.at))
          return;
      }
    }
  }

  void replay_started(const TraceEvent& event) {
    const Execution& execution = executions_[event.execution];
    shadowing_ = !execution.reported;
    if (!shadowing_) return;
    shadow_.begin(event.execution, event.operations);
    shadowed_ = event.invocation != 0 ? event.invocation : execution.last_ended;
    const HandlerRun* const real = this->real();
    // A replay of what the invocation was not told of may go further than it did.
    comparable_ =
        responded(event) && (real == nullptr || real->known.agrees_with(event.operations));
    ending_ = Ending::of(event);
  }

  void replay_ended(const TraceEvent& event) {
    if (!shadowing_) return;
    shadowing_ = false;
    Execution& execution = executions_[shadow_.execution];
    if (!comparable_ || execution.reported) return;
    if (const HandlerRun* const real = this->real()) {
      for (const OperationPath path : real->order) {
        if (is_missing(path, shadow_, event.at)) return;
      }
    } else {
      for (const oracle::KnownOperation& operation : shadow_.known.operations()) {
        if (is_missing(operation.path, shadow_, event.at)) return;
      }
    }
    const Ending ending = Ending::of(event);
    // A shadow runs no body and makes no request: it cannot fail where the SDK did, but stops
    // there.
    const bool stopped_there =
        ending.status == Status::pending && stopped_inside_operation(shadow_, ending_.status);
    if (ending.agrees_with(ending_) || stopped_there) return;
    const auto [replayed, before] = oracle::told_apart(ending.describe(), ending_.describe());
    report_about(
        execution, {}, event.at,
        fmt::format("on replay the handler ended {}, but with the same record it had ended {}",
                    replayed, before));
  }

  /// Some failures are of the SDK inside an operation: a result that cannot be stored, a request
  /// that was refused. The handler gets no further than that operation then, which is the last one
  /// that it made or a context around it.
  static bool stopped_inside_operation(const HandlerRun& run, Status status) {
    if (status != Status::failed || run.order.empty()) return false;
    for (OperationPath path = run.order.back(); !path.is_root(); path = path.parent()) {
      if (!run.known.knows_terminal(path)) return true;
    }
    return false;
  }

  /// Reports an operation that `run` had to make again and did not.
  bool is_missing(OperationPath path, const HandlerRun& run, Timestamp at) {
    if (DURASIM_MUTANT(replay_agreement_ignores_missing_calls)) return false;
    if (run.issued.contains(path) || run.known.is_inside_completed(path)) return false;
    Execution& execution = executions_[run.execution];
    const oracle::Identity* const identity = execution.identities.find(path);
    report_about(
        execution, path, at,
        identity != nullptr
            ? fmt::format("{} at {} was made before, but on replay the handler did not make it",
                          identity->describe(), oracle::place(identity->where))
            : fmt::format("operation {} is recorded, but on replay the handler did not make it",
                          path.to_string()));
    return true;
  }

  void report_about(Execution& execution, OperationPath path, Timestamp at, std::string what) {
    TraceEvent about;
    about.at = at;
    about.path = path;
    const oracle::Identity* const identity = execution.identities.find(path);
    if (identity != nullptr) about.where = identity->where;
    report(execution, about, identity != nullptr ? std::string_view(identity->name) : "",
           std::move(what));
  }

  void report(Execution& execution, const TraceEvent& about, std::string_view name,
              std::string what) {
    execution.reported = true;
    Finding finding = oracle::concerning(Oracle::replay_agreement, about, name);
    finding.what = std::move(what);
    finding.remedy =
        "take what differs between two runs of the handler from a step, from a recorded time or "
        "from the "
        "input";
    findings_.add(std::move(finding));
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
