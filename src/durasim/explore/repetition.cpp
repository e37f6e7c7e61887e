#include "durasim/explore/repetition.hpp"

#include <fmt/format.h>

#include "durasim/explore/run.hpp"
#include "durasim/sim/other_addresses.hpp"

namespace durasim {
namespace {

/// The trace of another run.
std::string trace_again(const Scenario& scenario, const SimulationOptions& options,
                        const Schedule& schedule, const ShadowedStates* shadowed) {
  ScheduleChooser chooser(schedule);
  Trace trace;
  RunSetup setup{scenario, options, chooser};
  setup.monitors = {&trace};
  ShadowedStates known;
  if (shadowed != nullptr) {
    known = *shadowed;
    setup.shadowed = &known;
  }
  run_once(setup);
  return trace.text();
}

}  // namespace

std::optional<Finding> judge_repetition(const Scenario& scenario, const SimulationOptions& options,
                                        const Schedule& schedule, const std::string& trace,
                                        const ShadowedStates* shadowed) {
  std::string moved;
  {
    const OtherAddresses other_addresses;
    moved = trace_again(scenario, options, schedule, shadowed);
  }
  if (moved == trace) return std::nullopt;
  const bool addresses = trace_again(scenario, options, schedule, shadowed) == trace;
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what =
      fmt::format("this scenario is not repeatable: two runs {}{} differ at {}",
                  schedule.choices.empty() ? "without faults" : "of this schedule",
                  addresses ? ", one of them with everything at other addresses in memory," : "",
                  first_difference(trace, moved));
  finding.remedy =
      addresses ? "let nothing depend on where objects lie: no pointer as a key, in a hash, in an "
                  "order or in a text; a number or a name serves instead"
                : "make everything that the scenario changes inside it, with Simulation::make, and "
                  "nothing from the machine's clock, random numbers or addresses";
  return finding;
}

}  // namespace durasim
