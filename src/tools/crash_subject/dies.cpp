#include <csignal>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "tools/crash_subject/deaths.hpp"

/// In every way there is, in a verify and in a search.
namespace crash_subject {

using durasim::Holds;
using durasim::Scenario;
using durasim::Simulation;

durasim::VerifyOptions hang_after_a_second() {
  durasim::VerifyOptions options;
  options.simulation.hang_after = 1;
  return options;
}

TEST(Dies, ByAbort) {
  EXPECT_THAT(verify(ships([] { std::abort(); })), Holds());
}

TEST(Dies, ByInvalidAccess) { EXPECT_THAT(verify(ships(touch_forbidden_memory)), Holds()); }

TEST(Dies, ByStackOverflow) { EXPECT_THAT(verify(ships(overflow_the_stack)), Holds()); }

TEST(Dies, ByExhaustedMemory) { EXPECT_THAT(verify(ships(exhaust_memory)), Holds()); }

TEST(Dies, BySpinning) { EXPECT_THAT(verify(ships(spin), hang_after_a_second()), Holds()); }

TEST(Dies, ByExit) { EXPECT_THAT(verify(ships(leave)), Holds()); }

/// Nothing can be said after that; the file is found by the next process.
TEST(Dies, ByImmediateExit) {
  EXPECT_THAT(verify(ships([] { std::_Exit(0); })), Holds());
}

void search_for(const Scenario& scenario) {
  durasim::SearchOptions options{.runs = 200};
  options.simulation.hang_after = 1;
  EXPECT_THAT(durasim::search(scenario, options), durasim::NotRefuted());
}

TEST(DiesInSearch, ByAbort) {
  search_for(ships([] { std::abort(); }));
}

TEST(DiesInSearch, ByInvalidAccess) { search_for(ships(touch_forbidden_memory)); }

TEST(DiesInSearch, ByStackOverflow) { search_for(ships(overflow_the_stack)); }

TEST(DiesInSearch, ByExhaustedMemory) { search_for(ships(exhaust_memory)); }

TEST(DiesInSearch, BySpinning) { search_for(ships(spin)); }

TEST(DiesInSearch, ByExit) { search_for(ships(leave)); }

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

/// A single request that is too large leaves plenty for everybody else. A sanitizer would end the
/// process for it.
void ask_for_too_much() {
#if defined(DURABLE_ASAN) || defined(DURABLE_TSAN)
  throw std::bad_alloc();
#else
  const std::string text(std::size_t{1} << 50U, 'x');
#endif
}

TEST(Lives, AlthoughAnAllocationFails) {
  EXPECT_THAT(verify(ships([] { EXPECT_THROW(ask_for_too_much(), std::bad_alloc); })), Holds());
}

}  // namespace crash_subject
