#include "durasim/explore/run_coverage.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "durasim/explore/run.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {
namespace {

OperationKind kind_of(const durable::Operation& operation) {
  switch (operation.sub_type) {
    case durable::OperationSubType::wait_for_callback:
      return OperationKind::wait_for_callback;
    case durable::OperationSubType::wait_for_condition:
      return OperationKind::wait_for_condition;
    case durable::OperationSubType::with_retry:
      return OperationKind::with_retry;
    default:
      break;
  }
  switch (operation.type) {
    case durable::OperationType::execution:
      return OperationKind::execution;
    case durable::OperationType::context:
      return OperationKind::child;
    case durable::OperationType::step:
      return OperationKind::step;
    case durable::OperationType::wait:
      return OperationKind::wait;
    case durable::OperationType::callback:
      return OperationKind::callback;
    case durable::OperationType::chained_invoke:
      return OperationKind::invoke;
  }
  return OperationKind::unrecorded;
}

/// Looks operations up in about the order in which they were started.
class Lookup {
 public:
  explicit Lookup(const Service& service) : service_(service) {}

  OperationKind operator()(const Site& site) {
    if (site.path.is_root() || site.execution == 0) return OperationKind::execution;
    const auto& operations = service_.execution(site.execution).operations;
    if (at_ >= operations.size()) at_ = 0;
    for (std::size_t tried = 0; tried < operations.size(); ++tried) {
      if (operations[at_].path == site.path) return kind_of(operations[at_]);
      if (++at_ == operations.size()) at_ = 0;
    }
    return OperationKind::unrecorded;
  }

 private:
  const Service& service_;
  std::size_t at_ = 0;
};

bool waits_for_outside(const Service& service) {
  for (std::uint32_t execution = 1; execution <= service.executions(); ++execution) {
    for (const durable::Operation& operation : service.execution(execution).operations) {
      if (operation.type == durable::OperationType::callback ||
          operation.type == durable::OperationType::chained_invoke)
        return true;
    }
  }
  return false;
}

/// The oracles to which something has happened that they judge.
/// Source: docs/reference/coverage.md#oracles
OracleSet exercised_in(const World& world) {
  using enum TraceEvent::Kind;
  const Footprint& footprint = world.footprint();
  OracleSet set = OracleSet::none().with(Oracle::expectation).with(Oracle::survival);
  const auto add = [&](Oracle oracle, bool exercised) {
    if (exercised) set = set.with(oracle);
  };
  const bool replayed = footprint.saw(replay_started) || footprint.resumed();
  add(Oracle::replay_agreement, replayed);
  add(Oracle::first_run_parity,
      replayed && (footprint.saw(value_returned) || footprint.saw(error_thrown)));
  add(Oracle::completed_once, footprint.resumed());
  add(Oracle::attempt_semantics, footprint.saw(body_started));
  add(Oracle::history_legal, footprint.saw(history));
  add(Oracle::progress, footprint.saw(invocation_ended));
  add(Oracle::hygiene, footprint.saw(invocation_ended));
  add(Oracle::timers, footprint.saw(timer_fired));
  add(Oracle::effects, footprint.saw(effect));
  add(Oracle::outside_once, waits_for_outside(world.service()));
  return set;
}

/// Into a Coverage or a CoverageCounts.
template <class Counts>
void count_choices(Counts& coverage, const RunCoverage& run, const std::uint64_t* without) {
  const RunCoverage::Choice* last = nullptr;
  for (const RunCoverage::Choice& choice : run.choices) {
    coverage.count_offered(choice.operation, choice.offered);
    if (choice.taken == Fault::none) continue;
    if (last != nullptr) coverage.count_injected(last->operation, last->taken, false);
    last = &choice;
  }
  if (last != nullptr) {
    const bool effective = without != nullptr && *without != run.footprint;
    coverage.count_injected(last->operation, last->taken, effective);
  }
  coverage.count_run(run.exercised);
}

}  // namespace

void read_coverage(const World& world, RunResult& result) {
  Lookup operation_of(world.service());
  for (Decision& decision : result.decisions) decision.operation = operation_of(decision.site);
  result.exercised = exercised_in(world);
  Hash64 hash;
  hash.add(world.footprint().hash());
  for (const std::uint64_t state : result.states) hash.add(state);
  result.footprint = hash.value();
}

Coverage coverage_of(const SimulationOptions& options) { return {options.faults, options.oracles}; }

RunCoverage cover(const RunResult& run) {
  RunCoverage coverage{{}, run.exercised, run.footprint};
  coverage.choices.reserve(run.decisions.size());
  for (const Decision& decision : run.decisions)
    coverage.choices.push_back({decision.operation, decision.fault, decision.offered});
  return coverage;
}

void add(Coverage& coverage, const RunCoverage& run, const std::uint64_t* without) {
  count_choices(coverage, run, without);
}

void CoverageCounts::add(const RunCoverage& run, const std::uint64_t* without) {
  count_choices(*this, run, without);
}

CoverageCounts::Counts& CoverageCounts::at(OperationKind operation, Fault fault) {
  if (counts_.empty()) counts_.resize(kOperationKindCount * kFaultCount);
  return counts_[static_cast<std::size_t>(operation) * kFaultCount +
                 static_cast<std::size_t>(fault)];
}

void CoverageCounts::count_offered(OperationKind operation, const FaultSet& menu) {
  Counts* const row = &at(operation, Fault::none);
  menu.each([&](Fault fault) { ++row[static_cast<std::size_t>(fault)][0]; });
}

void CoverageCounts::count_injected(OperationKind operation, Fault fault, bool effective) {
  Counts& counts = at(operation, fault);
  ++counts[1];
  counts[2] += effective ? 1 : 0;
}

void CoverageCounts::count_run(OracleSet exercised) {
  ++runs_;
  exercised_ |= exercised;
}

void CoverageCounts::add(const CoverageCounts& other) {
  if (counts_.empty()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    for (std::size_t j = 0; j < counts_[i].size(); ++j) counts_[i][j] += other.counts_[i][j];
  }
  runs_ += other.runs_;
  exercised_ |= other.exercised_;
}

void CoverageCounts::pack(PackedWriter& out) const {
  out.add(runs_);
  out.add(exercised_.bits());
  out.add(static_cast<std::uint64_t>(
      std::count_if(counts_.begin(), counts_.end(), [](const Counts& c) { return c[0] > 0; })));
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i][0] == 0) continue;  // what was not offered was not injected
    out.add(i);
    for (const std::uint64_t count : counts_[i]) out.add(count);
  }
}

CoverageCounts CoverageCounts::unpack(PackedReader& in) {
  CoverageCounts counts;
  counts.runs_ = in.number();
  counts.exercised_ = OracleSet::from_bits(in.as<std::uint32_t>());
  for (std::uint64_t left = in.number(); left > 0; --left) {
    const std::uint64_t place = in.number();
    Counts& cell = counts.at(static_cast<OperationKind>(place / kFaultCount),
                             static_cast<Fault>(place % kFaultCount));
    for (std::uint64_t& count : cell) count = in.number();
  }
  return counts;
}

Coverage CoverageCounts::coverage() const {
  nlohmann::json json = {{"format", "durasim-coverage"},
                         {"version", 1},
                         {"runs", runs_},
                         {"faults", nlohmann::json::array()},
                         {"oracles", nlohmann::json::array()},
                         {"exercised", nlohmann::json::array()},
                         {"cells", nlohmann::json::array()}};
  for (std::size_t i = 0; i < kOracleCount; ++i) {
    const auto oracle = static_cast<Oracle>(i);
    if (exercised_.contains(oracle)) json["exercised"].push_back(to_string(oracle));
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i][0] == 0) continue;
    json["cells"].push_back({{"operation", to_string(static_cast<OperationKind>(i / kFaultCount))},
                             {"fault", to_string(static_cast<Fault>(i % kFaultCount))},
                             {"offered", counts_[i][0]},
                             {"injected", counts_[i][1]},
                             {"effective", counts_[i][2]}});
  }
  return Coverage::from_json(json.dump());
}

}  // namespace durasim
