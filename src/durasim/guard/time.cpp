#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include <ctime>

#include "durasim/guard/intercept.hpp"

/// Clocks: in a body they show the simulation's time; in a handler, another one whenever it runs.

DURASIM_INTERCEPTS(clock_gettime)
DURASIM_INTERCEPTS(gettimeofday)
DURASIM_INTERCEPTS(time)
DURASIM_INTERCEPTS(timespec_get)
DURASIM_INTERCEPTS(clock)
DURASIM_INTERCEPTS(times)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

constexpr long kNanosecondsPerSecond = 1'000'000'000;

timespec as_timespec(std::chrono::nanoseconds time) {
  return {time.count() / kNanosecondsPerSecond, time.count() % kNanosecondsPerSecond};
}

enum class Clock { real, steady, processor, unknown };

Clock which(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
      return Clock::real;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return Clock::steady;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
      return Clock::processor;
    default:
      return Clock::unknown;
  }
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const Caller caller = DURASIM_CALLER(time, "clock_gettime");
  if (caller == Caller::other || which(clock) == Clock::unknown)
    return next_clock_gettime()(clock, time);
  *time = as_timespec(which(clock) == Clock::real     ? guarded::real_time(caller)
                      : which(clock) == Clock::steady ? guarded::steady_time(caller)
                                                      : guarded::processor_time());
  return 0;
}

extern "C" int gettimeofday(timeval* time, void* zone) noexcept {
  const Caller caller = DURASIM_CALLER(time, "gettimeofday");
  if (caller == Caller::other) return next_gettimeofday()(time, zone);
  const timespec now = as_timespec(guarded::real_time(caller));
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  const Caller caller = DURASIM_CALLER(time, "time");
  if (caller == Caller::other) return next_time()(out);
  const time_t now = as_timespec(guarded::real_time(caller)).tv_sec;
  if (out != nullptr) *out = now;
  return now;
}

extern "C" int timespec_get(timespec* time, int base) noexcept {
  const Caller caller = DURASIM_CALLER(time, "timespec_get");
  if (caller == Caller::other || base != TIME_UTC) return next_timespec_get()(time, base);
  *time = as_timespec(guarded::real_time(caller));
  return base;
}

extern "C" clock_t clock() noexcept {
  if (DURASIM_CALLER(time, "clock") == Caller::other) return next_clock()();
  return guarded::processor_time().count() / (kNanosecondsPerSecond / CLOCKS_PER_SEC);
}

extern "C" clock_t times(tms* used) noexcept {
  const Caller caller = DURASIM_CALLER(time, "times");
  if (caller == Caller::other) return next_times()(used);
  const long per_tick = kNanosecondsPerSecond / sysconf(_SC_CLK_TCK);
  if (used != nullptr) *used = {guarded::processor_time().count() / per_tick, 0, 0, 0};
  return guarded::steady_time(caller).count() / per_tick;
}
