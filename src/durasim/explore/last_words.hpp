#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What a process says and stores when it ends in the middle of a run.
namespace durasim {

/// From now on signals that end the process, failed allocations and the like are reported, if a run
/// is under way then. Whoever listened before is told as well.
void listen_for_death();

/// A run that takes so many seconds of processor time ends the process; 0: none does.
void watch_for_hangs(std::uint32_t seconds);

/// Called when a sanitizer ends the process: it takes one callback only, which is ours, and does not
/// tell who had asked before.
void call_after_sanitizer(void (*callback)());

/// This process has a parent that reports for it: from now on how a run ends the process is only
/// written into `place`, such as "stack-overflow", and its file is left for the parent to remove.
void leave_words_to_parent(std::span<char> place);
/// Whether that is so.
bool has_reporting_parent();

/// What such a word means, beyond the signal or the exit that ended the process, and what to do.
struct Explanation {
  std::string_view what;  ///< empty: nothing
  std::string_view remedy;
};
Explanation explain_ending(std::string_view id);

/// `exit` was called in a run: reports that and ends the process with status 1.
[[noreturn]] void report_exit();

}  // namespace durasim
