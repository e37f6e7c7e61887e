#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "durasim/guard/intercept.hpp"

/// What a machine tells of itself. In a shadow replay a handler runs where nothing is set.

DURASIM_INTERCEPTS(getenv)
DURASIM_INTERCEPTS(secure_getenv)
DURASIM_INTERCEPTS(localtime)
DURASIM_INTERCEPTS(localtime_r)
DURASIM_INTERCEPTS(getpid)
DURASIM_INTERCEPTS(gethostname)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

constexpr pid_t kFirstProcess = 100;

}  // namespace

extern "C" char* getenv(const char* name) noexcept {
  if (DURASIM_CALLER(environment, "getenv") == Caller::handler && guarded::in_shadow())
    return nullptr;
  return next_getenv()(name);
}

extern "C" char* secure_getenv(const char* name) noexcept {
  if (DURASIM_CALLER(environment, "secure_getenv") == Caller::handler && guarded::in_shadow())
    return nullptr;
  return next_secure_getenv()(name);
}

extern "C" tm* localtime(const time_t* time) noexcept {
  static_cast<void>(DURASIM_CALLER(environment, "localtime"));
  return next_localtime()(time);
}

extern "C" tm* localtime_r(const time_t* time, tm* result) noexcept {
  static_cast<void>(DURASIM_CALLER(environment, "localtime_r"));
  return next_localtime_r()(time, result);
}

extern "C" pid_t getpid() noexcept {
  if (DURASIM_CALLER(machine, "getpid") != Caller::handler) return next_getpid()();
  return kFirstProcess + static_cast<pid_t>(guarded::sandbox()) + (guarded::in_shadow() ? -1 : 0);
}

extern "C" int gethostname(char* name, size_t size) noexcept {
  if (DURASIM_CALLER(machine, "gethostname") != Caller::handler)
    return next_gethostname()(name, size);
  const char* const form = guarded::in_shadow() ? "other-sandbox" : "sandbox-%u";
  if (std::snprintf(name, size, form, guarded::sandbox()) < static_cast<int>(size)) return 0;
  errno = ENAMETOOLONG;
  return -1;
}
