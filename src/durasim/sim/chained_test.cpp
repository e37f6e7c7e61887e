#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Chained invokes: functions of one simulation that call each other.
namespace sim_chained_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;
using testing::HasSubstr;

/// Ships what it is given, by the function `target`; tells how that failed.
void publish_order(Simulation& sim, const std::string& target) {
  sim.function("order", [target](Context& ctx) -> std::string {
    try {
      return ctx.invoke<std::string>("shipping", target, std::string("box"));
    } catch (const durable::InvokeError& error) {
      return std::string(to_string(error.status())) + " " + error.error_type() + ": " +
             error.error_message();
    }
  });
}

void publish_ship(Simulation& sim) {
  sim.function("ship", [&sim](Context& ctx, const std::string& what) {
    ctx.step("load", [&](durable::StepContext& step) {
      sim.effects().apply("load", step.idempotency_key(), 1);
    });
    ctx.wait("travel", 48h);
    return what + " arrived";
  });
}

TEST(ChainedInvokes, StartADurableFunctionAsAnExecutionOfItsOwn) {
  for (const char* const target : {"ship", "ship:1", "ship:$LATEST"}) {
    Simulation sim;
    publish_order(sim, target);
    publish_ship(sim);
    const auto run = sim.run("order");
    EXPECT_THAT(run, durasim::SucceededWith("box arrived")) << target;
    EXPECT_EQ(run.elapsed(), 48h);
    ASSERT_EQ(sim.executions(), 2U);
    EXPECT_EQ(sim.result({2}).execution().function, "ship");
  }
}

TEST(ChainedInvokes, RunAPlainFunctionToItsEnd) {
  Simulation sim;
  publish_order(sim, "ship:1");
  sim.plain_function("ship", [](const std::string& what) { return what + " sent"; });
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("box sent"));
  EXPECT_EQ(sim.executions(), 1U);
  EXPECT_THROW(sim.run("ship"), std::invalid_argument);
}

TEST(ChainedInvokes, FailWithWhatThePlainFunctionThrows) {
  Simulation sim;
  publish_order(sim, "ship");
  sim.plain_function("ship", [](const std::string&) -> int { throw std::runtime_error("no van"); });
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("FAILED std::runtime_error: no van"));
}

TEST(ChainedInvokes, FailWithTheErrorOfTheExecution) {
  Simulation sim;
  publish_order(sim, "ship");
  sim.function("ship",
               [](Context&, const std::string&) -> int { throw std::runtime_error("no van"); });
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("FAILED std::runtime_error: no van"));
}

TEST(ChainedInvokes, EndAsTheirExecutionIsStopped) {
  Simulation sim;
  publish_order(sim, "ship");
  publish_ship(sim);
  sim.at(1h, [&] { sim.stop({2}, "recalled"); });
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("STOPPED ExecutionStopped: recalled"));
}

TEST(ChainedInvokes, FailForAFunctionThatIsNotPublished) {
  for (const char* const target : {"shp", "ship:2"}) {
    Simulation sim;
    publish_order(sim, target);
    publish_ship(sim);
    const auto run = sim.run("order");
    EXPECT_THAT(std::string(run.result()),
                HasSubstr("ResourceNotFoundException: Function not found: " + std::string(target) +
                          "; published: order, ship"));
  }
}

TEST(ChainedInvokes, OfEachOtherForEverAreAFinding) {
  Simulation sim({.invoked_executions_limit = 20});
  sim.function("ping", [](Context& ctx) { ctx.invoke("next", "pong", 1); });
  sim.function("pong", [](Context& ctx, const int&) { ctx.invoke("next", "ping", 1); });
  sim.run("ping");
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_EQ(sim.findings().all()[0].oracle, durasim::Oracle::progress);
  EXPECT_THAT(sim.findings().all()[0].what, HasSubstr("invoke each other for ever"));
  EXPECT_EQ(sim.executions(), 21U);
}

TEST(ChainedInvokes, HoldUnderEveryFault) {
  const auto scenario = [](Simulation& sim) {
    publish_order(sim, "ship:1");
    publish_ship(sim);
    sim.effects().exactly(1, "load");
    EXPECT_THAT(sim.run("order"), durasim::SucceededWith("box arrived"));
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 1, .name = "order and ship"}),
              durasim::Holds());
}

// [invoke]
TEST(ScriptedInvokes, NeedNoFunction) {
  Simulation sim;
  publish_order(sim, "ship:1");
  sim.on_invoke("ship").after(1h).succeed("box by pigeon");
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("box by pigeon"));
  EXPECT_EQ(run.elapsed(), 1h);
}
// [/invoke]

TEST(ScriptedInvokes, FailTimeOutAndAreStopped) {
  const auto ends = [](const auto& script) {
    Simulation sim;
    publish_order(sim, "ship:1");
    script(sim.on_invoke("shipping"));
    return sim.run("order").template value<std::string>();
  };
  using durasim::InvokeScript;
  EXPECT_EQ(ends([](const InvokeScript& ship) { ship.fail("Lost", "at sea"); }),
            "FAILED Lost: at sea");
  EXPECT_THAT(ends([](const InvokeScript& ship) { ship.time_out(); }), HasSubstr("TIMED_OUT"));
  EXPECT_THAT(ends([](const InvokeScript& ship) { ship.stop(); }), HasSubstr("STOPPED"));
}

TEST(ScriptedInvokes, ThatOnlySayWhenStartTheirFunctionThen) {
  Simulation sim;
  publish_order(sim, "ship:1");
  publish_ship(sim);
  sim.on_invoke("ship").after(1h);
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("box arrived"));
  EXPECT_EQ(run.elapsed(), 49h);
}

}  // namespace sim_chained_test
