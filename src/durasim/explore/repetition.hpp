#pragma once

#include <optional>
#include <string>

#include <durasim/explore.hpp>

#include "durasim/sim/shadowed_states.hpp"

/// The simulator under its own judgement: the same schedule gives the same run.
namespace durasim {

/// Whether the `number`-th schedule of an exploration is run a second time: 64, 128, 256 and so on,
/// which is less than two in a hundred.
constexpr bool is_repeated(std::uint64_t number) {
  return number >= 64 && (number & (number - 1)) == 0;
}

/// Runs `schedule` again, with everything at other addresses, and compares with `trace`, that of
/// its first run. Nothing if they are equal.
/// Shape:   `shadowed` is what had been shadowed before the first run; nullptr where nothing was.
std::optional<Finding> judge_repetition(const Scenario& scenario, const SimulationOptions& options,
                                        const Schedule& schedule, const std::string& trace,
                                        const ShadowedStates* shadowed);

}  // namespace durasim
