#include <durasim/shrink.hpp>

#include <stdexcept>

#include <fmt/format.h>

#include "durasim/core/script_chooser.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/shrinker.hpp"
#include "durasim/explore/story.hpp"

namespace durasim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".durasim.json";

/// X.shrunk.durasim.json beside X.durasim.json.
fs::path shrunk_path(const fs::path& original) {
  std::string name = original.filename().string();
  if (name.ends_with(kExtension)) name.resize(name.size() - kExtension.size());
  return original.parent_path() / fmt::format("{}.shrunk{}", name, kExtension);
}

/// What a schedule is made smaller with, but for the schedule.
struct Task {
  const Scenario& scenario;
  SimulationOptions options;
  std::string identity;
  std::string inputs;
  std::uint64_t max_runs;
  fs::path original = {};  ///< empty: not stored yet
};

Verification story_of(const Task& task, const RunResult& run, const fs::path& file = {},
                      bool minimal = false, bool store = true) {
  Verification story;
  story.scenario = task.identity;
  story.inputs = task.inputs;
  story.executions = run.executions;
  story.file = file;
  story.minimal = minimal;
  tell_story(task.scenario, task.options, run, story, store);
  return story;
}

std::string claim(const Shrinker& shrinker) {
  if (shrinker.smallest_of_all()) return "every smaller schedule was run, and none fails alike";
  const std::string_view fewest =
      shrinker.fewest() ? "every schedule with fewer faults was run, and none fails alike; " : "";
  return fmt::format("{}{}", fewest,
                     shrinker.exhausted()
                         ? "ShrinkOptions::max_runs cut the search"
                         : "no fault alone can be left out, come earlier or be milder");
}

Shrunk shrink(Task task, Chooser& chooser, std::vector<Monitor*> monitors) {
  const Campaign campaign(task.identity, task.inputs, task.options.faults, task.options.hang_after);
  Shrinker shrinker(task.scenario, task.options, task.inputs, task.max_runs);
  if (!shrinker.start(chooser, std::move(monitors))) {
    throw std::invalid_argument("durasim: a schedule that breaks no rule cannot be shrunk");
  }
  Shrunk result;
  if (task.original.empty()) {
    task.original = story_of(task, shrinker.original()).file;
  }
  result.original = task.original;
  shrinker.search();
  result.runs = shrinker.runs();
  result.smallest_of_all = shrinker.smallest_of_all();

  const RunResult& smallest = shrinker.smallest();
  const bool smaller =
      schedule_of(smallest.decisions) != schedule_of(shrinker.original().decisions);
  result.smallest = story_of(task, smallest, smaller ? shrunk_path(task.original) : task.original,
                             shrinker.fewest(), smaller);
  result.smallest.runs = result.runs;
  result.smallest.shrunk_from = taken(shrinker.original().decisions, ChoiceKind::fault);
  result.smallest.notes.push_back(
      {"shrunk", fmt::format("in {} runs; {}", result.runs, claim(shrinker))});
  for (const auto& [signature, run] : shrinker.others()) {
    result.others.push_back(story_of(task, run));
    const Verification& other = result.others.back();
    result.smallest.notes.push_back(
        {"another",
         fmt::format("failure was met on the way: {}: {}", to_string(other.findings.front().oracle),
                     other.file.filename().string())});
  }
  return result;
}

}  // namespace

Shrunk shrink(const Scenario& scenario, const Schedule& schedule, ShrinkOptions options) {
  options.simulation.faults = options.faults;
  ScheduleChooser chooser(schedule);
  return shrink({scenario, options.simulation, check_identity(options.name), scenario.inputs(),
                 options.max_runs},
                chooser, {});
}

Shrunk shrink(const Scenario& scenario, const Script& script, ShrinkOptions options) {
  options.simulation.faults = script.widen(options.faults);
  ScriptChooser chooser(script);
  return shrink({scenario, options.simulation, check_identity(options.name), scenario.inputs(),
                 options.max_runs},
                chooser, {&chooser});
}

Shrunk shrink(const Scenario& scenario, const fs::path& file, ShrinkOptions options) {
  const ScheduleFile recorded = ScheduleFile::load(file);
  options.simulation.faults = offered_by(recorded);
  ReplayChooser chooser(recorded);
  return shrink(
      {scenario, options.simulation, recorded.scenario, recorded.inputs, options.max_runs, file},
      chooser, {});
}

}  // namespace durasim
