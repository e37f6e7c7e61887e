// The determinism trap: an id and a time that the handler itself makes are other ones on each replay. A step keeps them.
#include <chrono>
#include <random>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

struct Parcel {
  std::string tracking_id;
  std::int64_t packed_at = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Parcel, tracking_id, packed_at)
};

namespace trap {

// [trap]
Parcel ship(durable::Context& ctx, durasim::Effects& world) {
  const Parcel parcel{.tracking_id = "T-" + std::to_string(std::random_device()()),
                      .packed_at = std::chrono::system_clock::now().time_since_epoch().count()};
  ctx.step("print-label", [&] { world.record("label", parcel.tracking_id); });
  ctx.wait("pick-up", 1h);
  ctx.step("mail-tracking-id", [&] { world.record("mail", parcel.tracking_id); });
  return parcel;
}
// [/trap]

}  // namespace trap

namespace fixed {

// [fixed]
Parcel ship(durable::Context& ctx, durasim::Effects& world) {
  const auto parcel = ctx.step("pack", [](durable::StepContext& step) {
    return Parcel{.tracking_id = "T-" + std::to_string(step.random()),
                  .packed_at = step.now().time_since_epoch().count()};
  });
  ctx.step("print-label", [&] { world.record("label", parcel.tracking_id); });
  ctx.wait("pick-up", 1h);
  ctx.step("mail-tracking-id", [&] { world.record("mail", parcel.tracking_id); });
  return parcel;
}
// [/fixed]

}  // namespace fixed

namespace captured {

// [captured]
int fetch(durable::Context& ctx) {
  int tries = 0;
  ctx.step("fetch", [&] { ++tries; });
  return tries;  // 1 if the body has run in this invocation, 0 on replay
}
// [/captured]

}  // namespace captured

// [test]
TEST(DeterminismTrap, IsFoundOutsideAStep) {
  const auto verification = durasim::verify([](durasim::Simulation& sim) {
    sim.function("ship", [&](durable::Context& ctx) { return trap::ship(ctx, sim.effects()); });
    sim.run("ship");
  });
  std::cout << verification << '\n';
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::replay_agreement);
}

TEST(DeterminismTrap, IsGoneInsideAStep) {
  const auto verification = durasim::verify([](durasim::Simulation& sim) {
    sim.function("ship", [&](durable::Context& ctx) { return fixed::ship(ctx, sim.effects()); });
    sim.run("ship");
  });
  std::cout << verification << '\n';
  EXPECT_THAT(verification, durasim::Holds());
}
// [/test]

TEST(DeterminismTrap, LiesInCapturedVariablesToo) {
  const auto verification = durasim::verify([](durasim::Simulation& sim) {
    sim.function("fetch", &captured::fetch);
    sim.run("fetch");
  });
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::replay_agreement);
}
