#pragma once

#include <map>
#include <string>

#include <fmt/format.h>

#include "generators/run.hpp"

namespace properties {

/// Reads the clock wherever a handler could, and at every event of the simulation.
class ClockReader final : public generated::Outside, public durasim::Monitor {
 public:
  using Outside::Outside;

  void on(const durasim::TraceEvent& event) override { read(event.at); }
  void body(const std::string&, durable::StepContext& step) override { read(step.now()); }
  void waiting(const std::string& name, std::chrono::seconds) override {
    read(simulation().now());
    began_.try_emplace(name, simulation().now());
  }
  void waited(const std::string& name, std::chrono::seconds duration) override {
    read(simulation().now());
    const auto took = simulation().now() - began_.at(name);
    if (took < duration)
      wrong =
          fmt::format("wait {} of {} s is over after {} ms", name, duration.count(), took.count());
  }

  std::string wrong;  ///< the last thing, if there is one

 private:
  void read(durasim::Timestamp now) {
    if (now < latest_)
      wrong = fmt::format("the time is {} ms earlier than it was", (latest_ - now).count());
    latest_ = now;
  }

  durasim::Timestamp latest_{};
  std::map<std::string, durasim::Timestamp> began_;  // when the handler came to a wait first
};

/// The history of an execution, with the rules that its times obey.
inline std::string wrong_in(const durasim::ExecutionResult& execution) {
  using durasim::EventType;
  struct Due {
    durasim::Timestamp at;
    std::chrono::seconds delay{0};
  };
  std::map<std::uint32_t, Due> due;  // by path
  durasim::Timestamp latest{};
  for (const durasim::HistoryEvent& event : execution.history()) {
    if (event.at < latest) return "the history goes back in time";
    latest = event.at;
    if (event.path.is_root()) continue;
    Due& known = due[event.path.index()];
    const bool starts_again = event.type == EventType::step_started ||
                              event.type == EventType::wait_succeeded ||
                              event.type == EventType::callback_timed_out;
    if (starts_again && event.at < known.at + known.delay) {
      return fmt::format("operation {} goes on {} ms after it was to pause for {} s",
                         event.path.to_string(), (event.at - known.at).count(),
                         known.delay.count());
    }
    // The shorter timeout of a callback that gets no heartbeat is the one that counts.
    const bool silent = event.heartbeat_timeout.count() > 0;
    known = {event.at, silent ? event.heartbeat_timeout : event.delay};
  }
  return {};
}

/// No reading of the clock is earlier than one before it, no wait is over early, and no retry
/// starts early.
inline void time_moves_forward(const generated::Case& generated_case) {
  generated::Run run(generated_case);
  ClockReader clock(run.simulation());
  run.simulation().watch(clock);
  run.go(clock);
  if (!clock.wrong.empty()) run.breaks(clock.wrong);
  if (const std::string wrong = wrong_in(run.result()); !wrong.empty()) run.breaks(wrong);
}

}  // namespace properties
