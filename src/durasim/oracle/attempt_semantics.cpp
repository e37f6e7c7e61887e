#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// attempt-semantics: how often the body of a step may start, and when.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;
using durable::OperationStatus;

/// What is remembered of a step over all invocations.
struct StepStarts {
  OperationPath path = {};
  std::uint32_t attempt = 0;  ///< the newest one that started
  bool left_open = false;  ///< an invocation ended cleanly without recording how that attempt ended
  std::uint64_t started = 0;  ///< attempts 1 to 64 that started, a bit each
  bool reported = false;      ///< once is enough: what follows are its consequences
};

class AttemptSemantics final : public Monitor {
 public:
  explicit AttemptSemantics(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {invocation_started, answer, body_started, invocation_ended, response_ignored};
  }

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    switch (event.kind) {
      case Kind::invocation_started: {
        Invocation& invocation = invocations_.begin(event.invocation);
        invocation.known.start(event.operations);
        invocation.open.clear();
        invocation.refused = false;
        break;
      }
      case Kind::answer:
        if (Invocation* invocation = invocations_.find(event.invocation))
          answered(*invocation, event);
        break;
      case Kind::body_started:
        if (Invocation* invocation = invocations_.find(event.invocation))
          body_started(*invocation, event);
        break;
      case Kind::invocation_ended:
        if (Invocation* invocation = invocations_.find(event.invocation)) ended(*invocation, event);
        [[fallthrough]];
      case Kind::response_ignored:
        invocations_.end(event.invocation);
        break;
      default:
        break;
    }
  }

 private:
  struct Attempt {
    OperationPath path;
    std::uint32_t number;
  };
  struct Invocation {
    oracle::Knowledge known;
    std::vector<Attempt> open;  // started here, and not known to have ended
    bool refused = false;
  };
  struct Execution {
    oracle::PathSet paths;
    std::vector<StepStarts> steps;

    StepStarts& step(OperationPath path) {
      if (paths.insert(path)) {
        steps.push_back({path});
        return steps.back();
      }
      return *std::find_if(steps.rbegin(), steps.rend(),
                           [&](const StepStarts& step) { return step.path == path; });
    }
  };

  static bool is_over(const Attempt& attempt, OperationStatus status, std::uint32_t finished) {
    return is_terminal(status) || finished >= attempt.number;
  }

  void answered(Invocation& invocation, const TraceEvent& event) {
    invocation.refused = invocation.refused || event.refusal != nullptr;
    invocation.known.learn(event.operations);
    std::erase_if(invocation.open, [&](const Attempt& attempt) {
      const oracle::KnownOperation* const known = invocation.known.find(attempt.path);
      return known != nullptr && is_over(attempt, known->status, known->attempt);
    });
  }

  /// An attempt that is open when its invocation ends may start again if that invocation was
  /// interrupted or overtaken. One that was neither and suspends should have recorded how the
  /// attempt ended.
  void ended(Invocation& invocation, const TraceEvent& event) {
    const bool suspended = event.outcome == durable::InvocationOutcome::Status::pending;
    if (!suspended || event.ended_abnormally || event.superseded || invocation.refused) return;
    for (const Attempt& attempt : invocation.open) {
      const auto recorded =
          std::find_if(event.operations.begin(), event.operations.end(),
                       [&](const durable::Operation& o) { return o.path == attempt.path; });
      if (recorded != event.operations.end() &&
          is_over(attempt, recorded->status, recorded->attempt))
        continue;
      StepStarts& step = executions_[event.execution].step(attempt.path);
      if (step.attempt == attempt.number && !DURASIM_MUTANT(forgets_open_attempts))
        step.left_open = true;
    }
  }

  void body_started(Invocation& invocation, const TraceEvent& event) {
    const oracle::KnownOperation* const known = invocation.known.find(event.path);
    if (known != nullptr && is_terminal(known->status)) return;  // completed-once judges it
    StepStarts& step = executions_[event.execution].step(event.path);
    const std::string violation = this->violation(invocation, known, step, event);
    if (!violation.empty() && !std::exchange(step.reported, true)) report(event, violation);

    const auto this_attempt = [&](const Attempt& attempt) { return attempt.path == event.path; };
    std::erase_if(invocation.open, this_attempt);
    invocation.open.push_back({event.path, event.attempt});
    if (event.attempt >= 1 && event.attempt <= 64)
      step.started |= std::uint64_t{1} << (event.attempt - 1);
    if (event.attempt > step.attempt) {
      step.attempt = event.attempt;
      step.left_open = false;
    }
  }

  /// The rule that this start breaks; empty if it breaks none.
  static std::string violation(const Invocation& invocation, const oracle::KnownOperation* known,
                               const StepStarts& step, const TraceEvent& event) {
    const std::uint32_t finished = known != nullptr ? known->attempt : 0;
    const bool skips = DURASIM_MUTANT(accepts_a_skipped_attempt) && event.attempt > finished;
    if (event.attempt != finished + 1 && !skips) {
      return fmt::format("as attempt {} where attempt {} is next: attempts are consecutive",
                         event.attempt, finished + 1);
    }
    if (event.max_attempts > 0 && event.attempt > event.max_attempts &&
        !DURASIM_MUTANT(accepts_attempts_beyond_the_limit)) {
      return fmt::format("as attempt {}, but its retry strategy allows {}", event.attempt,
                         event.max_attempts);
    }
    if (event.semantics == durable::StepSemantics::at_most_once_per_retry) {
      if (!DURASIM_MUTANT(accepts_bodies_before_their_start) &&
          (known == nullptr || known->status != OperationStatus::started)) {
        return fmt::format(
            "as attempt {} before the service had acknowledged the START of that attempt; it is "
            "at-most-once",
            event.attempt);
      }
      const bool before = event.attempt <= 64 ? (step.started >> (event.attempt - 1) & 1U) != 0
                                              : step.attempt == event.attempt;
      if (before && !DURASIM_MUTANT(accepts_a_second_run_at_most_once))
        return fmt::format("a second time as attempt {}; it is at-most-once", event.attempt);
      return {};
    }
    const bool started_here =
        std::any_of(invocation.open.begin(), invocation.open.end(), [&](const Attempt& attempt) {
          return attempt.path == event.path && attempt.number == event.attempt;
        });
    if (started_here || (step.left_open && step.attempt == event.attempt)) {
      return fmt::format("a second time as attempt {}, although nothing had interrupted it",
                         event.attempt);
    }
    return {};
  }

  void report(const TraceEvent& event, const std::string& violation) {
    Finding finding = oracle::concerning(Oracle::attempt_semantics, event, event.name);
    finding.what =
        fmt::format("the body of {} started {}",
                    oracle::named(durable::OperationType::step, event.name, event.path), violation);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Invocations<Invocation> invocations_;
  oracle::Executions<Execution> executions_;
};

}  // namespace

std::unique_ptr<Monitor> make_attempt_semantics(Findings& findings) {
  return std::make_unique<AttemptSemantics>(findings);
}

}  // namespace durasim
