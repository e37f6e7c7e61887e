// The options of a step: when a failed attempt is followed by another, and how the result is recorded.
#include <nlohmann/json.hpp>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

struct GatewayBusy : std::runtime_error {
  GatewayBusy() : std::runtime_error("come back later") {}
};

/// A gateway that is busy the first three times.
class BusyGateway {
 public:
  std::string charge() {
    if (++calls_ <= 3) throw GatewayBusy();
    return "payment-1";
  }

 private:
  int calls_ = 0;
};

std::string pay_with_growing_delays(durable::Context& ctx, BusyGateway& gateway) {
  const auto charge = [&] { return gateway.charge(); };
  // [strategy]
  return ctx.step("charge", charge, {.retry = durable::retry::linear({.max_attempts = 4})});
  // [/strategy]
}

std::string pay_with_patience(durable::Context& ctx, BusyGateway& gateway) {
  // [custom]
  const auto patience = durable::retry::custom(
      [](const durable::ErrorObject& error, std::uint32_t attempts_made) -> durable::RetryDecision {
        if (error.type != "GatewayBusy" || attempts_made >= 4) return {};  // give up
        return {.retry = true, .delay = 3s * attempts_made, .jitter = durable::Jitter::half};
      });
  // [/custom]
  return ctx.step("charge", [&] { return gateway.charge(); }, {.retry = patience});
}

// [serdes]
/// Writes what is recorded so that whoever sees the record cannot read it. (Use a real cipher.)
class Sealed final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value,
                        const durable::SerdesContext& context) const override {
    std::string text;
    for (const char c : value.dump()) {
      const auto byte = static_cast<unsigned char>(c ^ key(context));
      text += "0123456789abcdef"[byte / 16];
      text += "0123456789abcdef"[byte % 16];
    }
    return text;
  }
  nlohmann::json deserialize(std::string_view text,
                             const durable::SerdesContext& context) const override {
    std::string plain;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
      plain +=
          static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16) ^ key(context));
    }
    return nlohmann::json::parse(plain);
  }

 private:
  static char key(const durable::SerdesContext& context) {
    return static_cast<char>(0x50 + context.operation.size() % 16);  // another one for other names
  }
};
// [/serdes]

std::string read_card(durable::Context& ctx) {
  // [one_step]
  const auto card = ctx.step("read-card", [] { return std::string("4111 1111"); },
                             {.serdes = std::make_shared<Sealed>()});
  // [/one_step]
  ctx.wait("settle", 1min);
  return "ends in " + card.substr(5);
}

void with_gateway(durasim::Simulation& sim,
                  std::string (*handler)(durable::Context&, BusyGateway&)) {
  auto& gateway = sim.make<BusyGateway>();
  sim.function("pay", [&, handler](durable::Context& ctx) { return handler(ctx, gateway); });
}

TEST(StepOptions, DelaysGrowByASecond) {
  durasim::Simulation sim;
  with_gateway(sim, &pay_with_growing_delays);
  const auto run = sim.run("pay");
  EXPECT_THAT(run, durasim::SucceededWith("payment-1"));
  EXPECT_EQ(run.elapsed(), 1s + 2s + 3s);
}

TEST(StepOptions, AFunctionMayDecideAboutRetries) {
  durasim::Simulation sim;
  with_gateway(sim, &pay_with_patience);
  const auto run = sim.run("pay");
  EXPECT_THAT(run, durasim::SucceededWith("payment-1"));
  EXPECT_EQ(run.elapsed(), 3s + 6s + 9s);
}

TEST(StepOptions, OneStepIsSealed) {
  durasim::Simulation sim;
  sim.function("pay", &read_card);
  const auto run = sim.run("pay");
  EXPECT_THAT(run, durasim::SucceededWith("ends in 1111"));
  EXPECT_THAT(std::string(run.operations().at(0).result.view()),
              testing::Not(testing::HasSubstr("1111")));
}

TEST(StepOptions, AllStepsAreSealed) {
  durasim::Simulation sim;
  const auto handler = [](durable::Context& ctx) {
    return ctx.step("read-card", [] { return std::string("4111 1111"); }).substr(5);
  };
  // [all_steps]
  sim.function("pay", handler, {.handler = {.serdes = std::make_shared<Sealed>()}});
  // [/all_steps]
  const auto run = sim.run("pay");
  EXPECT_THAT(run, durasim::SucceededWith("1111"));
  EXPECT_THAT(std::string(run.operations().at(0).result.view()),
              testing::Not(testing::HasSubstr("1111")));
}

TEST(StepOptions, HoldUnderEveryPairOfFaults) {
  const auto scenario = [](durasim::Simulation& sim) {
    sim.function("pay", &read_card);
    EXPECT_THAT(sim.run("pay"), durasim::SucceededWith("ends in 1111"));
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
