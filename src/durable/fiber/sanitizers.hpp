#pragma once

/// Everything that sanitizers and valgrind must be told about a switch of stacks; nothing in other
/// builds.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define DURABLE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DURABLE_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define DURABLE_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define DURABLE_TSAN 1
#endif

#if defined(DURABLE_ASAN)
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if defined(DURABLE_TSAN)
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define DURABLE_VALGRIND 1
#endif

#if defined(__clang__) || defined(__GNUC__)
#define DURABLE_NO_SANITIZE __attribute__((no_sanitize("address"), no_sanitize("thread")))
#endif

namespace durable::fiber {

/// A stack as the sanitizers know it.
struct SanitizedStack {
  void* fake = nullptr;  // ASan's fake stack of the fiber that is switched away from
  const void* bottom = nullptr;
  std::size_t size = 0;
  void* tsan = nullptr;
  unsigned valgrind = 0;
};

/// Before switching from `from` to `to`; `final` if `from` will never run again.
inline void before_switch([[maybe_unused]] SanitizedStack& from,
                          [[maybe_unused]] const SanitizedStack& to, [[maybe_unused]] bool final) {
#if defined(DURABLE_ASAN)
  __sanitizer_start_switch_fiber(final ? nullptr : &from.fake, to.bottom, to.size);
#endif
#if defined(DURABLE_TSAN)
  __tsan_switch_to_fiber(to.tsan, 0);
#endif
}

/// First thing on the stack `self` after a switch; learns where the other one, `from`, lies.
inline void after_switch([[maybe_unused]] SanitizedStack& self,
                         [[maybe_unused]] SanitizedStack* from) {
#if defined(DURABLE_ASAN)
  __sanitizer_finish_switch_fiber(self.fake, from ? &from->bottom : nullptr,
                                  from ? &from->size : nullptr);
#endif
}

inline void begin_stack([[maybe_unused]] SanitizedStack& self, [[maybe_unused]] void* top,
                        std::size_t size) {
  self.bottom = static_cast<char*>(top) - size;
  self.size = size;
#if defined(DURABLE_TSAN)
  self.tsan = __tsan_create_fiber(0);
#endif
#if defined(DURABLE_VALGRIND)
  self.valgrind = VALGRIND_STACK_REGISTER(self.bottom, top);
#endif
}

inline void end_stack([[maybe_unused]] SanitizedStack& self) {
#if defined(DURABLE_TSAN)
  if (self.tsan) __tsan_destroy_fiber(self.tsan);
#endif
#if defined(DURABLE_VALGRIND)
  VALGRIND_STACK_DEREGISTER(self.valgrind);
#endif
}

/// Before memory of a stack is read that no frame covers any more.
inline void read_left_stack([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t size) {
#if defined(DURABLE_VALGRIND)
  VALGRIND_MAKE_MEM_DEFINED(begin, size);
#endif
}

inline void* current_tsan_fiber() {
#if defined(DURABLE_TSAN)
  return __tsan_get_current_fiber();
#else
  return nullptr;
#endif
}

/// What is allocated while one lives may be leaked: an exception whose unwinding a stack was
/// abandoned in.
#if defined(DURABLE_ASAN)
using MayLeak = __lsan::ScopedDisabler;
#else
struct MayLeak {
  MayLeak() {}  // not trivial, so that one that is only kept alive is not an unused variable
};
#endif

#if defined(DURABLE_ASAN)
/// Makes LSan look for pointers in the pages of a range that were ever touched.
inline void keep_touched_pages(const void* begin, std::size_t size) {
  constexpr std::size_t page = 4096;
  char* const first = const_cast<char*>(static_cast<const char*>(begin));
  std::size_t touched = 0;
  for (std::size_t offset = 0; offset <= size; offset += page) {
    unsigned char state = 0;
    if (offset < size && ::mincore(first + offset, page, &state) == 0 && (state & 1) != 0) {
      touched += page;
    } else if (touched > 0) {
      __lsan_register_root_region(first + offset - touched, touched);
      touched = 0;
    }
  }
}
/// The most that a fake stack takes with ASan's default max_uar_stack_size_log, rounded up.
inline constexpr std::size_t kFakeStackBytes = 12 * 1024 * 1024;
#endif

/// What lies on an abandoned stack, and the exceptions being handled there, are leaked on purpose.
inline void keep_abandoned([[maybe_unused]] const SanitizedStack& stack,
                           [[maybe_unused]] const void* caught) {
#if defined(DURABLE_ASAN)
  keep_touched_pages(stack.bottom, stack.size);
  if (stack.fake != nullptr) keep_touched_pages(stack.fake, kFakeStackBytes);
  if (caught != nullptr) __lsan_ignore_object(caught);
#endif
}

}  // namespace durable::fiber
