#include <durasim/choosers.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "durasim/core/random.hpp"

/// Choosers that draw.
namespace durasim {
namespace {

// 65,536 times 1/2 to 1/32, in steps of the square root of two.
constexpr std::array<std::uint32_t, 9> kRates = {32'768, 23'170, 16'384, 11'585, 8'192,
                                                 5'793,  4'096,  2'896,  2'048};
constexpr std::uint64_t kOfSwarms = 0x5741524d;
constexpr std::uint64_t kOfCertainFaults = 0x43455254;
constexpr std::uint64_t kOfPlacements = 0x504c4143;

std::uint64_t hash_of(const Site& site) {
  const std::uint64_t place = std::uint64_t{site.execution} << 32U | site.occurrence;
  const auto kind = static_cast<std::uint64_t>(site.kind);
  const std::uint64_t hash = mix64(site.path.hash() + kind, place);
  return hash == 0 ? 1 : hash;
}

bool overlap(const FaultSet& a, const FaultSet& b) {
  return (a.words()[0] & b.words()[0]) != 0 || (a.words()[1] & b.words()[1]) != 0;
}

}  // namespace

Swarm Swarm::draw(std::uint64_t seed, std::uint64_t run) {
  RandomStream random(mix64(mix64(seed, run), kOfSwarms));
  Swarm swarm;
  const bool all = random.below(4) == 0;
  swarm.rate = kRates[random.below(kRates.size())];
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kFaultCount; ++i, bits >>= 1U) {
    if (i % 64 == 0) bits = random.next();
    if (all || (bits & 1U) != 0) swarm.faults.insert(static_cast<Fault>(i));
  }
  return swarm;
}

SwarmChooser::SwarmChooser(std::uint64_t seed, std::uint64_t run, std::span<const Decision> nominal)
    : key_(mix64(seed, run)), swarm_(Swarm::draw(seed, run)), met_(128) {
  make_certain(nominal);
}

/// Draws it among the choices at which the swarm has a fault to take.
void SwarmChooser::make_certain(std::span<const Decision> nominal) {
  const auto is_open = [&](const Decision& decision) {
    return decision.site.choice != ChoiceKind::data && overlap(decision.offered, swarm_.faults);
  };
  const auto open =
      static_cast<std::uint32_t>(std::count_if(nominal.begin(), nominal.end(), is_open));
  if (open == 0) return;
  std::uint32_t left = below(open, mix64(key_, kOfCertainFaults));
  auto chosen = nominal.begin();
  while (!is_open(*chosen) || left-- > 0) ++chosen;
  const auto before = std::count_if(nominal.begin(), chosen, [&](const Decision& decision) {
    return decision.site == chosen->site;
  });
  certain_ = {hash_of(chosen->site), static_cast<std::uint32_t>(before)};
}

std::size_t SwarmChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::uint64_t place = hash_of(site);
  const std::uint32_t met = meet(place);
  const std::uint64_t random = mix64(key_ + met, place);
  const bool due = place == certain_.site && met == certain_.count;
  if (!due && (random & 0xffffU) >= swarm_.rate) return 0;
  const auto count = static_cast<std::uint32_t>(std::count_if(
      menu.begin() + 1, menu.end(), [&](Fault fault) { return swarm_.faults.contains(fault); }));
  if (count == 0) return 0;
  std::uint32_t left = below(count, random);
  std::size_t answer = 1;
  while (!swarm_.faults.contains(menu[answer]) || left-- > 0) ++answer;
  return answer;
}

/// How often the site was met before.
std::uint32_t SwarmChooser::meet(std::uint64_t site) {
  const std::size_t mask = met_.size() - 1;
  std::size_t at = site & mask;
  while (met_[at].site != 0 && met_[at].site != site) at = (at + 1) & mask;
  if (met_[at].site == site) return ++met_[at].count;
  met_[at].site = site;
  if (++places_taken_ * 2 > met_.size()) grow();
  return 0;
}

void SwarmChooser::grow() {
  std::vector<Meetings> old(met_.size() * 2);
  old.swap(met_);
  const std::size_t mask = met_.size() - 1;
  for (const Meetings& meetings : old) {
    if (meetings.site == 0) continue;
    std::size_t at = meetings.site & mask;
    while (met_[at].site != 0) at = (at + 1) & mask;
    met_[at] = meetings;
  }
}

PlacementChooser::PlacementChooser(std::uint64_t seed, std::uint64_t run, std::uint32_t count,
                                   std::uint32_t length)
    : state_(mix64(mix64(seed, run), kOfPlacements + count)), left_(count), length_(length) {
  place();
}

/// Draws the position of the next fault. After one, an invocation is often made again: half a run more
/// is expected then.
void PlacementChooser::place() {
  state_ = mix64(state_, 1);
  const std::uint32_t rest = length_ > position_ ? length_ - position_ : 0;
  const std::uint32_t expected = position_ == 0 ? length_ : std::max(rest, length_ / 2 + 1);
  next_ = position_ + below(expected, state_);
}

std::size_t PlacementChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::uint32_t position = position_++;
  if (left_ == 0 || position < next_ || site.choice == ChoiceKind::data) return 0;
  --left_;
  const std::size_t answer = 1 + below(static_cast<std::uint32_t>(menu.size() - 1), mix64(state_));
  place();
  return answer;
}

BudgetChooser::BudgetChooser(Chooser& inner, const ChoiceBounds& bounds) : inner_(inner) {
  left_[static_cast<std::size_t>(ChoiceKind::fault)] = bounds.max_faults;
  left_[static_cast<std::size_t>(ChoiceKind::order)] = bounds.max_preemptions;
  left_[static_cast<std::size_t>(ChoiceKind::environment)] = bounds.max_environment;
  left_[static_cast<std::size_t>(ChoiceKind::data)] = bounds.max_data;
}

std::size_t BudgetChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::size_t answer = inner_.choose(site, menu);
  if (answer == 0) return 0;
  const ChoiceKind kind = site.choice == ChoiceKind::shape ? ChoiceKind::fault : site.choice;
  std::uint32_t& left = left_[static_cast<std::size_t>(kind)];
  if (left == 0) return 0;
  --left;
  return answer;
}

}  // namespace durasim
