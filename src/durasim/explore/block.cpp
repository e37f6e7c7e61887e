#include "durasim/explore/block.hpp"

#include <algorithm>
#include <tuple>

#include "durasim/core/oddity.hpp"
#include "durasim/explore/packed_schedule.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run_coverage.hpp"

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

/// Writes answers into a trail.
class TrailChooser final : public Chooser {
 public:
  TrailChooser(Chooser& inner, RunTrail* trail, std::uint64_t run) : inner_(inner), trail_(trail) {
    if (trail_ == nullptr) return;
    trail_->count = 0;
    trail_->run = run;
  }
  std::size_t choose(const Site& site, std::span<const Fault> menu) override {
    const std::size_t answer = inner_.choose(site, menu);
    if (answer != 0 && trail_->count < RunTrail::kMost) {
      trail_->faults[trail_->count] = {position_, static_cast<std::uint32_t>(answer)};
      ++trail_->count;
    }
    ++position_;
    return answer;
  }
  Chooser& chooser() { return trail_ == nullptr ? inner_ : *this; }

 private:
  Chooser& inner_;
  RunTrail* trail_;
  std::uint32_t position_ = 0;
};

/// All schedules with one fault, in the order of verify.
std::vector<Schedule::Choice> single_faults(const std::vector<Decision>& decisions) {
  std::vector<std::pair<std::uint32_t, Schedule::Choice>> found;
  for (std::uint32_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].site.choice == ChoiceKind::data) continue;
    for (std::uint32_t alternative = 1; alternative < decisions[i].bound; ++alternative) {
      found.push_back({oddity(decisions[i].alternative(alternative)), {i, alternative}});
    }
  }
  const auto order = [](const auto& one) {
    return std::tuple(one.first, one.second.position, one.second.alternative);
  };
  std::sort(found.begin(), found.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  std::vector<Schedule::Choice> faults;
  for (const auto& [oddity, fault] : found) faults.push_back(fault);
  return faults;
}

}  // namespace

std::string SearchBlock::pack() const {
  PackedWriter out;
  out.add(number);
  tally.pack(out);
  out.add(std::uint64_t{cut});
  out.add(coverage.to_json());
  out.add(states.size());
  for (const State& state : states) {
    out.add(state.fingerprint);
    out.add(state.runs);
  }
  out.add(failing.size());
  for (const Failing& one : failing) {
    out.add(one.run);
    out.add(one.signature);
    durasim::pack(out, one.schedule);
  }
  return out.take();
}

SearchBlock SearchBlock::unpack(std::string_view bytes) {
  PackedReader in(bytes);
  SearchBlock block;
  block.number = in.number();
  block.tally = Tally::unpack(in);
  block.cut = in.number() != 0;
  block.coverage = Coverage::from_json(in.text());
  block.states.resize(in.number());
  for (State& state : block.states) {
    state.fingerprint = in.number();
    state.runs = in.as<std::uint32_t>();
  }
  block.failing.resize(in.number());
  for (Failing& one : block.failing) {
    one.run = in.number();
    one.signature = in.text();
    one.schedule = unpack_schedule(in);
  }
  return block;
}

Schedule RunTrail::schedule() const {
  Schedule schedule;
  schedule.choices.assign(faults.begin(), faults.begin() + static_cast<std::ptrdiff_t>(count));
  return schedule;
}

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
    block.cut = run > 0 && stop.now && stop.now();
    if (block.cut) break;
    if (left_out_.contains(run)) {
      ++block.tally.runs;
      continue;
    }
    make_run(run, memory, block);
    if (stop.at_failure && !block.failing.empty()) break;
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
    case Strategy::placement:
      return placement(placed_faults(plan_.seed, run, plan_.bounds.max_faults));
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
  return std::make_unique<SwarmChooser>(plan_.seed, run, nominal_.decisions);
}

void BlockRunner::make_run(std::uint64_t run, Memory& memory, SearchBlock& block) {
  const RunRecord record(plan_.seed, run);
  const std::unique_ptr<Chooser> strategy = chooser_for(run, memory);
  BudgetChooser budget(*strategy, plan_.bounds);
  TrailChooser trail(budget, trail_, run);
  RunSetup setup{scenario_, options_, trail.chooser()};
  setup.shadowed = &shadowed_;
  const bool repeats = options_.oracles.contains(Oracle::simulator) && is_repeated(run);
  const auto shadowed = repeats ? shadowed_ : ShadowedStates();
  Trace trace;
  if (repeats) setup.monitors = {&trace};
  RunResult result = run_once(setup);
  const std::vector<std::uint64_t> shadowed_now = shadowed_.take_added();
  ++block.tally.runs;
  block.tally.executions += result.executions;
  widen(block.tally.margins, result.margins);
  const bool novel = remember(result, run, memory);
  Schedule schedule = schedule_of(result.decisions);
  if (!schedule.choices.empty()) references_.judge(result);
  const bool alone = schedule.choices.size() == 1;
  add(block.coverage, cover(result), alone ? &nominal_.footprint : nullptr);
  if (repeats && result.findings.empty()) {
    if (auto finding = judge_repetition(scenario_, options_, schedule, trace.text(), &shadowed))
      result.findings.push_back(std::move(*finding));
  }
  block.tally.certificate.add(certify(schedule, result));
  if (plan_.after_run) plan_.after_run(run, result);
  if (!result.findings.empty()) {
    shadowed_.forget(shadowed_now);  // another run that comes to it is to find the same
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
