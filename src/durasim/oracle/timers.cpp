#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <durable/errors.hpp>

#include "durable/model/mutant.hpp"
#include "durasim/core/duration_text.hpp"
#include "durasim/oracle/history_words.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// timers: waits, retries, polls and timeouts end when they are due, neither before nor after, and those
/// due at one instant in the order of their creation. The due times are computed here.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;
using Of = oracle::HistoryWord::Of;
using Role = oracle::HistoryWord::Role;

class Timers final : public Monitor {
 public:
  explicit Timers(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_started, choice, timer_fired, outside, history, value_returned};
  }

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    if (!queue_.empty() && queue_.front().due < event.at) find_overdue(event);
    switch (event.kind) {
      case Kind::execution_started:
        if (event.due > event.at) set(event, {}, Of::execution, event.due);
        break;
      case Kind::history:
        written(event);
        break;
      case Kind::choice:
        if (event.decision != nullptr && (event.decision->fault == Fault::timer_late ||
                                          event.decision->fault == Fault::timer_deferred))
          postpone(event);
        break;
      case Kind::timer_fired:  // of a retry; nothing else is written down of it
        if (const Timer* timer = pending(event.execution, event.path);
            timer != nullptr && timer->of == Of::step)
          fire(event, timer);
        break;
      case Kind::outside:
        if (event.applied && event.name == "heartbeat") heartbeat(event);
        break;
      case Kind::value_returned:
        if (const Timer* timer = pending(event.execution, event.path)) {
          if (timer->of == Of::wait) report_early(event, *timer, "the handler went on");
        }
        break;
      default:
        break;
    }
  }

 private:
  struct Timer {
    Timestamp due{};
    Timestamp set{};
    std::uint64_t number = 0;  // in order of creation
    std::uint32_t execution = 0;
    OperationPath path = {};  // the execution, for its own timeout
    Of of = Of::unknown;
    bool heartbeat = false;  // of a callback's two timeouts

    friend bool operator>(const Timer& a, const Timer& b) {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };
  struct Execution {
    std::vector<Timer> pending;  // few: what is over is gone
    bool reported = false;       // what follows are its consequences
  };

  Timer* pending(std::uint32_t execution, OperationPath path, bool heartbeat = false) {
    for (Timer& timer : executions_[execution].pending) {
      if (timer.path == path && timer.heartbeat == heartbeat) return &timer;
    }
    return nullptr;
  }

  void set(const TraceEvent& event, OperationPath path, Of of, Timestamp due,
           bool heartbeat = false) {
    Execution& execution = executions_[event.execution];
    if (execution.reported) return;
    const Timer timer{due, event.at, ++created_, event.execution, path, of, heartbeat};
    execution.pending.push_back(timer);
    queue_.push_back(timer);
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  }

  /// The timers that are due now are to fire later than that, or after others: no word about when.
  void postpone(const TraceEvent& event) {
    for (Timer& timer : executions_[event.execution].pending) {
      if (timer.path == event.path && timer.due == event.at) timer.number = ++created_;
    }
  }

  void forget(std::uint32_t execution, OperationPath path) {
    std::erase_if(executions_[execution].pending,
                  [&](const Timer& timer) { return timer.path == path; });
  }

  void written(const TraceEvent& event) {
    const oracle::HistoryWord word = oracle::history_word(event.event_type);
    switch (word.of) {
      case Of::wait:
        if (word.role == Role::started)
          return set(event, event.path, Of::wait, event.at + event.delay);
        return word.role == Role::succeeded ? fire(event, pending(event.execution, event.path))
                                            : forget(event.execution, event.path);
      case Of::callback:
        return written_of_callback(event, word.role);
      case Of::step:
        if (word.role != Role::started && event.delay.count() > 0)
          return set(event, event.path, Of::step, event.at + event.delay);
        if (word.role != Role::started) return;
        if (const Timer* timer = pending(event.execution, event.path))
          report_early(event, *timer, "it started");
        return;
      case Of::execution:
        if (word.role == Role::started) return;
        if (event.event_type == "ExecutionTimedOut")
          fire(event, pending(event.execution, event.path));
        executions_[event.execution].pending.clear();
        return;
      default:
        return;
    }
  }

  void written_of_callback(const TraceEvent& event, Role role) {
    if (DURASIM_MUTANT(timers_ignore_callbacks)) return;
    if (role == Role::started) {
      if (event.delay.count() > 0) set(event, event.path, Of::callback, event.at + event.delay);
      if (event.heartbeat_timeout.count() > 0)
        set(event, event.path, Of::callback, event.at + event.heartbeat_timeout, true);
      return;
    }
    if (event.event_type == "CallbackTimedOut") {
      const bool heartbeat = event.error && event.error->type == durable::kCallbackHeartbeat;
      const Timer* const timer = pending(event.execution, event.path, heartbeat);
      if (timer == nullptr) return report_unset(event, heartbeat);
      fire(event, timer);
    }
    forget(event.execution, event.path);
  }

  /// Starts the heartbeat timeout of a callback anew.
  void heartbeat(const TraceEvent& event) {
    const Timer* const timer = pending(event.execution, event.path, true);
    if (timer == nullptr) return;
    const Duration timeout = timer->due - timer->set;
    std::erase_if(executions_[event.execution].pending,
                  [&](const Timer& other) { return other.path == event.path && other.heartbeat; });
    set(event, event.path, Of::callback, event.at + timeout, true);
  }

  /// The timer of an operation, or of the execution itself, has fired.
  void fire(const TraceEvent& event, const Timer* found) {
    if (found == nullptr) return;
    const Timer timer = *found;
    if (event.at < timer.due && !DURASIM_MUTANT(timers_may_end_early))
      return report(event, timer, "ended", "");
    drop_stale();
    const auto of_this = [&](const Timer& other) {  // the two of a callback end it alike
      return other.execution == timer.execution && other.path == timer.path;
    };
    if (!queue_.empty() && timer > queue_.front() && !of_this(queue_.front()) &&
        !DURASIM_MUTANT(timers_have_no_order)) {
      const Timer& first = queue_.front();
      return report(event, timer, "ended",
                    fmt::format(" and before {} of execution {}, which was due at the same instant "
                                "and was set earlier",
                                describe(first), first.execution));
    }
    forget(event.execution, event.path);
  }

  /// Takes those from the top of the queue that are over or were cancelled.
  void drop_stale() {
    while (!queue_.empty()) {
      const Timer& top = queue_.front();
      const Timer* const known = pending(top.execution, top.path, top.heartbeat);
      if (known != nullptr && known->number == top.number) return;
      std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
      queue_.pop_back();
    }
  }

  /// Time does not move past a timer: what is due fires before anything later happens.
  void find_overdue(const TraceEvent& event) {
    drop_stale();
    if (queue_.empty() || queue_.front().due >= event.at) return;
    if (DURASIM_MUTANT(timers_may_end_late)) return;
    report(event, queue_.front(), "had not ended", "");
  }

  void report_early(const TraceEvent& event, const Timer& timer, std::string_view what) {
    if (event.at >= timer.due) return forget(event.execution, timer.path);
    report(event, timer, what, "");
  }

  /// That something came when it should not.
  void report(const TraceEvent& event, const Timer& timer, std::string_view what,
              std::string_view why) {
    const Timer of = timer;  // the one in the queue or the list is gone soon
    Execution& execution = executions_[of.execution];
    execution.pending.clear();
    execution.reported = true;
    TraceEvent about;
    about.at = event.at;
    about.path = of.path;
    Finding finding = oracle::concerning(Oracle::timers, about, "");
    if (of.path.is_root()) finding.operation.clear();
    finding.what =
        fmt::format("{} of execution {} takes {}, but {} after {}{}", describe(of), of.execution,
                    duration_text(of.due - of.set), what, duration_text(event.at - of.set), why);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  void report_unset(const TraceEvent& event, bool heartbeat) {
    Execution& execution = executions_[event.execution];
    if (std::exchange(execution.reported, true)) return;
    execution.pending.clear();
    Finding finding = oracle::concerning(Oracle::timers, event, "");
    finding.what =
        fmt::format("callback operation {} of execution {} ended by its {}timeout, but it has none",
                    event.path.to_string(), event.execution, heartbeat ? "heartbeat " : "");
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  static std::string describe(const Timer& timer) {
    if (timer.of == Of::execution) return "the timeout";
    if (timer.of == Of::callback) {
      return fmt::format("the {}timeout of callback operation {}",
                         timer.heartbeat ? "heartbeat " : "", timer.path.to_string());
    }
    return fmt::format("{} operation {}",
                       timer.of == Of::wait ? "wait" : "the delay before the next attempt of",
                       timer.path.to_string());
  }

  Findings& findings_;
  oracle::Executions<Execution> executions_;
  std::vector<Timer> queue_;  // a heap, the next one to fire on top; may hold some that are over
  std::uint64_t created_ = 0;
};

}  // namespace

std::unique_ptr<Monitor> make_timers(Findings& findings) {
  return std::make_unique<Timers>(findings);
}

}  // namespace durasim
