#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace durasim {

/// How far an exploration has come.
struct ProgressFigures {
  std::string scenario;
  std::uint64_t schedules = 0;  ///< that were run
  std::uint64_t states = 0;
  /// Faults in the schedules that are run now, of an exploration that goes from few to many.
  std::optional<std::uint32_t> depth = {};
  std::uint32_t max_faults = 0;  ///< of any schedule
  std::uint64_t left = 0;        ///< schedules that are known to be left; 0 where none are known
  std::optional<std::chrono::milliseconds> time_left = {};  ///< after it there is an end
  bool may_end_before = false;                              ///< something else may end it
};

/// "Suite.Case: 12345 schedules, 20000/s, 42 states, 1 of 2 faults, more than 3 s left", and of a search
/// "Suite.Case: 12345 random schedules of at most 2 faults, 20000/s, 42 states, about 3 s left".
std::string progress_text(const ProgressFigures& figures, std::chrono::milliseconds elapsed);

/// A line on a terminal about something that takes more than two seconds. It is written over and over,
/// and gone at the end. Nothing where stderr is no terminal, and nothing in processes that are
/// forked from the one that made it.
class ProgressLine {
 public:
  using Clock = std::function<std::chrono::milliseconds()>;

  ProgressLine();
  /// Writes to `terminal`; nothing if it is negative.
  ProgressLine(int terminal, Clock clock);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `figures` is called when the line is due.
  template <class Figures>
  void update(const Figures& figures) {
    if (terminal_ >= 0 && is_due()) show(figures());
  }

 private:
  bool is_due();
  void show(const ProgressFigures& figures);
  void write(const std::string& text) const;

  int terminal_;
  Clock clock_;
  pid_t owner_;
  std::chrono::milliseconds started_{0};
  std::chrono::milliseconds due_{0};
  std::chrono::milliseconds now_{0};
  bool shown_ = false;
};

/// `descriptor` if it is a terminal, -1 otherwise.
int terminal_at(int descriptor);

}  // namespace durasim
