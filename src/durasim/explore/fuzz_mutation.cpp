#include "durasim/explore/fuzz_mutation.hpp"

#include <algorithm>
#include <utility>

#include <durasim/choosers.hpp>

#include "durasim/core/random.hpp"

namespace durasim {
namespace {

using Faults = std::vector<Schedule::Choice>;

/// No menu is as long; whatever remains after a division counts.
constexpr std::uint32_t kFuzzAlternatives = 64;
constexpr std::uint32_t kNear = 8;

bool has_fault_at(const Faults& faults, std::uint32_t position) {
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Schedule::Choice& fault) { return fault.position == position; });
}

/// In order of position, one for each, as many as there may be.
void tidy_up(Faults& faults, const MutationLimits& limits, RandomStream& random) {
  std::sort(faults.begin(), faults.end(), [](const auto& a, const auto& b) {
    return std::pair(a.position, a.alternative) < std::pair(b.position, b.alternative);
  });
  faults.erase(std::unique(faults.begin(), faults.end(),
                           [](const auto& a, const auto& b) { return a.position == b.position; }),
               faults.end());
  while (faults.size() > std::max(limits.faults, 1U)) {
    const auto one = random.below(static_cast<std::uint32_t>(faults.size()));
    faults.erase(faults.begin() + one);
  }
}

void add_fault(Faults& faults, const MutationLimits& limits, RandomStream& random) {
  const std::uint32_t position = random.below(limits.choices);
  if (!has_fault_at(faults, position))
    faults.push_back({position, 1 + random.below(kFuzzAlternatives)});
}

/// A few choices on or back, or to any place.
std::uint32_t moved_position(std::uint32_t position, const MutationLimits& limits,
                             RandomStream& random) {
  if (random.below(4) == 0) return random.below(limits.choices);
  const std::uint32_t by = 1 + random.below(kNear);
  return random.below(2) == 0 ? position + by : position - std::min(position, by);
}

void change_one(Faults& faults, const MutationLimits& limits, RandomStream& random) {
  if (faults.empty()) return add_fault(faults, limits, random);
  const std::uint32_t one = random.below(static_cast<std::uint32_t>(faults.size()));
  Schedule::Choice& fault = faults[one];
  switch (random.below(5)) {
    case 0:
      return add_fault(faults, limits, random);
    case 1:
      faults.erase(faults.begin() + one);
      return;
    case 2:
      fault.alternative = 1 + random.below(kFuzzAlternatives);
      return;
    default:
      fault.position = moved_position(fault.position, limits, random);
  }
}

}  // namespace

Schedule mutated(const Schedule& schedule, const MutationLimits& limits, std::uint64_t seed) {
  RandomStream random(seed);
  Schedule result = schedule;
  for (std::uint32_t left = 1 + random.below(3); left > 0; --left) {
    change_one(result.choices, limits, random);
  }
  if (result.choices.empty()) add_fault(result.choices, limits, random);
  tidy_up(result.choices, limits, random);
  return result;
}

Schedule crossed(const Schedule& a, const Schedule& b, const MutationLimits& limits,
                 std::uint64_t seed) {
  RandomStream random(seed);
  const std::uint32_t border = random.below(limits.choices + 1);
  Schedule result;
  for (const Schedule::Choice& fault : a.choices) {
    if (fault.position < border) result.choices.push_back(fault);
  }
  for (const Schedule::Choice& fault : b.choices) {
    if (fault.position >= border) result.choices.push_back(fault);
  }
  if (result.choices.empty()) add_fault(result.choices, limits, random);
  tidy_up(result.choices, limits, random);
  return result;
}

std::vector<std::uint8_t> bytes_within(Schedule schedule, std::size_t most) {
  std::vector<std::uint8_t> bytes = bytes_of(schedule);
  while (bytes.size() > most) {
    schedule.choices.pop_back();
    bytes = bytes_of(schedule);
  }
  return bytes;
}

}  // namespace durasim
