#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Simulation::on_step: what is scripted happens in place of a body.
namespace scripted_steps_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;
using testing::HasSubstr;

struct Declined : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Charges a card, three attempts a minute apart.
void publish(Simulation& sim) {
  sim.function("order", [&sim](Context& ctx) {
    return ctx.step("charge",
                    [&]() -> std::string {
                      sim.effects().record("charge");
                      return "real";
                    },
                    {.retry = durable::retry::fixed(3, 60s)});
  });
}

TEST(ScriptedSteps, ReturnWithoutTheirBody) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").returns("scripted");
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("scripted"));
  EXPECT_EQ(sim.effects().calls("charge"), 0U);
}

// [step]
TEST(ScriptedSteps, FailTheirFirstAttemptsWithTheError) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").fail_times(2, Declined("no funds"));
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("real"));
  EXPECT_EQ(run.elapsed(), 120s);
  EXPECT_EQ(run.operations()[0].attempt, 3U);
  EXPECT_EQ(sim.effects().count("charge"), 1U);
}
// [/step]

TEST(ScriptedSteps, FailEachAttempt) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").throws("GatewayError", "unreachable");
  const auto run = sim.run("order");
  EXPECT_FALSE(run.succeeded());
  ASSERT_TRUE(run.operations()[0].error);
  EXPECT_EQ(run.operations()[0].error->type, "GatewayError");
  EXPECT_EQ(run.operations()[0].error->message, "unreachable");
  EXPECT_EQ(sim.effects().calls("charge"), 0U);
}

TEST(ScriptedSteps, RecordTheTypeOfWhatIsThrown) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").throws(Declined("no funds"));
  const auto run = sim.run("order");
  ASSERT_TRUE(run.operations()[0].error);
  EXPECT_THAT(run.operations()[0].error->type, HasSubstr("Declined"));
  EXPECT_EQ(run.operations()[0].error->message, "no funds");
}

TEST(ScriptedSteps, FailAndThenReturnAnotherValue) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").fail_times(1, Declined("busy")).returns("scripted");
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("scripted"));
  EXPECT_EQ(run.operations()[0].attempt, 2U);
}

TEST(ScriptedSteps, TakeTime) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").take(5min);
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("real"));
  EXPECT_EQ(run.elapsed(), 5min);
  EXPECT_THAT(run, durasim::Ran(1));
}

/// An at-most-once body that takes longer than its invocation may.
TEST(ScriptedSteps, ThatTakeTooLongAreKilled) {
  Simulation sim;
  sim.function("slow", [&sim](Context& ctx) {
    try {
      ctx.step("export", [&] { sim.effects().record("export"); },
               {.retry = durable::retry::none(),
                .semantics = durable::StepSemantics::at_most_once_per_retry});
    } catch (const durable::StepInterruptedError&) {
      return std::string("interrupted");
    }
    return std::string("done");
  });
  sim.on_step("export").take(16min);
  const auto run = sim.run("slow");
  EXPECT_THAT(run, durasim::SucceededWith("interrupted"));
  EXPECT_EQ(run.elapsed(), 15min);
  EXPECT_EQ(sim.effects().count("export"), 1U);
}

TEST(ScriptedSteps, AreToldApartByNumberAndByPredicate) {
  Simulation sim;
  sim.function("sum", [](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < 3; ++i) sum += ctx.step("part", [] { return 1; });
    return sum + ctx.step("rest", [] { return 1; });
  });
  sim.on_step("part", 2).returns(10);
  sim.on_step([](const durable::Operation& step) { return step.path.number() == 4; }).returns(100);
  EXPECT_THAT(sim.run("sum"), durasim::SucceededWith(112));
  EXPECT_THAT(sim.run("sum"), durasim::SucceededWith(112));  // counted in each execution
}

TEST(ScriptedSteps, FollowTheLastScriptThatFits) {
  Simulation sim;
  publish(sim);
  sim.on_step("charge").returns("first");
  sim.on_step("charge").returns("second");
  EXPECT_THAT(sim.run("order"), durasim::SucceededWith("second"));
}

class Reversed final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value,
                        const durable::SerdesContext& context) const override {
    const std::string text = Serdes::serialize(value, context);
    return {text.rbegin(), text.rend()};
  }
  nlohmann::json deserialize(std::string_view text,
                             const durable::SerdesContext& context) const override {
    return Serdes::deserialize(std::string(text.rbegin(), text.rend()), context);
  }
};

TEST(ScriptedSteps, PassThroughTheSerdesOfTheStepAndOfTheHandler) {
  Simulation sim;
  const auto handler = [](Context& ctx) { return ctx.step("charge", [] { return 12; }); };
  sim.function("by handler", handler, {.handler = {.serdes = std::make_shared<Reversed>()}});
  sim.function("by step", [](Context& ctx) {
    return ctx.step("charge", [] { return 12; }, {.serdes = std::make_shared<Reversed>()});
  });
  sim.on_step("charge").returns(345);
  for (const char* const function : {"by handler", "by step"}) {
    const auto run = sim.run(function);
    EXPECT_EQ(run.operations()[0].result.view(), "543") << function;
    EXPECT_THAT(run, durasim::SucceededWith(345)) << function;
  }
}

/// A crash neither loses a scripted failure nor repeats it: each schedule has the same attempts.
TEST(ScriptedSteps, HoldUnderEveryPairOfFaults) {
  const auto scenario = [](Simulation& sim) {
    publish(sim);
    sim.on_step("charge").fail_times(1, Declined("busy")).returns("scripted");
    const auto run = sim.run("order");
    EXPECT_THAT(run, durasim::SucceededWith("scripted"));
    EXPECT_EQ(run.operations()[0].attempt, 2U);
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "scripted steps"}),
              durasim::Holds());
}

TEST(ScriptedSteps, FailTheTestWhereNoSuchStepIsMade) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        publish(sim);
        sim.on_step("chrage").returns("scripted");
        sim.run("order");
      },
      "on_step(\"chrage\") was not reached: the run has made \"charge\"");
}

TEST(ScriptedSteps, RefuteAScenarioWhoseFaultlessRunMakesNoSuchStep) {
  const auto scenario = [](Simulation& sim) {
    publish(sim);
    sim.on_step("chrage").returns("scripted");
    sim.run("order");
  };
  const auto result = durasim::verify(scenario, {.name = "no such step"});
  ASSERT_EQ(result.verdict, durasim::Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 0U);
  EXPECT_THAT(result.findings.front().what, HasSubstr("on_step(\"chrage\") was not reached"));
}

TEST(ScriptedSteps, OnlyWarnWhereThatIsAskedFor) {
  testing::internal::CaptureStderr();
  {
    Simulation sim({.unreached = durasim::Unreached::warns});
    publish(sim);
    sim.on_step("refund").returns(1);
    sim.run("order");
    EXPECT_THAT(sim.unreached(), testing::ElementsAre(HasSubstr("on_step(\"refund\")")));
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("warning: on_step(\"refund\")"));
}

TEST(ScriptedSteps, RefuseNegativeTimes) {
  Simulation sim;
  publish(sim);
  EXPECT_THROW(sim.on_step("charge").take(-1s), std::invalid_argument);
  sim.run("order");
}

TEST(SimulationAt, LetsThingsHappenAtTheirTime) {
  Simulation sim;
  std::vector<std::chrono::milliseconds> times;
  const auto start = sim.now();
  sim.function("sleep", [](Context& ctx) { ctx.wait("night", 8h); });
  sim.at(1h, [&] { times.push_back(sim.now() - start); });
  sim.at(90min, [&] {
    times.push_back(sim.now() - start);
    sim.start("sleep");
  });
  sim.run("sleep");
  sim.run_until_idle();
  EXPECT_THAT(times, testing::ElementsAre(1h, 90min));
  EXPECT_EQ(sim.executions(), 2U);
  EXPECT_EQ(sim.now() - start, 9h + 30min);
}

TEST(SimulationAt, RefusesATimeThatIsOver) {
  Simulation sim;
  sim.run_for(1h);
  EXPECT_THROW(sim.at(59min, [] {}), std::invalid_argument);
}

TEST(SimulationAt, DoesNotDriveTheSimulation) {
  Simulation sim;
  sim.at(1s, [&] { sim.run_until_idle(); });
  EXPECT_THROW(sim.run_until_idle(), std::logic_error);
}

TEST(SimulationAt, FailsTheTestWhoseTimeNeverComes) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        sim.at(1h, [] {});
        sim.run_for(30min);
      },
      "the action at +1h 00m 00s was not reached");
}

TEST(SimulationAt, DoesNotInsistOnWhatABodyAskedFor) {
  Simulation sim;
  int answered = 0;
  sim.function("ask", [&](durable::Context& ctx) {
    ctx.step("ask", [&] { sim.at(1h, [&] { ++answered; }); });
  });
  EXPECT_TRUE(sim.run("ask").succeeded());
  EXPECT_EQ(answered, 0);
}

}  // namespace scripted_steps_test
