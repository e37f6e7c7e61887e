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

/// The durable calls that each invocation made.
class CallsMade final : public durasim::Monitor {
 public:
  void on(const durasim::TraceEvent& event) override {
    if (event.shadow || event.kind != durasim::TraceEvent::Kind::operation_issued) return;
    by_invocation_[event.invocation].push_back(generated::identity_of(event));
  }

  const std::map<std::uint32_t, std::vector<std::string>>& by_invocation() const {
    return by_invocation_;
  }

  /// Those of the invocation that made the most.
  std::vector<std::string> all() const {
    std::vector<std::string> longest;
    for (const auto& [invocation, calls] : by_invocation_) {
      if (calls.size() > longest.size()) longest = calls;
    }
    return longest;
  }

 private:
  std::map<std::uint32_t, std::vector<std::string>> by_invocation_;
};

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
  generated::Outside outside(run.simulation().effects());
  CallsMade calls;
  run.simulation().watch(calls);
  run.go(outside);
  const durable::ExecutionStatus status = run.result().status();
  if (status != durable::ExecutionStatus::succeeded && status != durable::ExecutionStatus::failed) {
    run.breaks("the handler does not come to its end");
  }

  const std::vector<std::string> all = calls.all();
  const auto is_start_of_all = [&](const std::vector<std::string>& some) {
    return some.size() <= all.size() && std::equal(some.begin(), some.end(), all.begin());
  };
  for (const auto& [invocation, some] : calls.by_invocation()) {
    if (!is_start_of_all(some))
      run.breaks(fmt::format("invocation {} made other calls", invocation));
  }

  for (const generated::Record& record : generated::prefixes_of_the_record(run.result())) {
    const generated::Replay replay = generated::replay(generated_case, record);
    const auto claim = [&](std::string_view what) {
      return fmt::format("a replay against the first {} recorded operations {}", record.size(),
                         what);
    };
    const bool goes_on = record.empty() || is_terminal(record.back().status);
    const std::size_t expected = std::min(all.size(), record.size() + (goes_on ? 1 : 0));
    if (!is_start_of_all(replay.issued)) run.breaks(claim("makes other calls"));
    if (replay.issued.size() != expected) {
      run.breaks(claim(fmt::format("makes {} calls, not {}", replay.issued.size(), expected)));
    }
    const bool whole = record.size() == all.size() && goes_on;
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
