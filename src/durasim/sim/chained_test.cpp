#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
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

void publish_ship(Simulation& sim, const durasim::FunctionOptions& options = {}) {
  const auto ship = [&sim](Context& ctx, const std::string& what) {
    ctx.step("load", [&](durable::StepContext& step) {
      sim.effects().apply("load", step.idempotency_key(), 1);
    });
    ctx.wait("travel", 48h);
    return what + " arrived";
  };
  sim.function("ship", ship, options);
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

TEST(ChainedInvokes, OfEachOtherForEverFailAtTheLimitAndAreAFinding) {
  Simulation sim({.invoked_executions_limit = 20});
  sim.function("ping", [](Context& ctx) { ctx.invoke("next", "pong", 1); });
  sim.function("pong", [](Context& ctx, const int&) { ctx.invoke("next", "ping", 1); });
  const auto run = sim.run("ping");
  EXPECT_EQ(run.status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(run.error().type, "InvokeError");
  EXPECT_EQ(sim.executions(), 21U);
  const auto last = sim.result({21});
  EXPECT_EQ(last.status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(last.operations()[0].error->type, "RecursiveInvocationException");
  EXPECT_THAT(last.operations()[0].error->message,
              HasSubstr("has led to 20 others, which is the limit; the invoke of \"pong\""));
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_EQ(sim.findings().all()[0].oracle, durasim::Oracle::progress);
  EXPECT_THAT(sim.findings().all()[0].what, HasSubstr("invoke each other for ever"));
}

/// A handler that takes the refusal for an answer and tries again is ended by the limits of its own.
TEST(ChainedInvokes, OfAHandlerThatNeverGivesUpEndToo) {
  Simulation sim({.service = {.operations_limit = 20}, .invoked_executions_limit = 5});
  sim.function("again", [](Context& ctx) {
    for (;;) {
      try {
        ctx.invoke("next", "again", nullptr);
      } catch (const durable::InvokeError&) {
      }
    }
  });
  EXPECT_EQ(sim.run("again").status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(sim.executions(), 6U);
  EXPECT_EQ(sim.findings().all().size(), 1U);
}

TEST(FunctionTimeouts, OfAnExecutionEndTheInvokeThatWaitsForIt) {
  Simulation sim;
  publish_order(sim, "ship");
  publish_ship(sim, {.execution_timeout = 24h});
  const auto run = sim.run("order");
  EXPECT_THAT(std::string(run.result()), HasSubstr("TIMED_OUT"));
  EXPECT_EQ(run.elapsed(), 24h);
  EXPECT_EQ(sim.result({2}).status(), durable::ExecutionStatus::timed_out);
}

TEST(FunctionTimeouts, OfAnInvocationKillIt) {
  // Without progress, which finds that two of them in a row come to nothing.
  Simulation sim({.service = durasim::ServiceConfig::emulator(),
                  .oracles = durasim::OracleSet::all().without(durasim::Oracle::progress)});
  publish_order(sim, "ship");
  publish_ship(sim, {.invocation_timeout = 60s});
  sim.on_step("load").take(61s);
  const auto run = sim.run("order");
  EXPECT_THAT(std::string(run.result()), HasSubstr("FAILED Sandbox.Timedout"));
  EXPECT_EQ(run.elapsed(), 5 * 60s + 4 * 5s);  // five invocations, and the back-off between them
  EXPECT_EQ(sim.result({2}).invocations(), 5U);
}

TEST(FunctionTimeouts, OfOneFunctionAreNoneOfOthers) {
  Simulation sim;
  publish_order(sim, "ship");
  publish_ship(sim);
  sim.function("other", [](Context&) {}, {.execution_timeout = 1s, .invocation_timeout = 1s});
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("box arrived"));
}

TEST(FunctionTimeouts, AreWholeSecondsWithinTheLimitsOfLambda) {
  Simulation sim;
  const auto publish = [&](const durasim::FunctionOptions& options) {
    sim.function("f", [](Context&) {}, options);
  };
  EXPECT_THROW(publish({.execution_timeout = 0s}), std::invalid_argument);
  EXPECT_THROW(publish({.execution_timeout = -1s}), std::invalid_argument);
  EXPECT_THROW(publish({.execution_timeout = 367 * 24h}), std::invalid_argument);
  EXPECT_THROW(publish({.invocation_timeout = 901s}), std::invalid_argument);
  try {
    publish({.invocation_timeout = 1500ms});
    FAIL() << "no error";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "durasim: the invocation_timeout of function \"f\" is a whole number of seconds "
                 "from 1 to 900, not 1500 ms");
  }
  publish({.execution_timeout = 366 * 24h, .invocation_timeout = 900s});
}

TEST(ChainedInvokes, HoldUnderEveryPairOfFaults) {
  const auto scenario = [](Simulation& sim) {
    publish_order(sim, "ship:1");
    publish_ship(sim);
    sim.effects().exactly(1, "load");
    EXPECT_THAT(sim.run("order"), durasim::SucceededWith("box arrived"));
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "order and ship"}),
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

TEST(ScriptedInvokes, FailTheTestWhereNoSuchFunctionIsInvoked) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        publish_order(sim, "ship:1");
        publish_ship(sim);
        sim.on_invoke("shop").succeed("box by pigeon");
        sim.run("order");
      },
      "on_invoke(\"shop\") was not reached: the run has made \"shipping\"");
}

}  // namespace sim_chained_test
