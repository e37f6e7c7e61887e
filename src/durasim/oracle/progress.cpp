#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/core/hash.hpp"
#include "durasim/oracle/history_words.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// progress: an invocation suspends only on what will wake it, and an execution is not invoked for
/// ever.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using Status = durable::InvocationOutcome::Status;
using durable::OperationStatus;
using durable::OperationType;

/// Whether the service will invoke again on account of this operation.
bool wakes(const durable::Operation& operation) {
  switch (operation.type) {
    case OperationType::step:
      return operation.status == OperationStatus::pending ||
             operation.status == OperationStatus::ready;
    case OperationType::wait:
      if (DURASIM_MUTANT(progress_takes_any_wait_for_a_wake_up)) return true;
      [[fallthrough]];
    case OperationType::callback:
    case OperationType::chained_invoke:
      return !is_terminal(operation.status);
    default:
      return false;
  }
}

std::uint64_t hash_of(std::span<const durable::Operation> record) {
  Hash64 hash;
  for (const durable::Operation& operation : record) {
    hash.add(std::uint64_t{operation.path.index()} << 32U | operation.attempt);
    hash.add(static_cast<std::uint64_t>(operation.status));
  }
  return hash.value();
}

class Progress final : public Monitor {
 public:
  explicit Progress(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_ended, choice,           timer_fired,      invocation_started,
            answer,          operation_issued, body_started,     body_ended,
            suspended,       misuse,           response_ignored, invocation_ended,
            outside,         history};
  }

  void on(const TraceEvent& event) override {
    if (concerns(event)) judge(event);
  }

 private:
  /// Apart from on(), so that the many events which concern nothing need no stack frame.
  [[gnu::noinline]] void judge(const TraceEvent& event) {
    using Kind = TraceEvent::Kind;
    switch (event.kind) {
      case Kind::execution_ended:
        executions_[event.execution].over = true;
        if (event.execution_status == durable::ExecutionStatus::timed_out) timed_out(event);
        break;
      case Kind::choice:
        if (event.decision != nullptr && event.decision->answer != 0) {
          executions_[event.execution].fault = true;
          executions_[event.execution].slept_through.reset();  // such as a late delivery
        }
        break;
      case Kind::timer_fired:
        timer_fired(event);
        break;
      case Kind::outside:  // a test that says that nobody answers knows what comes of it
        if (event.name == "never") executions_[event.execution].forget(event.path);
        break;
      case Kind::history:
        if (event.event_type.starts_with('I')) {
          executions_[event.execution].out_of_time =
              event.error && event.error->type == "Sandbox.Timedout";
        } else {
          written_of_outside(event);
        }
        break;
      case Kind::invocation_started: {
        Execution& execution = executions_[event.execution];
        ++execution.running;
        execution.reinvocation_due = false;
        execution.slept_through.reset();
        Invocation& invocation = invocations_.begin(event.invocation);
        invocation.known.start(event.operations);
        invocation.body = {};
        invocation.suspended = invocation.misused = false;
        executions_[event.execution].waits_for = {};
        break;
      }
      case Kind::answer:
        if (Invocation* invocation = invocations_.find(event.invocation))
          invocation->known.learn(event.operations);
        break;
      case Kind::operation_issued:
        executions_[event.execution].calls(event);
        break;
      case Kind::body_started:
      case Kind::body_ended:
      case Kind::suspended:
        if (Invocation* invocation = invocations_.find(event.invocation)) {
          invocation->suspended = event.kind == Kind::suspended;
          invocation->body =
              event.kind == Kind::body_started ? event.path : durable::OperationPath();
          if (event.kind == Kind::suspended) executions_[event.execution].waits_for = event.path;
        }
        break;
      case Kind::misuse:
        if (Invocation* invocation = invocations_.find(event.invocation))
          invocation->misused = true;
        break;
      case Kind::response_ignored:
        invocations_.end(event.invocation);
        break;
      case Kind::invocation_ended:
        ended(event);
        break;
      default:
        break;
    }
  }

  struct Invocation {
    oracle::Knowledge known;
    durable::OperationPath body;  // the one that is running
    bool suspended = false;       // was the last that it did
    bool misused = false;         // hygiene says more about its end
  };
  struct Callback {
    durable::OperationPath path;
    std::source_location where;
    std::string name;
    bool ends_by_itself = true;  // it has ended, has a timeout, or its silence is meant
  };
  struct Execution {
    bool over = false;
    bool fault = false;             // injected since the last invocation ended
    std::uint32_t running = 0;      // invocations that have not ended
    bool reinvocation_due = false;  // one ended without a response: the service comes back to it
    /// When something came due that no invocation was told of, though none was running.
    std::optional<Timestamp> slept_through;
    bool out_of_time = false;          // the last invocation reached its timeout
    bool fails = false;                // the last invocation failed of itself...
    std::uint64_t record = 0;          // ...and left this record
    durable::OperationPath waits_for;  // what it was suspended on last
    std::vector<Callback> callbacks;   // that it made

    void calls(const TraceEvent& issued) {
      const auto is_it = [&](const Callback& callback) { return callback.path == issued.path; };
      if (std::none_of(callbacks.begin(), callbacks.end(), is_it))
        callbacks.push_back({issued.path, issued.where, std::string(issued.name), true});
    }
    void forget(durable::OperationPath path) {
      for (Callback& callback : callbacks)
        callback.ends_by_itself = callback.ends_by_itself || callback.path == path;
    }
    void starts(durable::OperationPath path) {
      for (Callback& callback : callbacks) {
        if (callback.path == path) callback.ends_by_itself = false;
      }
    }
  };

  /// Of what is issued and written down, only callbacks and chained invokes may end for want of others,
  /// and only invocations for want of time.
  static bool concerns(const TraceEvent& event) {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return false;
    if (event.kind == Kind::history)
      return event.event_type.starts_with('C') || event.event_type == "InvocationCompleted";
    return event.kind != Kind::operation_issued || event.type == OperationType::callback;
  }

  /// The timeout of an execution ended it while it waited for what nobody was ever going to send.
  void timed_out(const TraceEvent& event) {
    const Execution& execution = executions_[event.execution];
    const auto awaited = std::find_if(
        execution.callbacks.begin(), execution.callbacks.end(), [&](const Callback& callback) {
          return callback.path == execution.waits_for && !callback.ends_by_itself;
        });
    if (awaited == execution.callbacks.end() || execution.running > 0) return;
    if (DURASIM_MUTANT(progress_waits_for_the_outside_for_ever)) return;
    TraceEvent about;
    about.at = event.at;
    about.path = awaited->path;
    about.where = awaited->where;
    Finding finding = oracle::concerning(Oracle::progress, about, awaited->name);
    finding.what = fmt::format(
        "execution {} waited for {} until the execution itself timed out: the callback has no "
        "timeout, and nothing answered it",
        event.execution, oracle::named(OperationType::callback, awaited->name, awaited->path));
    finding.remedy =
        "give the callback a timeout in CallbackConfig, so that the handler can go on without an "
        "answer; or say in the scenario what becomes of it: sim.on_callback(name).succeed(...), or "
        ".never() if this end is meant";
    finding.why =
        "whoever should answer may never do so, and nothing but a timeout ends such a wait; an "
        "execution's own may be a year away";
    findings_.add(std::move(finding));
  }

  void written_of_outside(const TraceEvent& event) {
    if (event.event_type != "CallbackStarted") return outside_ended(event);
    if (event.delay.count() == 0 && event.heartbeat_timeout.count() == 0)
      executions_[event.execution].starts(event.path);
  }

  /// The end of a callback or of a chained invoke while nothing runs wakes the execution too.
  void outside_ended(const TraceEvent& event) {
    const oracle::HistoryWord word = oracle::history_word(event.event_type);
    const bool of_outside = word.of == oracle::HistoryWord::Of::callback ||
                            word.of == oracle::HistoryWord::Of::chained_invoke;
    if (!of_outside || word.role == oracle::HistoryWord::Role::started) return;
    Execution& execution = executions_[event.execution];
    execution.forget(event.path);
    const bool idle = execution.running == 0 && !execution.reinvocation_due;
    if (idle && !execution.over && !execution.slept_through &&
        !DURASIM_MUTANT(progress_ignores_lost_wake_ups))
      execution.slept_through = event.at;
  }

  /// What comes due while nothing runs starts an invocation before the clock moves on.
  void timer_fired(const TraceEvent& event) {
    Execution& execution = executions_[event.execution];
    if (execution.over) return;
    if (execution.slept_through && *execution.slept_through < event.at) return report_lost(event);
    const bool idle = execution.running == 0 && !execution.reinvocation_due;
    if (idle && !event.path.is_root() && !DURASIM_MUTANT(progress_ignores_lost_wake_ups))
      execution.slept_through = event.at;
  }

  void ended(const TraceEvent& event) {
    const Invocation* const invocation = invocations_.find(event.invocation);
    invocations_.end(event.invocation);
    Execution& execution = executions_[event.execution];
    if (execution.running > 0) --execution.running;
    execution.reinvocation_due = execution.reinvocation_due || event.ended_abnormally;
    if (invocation == nullptr || execution.over || event.superseded) return;  // nobody waits for it
    const bool fault = std::exchange(execution.fault, false);
    const bool of_itself = !fault && !invocation->misused;

    // A response that the service refused as invalid counts as an abnormal end too, but it was
    // given.
    const bool responded = !event.ended_abnormally || (of_itself && invocation->suspended);
    if (responded && event.outcome == Status::pending &&
        invocation->known.agrees_with(event.operations) &&
        std::none_of(event.operations.begin(), event.operations.end(), wakes)) {
      return report_suspension(event);
    }
    const bool failed = event.ended_abnormally || event.outcome == Status::function_error;
    const bool failed_before = std::exchange(execution.fails, failed && of_itself);
    if (!execution.fails) return;
    const std::uint64_t before = std::exchange(execution.record, hash_of(event.operations));
    if (failed_before && before == execution.record && !DURASIM_MUTANT(progress_never_ends))
      report_lasso(event, *invocation);
  }

  void report_suspension(const TraceEvent& event) {
    Finding finding = oracle::concerning(Oracle::progress, event, "");
    finding.what = fmt::format(
        "execution {} was suspended, but nothing is recorded that could wake it", event.execution);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  void report_lost(const TraceEvent& event) {
    Finding finding = oracle::concerning(Oracle::progress, event, "");
    finding.what = fmt::format(
        "what execution {} waited for was over, but nothing woke the execution before the clock "
        "moved on: the wake-up was lost",
        event.execution);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  void report_lasso(const TraceEvent& event, const Invocation& invocation) {
    TraceEvent about;
    about.at = event.at;
    about.path = invocation.body;
    Finding finding = oracle::concerning(Oracle::progress, about, "");
    if (executions_[event.execution].out_of_time) {
      finding.what = fmt::format(
          "execution {} is in the same state again: two invocations in a row reached their timeout "
          "without a fault and recorded nothing, so that it would be invoked for ever",
          event.execution);
      finding.why =
          "what is not recorded when an invocation reaches its timeout is begun anew by the next "
          "one, and no attempt is counted";
      finding.remedy =
          "let every step's body end well within the timeout: split it into steps, or start the "
          "work elsewhere and wait for it with wait_for_callback or wait_for_condition";
      findings_.add(std::move(finding));
      return;
    }
    const std::string error =
        event.error ? fmt::format(" ({}: {})", event.error->type, event.error->message) : "";
    finding.what = fmt::format(
        "execution {} is in the same state again: two invocations in a row failed without a "
        "fault{} and recorded nothing, so that it would be invoked for ever",
        event.execution, error);
    finding.why =
        "an invocation that fails is made again, without a limit, and the next one finds what this "
        "one found";
    finding.remedy =
        "find out why every invocation fails at this point; what may fail belongs in a step, whose "
        "attempts are limited";
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Invocations<Invocation> invocations_;
  oracle::Executions<Execution> executions_;
};

}  // namespace

std::unique_ptr<Monitor> make_progress(Findings& findings) {
  return std::make_unique<Progress>(findings);
}

}  // namespace durasim
