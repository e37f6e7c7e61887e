#pragma once

#include "durasim/explore/run.hpp"

namespace durasim {

struct ColdJudgement;

/// `run` broke a rule: stores it, then tells its story from a second run of the same schedule.
/// `result` has the scenario's name, its inputs and whether the schedule is minimal, and the file
/// if it is not to be the usual one. Returns the trace of the second run.
/// Shape:   `cold`: what found it, if a cold replay did. What it tells of its own run is told then.
Trace tell_story(const Scenario& scenario, const SimulationOptions& options, const RunResult& run,
                 Verification& result, bool store = true, const ColdJudgement* cold = nullptr);

/// What a scenario that does not repeat itself does without faults, in one more run: there is no schedule to
/// tell of. `result` has its findings.
void tell_run_without_faults(const Scenario& scenario, const SimulationOptions& options,
                             Verification& result);

}  // namespace durasim
