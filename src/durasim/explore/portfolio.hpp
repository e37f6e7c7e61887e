#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <durasim/schedule.hpp>

#include "durasim/core/random.hpp"

namespace durasim {

/// How the schedule of one run of a search is made.
enum class Strategy : std::uint8_t {
  single_fault,  ///< the next of all schedules with one fault, plain ones first
  swarm,         ///< SwarmChooser
  placement,     ///< PlacementChooser, with a number of faults that is drawn
  placement_1,   ///< the same with so many
  placement_2,
  placement_3,
  variation  ///< a change to a run that met a durable state for the first time
};

/// How many faults the placement of this run has: from 1 to `max_faults`, higher numbers more often, as
/// other strategies have few faults too.
std::uint32_t placed_faults(std::uint64_t seed, std::uint64_t run, std::uint32_t max_faults);

/// Which strategy has its turn.
class Portfolio {
 public:
  Portfolio() : Portfolio({Strategy::single_fault}) {}
  Portfolio(std::initializer_list<Strategy> turns) : turns_(turns) {}
  /// That of `search`.
  static Portfolio standard();

  struct Turn {
    Strategy strategy = Strategy::swarm;
    std::uint64_t ordinal = 0;  ///< among the turns of single_fault, counted from 0
  };
  /// Of run number `run`, from 1 on: run 0 is the one without faults. Where all of the `singles` have had
  /// their turn, a variation takes it.
  Turn of(std::uint64_t run, std::uint64_t singles) const;

 private:
  std::vector<Strategy> turns_;
};

/// The runs of a block that met a durable state which none before them had met.
class Novelties {
 public:
  /// `run` met something new; `length`: its choices.
  void add(Schedule schedule, std::uint32_t length);
  /// One of them, recent ones more often, with a fault more, another one, or one less; alternatives
  /// count as for BytesChooser.
  /// Shape:   `length` is that of the run without faults, which is varied as long as there is none.
  Schedule vary(RandomStream& random, std::uint32_t length) const;

 private:
  struct Entry {
    Schedule schedule;
    std::uint32_t length = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace durasim
