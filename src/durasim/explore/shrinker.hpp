#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <durasim/shrink.hpp>

#include "durasim/core/anchors.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/schedule_size.hpp"

namespace durasim {

/// The search for the smallest schedule that fails alike.
///
/// First faults are left out, half of them, a quarter, one at a time: quick, but it ends where each
/// fault is needed beside the others. Then every schedule is run, smallest first, for as long as
/// the runs suffice: what that finds first is the smallest of all. If they do not suffice, single
/// faults are moved earlier and made milder until none can be.
class Shrinker {
 public:
  /// `options.faults` is the model; the references outlive the shrinker.
  Shrinker(const Scenario& scenario, const SimulationOptions& options, std::string inputs,
           std::uint64_t max_runs)
      : scenario_(scenario),
        options_(options),
        inputs_(std::move(inputs)),
        max_runs_(max_runs),
        references_(scenario, options_) {}

  /// Runs with `chooser`: the failure that all others are compared with. False if it is none.
  bool start(Chooser& chooser, std::vector<Monitor*> monitors = {});
  const RunResult& original() const { return original_; }
  void search();

  const RunResult& smallest() const { return best_.run; }
  bool fewest() const { return fewest_; }
  bool smallest_of_all() const { return smallest_of_all_; }
  /// The runs did not suffice even to come to a local minimum.
  bool exhausted() const { return runs_ >= max_runs_; }
  std::uint64_t runs() const { return runs_; }
  /// By signature, the run by which each other failure was met first.
  const std::map<std::string, RunResult>& others() const { return others_; }

 private:
  struct Failing {
    RunResult run;
    ScheduleSize size;
    Anchors anchors;
  };
  /// A schedule that is still to be run.
  struct Candidate {
    ScheduleSize size;
    Schedule schedule;
  };
  /// So many faults and draws.
  using LevelKey = std::pair<std::uint32_t, std::uint32_t>;
  using Levels = std::map<LevelKey, std::vector<Candidate>>;

  RunResult run(Chooser& chooser, std::vector<Monitor*> monitors);
  /// Runs the script; if it fails alike and is smaller, it is the best from here on.
  bool improve(const Script& script);
  bool fails_alike(const RunResult& run);

  bool leave_out();
  bool leave_out(std::size_t begin, std::size_t count);
  void run_all_smaller();
  bool run_level(std::vector<Candidate>& level, Levels& levels);
  void branch(const Candidate& candidate, const std::vector<Decision>& decisions, Levels& levels);
  bool move_earlier();
  bool move_earlier(std::size_t index);

  const Scenario& scenario_;
  const SimulationOptions& options_;
  std::string inputs_;
  std::uint64_t max_runs_;
  References references_;
  RunResult original_;
  Failing best_;
  std::string signature_;
  std::set<std::string> tried_;
  std::map<std::string, RunResult> others_;
  std::uint64_t runs_ = 0;
  std::uint32_t most_draws_ = 0;
  std::uint64_t enumeration_limit_ = 0;
  std::optional<LevelKey> cut_;  // from here on the levels are too large to be run
  bool fewest_ = false;
  bool smallest_of_all_ = false;
};

}  // namespace durasim
