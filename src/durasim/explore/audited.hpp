#pragma once

#include <durasim/explore.hpp>

#include "durasim/explore/census.hpp"

namespace durasim {

/// Explores as `verify` does, without replays of stored schedules, and counts into `census`.
Verification explore_audited(const Scenario& scenario, VerifyOptions options, Census& census);

}  // namespace durasim
