#pragma once

#include <durasim/explore.hpp>

namespace durasim {

/// Runs `scenario` strictly along a stored schedule, with the inputs and the fault model stored
/// with it, and prints the full narrative. REFUTED if a rule is broken again, HOLDS if none is,
/// although the trace may be another one by now.
/// If the run meets other choices than the stored ones, it is made once more along the file's
/// script, as far as that goes: INCOMPLETE if it does not come to all of it and nothing is found.
/// A failure of more faults than it needs is shrunk, and stored beside `path`; not if that is empty.
Verification replay_file(const Scenario& scenario, SimulationOptions options,
                         const ScheduleFile& file, const std::filesystem::path& path = {});

}  // namespace durasim
