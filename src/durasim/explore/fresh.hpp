#pragma once

#include <optional>
#include <string>
#include <vector>

#include "durasim/core/process_source.hpp"
#include "durasim/explore/run.hpp"

/// Runs in processes that have run nothing before: whether a finding is one of its schedule alone.
namespace durasim {

/// Lives from before the first run of an exploration to its end: what is found meanwhile is run again in
/// processes that are forked from one that was forked here, and knows of no run of the exploration.
/// Shape:   costs one fork. Explorations nest; those of another process are not its own.
class FreshProcesses {
 public:
  /// Both outlive it. Does nothing where neither the oracle `simulator` nor cold replays are asked for, or
  /// no process is to be had.
  FreshProcesses(const Scenario& scenario, const SimulationOptions& options);
  ~FreshProcesses();
  FreshProcesses(const FreshProcesses&) = delete;
  FreshProcesses& operator=(const FreshProcesses&) = delete;

  /// Those of the exploration of `scenario`, or nullptr.
  static FreshProcesses* of(const Scenario& scenario);

  /// Makes a run in a process of its own. Nothing if there is none to be had.
  std::optional<ProcessSource::Answer> ask(const std::string& request) const;

 private:
  const Scenario& scenario_;
  FreshProcesses* outer_;
  std::optional<ProcessSource> source_;
};

/// What another process says of a finding.
struct Doubt {
  Finding finding;       ///< of the oracle simulator, with the first difference
  bool repeats = false;  ///< the same was found there, although the run was another one
};

/// Makes `run`, which broke a rule, once more in a fresh process: whatever this one has come to
/// meanwhile, and whatever the run does to the process, is then of no effect. Outside of explorations,
/// the process is forked from this one as it is. Nothing if the run is the same there, if there is no
/// process to be had, or if the oracle `simulator` is switched off.
std::optional<Doubt> judge_in_fresh_process(const Scenario& scenario,
                                            const SimulationOptions& options, const RunResult& run,
                                            const std::string& inputs);

/// Whether runs without faults have their replays made in cold processes as well.
bool judges_cold_replays(const SimulationOptions& options);

/// It was found in a process that had run no invocation, by a replay there.
bool is_of_cold_replay(const Finding& finding);

/// A run without faults in a fresh process, each of its replays in a cold one.
struct ColdJudgement {
  std::vector<Finding> findings;            ///< what only those replays have found
  std::vector<ScheduleFile::Event> events;  ///< the run: values of this process may be others
  std::string nearest;                      ///< as Verification has it
  std::string doubt;  ///< why not all that was to be replayed was judged; empty: all of it was

  std::optional<Verification::Note> note() const;
};

/// Nothing is found where that is not asked for.
ColdJudgement judge_cold_replays(const Scenario& scenario, const SimulationOptions& options);

}  // namespace durasim
