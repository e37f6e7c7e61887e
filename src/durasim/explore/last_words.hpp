#pragma once

#include <cstdint>

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

/// `exit` was called in a run: reports that and ends the process with status 1.
[[noreturn]] void report_exit();

}  // namespace durasim
