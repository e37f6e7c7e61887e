#pragma once

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <climits>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <list>
#include <string>
#include <string_view>

#include <durasim/durasim.hpp>

#include "durable/fiber/sanitizers.hpp"

/// Handlers that end the process when a step's body runs a second time. $SUBJECT_VARIANT=fixed: none
/// does.
namespace crash_subject {

inline bool variant(std::string_view name) {
  const char* const chosen = std::getenv("SUBJECT_VARIANT");
  return chosen != nullptr && name == chosen;
}
inline bool fixed() { return variant("fixed"); }

struct Starts {
  int count = 0;
};

/// Ships a parcel; its label is the trouble.
template <class Death>
durasim::Scenario ships(Death death) {
  return [death](durasim::Simulation& sim) {
    auto& starts = sim.make<Starts>();
    sim.function("ship", [&starts, death](durable::Context& ctx) {
      ctx.step("pack", [] {});
      ctx.step("label", [&] {
        if (++starts.count == 2 && !fixed()) death();
      });
    });
    sim.run("ship");
  };
}

/// A page that nobody may touch, so that no sanitizer sees a null pointer before the machine does.
inline void touch_forbidden_memory() {
  void* const page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(page) = 1;
}

inline unsigned deeper(unsigned depth) {
  volatile char room[1024] = {};
  room[depth % sizeof room] = 1;
  return depth == UINT_MAX ? 0 : deeper(depth + 1) + static_cast<unsigned>(room[0]);
}

inline void overflow_the_stack() { deeper(0); }

/// Up to 64 MiB more than there is now. Sanitizers have room for small texts from the beginning:
/// only large ones need more.
#if defined(DURABLE_ASAN) || defined(DURABLE_TSAN)
constexpr std::size_t kHoarded = std::size_t{1} << 20U;
#else
constexpr std::size_t kHoarded = 1000;
#endif
inline void exhaust_memory() {
  std::ifstream status("/proc/self/statm");
  rlim_t pages = 0;
  status >> pages;
  const rlim_t limit = pages * 4096 + 64 * 1024 * 1024;
  const rlimit memory{limit, limit};
  ::setrlimit(RLIMIT_AS, &memory);
  std::list<std::string> hoard;
  for (;;) hoard.emplace_back(kHoarded, 'x');
}

inline void spin() {
  for (volatile bool forever = true; forever;) {
#if defined(DURABLE_TSAN)
    ::close(-1);  // delivers signals in calls only
#endif
  }
}

inline void leave() { std::exit(0); }

}  // namespace crash_subject
