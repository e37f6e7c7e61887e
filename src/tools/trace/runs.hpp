#pragma once

#include <string>
#include <vector>

#include <durasim/durasim.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

/// Twelve varied runs whose canonical traces must be the same on every compiler.
namespace trace_runs {

struct Run {
  std::string name;
  durasim::Scenario scenario;
  durasim::Schedule schedule;
};

inline std::vector<Run> all() {
  using durasim::scenario_for;
  const auto order = sound::small_order();
  return {
      {"01-payment-nominal", scenario_for(order, payment::scenario), {}},
      {"02-payment-first-fault", scenario_for(order, payment::scenario), {{{0, 1}}}},
      {"03-payment-three-faults",
       scenario_for(order, payment::scenario),
       {{{1, 2}, {6, 3}, {11, 1}}}},
      {"04-payment-overtaken", scenario_for(order, payment::scenario), {{{1, 3}, {5, 2}}}},
      {"05-payment-refund",
       scenario_for(sound::small_order("flaky", true), payment::scenario),
       {{{4, 7}}}},
      {"06-payment-declined",
       scenario_for(sound::small_order("declined"), payment::scenario),
       {{{3, 4}}}},
      {"07-double-charge", scenario_for(order, double_charge::scenario<>), {{{3, 1}}}},
      {"08-at-most-once-interrupted", &at_most_once::scenario, {{{3, 1}}}},
      {"09-fails-twice", &fails_twice::scenario, {{{2, 2}, {9, 5}}}},
      {"10-fallback", &fallback::scenario, {{{5, 8}}}},
      {"11-random-id", &random_id::scenario, {{{2, 1}, {4, 2}}}},
      {"12-throws", &throws::scenario, {{{4, 9}, {8, 1}}}},
  };
}

inline durasim::TracedRun trace(const Run& run) {
  return durasim::trace_run(run.scenario, run.schedule,
                            {.faults = durasim::FaultModel::hostile(), .name = run.name});
}

}  // namespace trace_runs
