#pragma once

#include <durasim/explore.hpp>
#include <durasim/shrink.hpp>

namespace durasim {

/// Makes a failure that was told smaller, as `shrink` does of its file, in a worker: one of the schedules
/// that are tried may end the process. Then the story stays as it is, with a note.
/// Errors:  as shrink.
Verification shrink_in_worker(const Scenario& scenario, Verification story,
                              const ShrinkOptions& options);

}  // namespace durasim
