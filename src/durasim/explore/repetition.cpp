#include "durasim/explore/repetition.hpp"

#include <algorithm>
#include <iterator>
#include <source_location>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "durasim/explore/run.hpp"
#include "durasim/sim/other_addresses.hpp"

namespace durasim {
namespace {

/// A trace, and which durable call each part of it comes after.
class PlacedTrace final : public Monitor {
 public:
  void on(const TraceEvent& event) override {
    if (event.kind == TraceEvent::Kind::operation_issued)
      calls_.push_back({trace_.text().size(), event.where});
    trace_.on(event);
  }
  const std::string& text() const { return trace_.text(); }
  /// Of the last durable call before this trace and `other` differ; line 0 if there is none.
  std::source_location place_of_difference(const std::string& other) const {
    const std::string& mine = text();
    const auto [at, there] = std::mismatch(mine.begin(), mine.end(), other.begin(), other.end());
    const auto difference = static_cast<std::size_t>(at - mine.begin());
    const auto after = std::find_if(calls_.begin(), calls_.end(),
                                    [&](const Call& call) { return call.begins > difference; });
    return after == calls_.begin() ? std::source_location() : std::prev(after)->where;
  }

 private:
  struct Call {
    std::size_t begins;  // in the text
    std::source_location where;
  };
  Trace trace_;
  std::vector<Call> calls_;
};

/// Another run.
PlacedTrace trace_again(const Scenario& scenario, const SimulationOptions& options,
                        const Schedule& schedule, const ShadowedStates* shadowed) {
  ScheduleChooser chooser(schedule);
  PlacedTrace trace;
  RunSetup setup{scenario, options, chooser};
  setup.monitors = {&trace};
  ShadowedStates known;
  if (shadowed != nullptr) {
    known = *shadowed;
    setup.shadowed = &known;
  }
  run_once(setup);
  return trace;
}

}  // namespace

std::optional<Finding> judge_repetition(const Scenario& scenario, const SimulationOptions& options,
                                        const Schedule& schedule, const std::string& trace,
                                        const ShadowedStates* shadowed) {
  PlacedTrace moved;
  {
    const OtherAddresses other_addresses;
    moved = trace_again(scenario, options, schedule, shadowed);
  }
  if (moved.text() == trace) return std::nullopt;
  const bool addresses = trace_again(scenario, options, schedule, shadowed).text() == trace;
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what =
      fmt::format("this scenario is not repeatable: two runs {}{} differ at {}",
                  schedule.choices.empty() ? "without faults" : "of this schedule",
                  addresses ? ", one of them with everything at other addresses in memory," : "",
                  first_difference(trace, moved.text()));
  finding.remedy =
      addresses ? "let nothing depend on where objects lie: no pointer as a key, in a hash, in an "
                  "order or in a text; a number or a name serves instead"
                : "make everything that the scenario changes inside it, with Simulation::make, and "
                  "nothing from the machine's clock, random numbers or addresses";
  const std::source_location place = moved.place_of_difference(trace);
  if (place.line() != 0) {
    finding.file = place.file_name();
    finding.line = place.line();
  }
  return finding;
}

}  // namespace durasim
