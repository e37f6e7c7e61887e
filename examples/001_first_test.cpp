// A handler with a bug that no ordinary unit test sees, and the test that finds it.
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

// [handler]
std::string fulfil(durable::Context& ctx, durasim::Effects& world) {
  const auto payment = ctx.step("charge-card", [&] {
    world.record("charge");  // stands for a request to the payment provider
    return std::string("payment-1");
  });
  ctx.wait("settle", 60s);
  ctx.step("send-receipt", [&] { world.record("receipt"); });
  return payment;
}
// [/handler]

// [test]
void fulfil_scenario(durasim::Simulation& sim) {
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, sim.effects()); });
  sim.effects().at_most(1, "charge");
  EXPECT_THAT(sim.run("fulfil"), durasim::SucceededWith("payment-1"));
}

TEST(Fulfil, SurvivesEveryFault) {
  EXPECT_THAT(durasim::verify(fulfil_scenario), durasim::Holds());
}
// [/test]
