#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include <durasim/chooser.hpp>

#include "durasim/core/oddity.hpp"
#include "durasim/explore/run.hpp"

namespace durasim {

/// A total order of the schedules of one scenario under one fault model: fewer faults first, then
/// fewer of the other choices, then earlier ones, then milder ones.
struct ScheduleSize {
  std::uint32_t faults = 0;
  std::uint32_t draws = 0;               ///< random ones, and what goes first or is answered
  std::vector<std::uint32_t> positions;  ///< of the choices that were not benign
  std::vector<std::uint32_t> harshness;  ///< of what happened there

  void add(const Site& site, std::uint32_t position, Fault fault) {
    ++(budget_of(site.choice) == Budget::faults ? faults : draws);
    positions.push_back(position);
    harshness.push_back(durasim::harshness(fault));
  }

  friend auto operator<=>(const ScheduleSize&, const ScheduleSize&) = default;
};

inline ScheduleSize size_of(const std::vector<Decision>& decisions) {
  ScheduleSize size;
  for (std::uint32_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].answer != 0) size.add(decisions[i].site, i, decisions[i].fault);
  }
  return size;
}

}  // namespace durasim
