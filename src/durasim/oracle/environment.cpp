#include <algorithm>

#include <fmt/format.h>

#include <durable/errors.hpp>
#include <durasim/oracles.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/core/hash.hpp"
#include "durasim/oracle/history_words.hpp"
#include "durasim/oracle/wording.hpp"

/// What the environment decided, and result-agreement, which compares two runs that were given the
/// same.
namespace durasim {
namespace {

/// Keeps `entries` in order of execution.
template <class Entry>
void insert_by_execution(std::vector<Entry>& entries, Entry entry) {
  const auto later = std::find_if(entries.rbegin(), entries.rend(), [&](const Entry& other) {
    return other.execution <= entry.execution;
  });
  entries.insert(later.base(), std::move(entry));
}

void add_to(Hash64& hash, durable::OperationPath path) {
  for (; !path.is_root(); path = path.parent()) hash.add(path.number());
  hash.add(0);
}

bool fails_equally(const durable::ErrorPtr& a, const durable::ErrorPtr& b) {
  if (!a || !b) return !a && !b;
  return a->type == b->type && a->message == b->message;
}

/// Whether the callbacks and chained invokes of an execution ended in one run as in the other.
bool answered_equally(const Environment& a, const Environment& b, std::uint32_t execution) {
  const auto of_it = [&](const Environment::Answer& answer) {
    return answer.execution == execution;
  };
  const auto unmatched = [&](const Environment& in, const Environment& from) {
    return std::any_of(from.answers.begin(), from.answers.end(), [&](const auto& sought) {
      return of_it(sought) &&
             std::none_of(in.answers.begin(), in.answers.end(), [&](const auto& o) {
               return of_it(o) && o.path == sought.path && o.how == sought.how &&
                      o.value == sought.value && fails_equally(o.error, sought.error);
             });
    });
  };
  return !unmatched(a, b) && !unmatched(b, a);
}

}  // namespace

std::uint64_t Environment::hash() const {
  Hash64 hash;
  for (const Attempt& one : attempts) {
    hash.add(one.execution);
    add_to(hash, one.path);
    hash.add(one.attempt);
    hash.add(static_cast<std::uint64_t>(one.interrupted) << 3U |
             static_cast<std::uint64_t>(one.body_ended) << 2U |
             static_cast<std::uint64_t>(one.value.present()) << 1U |
             static_cast<std::uint64_t>(one.error != nullptr));
    hash.add(one.value.view());
    if (!one.error) continue;
    hash.add(one.error->type);
    hash.add(one.error->message);
    hash.add(one.error->data);
  }
  return hash.value();
}

void EnvironmentRecorder::on(const TraceEvent& event) {
  using Kind = TraceEvent::Kind;
  if (event.shadow) return;
  const auto is_this = [&](const auto& other) {
    return other.execution == event.execution && other.path == event.path &&
           other.attempt == event.attempt;
  };

  if (event.kind == Kind::execution_ended) {
    insert_by_execution(
        environment_.outcomes,
        Environment::Outcome{event.execution, event.execution_status, event.payload, event.error});
    if (plain_.contains(event.execution)) plain_ended(event);
  } else if (event.kind == Kind::body_started) {
    if (event.path.is_root()) plain_.insert(event.execution);
    if (event.semantics != durable::StepSemantics::at_most_once_per_retry)
      return;  // never interrupted
    if (std::none_of(bodies_.begin(), bodies_.end(), is_this)) {
      bodies_.push_back({event.execution, event.path, event.attempt, false});
    }
  } else if (event.kind == Kind::body_ended) {
    const auto body = std::find_if(bodies_.begin(), bodies_.end(), is_this);
    if (body == bodies_.end()) return;
    body->ended = true;
    for (Environment::Attempt& attempt :
         environment_.attempts) {  // interrupted first, ended afterwards
      if (attempt.interrupted && is_this(attempt)) attempt.body_ended = true;
    }
  } else if (event.kind == Kind::execution_started) {
    if (event.caller != 0)
      environment_.invoked.push_back({event.execution, event.caller, event.path});
  } else if (event.kind == Kind::history) {
    if (event.event_type.starts_with('C')) return answered(event);
    if (event.event_type != "StepSucceeded" && event.event_type != "StepFailed") return;
    const bool interrupted = event.error && event.error->type == durable::kStepInterrupted;
    const auto body = std::find_if(bodies_.begin(), bodies_.end(), is_this);
    const bool body_ended = interrupted && body != bodies_.end() && body->ended;
    if (!interrupted && body != bodies_.end()) bodies_.erase(body);
    insert_by_execution(environment_.attempts,
                        Environment::Attempt{event.execution, event.path, event.attempt,
                                             interrupted, body_ended, event.payload, event.error});
  }
}

/// A function that is not durable is one body: how it ends is decided outside, like an attempt of a step.
void EnvironmentRecorder::plain_ended(const TraceEvent& event) {
  const bool ended_itself = event.execution_status == durable::ExecutionStatus::succeeded ||
                            event.execution_status == durable::ExecutionStatus::failed;
  if (!ended_itself) return;
  insert_by_execution(environment_.attempts,
                      Environment::Attempt{event.execution, event.path, 1, false, false,
                                           event.payload, event.error});
}

void EnvironmentRecorder::answered(const TraceEvent& event) {
  using Of = oracle::HistoryWord::Of;
  const oracle::HistoryWord word = oracle::history_word(event.event_type);
  if (word.of != Of::callback && word.of != Of::chained_invoke) return;
  if (word.role == oracle::HistoryWord::Role::started) return;
  insert_by_execution(environment_.answers, Environment::Answer{event.execution, event.path,
                                                                std::string(event.event_type),
                                                                event.payload, event.error});
}

void check_result_agreement(const Environment& reference, const Environment& run,
                            Findings& findings) {
  for (const Environment::Outcome& is : run.outcomes) {
    // A fault takes time; that the execution's timeout came first is the environment's decision.
    if (is.status == durable::ExecutionStatus::timed_out) continue;
    const auto expected = std::find_if(
        reference.outcomes.begin(), reference.outcomes.end(),
        [&](const Environment::Outcome& other) { return other.execution == is.execution; });
    if (expected == reference.outcomes.end()) continue;
    if (reference.invoked != run.invoked || !answered_equally(reference, run, is.execution))
      continue;
    if (is.status == expected->status &&
        (is.result == expected->result || DURASIM_MUTANT(result_agreement_ignores_results)) &&
        (fails_equally(is.error, expected->error) ||
         DURASIM_MUTANT(result_agreement_ignores_errors))) {
      continue;
    }
    const auto [ended, should] = oracle::told_apart(
        oracle::ending(to_string(is.status), is.result, is.error),
        oracle::ending(to_string(expected->status), expected->result, expected->error));
    Finding finding;
    finding.oracle = Oracle::result_agreement;
    finding.what = fmt::format(
        "execution {} ended {}, but the run without faults in which every attempt had the same "
        "outcome ended {}",
        is.execution, ended, should);
    finding.remedy =
        "read in a step what the result depends on, and return what that step has returned: it is "
        "recorded then";
    findings.add(std::move(finding));
  }
}

}  // namespace durasim
