#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "durasim/explore/block.hpp"
#include "handlers/bugs/search_set.hpp"

/// What a search runs, which must be the same on every compiler.
namespace trace_runs {

struct SearchText {
  std::string name;
  std::string text;  ///< one line a run: what happened in it, where it led, what it broke
};

inline std::string line(std::uint64_t run, const durasim::RunResult& result) {
  std::string text = fmt::format("run {}:", run);
  for (const durasim::Decision& decision : result.decisions) {
    if (decision.answer == 0) continue;
    text += fmt::format(" [{}: {}]", durasim::identify(decision.site), to_string(decision.fault));
  }
  text += fmt::format(" {} choices,", result.decisions.size());
  for (const std::uint64_t state : result.states) text += fmt::format(" {:016x}", state);
  for (const durasim::Finding& finding : result.findings)
    text += fmt::format(" {} {}", to_string(finding.oracle), finding.signature());
  return text + "\n";
}

/// The first `runs` runs with seed 7 for each of the bugs by which searches are compared.
inline std::vector<SearchText> searches(std::uint64_t runs) {
  std::vector<SearchText> texts;
  for (const search_set::Bug& bug : search_set::all()) {
    durasim::SimulationOptions options;
    options.faults = durasim::FaultModel::hostile();
    SearchText text{"search-" + bug.name, {}};
    durasim::BlockRunner runner(
        bug.scenario, options, {.seed = 7, .after_run = [&](std::uint64_t run, const auto& result) {
                                  text.text += line(run, result);
                                }});
    runner.plan();
    runner.run(0, {.runs = runs, .at_failure = false, .now = {}});
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace trace_runs
