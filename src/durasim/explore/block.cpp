#include "durasim/explore/block.hpp"

#include <algorithm>

#include "durasim/core/oddity.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/ring.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kOfVariations = 0x56415259;

/// Follows a schedule in the way of BytesChooser.
class VariationChooser final : public Chooser {
 public:
  explicit VariationChooser(const Schedule& schedule)
      : bytes_(bytes_of(schedule)), chooser_(bytes_) {}
  std::size_t choose(const Site& site, std::span<const Fault> menu) override {
    return chooser_.choose(site, menu);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  BytesChooser chooser_;
};

/// All schedules with one fault, in the order of verify.
std::vector<Schedule::Fault> single_faults(const std::vector<Decision>& decisions) {
  std::vector<std::pair<std::uint32_t, Schedule::Fault>> found;
  for (std::uint32_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].site.choice == ChoiceKind::data) continue;
    for (std::uint32_t alternative = 1; alternative < decisions[i].bound; ++alternative) {
      found.push_back({oddity(decisions[i].alternative(alternative)), {i, alternative}});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Schedule::Fault> faults;
  for (const auto& [oddity, fault] : found) faults.push_back(fault);
  return faults;
}

}  // namespace

BlockRunner::BlockRunner(const Scenario& scenario, const SimulationOptions& options,
                         SearchPlan plan)
    : scenario_(scenario),
      options_(options),
      plan_(std::move(plan)),
      references_(scenario, options) {}

const RunResult& BlockRunner::plan(Monitor* monitor) {
  NominalChooser chooser;
  RunSetup setup{scenario_, options_, chooser};
  if (monitor != nullptr) setup.monitors = {monitor};
  nominal_ = run_once(setup);
  nominal_states_.insert(nominal_.states.begin(), nominal_.states.end());
  singles_ = single_faults(nominal_.decisions);
  length_ = static_cast<std::uint32_t>(nominal_.decisions.size());
  references_.add(nominal_);
  return nominal_;
}

SearchBlock BlockRunner::run(std::uint64_t number, const SearchStop& stop) {
  SearchBlock block;
  block.number = number;
  Memory memory;
  const std::uint64_t first = number * kBlockRuns;
  const std::uint64_t end = std::min(first + kBlockRuns, stop.runs);
  for (std::uint64_t run = first; run < end; ++run) {
    make_run(run, memory, block);
    if ((stop.at_failure && !block.failing.empty()) || (stop.now && stop.now())) break;
  }
  for (const std::uint64_t fingerprint : memory.met)
    block.states.push_back({fingerprint, memory.seen[fingerprint].runs});
  std::sort(block.states.begin(), block.states.end(),
            [](const auto& a, const auto& b) { return a.fingerprint < b.fingerprint; });
  return block;
}

std::unique_ptr<Chooser> BlockRunner::chooser_for(std::uint64_t run, const Memory& memory) {
  if (run == 0) return std::make_unique<NominalChooser>();
  const Portfolio::Turn turn = plan_.portfolio.of(run, singles_.size());
  const auto placement = [&](std::uint32_t count) {
    return std::make_unique<PlacementChooser>(plan_.seed, run, count, length_);
  };
  switch (turn.strategy) {
    case Strategy::single_fault:
      return std::make_unique<ScheduleChooser>(Schedule{{singles_[turn.ordinal]}});
    case Strategy::placement_1:
      return placement(1);
    case Strategy::placement_2:
      return placement(2);
    case Strategy::placement_3:
      return placement(3);
    case Strategy::variation: {
      RandomStream random(mix64(mix64(plan_.seed, run), kOfVariations));
      return std::make_unique<VariationChooser>(memory.novelties.vary(random, length_));
    }
    case Strategy::swarm:
      break;
  }
  return std::make_unique<SwarmChooser>(plan_.seed, run, length_);
}

void BlockRunner::make_run(std::uint64_t run, Memory& memory, SearchBlock& block) {
  const RunRecord record(plan_.seed, run);
  const std::unique_ptr<Chooser> strategy = chooser_for(run, memory);
  BudgetChooser chooser(*strategy, plan_.bounds);
  RunSetup setup{scenario_, options_, chooser};
  setup.shadowed = &memory.shadowed;
  const bool repeats = options_.oracles.contains(Oracle::simulator) && is_repeated(run);
  const auto shadowed = repeats ? memory.shadowed : ShadowedStates();
  Trace trace;
  if (repeats) setup.monitors = {&trace};
  RunResult result = run_once(setup);
  ++block.runs;
  block.executions += result.executions;
  widen(block.margins, result.margins);
  const bool novel = remember(result, run, memory);
  Schedule schedule = schedule_of(result.decisions);
  if (!schedule.faults.empty()) references_.judge(result);
  if (repeats && result.findings.empty()) {
    if (auto finding = judge_repetition(scenario_, options_, schedule, trace.text(), &shadowed))
      result.findings.push_back(std::move(*finding));
  }
  if (plan_.after_run) plan_.after_run(run, result);
  if (!result.findings.empty()) {
    store_at_once(result);
    note(run, result.findings.front().signature(), std::move(schedule), block);
  } else if (novel) {
    memory.novelties.add(std::move(schedule), static_cast<std::uint32_t>(result.decisions.size()));
  }
}

void BlockRunner::note(std::uint64_t run, std::string signature, Schedule schedule,
                       SearchBlock& block) {
  const bool known =
      std::any_of(block.failing.begin(), block.failing.end(),
                  [&](const auto& failing) { return failing.signature == signature; });
  if (!known) block.failing.push_back({run, std::move(signature), std::move(schedule)});
}

/// True if the run met a state that is new to the block.
bool BlockRunner::remember(const RunResult& result, std::uint64_t run, Memory& memory) const {
  bool novel = false;
  for (const std::uint64_t state : result.states) {
    Memory::Seen& seen = memory.seen[state];
    if (seen.runs > 0 && seen.last_run == run) continue;
    if (seen.runs == 0) {
      memory.met.push_back(state);
      novel = novel || !nominal_states_.contains(state);
    }
    ++seen.runs;
    seen.last_run = run;
  }
  return novel;
}

}  // namespace durasim
