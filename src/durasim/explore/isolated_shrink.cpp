#include "durasim/explore/isolated_shrink.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "durasim/explore/packed_schedule.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/story.hpp"
#include "durasim/explore/workers.hpp"

namespace durasim {
namespace {

/// What there is to know of the smallest schedule, so that it can be told here.
std::string pack_smallest(const Verification& smallest) {
  PackedWriter out;
  out.add(smallest.file.string());
  out.add(smallest.minimal ? 1 : 0);
  out.add(smallest.shrunk_from);
  pack(out, smallest.counterexample);
  out.add(smallest.notes.size());
  for (const Verification::Note& note : smallest.notes) {
    out.add(note.label);
    out.add(note.text);
  }
  return out.take();
}

Verification unpack_smallest(std::string_view bytes) {
  PackedReader in(bytes);
  Verification smallest;
  smallest.file = in.text();
  smallest.minimal = in.number() != 0;
  smallest.shrunk_from = in.as<std::uint32_t>();
  smallest.counterexample = unpack_schedule(in);
  smallest.notes.resize(in.number());
  for (Verification::Note& note : smallest.notes) {
    note.label = in.text();
    note.text = in.text();
  }
  return smallest;
}

Verification retold(const Scenario& scenario, const SimulationOptions& options,
                    const Verification& story, Verification smallest) {
  ScheduleChooser chooser(smallest.counterexample);
  RunSetup setup{scenario, options, chooser};
  setup.inputs = story.inputs;
  RunResult run = run_once(setup);
  if (!smallest.counterexample.choices.empty())
    References(scenario, options).judge(run, story.inputs);
  if (run.findings.empty()) return story;  // it comes and goes: what is known stays
  smallest.scenario = story.scenario;
  smallest.inputs = story.inputs;
  tell_story(scenario, options, run, smallest, smallest.file != story.file);
  return smallest;
}

}  // namespace

Verification shrink_in_worker(const Scenario& scenario, Verification story,
                              const ShrinkOptions& options) {
  WorkerTasks tasks;
  tasks.count = 1;
  tasks.run = [&](std::uint64_t) {
    try {
      return WorkerResult{pack_smallest(shrink(scenario, story.file, options).smallest)};
    } catch (const DivergedError& error) {
      Verification diverged = story;
      diverged.notes.push_back({"DIVERGED", error.what()});
      return WorkerResult{pack_smallest(diverged)};
    }
  };
  tasks.take = [&](std::uint64_t, std::string_view bytes) {
    story = retold(scenario, options.simulation, story, unpack_smallest(bytes));
    return true;
  };
  tasks.died = [&](std::uint64_t, const WorkerDeath& death) {
    story.notes.push_back(
        {"shrunk", fmt::format("not: the process {} that tried a smaller schedule", death.text())});
    return true;
  };
  run_in_workers(1, tasks);
  return story;
}

}  // namespace durasim
