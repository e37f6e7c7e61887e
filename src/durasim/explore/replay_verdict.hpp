#pragma once

#include <optional>
#include <string>

#include <durasim/explore.hpp>

namespace durasim {

/// Tells whoever has set $DURASIM_VERDICT what the schedule of $DURASIM_REPLAY comes to: the status of
/// the process is that of everything else in it as well. A line when the replay begins, and one when
/// it is over; a process that ends in between has ended in that run.
/// Source:  docs/reference/environment.md#the-verdict-of-a-replay
class ReplayVerdict {
 public:
  /// Errors:  EnvironmentError if the file cannot be written.
  ReplayVerdict();
  /// "ERROR" unless something was given: an exception has ended the replay.
  ~ReplayVerdict();
  ReplayVerdict(const ReplayVerdict&) = delete;
  ReplayVerdict& operator=(const ReplayVerdict&) = delete;

  void give(const Verification& result);

 private:
  void write(const std::string& line) const;

  std::string path_;  ///< empty if nobody wants to know
  bool given_ = false;
};

}  // namespace durasim
