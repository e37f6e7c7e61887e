// Expectations and mocks in scenarios: what may be said under faults, and what may not.
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

struct Gateway {
  virtual ~Gateway() = default;
  virtual std::string charge(const std::string& order) = 0;
};

std::string fulfil(durable::Context& ctx, Gateway& gateway) {
  const auto payment = ctx.step("charge", [&] { return gateway.charge("order-7"); });
  ctx.wait("settle", 60s);
  return payment;
}

// [mock]
struct MockGateway : Gateway {
  MOCK_METHOD(std::string, charge, (const std::string& order), (override));
};

void fulfil_scenario(durasim::Simulation& sim) {
  auto& gateway = sim.make<testing::NiceMock<MockGateway>>();
  EXPECT_CALL(gateway, charge("order-7"))
      .Times(testing::AtLeast(1))
      .WillRepeatedly(testing::Return("payment-1"));
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, gateway); });
  const auto run = sim.run("fulfil");
  EXPECT_THAT(run, durasim::SucceededWith("payment-1"));
  EXPECT_GE(run.elapsed(), 60s);
}

TEST(Fulfil, ChargesWhateverHappens) {
  EXPECT_THAT(durasim::verify(fulfil_scenario), durasim::Holds());
}
// [/mock]

// [exact]
TEST(Fulfil, TakesAMinute) {
  durasim::Simulation sim;
  auto& gateway = sim.make<MockGateway>();
  EXPECT_CALL(gateway, charge).WillOnce(testing::Return("payment-1"));
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, gateway); });
  const auto run = sim.run("fulfil");
  EXPECT_EQ(run.elapsed(), 60s);
  EXPECT_THAT(run, durasim::Ran(2));
}
// [/exact]
