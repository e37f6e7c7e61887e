#include <durasim/gtest.hpp>

#include "tools/replay_subject/subject.hpp"

/// A test program whose tests fail; src/durasim/explore/replay_command_test.cpp runs and replays
/// it.
namespace replay_subject {

using durasim::Holds;
using durasim::Simulation;
using durasim::verify;

void is_sound(Simulation& sim) {
  sim.function("work", [](durable::Context& ctx) { return ctx.step("work", [] { return 1; }); });
  sim.run("work");
}

TEST(Subject, IsSound) { EXPECT_THAT(verify(is_sound), Holds()); }

TEST(Subject, ChargesTwice) {
  EXPECT_THAT(verify(durasim::scenario_for(order(), charges_twice)), Holds());
}

TEST(Subject, CallsVerifyTwice) {
  EXPECT_THAT(verify(is_sound), Holds());
  EXPECT_THAT(verify(durasim::scenario_for(order(), charges_twice)), Holds());
}

TEST(Subject, NamesItsScenario) {
  EXPECT_THAT(verify(durasim::scenario_for(order(), charges_twice), {.name = "charge & settle"}),
              Holds());
}

TEST(Subject, FailsAnExpectation) {
  const auto scenario = [](Simulation& sim) {
    sim.function("work", [](durable::Context& ctx) { return ctx.step("work", [] { return 1; }); });
    EXPECT_THAT(sim.run("work"), durasim::Ran(1));
  };
  EXPECT_THAT(verify(scenario), Holds());
}

TEST(Subject, SwallowsEveryException) {
  const auto scenario = [](Simulation& sim) {
    sim.function("stubborn", [&sim](durable::Context& ctx) {
      try {
        if (variant("another-step")) ctx.wait("another", std::chrono::seconds(1));
        ctx.step("charge", [&] { sim.effects().record("charge"); });
      } catch (const std::exception&) {
        return;
      }
    });
    sim.effects().at_most(1, "charge");
    try {
      sim.run("stubborn");
    } catch (const std::exception&) {
      return;
    }
  };
  EXPECT_THAT(verify(scenario), Holds());
}

class SubjectWithParameter : public testing::TestWithParam<int> {};

TEST_P(SubjectWithParameter, ChargesTwice) {
  EXPECT_THAT(verify(durasim::scenario_for(order(), charges_twice)), Holds());
}

INSTANTIATE_TEST_SUITE_P(Every, SubjectWithParameter, testing::Values(7));

}  // namespace replay_subject
