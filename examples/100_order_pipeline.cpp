// Three functions that do one thing each, and one that has them do it: reserve, charge, ship. Those that are durable
// have executions of their own, with crashes of their own; shipping is a plain function.
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using durasim::SucceededWith;

namespace {

struct Order {
  std::string id;
  std::string city;
  int cents = 0;
  DURABLE_JSON(Order, id, city, cents)
};

// [fakes]
/// The card company and the warehouse. Both recognise a key; nothing can be shipped to Atlantis.
class FakeWorld {
 public:
  explicit FakeWorld(durasim::Effects& effects) : effects_(effects) {}

  void reserve(const Order& order) { effects_.apply("reservation", order.id, 1); }
  void release(const Order& order) { effects_.apply("release", order.id, 1); }
  void charge(const Order& order, const std::string& key) {
    effects_.apply("charge", key, order.cents);
  }
  void refund(const Order& order) { effects_.apply("refund", order.id, order.cents); }
  std::string ship(const Order& order) {
    if (order.city == "Atlantis") throw std::invalid_argument("no way to Atlantis");
    return effects_.apply("parcel", order.id, "parcel of " + order.id);
  }

 private:
  durasim::Effects& effects_;
};
// [/fakes]

// [functions]
void reserve(durable::Context& ctx, const Order& order, FakeWorld& world) {
  ctx.step("reserve-stock", [&] { world.reserve(order); });
}

// An interrupted charge is not repeated here: this execution fails, and its caller knows what to do.
const durable::StepConfig kOnce{.retry = durable::retry::none(),
                                .semantics = durable::StepSemantics::at_most_once_per_retry};

void charge(durable::Context& ctx, const Order& order, FakeWorld& world) {
  ctx.step("charge-card", [&] { world.charge(order, order.id); }, kOnce);
}
// [/functions]

// [pipeline]
std::string fulfil(durable::Context& ctx, const Order& order, FakeWorld& world) {
  ctx.invoke("reserve", "reserve", order);
  ctx.with_retry("charge",
                 [&](durable::Context& attempt) { attempt.invoke("charge-once", "charge", order); },
                 {.retry = durable::retry::fixed(3, 60s)});
  try {
    return ctx.invoke<std::string>("ship", "ship", order);
  } catch (const durable::InvokeError& error) {
    ctx.step("refund", [&] { world.refund(order); });
    ctx.step("release", [&] { world.release(order); });
    return "refunded: " + error.error_message();
  }
}
// [/pipeline]

// [publish]
template <class Charge>
void publish(durasim::Simulation& sim, FakeWorld& world, Charge charge) {
  sim.function("reserve",
               [&](durable::Context& ctx, const Order& order) { reserve(ctx, order, world); });
  sim.function("charge", [&, charge](durable::Context& ctx, const Order& order) {
    charge(ctx, order, world);
  });
  sim.plain_function("ship", [&](const Order& order) { return world.ship(order); });
  sim.function("fulfil", [&](durable::Context& ctx, const Order& order) {
    return fulfil(ctx, order, world);
  });
}
// [/publish]

// [scenario]
void pipeline_scenario(durasim::Simulation& sim, const Order& order) {
  publish(sim, sim.make<FakeWorld>(sim.effects()), &charge);
  const bool possible = order.city != "Atlantis";
  sim.effects().exactly(1, "reservation");
  sim.effects().exactly(1, "charge");
  sim.effects().exactly(possible ? 1 : 0, "parcel");
  sim.effects().exactly(possible ? 0 : 1, "refund");
  sim.effects().exactly(possible ? 0 : 1, "release");
  EXPECT_THAT(sim.run("fulfil", order),
              SucceededWith(possible ? "parcel of o-1" : "refunded: no way to Atlantis"));
}

TEST(OrderPipeline, ChargesAndShipsOnceUnderEveryPairOfFaults) {
  const auto scenario = durasim::scenario_for(Order{"o-1", "Oslo", 4200}, pipeline_scenario);
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}

TEST(OrderPipeline, RefundsWhatCannotBeShippedUnderEveryPairOfFaults) {
  const auto scenario = durasim::scenario_for(Order{"o-1", "Atlantis", 4200}, pipeline_scenario);
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/scenario]

// [scripted]
TEST(OrderPipeline, RefundsWhenTheCarrierTakesTooLong) {
  durasim::Simulation sim;
  auto& world = sim.make<FakeWorld>(sim.effects());
  publish(sim, world, &charge);
  sim.on_invoke("ship").time_out();
  sim.run("fulfil", Order{"o-1", "Oslo", 4200});
  EXPECT_EQ(sim.effects().count("refund"), 1U);
  EXPECT_EQ(sim.effects().count("parcel"), 0U);
}
// [/scripted]

// [planted]
// The planted bug: the key of the charge is that of its step. It is the same whenever that execution runs again, but
// the second invoke is another execution, with another key.
void charge_by_step(durable::Context& ctx, const Order& order, FakeWorld& world) {
  ctx.step(
      "charge-card",
      [&](durable::StepContext& step) { world.charge(order, step.idempotency_key()); }, kOnce);
}

TEST(OrderPipeline, IsFoundToChargeTwiceWhenTheKeyIsThatOfTheStep) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim, sim.make<FakeWorld>(sim.effects()), &charge_by_step);
    sim.effects().at_most(1, "charge");
    sim.run("fulfil", Order{"o-1", "Oslo", 4200});
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::effects);
}
// [/planted]

}  // namespace
