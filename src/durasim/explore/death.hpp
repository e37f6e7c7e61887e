#pragma once

#include <optional>
#include <string>

#include <durasim/explore.hpp>

#include "durasim/explore/workers.hpp"

namespace durasim {

/// Tells of a schedule that ends the process that runs it. It is run once more, by a worker that
/// leaves behind what it has come to.
/// Shape:   `death` is that of the worker by which it was found. `result` knows the scenario and its
///          inputs, and whether the schedule is minimal; it is REFUTED then, and the schedule on disk.
void tell_death(const Scenario& scenario, const SimulationOptions& options,
                const Schedule& schedule, const WorkerDeath& death, Verification& result);
/// The same, with faults left out, one at a time, for as long as the process ends alike.
void tell_smaller_death(const Scenario& scenario, const SimulationOptions& options,
                        const Schedule& schedule, const WorkerDeath& death, Verification& result);

/// What happens in a run until it ends the process that makes it: a worker. Empty if it does not.
std::string story_of_death(const Scenario& scenario, const SimulationOptions& options,
                           Chooser& chooser, const std::string& inputs);

/// How the run without faults ends the process that makes it: a worker, so that this one is none the
/// worse for it. Nothing if it does not.
std::optional<WorkerDeath> death_without_faults(const Scenario& scenario,
                                                const SimulationOptions& options);

}  // namespace durasim
