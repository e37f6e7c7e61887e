#include <sys/mman.h>
#include <sys/resource.h>

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <list>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Handlers that end the process when a step's body runs a second time. $SUBJECT_VARIANT=fixed: none
/// does.
namespace crash_subject {

using durasim::Holds;
using durasim::Scenario;
using durasim::Simulation;

bool variant(std::string_view name) {
  const char* const chosen = std::getenv("SUBJECT_VARIANT");
  return chosen != nullptr && name == chosen;
}
bool fixed() { return variant("fixed"); }

struct Starts {
  int count = 0;
};

/// Ships a parcel; its label is the trouble.
template <class Death>
Scenario ships(Death death) {
  return [death](Simulation& sim) {
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

durasim::VerifyOptions hang_after_a_second() {
  durasim::VerifyOptions options;
  options.simulation.hang_after = 1;
  return options;
}

/// A page that nobody may touch, so that no sanitizer sees a null pointer before the machine does.
void touch_forbidden_memory() {
  void* const page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(page) = 1;
}

unsigned deeper(unsigned depth) {
  volatile char room[1024] = {};
  room[depth % sizeof room] = 1;
  return depth == UINT_MAX ? 0 : deeper(depth + 1) + static_cast<unsigned>(room[0]);
}

/// Up to 64 MiB more than there is now.
void exhaust_memory() {
  std::ifstream status("/proc/self/statm");
  rlim_t pages = 0;
  status >> pages;
  const rlim_t limit = pages * 4096 + 64 * 1024 * 1024;
  const rlimit memory{limit, limit};
  ::setrlimit(RLIMIT_AS, &memory);
  std::list<std::string> hoard;
  for (;;) hoard.emplace_back(1000, 'x');
}

void spin() {
  for (volatile bool forever = true; forever;) {
  }
}

TEST(Dies, ByAbort) {
  EXPECT_THAT(verify(ships([] { std::abort(); })), Holds());
}

TEST(Dies, ByInvalidAccess) { EXPECT_THAT(verify(ships(touch_forbidden_memory)), Holds()); }

TEST(Dies, ByStackOverflow) {
  EXPECT_THAT(verify(ships([] { deeper(0); })), Holds());
}

TEST(Dies, ByExhaustedMemory) { EXPECT_THAT(verify(ships(exhaust_memory)), Holds()); }

TEST(Dies, BySpinning) { EXPECT_THAT(verify(ships(spin), hang_after_a_second()), Holds()); }

TEST(Dies, ByExit) {
  EXPECT_THAT(verify(ships([] { std::exit(0); })), Holds());
}

/// Nothing can be said after that; the file is found by the next process.
TEST(Dies, ByImmediateExit) {
  EXPECT_THAT(verify(ships([] { std::_Exit(0); })), Holds());
}

/// Killed before the run could show what it has found.
TEST(Search, MeetsADoubleEffect) {
  const Scenario scenario = [](Simulation& sim) {
    auto& starts = sim.make<Starts>();
    sim.function("shop", [&](durable::Context& ctx) {
      ctx.step("charge", [&] {
        if (++starts.count == 2 && variant("killed")) ::raise(SIGKILL);
        sim.effects().record("charge");
      });
    });
    sim.effects().at_most(1, "charge");
    sim.run("shop");
  };
  EXPECT_THAT(durasim::search(scenario, {.seed = 7, .runs = 200}), durasim::NotRefuted());
}

TEST(Lives, AlthoughAnAllocationFails) {
  EXPECT_THAT(verify(ships([] {
                // A single request that is too large leaves plenty for everybody else.
                EXPECT_THROW(std::string(std::size_t{1} << 50U, 'x'), std::bad_alloc);
              })),
              Holds());
}

}  // namespace crash_subject
