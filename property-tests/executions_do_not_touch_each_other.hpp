#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "generators/run.hpp"

namespace properties {

using ThreeCases = std::array<generated::Case, 3>;

/// The schedule for one execution; nothing befalls the others.
class OnlyIn final : public durasim::Chooser {
 public:
  OnlyIn(std::uint32_t execution, const durasim::Schedule& schedule)
      : execution_(execution), chooser_(schedule) {}

  std::size_t choose(const durasim::Site& site, std::span<const durasim::Fault> menu) override {
    return site.execution == execution_ ? chooser_.choose(site, menu) : 0;
  }

 private:
  std::uint32_t execution_;
  durasim::ScheduleChooser chooser_;
};

/// Effects of steps, each under its idempotency key.
class SharedReceiver final : public generated::Answering {
 public:
  using Answering::Answering;
  void effect(const std::string& step, const std::string& key) override {
    simulation().effects().apply("effect of " + step, key, 1);
  }
};

/// What became of executions that ran side by side.
struct SideBySide {
  std::vector<durasim::ExecutionResult> results;
  std::vector<std::string> traces;
};

/// Runs an execution for each of `which` at once, all of one function.
inline SideBySide run_side_by_side(const ThreeCases& cases, const std::vector<std::size_t>& which,
                                   durasim::Chooser& chooser) {
  durasim::SimulationOptions options = generated::options();
  options.faults = durasim::FaultModel::hostile();
  durasim::Simulation simulation(options, chooser);
  SharedReceiver receiver(simulation);
  simulation.plain_function(generated::kCallee, &generated::callee);
  simulation.function("generated", [&](durable::Context& context,
                                       const std::pair<std::size_t, generated::Input>& input) {
    return generated::interpret(cases[input.first].program, context, input.second, receiver);
  });
  std::vector<durasim::Trace> traces;
  for (std::uint32_t execution = 1; execution <= which.size(); ++execution)
    traces.push_back(durasim::Trace::of(execution));
  for (durasim::Trace& trace : traces) simulation.watch(trace);
  std::vector<durasim::ExecutionHandle> handles;
  for (const std::size_t one : which)
    handles.push_back(simulation.start("generated", std::pair(one, cases[one].input)));
  simulation.run_until_idle();

  SideBySide result;
  for (const auto handle : handles) result.results.push_back(simulation.result(handle));
  for (const durasim::Trace& trace : traces) result.traces.push_back(trace.text());
  for (const durasim::Finding& finding : simulation.findings().all())
    throw generated::Broken(finding.what);
  return result;
}

/// Whatever befalls one execution, the traces of the others are what they are without it, byte for
/// byte.
inline void faults_stay_where_they_are(const ThreeCases& cases, std::uint32_t hit) {
  durasim::NominalChooser nominal;
  const SideBySide undisturbed = run_side_by_side(cases, {0, 1, 2}, nominal);
  OnlyIn chooser(hit, cases[hit - 1].schedule);
  const SideBySide disturbed = run_side_by_side(cases, {0, 1, 2}, chooser);
  for (std::uint32_t other : {1U, 2U, 3U}) {
    const std::string& expected = undisturbed.traces[other - 1];
    const std::string& trace = disturbed.traces[other - 1];
    if (other == hit || trace == expected) continue;
    throw generated::Broken(fmt::format("faults in execution {} change execution {}: {}", hit,
                                        other, durasim::first_difference(expected, trace)));
  }
}

inline std::string story_of(const durasim::ExecutionResult& execution) {
  std::string story(to_string(execution.status()));
  story += fmt::format(" {} {}\n", execution.result(), execution.error().message);
  for (const durasim::HistoryEvent& event : execution.history()) {
    story += fmt::format("{} {} {} {} {} {} {}\n", event.at.time_since_epoch().count(),
                         to_string(event.type), event.path.to_string(), event.attempt,
                         event.delay.count(), event.payload.view(),
                         event.error ? event.error->type + event.error->message : "");
  }
  return story;
}

/// Executions that run side by side have the outcomes and histories that each has alone.
inline void each_is_as_it_is_alone(const ThreeCases& cases) {
  durasim::NominalChooser nominal;
  const SideBySide together = run_side_by_side(cases, {0, 1, 2}, nominal);
  for (std::size_t one : {0U, 1U, 2U}) {
    const SideBySide alone = run_side_by_side(cases, {one}, nominal);
    const std::string expected = story_of(alone.results[0]);
    const std::string story = story_of(together.results[one]);
    if (story == expected) continue;
    throw generated::Broken(fmt::format("execution {} is not as it is alone: {}", one + 1,
                                        durasim::first_difference(expected, story)));
  }
}

}  // namespace properties
