#include "measure.hpp"

#include <algorithm>

#include <durasim/rapidcheck.hpp>

#include "durasim/explore/block.hpp"

namespace search_table {
namespace {

using durasim::Portfolio;
using durasim::RandomStream;
using durasim::Strategy;
using search_set::Bug;

constexpr std::uint32_t kMaxFaults = 3;

durasim::SimulationOptions options() {
  durasim::SimulationOptions options;
  options.faults = durasim::FaultModel::hostile();
  return options;
}

FirstFailure with(const Bug& bug, std::uint64_t seed, Portfolio portfolio) {
  const durasim::SimulationOptions simulation = options();
  durasim::BlockRunner runner(
      bug.scenario, simulation,
      {.seed = seed, .bounds = {.max_faults = kMaxFaults}, .portfolio = std::move(portfolio)});
  runner.plan();
  for (std::uint64_t number = 0; number * durasim::kBlockRuns < kMostRuns; ++number) {
    const durasim::SearchBlock block = runner.run(number, {.runs = kMostRuns, .now = {}});
    if (!block.failing.empty()) return block.failing.front().run + 1;
  }
  return std::nullopt;
}

template <Strategy strategy>
FirstFailure only(const Bug& bug, std::uint64_t seed) {
  return with(bug, seed, Portfolio{strategy});
}

/// Runs schedules that are made without knowing the handler.
template <class MakeChooser>
FirstFailure blindly(const Bug& bug, MakeChooser make_chooser) {
  const durasim::SimulationOptions simulation = options();
  durasim::References references(bug.scenario, simulation);
  for (std::uint64_t number = 1; number <= kMostRuns; ++number) {
    const auto inner = make_chooser(number);
    durasim::BudgetChooser chooser(*inner, {.max_faults = kMaxFaults});
    durasim::RunResult run = durasim::run_once({bug.scenario, simulation, chooser});
    references.judge(run);
    if (!run.findings.empty()) return number;
  }
  return std::nullopt;
}

/// Eight bytes, as a fuzzer begins.
class RandomBytes final : public durasim::Chooser {
 public:
  RandomBytes(std::uint64_t seed, std::uint64_t number) : bytes_(draw(seed, number)) {}
  std::size_t choose(const durasim::Site& site, std::span<const durasim::Fault> menu) override {
    return chooser_.choose(site, menu);
  }

 private:
  using Bytes = std::array<std::uint8_t, 8>;
  static Bytes draw(std::uint64_t seed, std::uint64_t number) {
    RandomStream random(durasim::mix64(seed, number));
    Bytes bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
    return bytes;
  }

  Bytes bytes_;
  durasim::BytesChooser chooser_{bytes_};
};

FirstFailure random_bytes(const Bug& bug, std::uint64_t seed) {
  return blindly(bug, [&](std::uint64_t n) { return std::make_unique<RandomBytes>(seed, n); });
}

FirstFailure rapidcheck(const Bug& bug, std::uint64_t seed) {
  const auto generator = durasim::arbitrary_schedule(kMaxFaults);
  rc::Random random(seed);
  return blindly(bug, [&](std::uint64_t number) {
    const int size = static_cast<int>((number - 1) % 101);
    return std::make_unique<durasim::ScheduleChooser>(generator(random.split(), size).value());
  });
}

FirstFailure breadth_first(const Bug& bug, std::uint64_t /*seed*/) {
  const durasim::Verification found =
      durasim::verify(bug.scenario, {.max_faults = 2,
                                     .faults = durasim::FaultModel::hostile(),
                                     .max_runs = kMostRuns,
                                     .name = "search_table/" + bug.name});
  if (found.verdict != durasim::Verdict::refuted) return std::nullopt;
  return found.runs;
}

FirstFailure all(const Bug& bug, std::uint64_t seed) {
  return with(bug, seed, Portfolio::standard());
}

}  // namespace

std::vector<Column> single_choosers() {
  return {{"breadth-first", breadth_first},
          {"swarm", only<Strategy::swarm>},
          {"d = 1", only<Strategy::placement_1>},
          {"d = 2", only<Strategy::placement_2>},
          {"d = 3", only<Strategy::placement_3>},
          {"novelty", only<Strategy::variation>},
          {"bytes", random_bytes},
          {"RapidCheck", rapidcheck}};
}

Column portfolio() { return {"`search`", all}; }

FirstFailure median(const Column& column, const Bug& bug) {
  std::vector<std::uint64_t> runs;
  if (column.first_failure == breadth_first) return breadth_first(bug, 0);  // draws nothing
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    runs.push_back(column.first_failure(bug, seed).value_or(kMostRuns + 1));
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>((runs.size() - 1) / 2);
  std::nth_element(runs.begin(), middle, runs.end());
  return *middle > kMostRuns ? FirstFailure{} : *middle;
}

}  // namespace search_table
