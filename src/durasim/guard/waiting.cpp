#include <pthread.h>

#include <cerrno>
#include <ctime>

#include "durasim/guard/intercept.hpp"

/// Waiting for another thread until some time. That time was computed from the simulation's clock, the
/// machine waits by its own: it is told how long instead.

DURASIM_INTERCEPTS(pthread_cond_timedwait)
DURASIM_INTERCEPTS(pthread_cond_clockwait)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;
using std::chrono::nanoseconds;

constexpr long kNanosecondsPerSecond = 1'000'000'000;
constexpr time_t kLongestUptime = 1'000'000'000;  // seconds: what is more is a time since 1970

nanoseconds duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

nanoseconds machine_time(clockid_t clock) {
  const guarded::Exempt exempt;
  timespec now{};
  clock_gettime(clock, &now);
  return duration_of(now);
}

/// `wait` is given the time until which the machine is to wait.
template <class Wait>
int wait_for(clockid_t clock, const timespec& until, Caller caller, Wait wait) {
  const nanoseconds seen =
      clock == CLOCK_REALTIME ? guarded::real_time(caller) : guarded::steady_time(caller);
  const nanoseconds left = duration_of(until) - seen;
  const nanoseconds end = machine_time(clock) + left;
  const timespec machines{end.count() / kNanosecondsPerSecond, end.count() % kNanosecondsPerSecond};
  const int result = wait(left.count() > 0 ? &machines : &until);
  if (result == ETIMEDOUT && left.count() > 0) guarded::sleep(left);
  return result;
}

}  // namespace

extern "C" int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                      const timespec* until) {
  const Caller caller = DURASIM_CALLER(sleep, "pthread_cond_timedwait");
  if (caller == Caller::other) return next_pthread_cond_timedwait()(condition, mutex, until);
  const clockid_t clock = until->tv_sec < kLongestUptime ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  return wait_for(clock, *until, caller, [&](const timespec* end) {
    return next_pthread_cond_timedwait()(condition, mutex, end);
  });
}

extern "C" int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                      clockid_t clock, const timespec* until) {
  const Caller caller = DURASIM_CALLER(sleep, "pthread_cond_clockwait");
  if (caller == Caller::other) return next_pthread_cond_clockwait()(condition, mutex, clock, until);
  return wait_for(clock, *until, caller, [&](const timespec* end) {
    return next_pthread_cond_clockwait()(condition, mutex, clock, end);
  });
}
