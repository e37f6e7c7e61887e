#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/history_words.hpp"
#include "durasim/oracle/knowledge.hpp"
#include "durasim/oracle/wording.hpp"

/// outside-once: a callback has one id of its own and ends once, by what was sent to it first, and that
/// is what the handler is given; a chained invoke starts one execution.
/// Source: docs/reference/oracles.md
namespace durasim {
namespace {

using durable::OperationPath;
using durable::OperationType;

/// A value or an error.
struct Answer {
  durable::Text value;
  durable::ErrorPtr error;

  static Answer of(const TraceEvent& event) { return {event.payload, event.error}; }
  friend bool operator==(const Answer& a, const Answer& b) {
    if (!a.error || !b.error) return !a.error && !b.error && a.value == b.value;
    return *a.error == *b.error;
  }
  std::string describe() const {
    if (error) return fmt::format("the error {}: {}", error->type, error->message);
    return value.present() ? value.str() : std::string("nothing");
  }
};

class OutsideOnce final : public Monitor {
 public:
  explicit OutsideOnce(Findings& findings) : findings_(findings) {}

  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_started, invocation_started, answer,      outside,
            history,           value_returned,     error_thrown};
  }

  void on(const TraceEvent& event) override {
    if (concerns(event)) judge(event);
  }

 private:
  /// Apart from on(), so that the many events which concern nothing need no stack frame.
  [[gnu::noinline]] void judge(const TraceEvent& event) {
    using Kind = TraceEvent::Kind;
    switch (event.kind) {
      case Kind::execution_started:
        if (event.caller != 0) invoked(event);
        break;
      case Kind::invocation_started:
      case Kind::answer:
        for (const durable::Operation& operation : event.operations) {
          if (operation.type == OperationType::callback) told(event, operation);
        }
        break;
      case Kind::outside:
        if (event.applied && event.name != "heartbeat") sent(event);
        break;
      case Kind::history:
        written(event);
        break;
      case Kind::value_returned:
      case Kind::error_thrown:
        handed(event);
        break;
      default:
        break;
    }
  }

  /// A callback or a chained invoke.
  struct Outside {
    OperationPath path;
    OperationType type = OperationType::callback;
    std::string id = {};              ///< of a callback, once it is known
    std::optional<Answer> sent = {};  ///< by the outside, and accepted
    std::optional<Answer> end = {};   ///< as it is recorded
    std::uint32_t started = 0;        ///< the execution that a chained invoke started
  };
  struct Execution {
    oracle::PathSet paths;
    std::vector<Outside> outsides;
    bool reported = false;  ///< what follows are its consequences

    Outside* find(OperationPath path) {
      if (!paths.contains(path)) return nullptr;
      return &*std::find_if(outsides.rbegin(), outsides.rend(),
                            [&](const Outside& outside) { return outside.path == path; });
    }
    Outside& get(OperationPath path, OperationType type) {
      if (paths.insert(path)) return outsides.emplace_back(Outside{.path = path, .type = type});
      return *find(path);
    }
  };
  struct Owner {
    std::uint32_t execution;
    OperationPath path;
  };

  /// Whether the event may be about something outside: most are about what the handler does itself.
  bool concerns(const TraceEvent& event) const {
    using Kind = TraceEvent::Kind;
    if (event.kind == Kind::history) return event.event_type.starts_with('C');
    const bool handed = event.kind == Kind::value_returned || event.kind == Kind::error_thrown;
    return !handed || met_any_;
  }

  Outside& get(std::uint32_t execution, OperationPath path, OperationType type) {
    met_any_ = true;
    return executions_[execution].get(path, type);
  }

  void told(const TraceEvent& event, const durable::Operation& operation) {
    const std::string_view id = operation.callback_id.view();
    if (id.empty() || DURASIM_MUTANT(outside_once_ignores_ids)) return;
    Outside& callback = get(event.execution, operation.path, operation.type);
    if (callback.id == id) return;
    if (!callback.id.empty()) {
      return report(event, callback,
                    fmt::format("has the id {}, but had the id {} before", id, callback.id));
    }
    callback.id = id;
    const auto [owner, fresh] =
        owners_.try_emplace(callback.id, Owner{event.execution, operation.path});
    if (fresh) return;
    report(event, callback,
           fmt::format("has the id of operation {} of execution {}", owner->second.path.to_string(),
                       owner->second.execution));
  }

  void sent(const TraceEvent& event) {
    Outside& callback = get(event.execution, event.path, OperationType::callback);
    if (callback.sent) {
      return report(event, callback,
                    fmt::format("was sent {} after {}, and it was accepted: a callback ends once",
                                Answer::of(event).describe(), callback.sent->describe()));
    }
    callback.sent = Answer::of(event);
    compare(event, callback);
  }

  void written(const TraceEvent& event) {
    using Of = oracle::HistoryWord::Of;
    const oracle::HistoryWord word = oracle::history_word(event.event_type);
    if (word.of != Of::callback && word.of != Of::chained_invoke) return;
    Outside& outside =
        get(event.execution, event.path,
            word.of == Of::callback ? OperationType::callback : OperationType::chained_invoke);
    if (word.role == oracle::HistoryWord::Role::started || outside.end) return;
    outside.end = Answer::of(event);
    compare(event, outside);
  }

  /// What was sent with what is recorded, once both are known: either comes first.
  void compare(const TraceEvent& event, const Outside& callback) {
    if (!callback.sent || !callback.end || *callback.sent == *callback.end) return;
    report(event, callback,
           fmt::format("was sent {}, but ended with {}", callback.sent->describe(),
                       callback.end->describe()));
  }

  /// Errors are judged by when they come only: a result may not parse into what the handler asks for.
  void handed(const TraceEvent& event) {
    Outside* const outside = executions_[event.execution].find(event.path);
    if (outside == nullptr || DURASIM_MUTANT(outside_once_ignores_results)) return;
    const Answer given = Answer::of(event);
    if (!outside->end) {
      report(event, *outside,
             fmt::format("gave the handler {}, but it has not ended", given.describe()));
    } else if (!given.error &&
               (outside->end->error || !same_text(given.value, outside->end->value))) {
      const auto [now, recorded] = oracle::told_apart(given.describe(), outside->end->describe());
      report(event, *outside, fmt::format("gave the handler {}, but ended with {}", now, recorded));
    }
  }

  /// An absent result reads as null.
  static bool same_text(const durable::Text& a, const durable::Text& b) {
    if (a.present() && b.present()) return a == b;
    const auto nothing = [](const durable::Text& text) {
      return !text.present() || text.view().empty() || text.view() == "null";
    };
    return nothing(a) && nothing(b);
  }

  void invoked(const TraceEvent& event) {
    Outside& invoke = get(event.caller, event.path, OperationType::chained_invoke);
    const std::uint32_t before = std::exchange(invoke.started, event.execution);
    if (before == 0 || DURASIM_MUTANT(outside_once_ignores_invokes)) return;
    TraceEvent about = event;
    about.execution = event.caller;
    report(about, invoke,
           fmt::format("started execution {}, but had started execution {} before", event.execution,
                       before));
  }

  void report(const TraceEvent& event, const Outside& outside, const std::string& what) {
    if (std::exchange(executions_[event.execution].reported, true)) return;
    TraceEvent about;
    about.at = event.at;
    about.path = outside.path;
    Finding finding = oracle::concerning(Oracle::outside_once, about, "");
    finding.what = fmt::format("{} operation {} of execution {} {}", oracle::word(outside.type),
                               outside.path.to_string(), event.execution, what);
    finding.remedy = oracle::kDefectOfTheSdk;
    findings_.add(std::move(finding));
  }

  Findings& findings_;
  oracle::Executions<Execution> executions_;
  bool met_any_ = false;                              // a callback or a chained invoke
  std::map<std::string, Owner, std::less<>> owners_;  // of the ids of callbacks
};

}  // namespace

std::unique_ptr<Monitor> make_outside_once(Findings& findings) {
  return std::make_unique<OutsideOnce>(findings);
}

}  // namespace durasim
