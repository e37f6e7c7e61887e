#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <durasim/coverage.hpp>
#include <durasim/environment.hpp>
#include <durasim/faults.hpp>
#include <durasim/oracles.hpp>
#include <durasim/schedule.hpp>
#include <durasim/simulation.hpp>

/// Runs a scenario under many schedules and says what can be claimed.
namespace durasim {

/// Publishes functions, makes fakes, runs executions and states expectations. Called once a
/// schedule, each time with a fresh world.
class Scenario {
 public:
  template <class Callable>
    requires std::invocable<Callable&, Simulation&>
  Scenario(Callable callable)  // NOLINT(google-explicit-constructor): implicit by design
      : run_([callable = std::move(callable)](Simulation& sim, const std::string&) {
          callable(sim);
        }) {}

  /// A scenario with declared inputs, which schedule files and reports show; `callable` is given
  /// their JSON text.
  Scenario(std::function<void(Simulation&, const std::string&)> callable, std::string inputs)
      : run_(std::move(callable)), inputs_(std::move(inputs)) {}

  void operator()(Simulation& simulation) const { run_(simulation, inputs_); }
  /// The same with other inputs, as a schedule file has them.
  void run_with(Simulation& simulation, const std::string& inputs) const {
    run_(simulation, inputs);
  }
  /// JSON text; empty if none are declared.
  const std::string& inputs() const { return inputs_; }

 private:
  std::function<void(Simulation&, const std::string&)> run_;
  std::string inputs_;
};

/// A scenario for one input, which is stored with its schedules.
/// Shape:   callable is (Simulation&, const Input&).
template <class Input, class Callable>
Scenario scenario_for(const Input& input, Callable callable) {
  std::string text = durable::serialize(input);
  return Scenario(
      [input, text, callable = std::move(callable)](Simulation& sim, const std::string& inputs) {
        if (inputs == text) {
          callable(sim, input);
        } else {
          callable(sim, durable::deserialize<Input>(inputs));
        }
      },
      text);
}

enum class Verdict : std::uint8_t {
  holds,       ///< every schedule within the bounds was run, and none broke a rule
  refuted,     ///< `findings` were made under `counterexample`
  incomplete,  ///< cut before the end; nothing found
  vacuous      ///< nothing to judge: no execution was started, or no fault could be offered
};
/// "HOLDS".
std::string_view to_string(Verdict verdict);
std::ostream& operator<<(std::ostream& out, Verdict verdict);

/// Where runs are made.
enum class Isolation : std::uint8_t {
  none,  ///< in the process of the test, which a handler that aborts takes along
  fork   ///< in processes forked from it: a run that ends its process is a finding
};

struct VerifyOptions {
  /// At most so many faults in one run.
  std::uint32_t max_faults = 1;
  FaultModel faults = FaultModel::standard();
  /// At most so many times in one run does something else go first.
  std::uint32_t max_preemptions = 1;
  /// At most so many answers from outside in one run are other than the test says.
  std::uint32_t max_environment = 1;
  /// At most so many random draws other than the nominal one in one run.
  std::uint32_t max_data = 1;
  /// Cuts the exploration; the verdict is then INCOMPLETE. A higher $DURASIM_RUNS wins.
  std::uint64_t max_runs = 1'000'000;
  /// Cuts the exploration after so long, INCOMPLETE too. How far it comes then depends on the
  /// machine, and so do its counts and its certificate. $DURASIM_SECONDS wins.
  std::optional<std::chrono::milliseconds> duration = {};
  /// Processes that share the work. Nothing of the result depends on it. Two and more are isolated,
  /// whatever `isolation` says. $DURASIM_JOBS wins.
  std::uint32_t jobs = 1;
  Isolation isolation = Isolation::none;
  /// Identity of the scenario in files; by default the running test and the ordinal of the call in
  /// it.
  std::string name = {};
  SimulationOptions simulation = {};
  /// Called after each run, in this process: there is one job then, and no isolation.
  std::function<void(const Simulation&, const Schedule&)> after_run = {};
};

/// What an exploration found out.
struct Verification {
  /// Something to be said beside the verdict.
  struct Note {
    std::string label;  ///< one word
    std::string text;
  };
  /// A failure that a search met.
  struct Failure {
    std::string signature;
    Oracle oracle = Oracle::expectation;
    std::string what;
    std::uint64_t run = 0;     ///< number of the run that met it first; 0 is the one without faults
    std::uint32_t faults = 0;  ///< of the stored schedule
    std::filesystem::path file;
  };

  Verdict verdict = Verdict::vacuous;
  std::string scenario;
  /// Of which part of the schedules this is, where $DURASIM_SHARD has them shared: durasim/shards.hpp.
  std::optional<Shard> shard = {};
  bool replayed = false;  ///< one stored schedule was run, as $DURASIM_REPLAY asks
  std::uint32_t max_faults = 0;
  FaultModel faults;
  std::uint64_t runs = 0;        ///< schedules
  std::uint64_t executions = 0;  ///< over all of them
  std::uint64_t durable_states = 0;
  Margins margins = {};  ///< the narrowest of all runs, for each limit
  /// A hash of all runs, whatever their order: 32 hexadecimal characters. Two explorations with the
  /// same one have run the same schedules, and met the same in each.
  std::string certificate = {};
  /// INCOMPLETE: schedules known but not run. VACUOUS: 0.
  std::uint64_t frontier = 0;
  std::vector<Finding> findings;  ///< of the counterexample
  Schedule counterexample;        ///< with the fewest faults of all
  std::uint32_t counterexample_faults = 0;
  bool minimal = false;        ///< no schedule with fewer faults fails like this
  std::filesystem::path file;  ///< its schedule, on disk
  std::string trace_hash;      ///< of the counterexample
  std::string inputs;          ///< those that the scenario declares, as JSON text
  std::string history;         ///< the counterexample told line by line
  /// Where to look if the first finding has no line of its own: at the last durable call before it, or at the
  /// one that the last fault struck.
  std::string nearest;
  Script script;                  ///< its faults by name
  std::uint32_t shrunk_from = 0;  ///< faults of the schedule that it was shrunk from; 0: of none
  std::optional<std::uint64_t> seed;  ///< of a search
  /// Why a search ended, such as "at the first failure"; of `verify` after which time it was cut.
  std::string stopped;
  std::vector<Failure> failures;  ///< of a search: one of each signature, in order of their runs
  /// What was tried, and what there was to judge. Of a replay and a failed check: in that run.
  Coverage coverage = {};
  std::vector<Note> notes;
  std::string reproduce;  ///< one command

  /// The verdict in one line, or the whole story of a failure.
  std::string report() const;
  friend std::ostream& operator<<(std::ostream& out, const Verification& verification);
};

/// Runs `scenario` under every schedule within the bounds, breadth-first by number of faults, so
/// that the first failure is minimal. A failing schedule is on disk before this returns.
/// Errors:  none for what the scenario does; EnvironmentError; std::runtime_error if the output folder cannot be
///          written; ScheduleError if the file that $DURASIM_REPLAY names cannot be used. A scenario
///          that skips its test leaves the test.
Verification verify(const Scenario& scenario, VerifyOptions options = {});

/// A rule was broken in a run of `check`. The message is the report.
class CheckFailed : public std::runtime_error {
 public:
  explicit CheckFailed(Verification result);
  const Verification& verification() const { return verification_; }

 private:
  Verification verification_;
};

struct CheckOptions {
  FaultModel faults = FaultModel::standard();
  std::string name = {};
  SimulationOptions simulation = {};
  /// Makes a failing schedule smaller before it is reported. Not in properties: RapidCheck shrinks
  /// as well.
  bool shrink = false;
  /// What a line is that the run does not come to, for the forms that take a script.
  Unreached unreached = Unreached::fails;
};

struct TracedRun;
namespace detail {
void check_script(const Scenario& scenario, const Script& script, CheckOptions options);
TracedRun trace_script(const Scenario& scenario, const Script& script, CheckOptions options);
}  // namespace detail

/// Runs `scenario` once under `schedule`, for property tests.
/// Errors:  CheckFailed for a broken rule, so that the caller's framework shrinks; EnvironmentError
///          and ScheduleError as verify.
void check(const Scenario& scenario, const Schedule& schedule, CheckOptions options = {});
/// Runs `scenario` once under the faults of `script` and no others.
/// Errors:  CheckFailed for a broken rule, and for a line that the run does not come to.
template <std::same_as<Script> T>  // so that {} is a Schedule
void check(const Scenario& scenario, const T& script, CheckOptions options = {}) {
  detail::check_script(scenario, script, std::move(options));
}

/// A run with its trace, and its choices in every form.
struct TracedRun {
  std::string trace;
  std::string trace_hash;
  std::vector<Finding> findings;
  std::vector<Decision> decisions;
  Schedule schedule;                   ///< the sparse form
  Script script;                       ///< the anchored form
  ScheduleFile file;                   ///< the dense form, as it is stored
  std::vector<std::string> unreached;  ///< of the script that the run was given
};
/// Runs `scenario` once under `schedule` and keeps the canonical text.
TracedRun trace_run(const Scenario& scenario, const Schedule& schedule, CheckOptions options = {});
template <std::same_as<Script> T>
TracedRun trace_run(const Scenario& scenario, const T& script, CheckOptions options = {}) {
  return detail::trace_script(scenario, script, std::move(options));
}
/// Runs `scenario` strictly along `file`, with its inputs and its fault model.
/// Errors:  DivergedError.
TracedRun trace_file(const Scenario& scenario, const ScheduleFile& file,
                     SimulationOptions options = {});

}  // namespace durasim
