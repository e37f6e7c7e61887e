#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "handlers/sound/all.hpp"

/// Simulations that follow a script.
namespace sim_script_test {

using namespace std::chrono_literals;
using durasim::Fault;
using durasim::Simulation;
using durasim::Unreached;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string order(durable::Context& ctx, Simulation& sim) {
  ctx.step("quote", [] { return 1; });
  const auto id = ctx.step("charge", [&] {
    sim.effects().record("charge");
    return std::string("payment-1");
  });
  ctx.wait("settle", 60s);
  ctx.step("", [&] { sim.effects().record("receipt"); });
  return id;
}

void publish(Simulation& sim) {
  sim.function("order", [&sim](durable::Context& ctx) { return order(ctx, sim); });
}

std::vector<std::string> injected(const Simulation& sim) {
  std::vector<std::string> faults;
  for (const auto& decision : sim.decisions()) {
    if (decision.answer == 0) continue;
    faults.push_back(durasim::identify(decision.site) + ": " +
                     std::string(to_string(decision.fault)));
  }
  return faults;
}

// [script]
TEST(SimulationScript, SuffersTheFaultsThatAreWritten) {
  Simulation sim;
  sim.function("order", [&sim](durable::Context& ctx) { return order(ctx, sim); });
  sim.script(R"(
    # the card is charged, but nobody remembers
    at "charge": crash_after_body
    at operation 4: answer_lost
    at invocation 3: cold_start
  )");
  const auto run = sim.run("order");
  EXPECT_THAT(run, durasim::SucceededWith("payment-1"));
  EXPECT_EQ(sim.effects().count("charge"), 2U);
}
// [/script]

TEST(SimulationScript, SuffersNoOtherFaults) {
  Simulation sim;
  publish(sim);
  sim.script(R"(
    at operation 4: answer lost
    at "charge": crash-after-body
    at invocation 3: cold_start
  )");
  sim.run("order");
  EXPECT_THAT(injected(sim),
              ElementsAre("execution 1, after_body 2, occurrence 1: crash_after_body",
                          "execution 1, invocation_start -, occurrence 3: cold_start",
                          "execution 1, request 4, occurrence 1: answer_lost"));
  EXPECT_THAT(sim.unreached(), IsEmpty());
}

TEST(SimulationScript, CountsTheTimesAtWhichAFaultCouldHappen) {
  Simulation sim;
  publish(sim);
  sim.script(R"(
    at "charge": crash_after_body
    at "charge", time 2: crash_after_body
    at "charge", time 2: crash_before_body
  )");
  sim.run("order");
  EXPECT_EQ(sim.effects().count("charge"), 3U);
  EXPECT_THAT(sim.unreached(), IsEmpty());
}

TEST(SimulationScript, TellsOperationsOfOneNameApart) {
  Simulation sim;
  sim.function("twice", [&sim](durable::Context& ctx) {
    ctx.step("fetch", [&] { sim.effects().record("first"); });
    ctx.step("fetch", [&] { sim.effects().record("second"); });
  });
  sim.script("at \"fetch\"#2: crash_after_body");
  sim.run("twice");
  EXPECT_EQ(sim.effects().count("first"), 1U);
  EXPECT_EQ(sim.effects().count("second"), 2U);
}

TEST(SimulationScript, TellsExecutionsApart) {
  Simulation sim;
  publish(sim);
  sim.script("at \"charge\" in execution 2: crash_after_body");
  sim.run("order");
  EXPECT_EQ(sim.effects().count("charge"), 1U);
  sim.run("order");
  EXPECT_EQ(sim.effects().count("charge"), 3U);
}

/// What is said of one line that a run of order() does not come to.
std::string advice(const std::string& line) {
  std::string said;
  {
    Simulation sim;
    publish(sim);
    sim.script(line, Unreached::warns);
    sim.run("order");
    const auto unreached = sim.unreached();
    EXPECT_EQ(unreached.size(), 1U) << line;
    if (!unreached.empty()) said = unreached[0];
    testing::internal::CaptureStderr();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "durasim: warning: " + said + "\n");
  return said;
}

TEST(SimulationScript, SaysWhatTheRunMetInstead) {
  EXPECT_EQ(advice("at \"chrage\": crash_after_body"),
            "fault 1 of the script was not reached: at \"chrage\": crash_after_body\n"
            "  execution 1 has no such operation; it has \"charge\", \"quote\", \"settle\", "
            "operation 4");
  EXPECT_THAT(advice("at \"charge\"#2: crash_after_body"), HasSubstr("it has \"charge\", "));
  EXPECT_THAT(advice("at operation 5: crash_after_body"), HasSubstr("it has operation 4, "));
  EXPECT_THAT(advice("at \"charge\", attempt 3: crash_after_body"),
              HasSubstr("the run came to attempt 1 there"));
  EXPECT_THAT(advice("at \"charge\", time 2: crash_after_body"),
              HasSubstr("it could happen there 1 time only"));
  EXPECT_THAT(advice("at invocation 4: cold_start"),
              HasSubstr("the run came to invocation 1, 2 there"));
  EXPECT_THAT(advice("at invocation 1: cold_start"),
              HasSubstr("it cannot happen there; what can: late_delivery, redelivery_after_end, "));
  EXPECT_THAT(advice("at \"settle\": crash_after_body"),
              HasSubstr("it cannot happen there; what can: request_lost, "));
  EXPECT_THAT(advice("at \"quote\" in execution 2: crash_after_body"),
              HasSubstr("execution 2 has called no operation"));
  EXPECT_THAT(advice("at execution 2: delivery_after_completion"),
              HasSubstr("the run did not come there"));
  EXPECT_THAT(advice("at \"quote\": crash_after_body\nat \"quote\": body_outlives_invocation"),
              HasSubstr("another fault happened there at that time: crash_after_body"));
}

TEST(SimulationScript, FailsTheTestForALineThatIsNotReached) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        publish(sim);
        sim.script("at \"charge\", attempt 2: crash_after_body");
        sim.run("order");
        EXPECT_TRUE(sim.findings().empty());
      },
      "expectation: fault 1 of the script was not reached");
}

TEST(SimulationScript, IsReadBeforeAnythingRuns) {
  Simulation sim;
  EXPECT_THROW(sim.script("at charge"), durasim::ScriptError);
  publish(sim);
  sim.script("");
  EXPECT_THROW(sim.script(""), std::logic_error);
  Simulation started;
  publish(started);
  started.run("order");
  EXPECT_THROW(started.script(""), std::logic_error);
}

TEST(SimulationScript, IsRefusedInExplorations) {
  const auto result = durasim::verify([](Simulation& sim) { sim.script(""); });
  ASSERT_EQ(result.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(result.findings.front().what, HasSubstr("durasim::check"));
}

TEST(SimulationScript, KnowsWhereEachFaultHappens) {
  durasim::Scenario scenario = durasim::scenario_for(sound::small_order(), payment::scenario);
  const auto run = durasim::trace_run(scenario, {}, {.faults = durasim::FaultModel::hostile()});
  EXPECT_GT(run.decisions.size(), 10U);
  for (const auto& decision : run.decisions) {
    for (std::uint32_t i = 1; i < decision.bound; ++i) {
      EXPECT_EQ(durasim::site_of(decision.alternative(i)), decision.site.kind);
    }
  }
}

}  // namespace sim_script_test
