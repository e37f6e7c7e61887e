#include <ctime>
#include <iostream>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

/// The example of docs/reference/guard.md; what it prints is fixtures/golden/guard_trap.txt.
namespace trap_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Finding;
using durasim::Oracle;
using durasim::Simulation;
using testing::Contains;
using testing::Field;
using testing::Not;

// [trap]
std::string ship(Context& ctx, durasim::Effects& world) {
  const std::string id = "T-" + std::to_string(std::random_device()());
  const std::string parcel = id + " of " + std::to_string(std::time(nullptr));
  ctx.step("print-label", [&] { world.record("label", id); });
  ctx.wait("pick-up", 1h);
  return parcel;
}
// [/trap]

TEST(GuardedTrap, IsToldAtItsSourceAndByWhatFollows) {
  const auto verification = durasim::verify([](Simulation& sim) {
    sim.function("ship", [&](Context& ctx) { return ship(ctx, sim.effects()); });
    sim.run("ship");
  });
  std::cout << verification << '\n';
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted);
  EXPECT_EQ(verification.findings.front().oracle, Oracle::hygiene);
  EXPECT_THAT(verification.findings, Contains(Field(&Finding::oracle, Oracle::replay_agreement)));
  EXPECT_THAT(verification.findings, Not(Contains(Field(&Finding::oracle, Oracle::simulator))));
}

}  // namespace trap_test
