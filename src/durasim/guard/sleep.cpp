#include <poll.h>
#include <sys/select.h>
#include <unistd.h>

#include <ctime>

#include "durasim/guard/intercept.hpp"

/// Sleeping takes virtual time in bodies, and none in handlers.

DURASIM_INTERCEPTS(sleep)
DURASIM_INTERCEPTS(usleep)
DURASIM_INTERCEPTS(nanosleep)
DURASIM_INTERCEPTS(clock_nanosleep)
DURASIM_INTERCEPTS(poll)
DURASIM_INTERCEPTS(select)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

std::chrono::nanoseconds duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Of what a handler sleeps nothing is left: the finding is enough.
void pass(std::chrono::nanoseconds duration, Caller caller) {
  if (caller == Caller::body && duration.count() > 0) guarded::sleep(duration);
}

}  // namespace

extern "C" unsigned sleep(unsigned seconds) {
  const Caller caller = DURASIM_CALLER(sleep, "sleep");
  if (caller == Caller::other) return next_sleep()(seconds);
  pass(std::chrono::seconds(seconds), caller);
  return 0;
}

extern "C" int usleep(useconds_t microseconds) {
  const Caller caller = DURASIM_CALLER(sleep, "usleep");
  if (caller == Caller::other) return next_usleep()(microseconds);
  pass(std::chrono::microseconds(microseconds), caller);
  return 0;
}

extern "C" int nanosleep(const timespec* duration, timespec* left) {
  const Caller caller = DURASIM_CALLER(sleep, "nanosleep");
  if (caller == Caller::other) return next_nanosleep()(duration, left);
  pass(duration_of(*duration), caller);
  return 0;
}

extern "C" int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  const Caller caller = DURASIM_CALLER(sleep, "clock_nanosleep");
  if (caller == Caller::other) return next_clock_nanosleep()(clock, flags, time, left);
  std::chrono::nanoseconds duration = duration_of(*time);
  if ((flags & TIMER_ABSTIME) != 0)
    duration -= clock == CLOCK_REALTIME ? guarded::real_time(caller) : guarded::steady_time(caller);
  pass(duration, caller);
  return 0;
}

/// Without descriptors these are sleeps. With them only the machine knows the answer.
extern "C" int poll(pollfd* descriptors, nfds_t count, int milliseconds) {
  if (count != 0 || milliseconds < 0) return next_poll()(descriptors, count, milliseconds);
  const Caller caller = DURASIM_CALLER(sleep, "poll");
  if (caller == Caller::other) return next_poll()(descriptors, count, milliseconds);
  pass(std::chrono::milliseconds(milliseconds), caller);
  return 0;
}

extern "C" int select(int count, fd_set* read, fd_set* write, fd_set* except, timeval* time) {
  if (count != 0 || time == nullptr) return next_select()(count, read, write, except, time);
  const Caller caller = DURASIM_CALLER(sleep, "select");
  if (caller == Caller::other) return next_select()(count, read, write, except, time);
  pass(std::chrono::seconds(time->tv_sec) + std::chrono::microseconds(time->tv_usec), caller);
  return 0;
}
