#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "generators/replay_probe.hpp"
#include "generators/run.hpp"

namespace properties {

/// No oracle has anything to say about a generated handler, whatever befalls it: replay-agreement
/// and result-agreement judge every suspension, crash and end.
inline void every_oracle_is_silent(const generated::Case& generated_case) {
  durasim::check(generated::scenario_of(generated_case), generated_case.schedule,
                 {.faults = durasim::FaultModel::hostile(), .simulation = generated::options()});
}

/// Nor has it where rare faults befall the handler too, and the outside answers as it likes.
inline void every_oracle_is_silent_about_rare_faults(const generated::Case& generated_case) {
  durasim::Schedule schedule = generated_case.schedule;
  for (auto& fault : schedule.choices)  // these menus are longer than generated alternatives reach
    fault.alternative = 2 * fault.alternative + fault.position % 2;
  durasim::check(generated::scenario_of(generated_case), schedule,
                 {.faults = durasim::FaultModel::all(), .simulation = generated::options()});
}

/// The durable calls of a run: each where the handler makes it, whichever invocations made it.
class CallsMade final : public durasim::Monitor {
 public:
  struct Call {
    durable::OperationPath path;
    durable::OperationType type;
    std::string identity;
  };

  void on(const durasim::TraceEvent& event) override {
    if (event.shadow || event.kind != durasim::TraceEvent::Kind::operation_issued) return;
    std::size_t& next = next_[event.invocation];
    const auto known = std::ranges::find(all_, event.path, &Call::path);
    const auto at = static_cast<std::size_t>(known - all_.begin());
    if (known == all_.end()) {
      all_.push_back({event.path, event.type, generated::identity_of(event)});
    } else if (at < next || known->identity != generated::identity_of(event)) {
      wrong = fmt::format("invocation {} made other calls", event.invocation);
    }
    next = at + 1;
  }

  const std::vector<Call>& all() const { return all_; }
  std::string wrong;

 private:
  std::vector<Call> all_;
  std::map<std::uint32_t, std::size_t> next_;  // of each invocation: the place after its last call
};

/// The calls that a replay against a record makes.
struct Expected {
  std::vector<std::string> issued;
  bool to_the_end = true;
};

/// `recorded`: what is recorded in the end; other contexts are virtual.
inline Expected expected_of(const std::vector<CallsMade::Call>& all,
                            const generated::Record& record, const generated::Record& recorded) {
  const auto find = [&](durable::OperationPath path) {
    const auto at = std::ranges::find(record, path, &durable::Operation::path);
    return at == record.end() ? nullptr : &*at;
  };
  const auto is_over = [&](durable::OperationPath path) {
    const durable::Operation* const operation = find(path);
    return operation != nullptr && is_terminal(operation->status);
  };
  const auto is_inside = [](durable::OperationPath path, durable::OperationPath context) {
    while (!path.is_root() && path != context) path = path.parent();
    return path == context;
  };
  const auto is_hidden = [&](durable::OperationPath path) {
    for (path = path.parent(); !path.is_root(); path = path.parent()) {
      if (is_over(path)) return true;
    }
    return false;
  };

  Expected expected;
  std::vector<durable::OperationPath> open;  // contexts whose ends could not be recorded
  bool unanswered = false;                   // the callback before: only its submitter follows
  for (const CallsMade::Call& call : all) {
    if (is_hidden(call.path)) continue;
    const bool leaves = std::ranges::any_of(
        open, [&](durable::OperationPath context) { return !is_inside(call.path, context); });
    if (leaves) return expected.to_the_end = false, expected;
    expected.issued.push_back(call.identity);
    const bool is_callback = call.type == durable::OperationType::callback;
    const bool is_recorded =
        std::ranges::count(recorded, call.path, &durable::Operation::path) != 0;
    if (call.type == durable::OperationType::context) {
      if (is_recorded && !is_over(call.path)) open.push_back(call.path);
    } else if (is_callback && find(call.path) != nullptr) {
      unanswered = !is_over(call.path);
    } else if (!is_over(call.path) || unanswered) {
      return expected.to_the_end = false, expected;
    }
  }
  expected.to_the_end = open.empty() && !unanswered;
  return expected;
}

/// The result or error with which an execution or a replay ended.
inline std::string ending_of(const durable::Text& result, const durable::ErrorObject* error) {
  if (error != nullptr) return fmt::format("failed with {}: {}", error->type, error->message);
  return fmt::format("succeeded with {}", result.view());
}

/// Against every state that its record was in, a handler makes the same durable calls as in the
/// run, as far as that record goes and one further; against the last one it ends with the same
/// result or error, byte for byte. The replays are made by the SDK alone, without the simulator and
/// its oracles.
inline void replay_gives_the_same_result(const generated::Case& generated_case) {
  generated::Run run(generated_case);
  generated::Outside outside(run.simulation());
  CallsMade calls;
  run.simulation().watch(calls);
  run.go(outside);
  const durable::ExecutionStatus status = run.result().status();
  if (status != durable::ExecutionStatus::succeeded && status != durable::ExecutionStatus::failed) {
    run.breaks("the handler does not come to its end");
  }

  if (!calls.wrong.empty()) run.breaks(calls.wrong);

  const std::vector<generated::Record> records = generated::prefixes_of_the_record(run.result());
  for (const generated::Record& record : records) {
    const generated::Replay replay = generated::replay(generated_case, record);
    const auto claim = [&](std::string_view what) {
      return fmt::format("a replay against the first {} recorded operations {}", record.size(),
                         what);
    };
    const Expected expected = expected_of(calls.all(), record, records.back());
    if (replay.issued != expected.issued) {
      run.breaks(claim(fmt::format("makes other calls: {} and not {}", replay.issued.size(),
                                   expected.issued.size())));
    }
    const bool whole = expected.to_the_end;
    if (replay.completed != whole) run.breaks(claim(whole ? "does not end" : "ends"));
    if (!whole) continue;
    const std::string ending = ending_of(replay.outcome.result, replay.outcome.error.get());
    const bool succeeded = run.result().succeeded();
    const std::string expected_ending = ending_of(durable::Text(std::string(run.result().result())),
                                                  succeeded ? nullptr : &run.result().error());
    if (ending != expected_ending)
      run.breaks(claim(fmt::format("{}, and the run {}", ending, expected_ending)));
  }
}

}  // namespace properties
