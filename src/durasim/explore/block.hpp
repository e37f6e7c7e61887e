#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <durasim/choosers.hpp>
#include <durasim/search.hpp>

#include "durasim/explore/portfolio.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/tally.hpp"

namespace durasim {

/// What makes the runs of a search what they are.
struct SearchPlan {
  std::uint64_t seed = 1;
  ChoiceBounds bounds = {};
  Portfolio portfolio = Portfolio::standard();
  /// Called after each run; may be empty.
  std::function<void(std::uint64_t run, const RunResult& result)> after_run = {};
};

/// What a run has done so far, where another process can read it when this one has died.
struct RunTrail {
  static constexpr std::size_t kMost = 128;

  std::uint64_t run = 0;
  std::size_t count = 0;
  std::array<Schedule::Choice, kMost> faults{};

  Schedule schedule() const;
};

/// Where a search, or a block of it, is to stop.
struct SearchStop {
  std::uint64_t runs = 0;     ///< of the whole search
  bool at_failure = true;     ///< at the first one
  std::function<bool()> now;  ///< asked before each run but the very first; may be empty
};

/// What the runs of one block came to.
struct SearchBlock {
  struct State {
    std::uint64_t fingerprint = 0;
    std::uint32_t runs = 0;  ///< that met it
  };
  struct Failing {
    std::uint64_t run = 0;
    std::string signature;
    Schedule schedule;
  };

  std::uint64_t number = 0;
  Tally tally;
  bool cut = false;  ///< SearchStop::now has ended it
  Coverage coverage;
  std::vector<State> states;     ///< ascending
  std::vector<Failing> failing;  ///< the first one of each signature, in order

  std::string pack() const;
  static SearchBlock unpack(std::string_view bytes);
};

/// Makes the runs of a search, block by block. Two of the same plan make the same blocks, in any order
/// and in any process.
class BlockRunner {
 public:
  /// `scenario` and `options` outlive it.
  BlockRunner(const Scenario& scenario, const SimulationOptions& options, SearchPlan plan);

  /// The run without faults, from which all others are planned, to be made first. It is made again as
  /// run 0.
  /// Told to `monitor`, if there is one.
  const RunResult& plan(Monitor* monitor = nullptr);
  bool executes() const { return nominal_.executions > 0; }
  bool offers_faults() const { return !singles_.empty(); }
  SearchBlock run(std::uint64_t number, const SearchStop& stop);
  /// This run is counted and not made: it would end the process.
  void leave_out(std::uint64_t run) { left_out_.insert(run); }
  /// Writes all runs from here on into `trail` before they act.
  void leave_trail(RunTrail& trail) { trail_ = &trail; }

 private:
  /// What is known within a block.
  struct Memory {
    struct Seen {
      std::uint32_t runs = 0;
      std::uint64_t last_run = 0;
    };
    std::unordered_map<std::uint64_t, Seen> seen;
    std::vector<std::uint64_t> met;  ///< the states, in order of their first run
    Novelties novelties;
  };

  std::unique_ptr<Chooser> chooser_for(std::uint64_t run, const Memory& memory);
  void make_run(std::uint64_t run, Memory& memory, SearchBlock& block);
  static void note(std::uint64_t run, std::string signature, Schedule schedule, SearchBlock& block);
  bool remember(const RunResult& result, std::uint64_t run, Memory& memory) const;

  const Scenario& scenario_;
  const SimulationOptions& options_;
  SearchPlan plan_;
  References references_;
  RunResult nominal_;
  std::unordered_set<std::uint64_t> nominal_states_;
  std::vector<Schedule::Choice> singles_;  ///< plain ones first
  std::uint32_t length_ = 0;               ///< choices of the run without faults
  ShadowedStates shadowed_;                ///< without finding anything
  RunTrail* trail_ = nullptr;
  std::unordered_set<std::uint64_t> left_out_;
};

}  // namespace durasim
