#pragma once

#include <durasim/explore.hpp>

namespace durasim {

/// Runs `scenario` strictly along a stored schedule, with the inputs and the fault model stored
/// with it, and prints the full narrative. REFUTED if a rule is broken again or the run meets other
/// choices than the stored ones, HOLDS if no rule is broken, although the trace may be another one
/// by now.
Verification replay_file(const Scenario& scenario, SimulationOptions options,
                         const ScheduleFile& file);

}  // namespace durasim
