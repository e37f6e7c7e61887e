#include <ctime>

#include <cstdio>

#include "durasim/guard/intercept.hpp"
#include "durasim/guard/stack.hpp"

namespace durasim::guard {

Caller judge(Kind kind, const char* function, const void* back) {
  const Caller caller = guarded::caller();
  if (caller != Caller::handler) return caller;
  const guarded::Exempt exempt;
  if (guarded::is_reported()) guarded::report(kind, locate(function, back));
  return caller;
}

namespace {

/// Where another library was searched first, calls do not come here.
const bool checked = [] {
  guarded::active = dlsym(RTLD_DEFAULT, "clock_gettime") == reinterpret_cast<void*>(&clock_gettime);
  if (!guarded::active) {
    std::fputs(
        "durasim: durasim::guard is linked, but another library takes its calls: link it into the "
        "program itself\n",
        stderr);
  }
  return true;
}();

}  // namespace
}  // namespace durasim::guard
