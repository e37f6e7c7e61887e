#pragma once

#include <string>

#include <durasim/explore.hpp>

namespace durasim {

/// Why what was found first comes about: as that finding says, or else by its oracle and by the faults of
/// the counterexample. One sentence, without a full stop.
std::string why(const Verification& found);

}  // namespace durasim
