#pragma once

#include <durasim/explore.hpp>

namespace durasim {

/// Runs `scenario` strictly along a stored schedule, with the inputs and the fault model stored with it,
/// and prints the full narrative. REFUTED if a rule is broken again, HOLDS if none is.
Verification replay_file(const Scenario& scenario, SimulationOptions options, const ScheduleFile& file);

}  // namespace durasim
