#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <durasim/schedule.hpp>

/// New inputs for a fuzzer, made of old ones. Faults that are not touched stay at their choices.
namespace durasim {

/// What makes sense for a scenario.
struct MutationLimits {
  std::uint32_t choices = 1;  ///< that a run is known to meet
  std::uint32_t faults = 1;   ///< that one input may ask for
};

/// One to three small changes. Without a fault in it there is one afterwards.
Schedule mutated(const Schedule& schedule, const MutationLimits& limits, std::uint64_t seed);
/// Up to some choice as `a`, from there on as `b`.
Schedule crossed(const Schedule& a, const Schedule& b, const MutationLimits& limits,
                 std::uint64_t seed);
/// As bytes; the last faults are left out if there are more than `most` of these.
std::vector<std::uint8_t> bytes_within(Schedule schedule, std::size_t most);

}  // namespace durasim
