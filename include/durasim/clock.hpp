#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <durable/model.hpp>

namespace durasim {

using durable::Duration;
using durable::Timestamp;

/// Virtual time, and everything that is due at some point of it. Time moves only when it is told to,
/// and then to the next live timer.
class Clock {
 public:
  /// Who set a timer, and what it was told to remember.
  struct Timer {
    Timestamp due{};
    std::uint64_t id = 0;  ///< rising in order of creation, from 1
    std::uint32_t owner = 0;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
  };
  using TimerId = std::uint64_t;

  explicit Clock(Timestamp start) : now_(start) {}

  Timestamp now() const { return now_; }

  TimerId set(Timestamp due, std::uint32_t owner, std::uint32_t first, std::uint32_t second = 0);
  void cancel(TimerId id);

  /// A timer that advance() has taken fires at `due` after all, still by its number.
  void defer(const Timer& timer, Timestamp due);

  /// When the next live timer is due.
  std::optional<Timestamp> next_due();
  /// The same of those timers that `concerns` is true for. Looks at every timer.
  template <class Predicate>
  std::optional<Timestamp> next_due_of(Predicate concerns) const;
  /// Moves to the next live timer and takes all timers due then, in order of creation.
  std::vector<Timer> advance();
  /// Moves to `when`, if that is later. No timer may be due before.
  void advance_to(Timestamp when);

 private:
  void drop_cancelled();

  Timestamp now_;
  std::uint64_t next_id_ = 1;
  std::vector<Timer> heap_;
  std::vector<bool> live_;  // by id - 1
};

template <class Predicate>
std::optional<Timestamp> Clock::next_due_of(Predicate concerns) const {
  std::optional<Timestamp> next;
  for (const Timer& timer : heap_) {
    if (live_[timer.id - 1] && (!next || timer.due < *next) && concerns(timer)) next = timer.due;
  }
  return next;
}

}  // namespace durasim
