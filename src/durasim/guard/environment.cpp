#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "durasim/guard/elsewhere.hpp"
#include "durasim/guard/intercept.hpp"

/// What a machine tells of itself. In a shadow replay a handler runs on one that is set up differently.

DURASIM_INTERCEPTS(secure_getenv)
DURASIM_INTERCEPTS(setenv)
DURASIM_INTERCEPTS(unsetenv)
DURASIM_INTERCEPTS(putenv)
DURASIM_INTERCEPTS(setlocale)
DURASIM_INTERCEPTS(localtime)
DURASIM_INTERCEPTS(localtime_r)
DURASIM_INTERCEPTS(getpid)
DURASIM_INTERCEPTS(gethostname)
DURASIM_INTERCEPTS(uname)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

constexpr pid_t kFirstProcess = 100;

bool is_elsewhere(Caller caller) { return caller == Caller::handler && guarded::in_shadow(); }

int write_name(char* name, std::size_t size) {
  const char* const form = guarded::in_shadow() ? "other-sandbox" : "sandbox-%u";
  if (std::snprintf(name, size, form, guarded::sandbox()) < static_cast<int>(size)) return 0;
  errno = ENAMETOOLONG;
  return -1;
}

/// What a shadow replay sets shows nowhere: the process has one environment.
template <class Set>
int set_at_home(Caller caller, Set set) {
  if (is_elsewhere(caller)) return 0;
  const durasim::guard::AtHome home;
  return set();
}

}  // namespace

extern "C" char* getenv(const char* name) noexcept {
  const Caller caller = DURASIM_CALLER(environment, "getenv");
  return is_elsewhere(caller) ? durasim::guard::value_elsewhere(name)
                              : durasim::guard::value_at_home(name);
}

extern "C" char* secure_getenv(const char* name) noexcept {
  const Caller caller = DURASIM_CALLER(environment, "secure_getenv");
  if (is_elsewhere(caller)) return durasim::guard::value_elsewhere(name);
  const durasim::guard::AtHome home;
  return next_secure_getenv()(name);
}

extern "C" int setenv(const char* name, const char* value, int replaces) noexcept {
  return set_at_home(DURASIM_CALLER(environment, "setenv"),
                     [&] { return next_setenv()(name, value, replaces); });
}

extern "C" int unsetenv(const char* name) noexcept {
  return set_at_home(DURASIM_CALLER(environment, "unsetenv"),
                     [&] { return next_unsetenv()(name); });
}

extern "C" int putenv(char* entry) noexcept {
  return set_at_home(DURASIM_CALLER(environment, "putenv"), [&] { return next_putenv()(entry); });
}

/// Not localeconv: libraries that write the same everywhere ask it what to mend.
extern "C" char* setlocale(int category, const char* name) noexcept {
  if (!is_elsewhere(DURASIM_CALLER(environment, "setlocale")))
    return next_setlocale()(category, name);
  if (name != nullptr) return nullptr;  // no such locale is installed there
  static char other[] = "en_XX.UTF-8";
  return other;
}

extern "C" tm* localtime(const time_t* time) noexcept {
  static_cast<void>(DURASIM_CALLER(environment, "localtime"));
  return next_localtime()(time);
}

/// Does not look at the time zone's variable by itself, where that was read before.
extern "C" tm* localtime_r(const time_t* time, tm* result) noexcept {
  if (is_elsewhere(DURASIM_CALLER(environment, "localtime_r"))) tzset();
  return next_localtime_r()(time, result);
}

extern "C" pid_t getpid() noexcept {
  if (DURASIM_CALLER(machine, "getpid") != Caller::handler) return next_getpid()();
  return kFirstProcess + static_cast<pid_t>(guarded::sandbox()) + (guarded::in_shadow() ? -1 : 0);
}

extern "C" int gethostname(char* name, size_t size) noexcept {
  if (DURASIM_CALLER(machine, "gethostname") != Caller::handler)
    return next_gethostname()(name, size);
  return write_name(name, size);
}

extern "C" int uname(utsname* machine) noexcept {
  const Caller caller = DURASIM_CALLER(machine, "uname");
  const int result = next_uname()(machine);
  if (result != 0 || caller != Caller::handler) return result;
  return write_name(machine->nodename, sizeof machine->nodename);
}
