// Retries: by default, by a function of your own, by the type of the error; and a failure that is given up and
// handled as what it is. All times are virtual: the test takes none of them.
#include <iostream>

#include <durable/durable.hpp>
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

// [errors]
struct SupplierBusy : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct GatewayDown : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct CardDeclined : std::runtime_error {
  using std::runtime_error::runtime_error;
  int code = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(CardDeclined, code)
};
// Recorded under this name, with its data, and thrown again as itself whenever the handler is replayed.
const bool kRegistered = durable::register_error<CardDeclined>("CardDeclined");
// [/errors]

// The outside world: each service fails in the attempts in which it is asked to.
int ask_price(durable::StepContext& step) {
  if (step.attempt() == 1) throw std::runtime_error("price list is being updated");
  return 4200;
}
std::string reserve(durable::StepContext& step) {
  if (step.attempt() == 1) throw SupplierBusy("come back later");
  return "reserved";
}
void charge(durable::StepContext& step) {
  if (step.attempt() == 1) throw GatewayDown("HTTP 503");
  CardDeclined declined("card declined");
  declined.code = 51;
  throw declined;
}

// [custom]
// Waits 30 s longer after each attempt, for a busy supplier only.
const auto kPatience = durable::retry::custom(
    [](const durable::ErrorObject& error, std::uint32_t attempts_made) -> durable::RetryDecision {
      if (error.type != "SupplierBusy" || attempts_made >= 4) return {};  // give up
      return {.retry = true, .delay = 30s * attempts_made};
    });
// [/custom]

// [filter]
// A gateway that is down comes up again; a card that was declined stays declined.
const durable::StepConfig kWhileDown{
    .retry =
        durable::retry::linear({.initial = 3s,
                                .jitter = durable::Jitter::none,
                                .retryable_error_types = {durable::error_type<GatewayDown>()}})};
// [/filter]

// [handler]
std::string buy(durable::Context& ctx) {
  ctx.step("ask-price", ask_price);  // up to 6 attempts, 5 s, 10 s, ... apart
  ctx.step("reserve", reserve, {.retry = kPatience});
  try {
    ctx.step("charge", charge, kWhileDown);
  } catch (const CardDeclined& declined) {
    return ctx.step("cancel", [&] { return "cancelled, code " + std::to_string(declined.code); });
  }
  return "bought";
}
// [/handler]

// [test]
void scenario(durasim::Simulation& sim) {
  sim.function("buy", &buy);
  EXPECT_THAT(sim.run("buy"), durasim::SucceededWith("cancelled, code 51"));
}

TEST(Buy, WaitsAsItsStrategiesSay) {
  durasim::Simulation sim;
  sim.function("buy", &buy);
  const auto run = sim.run("buy");
  const auto took = [&](std::size_t operation) {
    return run.operations()[operation].ended_at - run.operations()[operation].started_at;
  };
  EXPECT_EQ(took(0), 5s);   // the whole delay: a jittered one is drawn shorter under verify
  EXPECT_EQ(took(1), 30s);  // as the function says
  EXPECT_EQ(took(2), 3s);   // one retry for the gateway; none for the card
  EXPECT_EQ(run.elapsed(), 38s);
  std::cout << run << '\n';
}

TEST(Buy, EndsTheSameWayUnderAnyTwoFaults) {
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/test]
