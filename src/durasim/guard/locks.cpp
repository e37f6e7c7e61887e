#include <pthread.h>
#include <unistd.h>

#include <cerrno>

#include "durasim/guard/intercept.hpp"
#include "durasim/guard/stack.hpp"

/// All handlers of a simulation run on one thread, each on a stack of its own. What one of them waits for
/// while another holds it does not come: the test would hang.

DURASIM_INTERCEPTS(pthread_mutex_lock)

namespace {

namespace guarded = durasim::guarded;

bool is_held_here(pthread_mutex_t* mutex) {
#ifdef __GLIBC__
  return mutex->__data.__owner == gettid();
#else
  return false;
#endif
}

}  // namespace

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (guarded::world == nullptr || !guarded::is_handlers_stack())
    return next_pthread_mutex_lock()(mutex);
  const int result = pthread_mutex_trylock(mutex);
  if (result != EBUSY) return result;
  if (!is_held_here(mutex)) return next_pthread_mutex_lock()(mutex);
  const guarded::Exempt exempt;
  if (guarded::is_reported()) {
    guarded::report_deadlock(
        durasim::guard::locate("pthread_mutex_lock", __builtin_return_address(0)));
  }
  return EDEADLK;
}
