#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <durasim/gtest.hpp>

/// Retry strategies and serdes of steps, in a whole simulation.
namespace durasim::configured_steps_test {

using namespace std::chrono_literals;
using durable::Context;
using testing::ElementsAre;

/// The shortest delay wherever a delay is drawn.
class ShortestDelays final : public Chooser {
 public:
  std::size_t choose(const Site& site, std::span<const Fault> menu) override {
    if (site.kind != SiteKind::jitter) return 0;
    EXPECT_THAT(menu, ElementsAre(Fault::none, Fault::full_jitter));
    return 1;
  }
};

/// How long an execution takes whose step fails until `strategy` gives up.
std::chrono::milliseconds elapsed_under(Chooser& chooser, durable::RetryStrategy strategy) {
  Simulation sim({}, chooser);
  sim.function("fails", [&](Context& ctx) {
    ctx.step("try", [] { throw std::runtime_error("no"); }, {.retry = strategy});
  });
  return sim.run("fails").elapsed();
}

TEST(SimulatedJitter, TakesAHalfOrTheWholeOfADelay) {
  ShortestDelays shortest;
  NominalChooser nominal;
  const auto half = durable::retry::transient();  // 5 s, 10 s
  EXPECT_EQ(elapsed_under(nominal, half), 15s);
  EXPECT_EQ(elapsed_under(shortest, half), 3s + 5s);
  EXPECT_EQ(elapsed_under(shortest, durable::retry::exponential({})), 1s + 1s);
  EXPECT_EQ(elapsed_under(shortest, durable::retry::fixed(3, 5s)), 10s);
  const auto brief = durable::retry::fixed(2, 1s);
  EXPECT_EQ(elapsed_under(shortest, brief), 1s);
}

TEST(SimulatedJitter, AsksNothingWhereThereIsNothingToDraw) {
  Simulation sim;
  sim.function("fails", [&](Context& ctx) {
    ctx.step(
        "try", [] { throw std::runtime_error("no"); },
        {.retry = durable::retry::linear({.max_attempts = 2, .jitter = durable::Jitter::half})});
  });
  sim.run("fails");
  EXPECT_THAT(sim.decisions(),
              testing::Each(testing::Field(
                  &Decision::site, testing::Field(&Site::kind, SiteKind::invocation_start))))
      << "a delay of 1 s has no half";
}

/// Writes every text between brackets.
class Bracketed final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value,
                        const durable::SerdesContext& context) const override {
    return "[" + Serdes::serialize(value, context) + "]";
  }
  nlohmann::json deserialize(std::string_view text,
                             const durable::SerdesContext& context) const override {
    return Serdes::deserialize(text.substr(1, text.size() - 2), context);
  }
};

TEST(SimulatedSerdes, OfAHandlerIsForItsOperationsAndNotForItsInputAndResult) {
  const durasim::FunctionOptions config{.handler = {.serdes = std::make_shared<Bracketed>()}};
  const auto handler = [](Context& ctx, const std::string& input) {
    const auto text = ctx.step("copy", [&] { return input; });
    ctx.wait("nap", 1s);
    return text;
  };
  Simulation sim;
  sim.function("by-copy", handler, config);
  sim.function_factory("by-factory", [&] { return handler; }, config);
  sim.function("plain", handler);
  for (const char* const name : {"by-copy", "by-factory"}) {
    const auto run = sim.run(name, std::string("x"));
    EXPECT_EQ(run.operations()[0].result.view(), "[\"x\"]") << name;
    EXPECT_EQ(run.result(), "\"x\"") << name;
  }
  EXPECT_EQ(sim.run("plain", std::string("x")).operations()[0].result.view(), "\"x\"");
  EXPECT_TRUE(sim.findings().empty());
}

}  // namespace durasim::configured_steps_test
