#include "durasim/explore/portfolio.hpp"

#include <algorithm>

namespace durasim {
namespace {

/// More than any menu has, and what a byte can say.
constexpr std::uint32_t kAlternatives = 240;
constexpr std::uint64_t kOfPlacedFaults = 0x4e504c43;

void place(Schedule& schedule, Schedule::Choice fault) {
  auto& faults = schedule.choices;
  const auto at =
      std::lower_bound(faults.begin(), faults.end(), fault,
                       [](const auto& a, const auto& b) { return a.position < b.position; });
  if (at != faults.end() && at->position == fault.position) {
    *at = fault;
  } else {
    faults.insert(at, fault);
  }
}

}  // namespace

// Shares chosen so that no planted bug takes three times as many runs as with the best strategy alone.
// Source: docs/reference/search-strategies.md
Portfolio Portfolio::standard() {
  using enum Strategy;
  return {placement, swarm,        single_fault, placement, swarm, variation,
          placement, swarm,        single_fault, placement, swarm, placement,
          swarm,     single_fault, placement,    variation};
}

std::uint32_t placed_faults(std::uint64_t seed, std::uint64_t run, std::uint32_t max_faults) {
  RandomStream random(mix64(mix64(seed, run), kOfPlacedFaults));
  std::uint32_t most = 0;
  for (int draw = 0; draw < 3; ++draw) most = std::max(most, random.below(max_faults));
  return 1 + most;
}

Portfolio::Turn Portfolio::of(std::uint64_t run, std::uint64_t singles) const {
  const std::uint64_t round = (run - 1) / turns_.size();
  const std::size_t place = (run - 1) % turns_.size();
  if (turns_[place] != Strategy::single_fault) return {turns_[place], 0};
  const auto in_round =
      static_cast<std::uint64_t>(std::count(turns_.begin(), turns_.end(), Strategy::single_fault));
  const auto before = static_cast<std::uint64_t>(std::count(
      turns_.begin(), turns_.begin() + static_cast<std::ptrdiff_t>(place), Strategy::single_fault));
  const std::uint64_t ordinal = round * in_round + before;
  if (ordinal < singles) return {Strategy::single_fault, ordinal};
  return {Strategy::variation, 0};
}

void Novelties::add(Schedule schedule, std::uint32_t length) {
  entries_.push_back({std::move(schedule), length});
}

Schedule Novelties::vary(RandomStream& random, std::uint32_t length) const {
  const auto count = static_cast<std::uint32_t>(entries_.size());
  const std::uint32_t first = random.below(count);
  const std::uint32_t second = random.below(count);  // of which the later one is taken
  const Entry entry = entries_.empty() ? Entry{{}, length} : entries_[std::max(first, second)];
  Schedule varied = entry.schedule;
  auto& faults = varied.choices;
  const std::uint32_t kind = random.below(8);
  const std::uint32_t alternative = 1 + random.below(kAlternatives);
  if (kind == 0 && faults.size() > 1) {
    faults.erase(faults.begin() + random.below(static_cast<std::uint32_t>(faults.size())));
  } else if (kind == 1 && !faults.empty()) {
    faults[random.below(static_cast<std::uint32_t>(faults.size()))].alternative = alternative;
  } else {
    const std::uint32_t after = faults.empty() || kind == 2 ? 0 : faults.back().position + 1;
    const std::uint32_t rest = entry.length > after ? entry.length - after : 1;
    place(varied, {after + random.below(rest), alternative});
  }
  return varied;
}

}  // namespace durasim
