#include "durasim/explore/run_coverage.hpp"

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

}  // namespace durasim
