// Expectations and mocks in scenarios: what may be said under faults, and what may not.
#include <gtest/gtest-spi.h>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using testing::_;

struct Gateway {
  virtual ~Gateway() = default;
  virtual std::string charge(const std::string& order, const std::string& key) = 0;
};

std::string fulfil(durable::Context& ctx, Gateway& gateway) {
  const auto payment = ctx.step("charge", [&](durable::StepContext& step) {
    return gateway.charge("order-7", step.idempotency_key());
  });
  ctx.wait("settle", 60s);
  return payment;
}

// [mock]
struct MockGateway : Gateway {
  MOCK_METHOD(std::string, charge, (const std::string& order, const std::string& key), (override));
};

void fulfil_scenario(durasim::Simulation& sim) {
  auto& gateway = sim.make<testing::NiceMock<MockGateway>>();
  EXPECT_CALL(gateway, charge("order-7", _))
      .Times(testing::AtLeast(1))
      .WillRepeatedly(testing::Return("payment-1"));
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, gateway); });
  const auto run = sim.run("fulfil");
  EXPECT_THAT(run, durasim::SucceededWith("payment-1"));
  EXPECT_GE(run.elapsed(), 60s);
}

TEST(Fulfil, ChargesWhateverHappens) {
  EXPECT_THAT(durasim::verify(fulfil_scenario, {.max_faults = 2}), durasim::Holds());
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

// [once]
void scenario_with_one_call(durasim::Simulation& sim) {
  auto& gateway = sim.make<MockGateway>();
  EXPECT_CALL(gateway, charge).Times(1).WillRepeatedly(testing::Return("payment-1"));
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, gateway); });
  sim.run("fulfil");
}

TEST(Fulfil, IsFoundToCallTheGatewayTwiceAfterACrash) {
  durasim::Verification verification;
  EXPECT_NONFATAL_FAILURE_ON_ALL_THREADS(
      verification = durasim::verify(scenario_with_one_call, {.max_faults = 2}),
      "called more times than expected");
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::expectation);
}
// [/once]

// [fake]
/// The mock checks the calls, and the fake behind it knows what they do: it recognises a key.
class FakeGateway : public MockGateway {
 public:
  explicit FakeGateway(durasim::Effects& effects) {
    ON_CALL(*this, charge)
        .WillByDefault([&effects](const std::string& order, const std::string& key) {
          return effects.apply("charge", key, "payment of " + order);
        });
  }
};

template <class Handler>
void keyed_scenario(durasim::Simulation& sim, Handler handler) {
  auto& gateway = sim.make<testing::NiceMock<FakeGateway>>(sim.effects());
  EXPECT_CALL(gateway, charge("order-7", testing::Not(testing::IsEmpty())))
      .Times(testing::AtLeast(1));
  sim.function("fulfil", [&, handler](durable::Context& ctx) { return handler(ctx, gateway); });
  sim.effects().exactly(1, "charge");
  EXPECT_THAT(sim.run("fulfil"), durasim::SucceededWith("payment of order-7"));
}

TEST(Fulfil, ChargesOnceHoweverOftenItCalls) {
  const auto scenario = [](durasim::Simulation& sim) { keyed_scenario(sim, &fulfil); };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/fake]

// [recorded]
void recorded_scenario(durasim::Simulation& sim) {
  auto& gateway = sim.make<testing::NiceMock<MockGateway>>();
  EXPECT_CALL(gateway, charge("order-7", _))
      .WillRepeatedly(durasim::Applied<1>(sim.effects(), "charge", testing::Return("payment-1")));
  sim.function("fulfil", [&](durable::Context& ctx) { return fulfil(ctx, gateway); });
  sim.effects().exactly(1, "charge");
  sim.effects().idempotent_by_key("charge");
  EXPECT_THAT(sim.run("fulfil"), durasim::SucceededWith("payment-1"));
}

TEST(Fulfil, IsChargedOnceByAGatewayThatKnowsTheKey) {
  EXPECT_THAT(durasim::verify(recorded_scenario, {.max_faults = 2}), durasim::Holds());
}
// [/recorded]

// [planted]
// The planted bug: the key is drawn inside the body, so each run of the body has another one.
std::string fulfil_with_a_new_key(durable::Context& ctx, Gateway& gateway) {
  const auto payment = ctx.step("charge", [&](durable::StepContext& step) {
    return gateway.charge("order-7", std::to_string(step.random()));
  });
  ctx.wait("settle", 60s);
  return payment;
}

TEST(Fulfil, IsFoundToChargeTwiceWithANewKeyEachTime) {
  const auto scenario = [](durasim::Simulation& sim) {
    keyed_scenario(sim, &fulfil_with_a_new_key);
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::effects);
}
// [/planted]
