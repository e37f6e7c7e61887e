#include <durasim/fuzzer.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include <durasim/choosers.hpp>
#include <durasim/environment.hpp>
#include <durasim/shrink.hpp>

#include "durasim/explore/corpus.hpp"
#include "durasim/explore/fuzz_mutation.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/repetition.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/run_coverage.hpp"
#include "durasim/explore/story.hpp"

namespace durasim {
namespace {

constexpr std::uint64_t kFuzzShrinkingRuns = 5'000;
/// Positions that mutants are given; a run that spins may meet any number of choices.
constexpr std::uint32_t kMostPositions = 100'000;

/// The schedule that an input spells, whichever form it has.
Schedule schedule_in(std::span<const std::uint8_t> input) {
  if (!is_schedule_file(input)) return durasim::schedule_of(input);
  try {
    const std::string text(input.begin(), input.end());
    return durasim::schedule_of(bytes_of(ScheduleFile::from_json(text, "the input")));
  } catch (const ScheduleError&) {
    return durasim::schedule_of(input);  // looks like one, but is none
  }
}

}  // namespace

class FuzzTarget::Runs {
 public:
  Runs(Scenario scenario, FuzzOptions options)
      : scenario_(std::move(scenario)),
        options_(with_environment(std::move(options))),
        references_(scenario_, options_.simulation) {}

  std::optional<Verification> prepare() {
    if (auto failed = replay_corpus(scenario_, options_.simulation, options_.name)) return failed;
    const Campaign campaign(options_.name, scenario_.inputs(), options_.faults,
                            options_.simulation.hang_after);
    RunRecord record{Schedule{}};
    NominalChooser nominal;
    Trace trace;
    RunSetup setup{scenario_, options_.simulation, nominal};
    setup.monitors = {&trace};
    RunResult run = run_once(setup);
    learn_length(run);
    Verification result = result_of(run);
    if (run.executions == 0 || (run.decisions.empty() && options_.max_faults > 0)) return result;
    if (!options_.simulation.oracles.contains(Oracle::simulator)) return std::nullopt;
    auto finding = judge_repetition(scenario_, options_.simulation, {}, trace.text(), nullptr);
    if (!finding) return std::nullopt;
    run.findings.insert(run.findings.begin(), std::move(*finding));
    tell_story(scenario_, options_.simulation, run, result);
    return result;
  }

  std::optional<Verification> run(std::span<const std::uint8_t> input) {
    const Schedule schedule = schedule_in(input);
    const std::vector<std::uint8_t> bytes = bytes_of(schedule);
    const Campaign campaign(options_.name, scenario_.inputs(), options_.faults,
                            options_.simulation.hang_after);
    RunRecord record(schedule);
    BytesChooser asked(bytes);
    BudgetChooser chooser(asked, bounds());
    RunSetup setup{scenario_, options_.simulation, chooser};
    setup.shadowed = &shadowed_;
    RunResult run = run_once(setup);
    references_.judge(run);
    learn_length(run);
    states_ = run.states;
    const std::vector<std::uint64_t> shadowed = shadowed_.take_added();
    if (run.findings.empty()) return std::nullopt;
    shadowed_.forget(shadowed);  // the same input fails again
    return tell(run, record);
  }

  MutationLimits limits() const {
    const ChoiceBounds all = bounds();
    return {longest_, std::max(1U, all.max_faults + all.max_preemptions + all.max_environment +
                                       all.max_data)};
  }
  const std::vector<std::uint64_t>& states() const { return states_; }
  const Scenario& scenario() const { return scenario_; }
  const FuzzOptions& options() const { return options_; }

 private:
  static FuzzOptions with_environment(FuzzOptions options) {
    const Settings settings = settings_from_environment();
    if (settings.max_faults) options.max_faults = *settings.max_faults;
    options.simulation.faults = options.faults;
    return options;
  }

  ChoiceBounds bounds() const {
    return {.max_faults = options_.max_faults,
            .max_preemptions = options_.max_preemptions,
            .max_environment = options_.max_environment,
            .max_data = options_.max_data};
  }

  void learn_length(const RunResult& run) {
    const auto length =
        static_cast<std::uint32_t>(std::min<std::size_t>(run.decisions.size(), kMostPositions));
    longest_ = std::max(longest_, length);
  }

  Verification result_of(const RunResult& run) const {
    Verification result;
    result.scenario = options_.name;
    result.inputs = scenario_.inputs();
    result.max_faults = options_.max_faults;
    result.faults = options_.faults;
    result.runs = 1;
    result.executions = run.executions;
    result.durable_states = run.states.size();
    result.coverage = coverage_of(options_.simulation);
    add(result.coverage, cover(run), nullptr);
    return result;
  }

  Verification tell(const RunResult& run, RunRecord& record) const {
    Verification result = result_of(run);
    tell_story(scenario_, options_.simulation, run, result);
    const bool of_simulator = result.findings.front().oracle == Oracle::simulator;
    if (!options_.shrink || of_simulator || result.counterexample.choices.empty()) return result;
    record.end();
    try {
      Verification smallest =
          shrink(scenario_, result.file,
                 {.simulation = options_.simulation, .max_runs = kFuzzShrinkingRuns})
              .smallest;
      smallest.coverage = std::move(result.coverage);
      return smallest;
    } catch (const std::exception& error) {  // it does not repeat itself, and has been told so
      result.notes.push_back({"shrink", error.what()});
      return result;
    }
  }

  Scenario scenario_;
  FuzzOptions options_;
  References references_;
  ShadowedStates shadowed_;
  std::vector<std::uint64_t> states_;
  std::uint32_t longest_ = 1;  ///< of all runs, in choices
};

FuzzTarget::FuzzTarget(Scenario scenario, const std::string& name, FuzzOptions options) {
  if (options.name.empty()) options.name = name;
  runs_ = std::make_unique<Runs>(std::move(scenario), std::move(options));
}
FuzzTarget::~FuzzTarget() = default;

std::optional<Verification> FuzzTarget::prepare() { return runs_->prepare(); }

std::optional<Verification> FuzzTarget::run(std::span<const std::uint8_t> input) {
  return runs_->run(input);
}

const std::vector<std::uint64_t>& FuzzTarget::states() const { return runs_->states(); }

std::vector<std::uint8_t> FuzzTarget::mutate(std::span<const std::uint8_t> input, std::size_t most,
                                             std::uint64_t seed) const {
  return bytes_within(mutated(schedule_in(input), runs_->limits(), seed), most);
}

std::vector<std::uint8_t> FuzzTarget::cross(std::span<const std::uint8_t> input,
                                            std::span<const std::uint8_t> other, std::size_t most,
                                            std::uint64_t seed) const {
  const Schedule both = crossed(schedule_in(input), schedule_in(other), runs_->limits(), seed);
  return bytes_within(both, most);
}

const Scenario& FuzzTarget::scenario() const { return runs_->scenario(); }
const FuzzOptions& FuzzTarget::options() const { return runs_->options(); }

}  // namespace durasim
