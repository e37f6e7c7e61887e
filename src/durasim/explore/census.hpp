#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <durasim/audit.hpp>

#include "durasim/core/packed.hpp"

/// What an audit counts: in one run, and over all runs, in whatever order and process they are made.
namespace durasim {

/// Runs by the faults that befell them: those of one class, none, or those of several.
inline constexpr std::size_t kWithoutFaults = kFaultClassCount;
inline constexpr std::size_t kMixedFaults = kFaultClassCount + 1;
inline constexpr std::size_t kCensusColumns = kFaultClassCount + 2;
std::size_t census_column(const std::vector<Decision>& decisions);

/// Where something belongs, the same in every run and process.
struct CensusPlace {
  std::string function;             ///< empty: the test itself
  std::vector<std::uint32_t> path;  ///< numbers from the handler down; empty: outside operations
  std::string name;                 ///< a branch can make another operation of the same place

  friend auto operator<=>(const CensusPlace&, const CensusPlace&) = default;
};
struct CensusEffectPlace {
  CensusPlace by;
  AuditedEffect::Place place = AuditedEffect::Place::body;
  std::string kind;

  friend auto operator<=>(const CensusEffectPlace&, const CensusEffectPlace&) = default;
};

/// A result as the handler is given it. Long ones are compared by their hash.
struct CensusResult {
  std::string text;
  std::uint64_t hash = 0;

  friend auto operator<=>(const CensusResult&, const CensusResult&) = default;
};

/// What came of attempts that may not be repeated and were cut short.
struct CensusInterruption {
  bool seen = false;
  bool reaches_handler = false;
  bool fails_execution = false;

  void add(const CensusInterruption& other) {
    seen = seen || other.seen;
    reaches_handler = reaches_handler || other.reaches_handler;
    fails_execution = fails_execution || other.fails_execution;
  }
};

/// What one run came to.
struct RunCensus {
  struct Execution {
    std::string function;
    Timestamp started{};
    bool ended = false;
    std::uint64_t elapsed_ms = 0;
  };
  struct Step {
    std::uint64_t bodies = 0;
    bool at_most_once = false;
    CensusInterruption interruption;
    bool has_result = false;
    CensusResult result;
  };
  struct Effect {
    std::uint64_t applied = 0;
    std::uint64_t calls = 0;
    std::set<std::string> keys;
  };
  template <class Place, class Value>
  using Of = std::map<std::pair<std::uint32_t, Place>, Value>;  ///< by execution, 0 for the test

  bool taken = false;
  std::size_t column = kWithoutFaults;
  std::vector<Execution> executions;  ///< the first one is number 1
  Of<CensusPlace, Step> steps;
  Of<CensusEffectPlace, Effect> effects;
};

/// Watches one run.
class CensusTaker final : public Monitor {
 public:
  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_started, execution_ended, operation_issued, value_returned,
            error_thrown,      body_started,    effect,           history};
  }
  void on(const TraceEvent& event) override;
  /// `decisions`: all of the run.
  RunCensus take(const std::vector<Decision>& decisions);

 private:
  using Key = std::pair<std::uint32_t, std::uint32_t>;  // execution, index of the path
  struct Known {
    bool step = false;
    std::string name;
  };

  CensusPlace place_of(const TraceEvent& event) const;
  RunCensus::Step* step_of(const TraceEvent& event);
  void ended(const TraceEvent& event);
  void took_effect(const TraceEvent& event);
  void handed(const TraceEvent& event, std::string result);

  RunCensus run_;
  std::map<Key, Known> known_;
};

/// What all runs came to.
class Census {
 public:
  /// Least, most and how often a number was counted at all.
  struct Count {
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
    std::uint64_t seen = 0;

    void add(std::uint64_t number) { add({number, number, 1}); }
    void add(const Count& other);
  };
  using Counts = std::array<Count, kCensusColumns>;

  struct Step {
    Counts bodies;
    bool at_most_once = false;
    std::array<CensusInterruption, kCensusColumns> interruption;
    /// First and last in alphabetical order, for each execution of the function and each column.
    std::map<std::pair<std::uint32_t, std::size_t>, std::pair<CensusResult, CensusResult>> results;
  };
  struct Effect {
    Counts applied;
    Counts calls;
    Counts keys;
  };
  struct Function {
    std::array<std::uint64_t, kCensusColumns> executions{};  ///< of the test itself: runs
    Counts elapsed;
  };

  /// Of a run without a census: nothing.
  void add(const RunCensus& run);
  void add(const Census& other);
  void pack(PackedWriter& out) const;
  static Census unpack(PackedReader& in);

  const std::array<std::uint64_t, kCensusColumns>& runs() const { return runs_; }
  const std::map<std::string, Function>& functions() const { return functions_; }
  const std::map<CensusPlace, Step>& steps() const { return steps_; }
  const std::map<CensusEffectPlace, Effect>& effects() const { return effects_; }
  /// Of each kind over a whole run.
  const std::map<std::string, Effect>& kinds() const { return kinds_; }

 private:
  std::array<std::uint64_t, kCensusColumns> runs_{};
  std::map<std::string, Function> functions_;
  std::map<CensusPlace, Step> steps_;
  std::map<CensusEffectPlace, Effect> effects_;
  std::map<std::string, Effect> kinds_;
};

}  // namespace durasim
