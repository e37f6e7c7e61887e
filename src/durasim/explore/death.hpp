#pragma once

#include <durasim/explore.hpp>

#include "durasim/explore/workers.hpp"

namespace durasim {

/// Tells of a schedule that ends the process that runs it. It is run once more, by a worker that
/// leaves behind what it has come to.
/// Shape:   `death` is that of the worker by which it was found. `result` knows the scenario, its
///          inputs and the number of faults; it is REFUTED then, and the schedule is on disk.
void tell_death(const Scenario& scenario, const SimulationOptions& options,
                const Schedule& schedule, const WorkerDeath& death, Verification& result);

}  // namespace durasim
