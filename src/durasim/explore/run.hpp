#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include <durasim/explore.hpp>
#include <durasim/framework.hpp>

#include "durasim/sim/shadowed_states.hpp"

namespace durasim {

/// What one run of a scenario left behind.
struct RunResult {
  std::vector<Finding> findings;
  std::vector<Failure>
      failures;  ///< the expectations among them, to be reported again to the framework
  std::vector<Decision> decisions;
  std::vector<std::uint64_t> states;
  Environment environment;
  std::uint32_t executions = 0;
  Margins margins = {};                     ///< the narrowest of its executions
  OracleSet exercised = OracleSet::none();  ///< oracles that had something to judge
  std::uint64_t footprint = 0;  ///< of states and events: another one if a run went another way
  std::optional<Failure> skip;
};

/// Everything that differs between runs of one scenario.
struct RunSetup {
  const Scenario& scenario;
  const SimulationOptions& options;
  Chooser& chooser;
  std::vector<Monitor*> monitors = {};
  const Environment* given = nullptr;
  ShadowedStates* shadowed = nullptr;
  std::function<void(const Simulation&)> after = {};
  /// Replaces the scenario's own inputs; empty: as they are.
  std::string inputs = {};
  /// Its replays are made in cold processes as well, whatever its options say.
  bool replays_cold = false;
};

/// Runs the scenario once in a fresh world and lets every oracle judge.
/// Errors:  rethrows test aborts; everything else becomes a finding.
RunResult run_once(const RunSetup& setup);

RunResult run_without_faults(const Scenario& scenario, const SimulationOptions& options);

/// What is counted against one bound: shapes are counted as faults.
enum class Budget : std::uint8_t { faults, preemptions, environment, data };
inline constexpr std::size_t kBudgetCount = 4;
Budget budget_of(ChoiceKind kind);
/// How many choices of each budget were not benign.
struct Spent {
  std::array<std::uint32_t, kBudgetCount> choices{};
  std::uint32_t& on(Budget budget) { return choices[static_cast<std::size_t>(budget)]; }
  std::uint32_t on(Budget budget) const { return choices[static_cast<std::size_t>(budget)]; }
};
Spent spent_in(const std::vector<Decision>& decisions);
/// How many choices on the budget of this kind were not benign.
std::uint32_t taken(const std::vector<Decision>& decisions, ChoiceKind kind);
Schedule schedule_of(const std::vector<Decision>& decisions);

/// Tells the framework of the expectations that failed, each with its own file and line.
void report_failures(const RunResult& run);
/// Tells the framework that the running test is skipped, and leaves it.
void forward_skip(const Failure& skip);

}  // namespace durasim
