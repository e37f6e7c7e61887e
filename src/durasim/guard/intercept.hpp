#pragma once

#include <dlfcn.h>

#include <atomic>

#include "durasim/sim/guarded.hpp"

/// How a function of libc or libstdc++ is taken over, and reached all the same.
namespace durasim::guard {

using guarded::Caller;
using guarded::Kind;

/// The definition that would have been called: that of a sanitizer, if one is linked, else the next one.
template <class Function>
class Next {
 public:
  constexpr Next(Function* sanitizers, const char* name) : sanitizers_(sanitizers), name_(name) {}

  Function& operator()() {
    Function* found = found_.load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = sanitizers_ != nullptr ? sanitizers_
                                     : reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
      found_.store(found, std::memory_order_relaxed);
    }
    return *found;
  }

 private:
  Function* sanitizers_;
  const char* name_;
  std::atomic<Function*> found_ = nullptr;
};

/// Whose code has made the call that returns to `back`. Handler code is reported.
Caller judge(Kind kind, const char* function, const void* back);

}  // namespace durasim::guard

/// Makes next_NAME().
#define DURASIM_INTERCEPTS(name)                                                              \
  extern "C" [[gnu::weak]] decltype(::name) __interceptor_##name;                             \
  namespace {                                                                                 \
  constinit durasim::guard::Next<decltype(::name)> next_##name{&__interceptor_##name, #name}; \
  }

/// Whose code has called the function that this stands in.
#define DURASIM_CALLER(kind, function) \
  (durasim::guarded::world == nullptr  \
       ? durasim::guard::Caller::other \
       : durasim::guard::judge(durasim::guard::Kind::kind, function, __builtin_return_address(0)))
