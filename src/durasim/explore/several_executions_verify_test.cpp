#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

/// Explorations of scenarios with several executions.
namespace several_executions_verify_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Simulation;

/// Charges a card, with the idempotency key if `keyed`, and sleeps.
void publish(Simulation& sim) {
  sim.function("pay", [&sim](Context& ctx, const bool& keyed) {
    ctx.step("charge", [&](StepContext& step) {
      const std::string of = ctx.execution().name;
      if (keyed) {
        sim.effects().apply("charge of " + of, step.idempotency_key(), 1);
      } else {
        sim.effects().record("charge of " + of);
      }
    });
    ctx.wait("settle", 60s);
  });
}

durasim::Verification verify_with(std::vector<bool> keyed, const std::string& name) {
  const auto scenario = [&](Simulation& sim) {
    publish(sim);
    for (const bool one : keyed) {
      const auto execution = sim.start("pay", one);
      sim.effects().at_most(1, "charge of " + std::string(sim.result(execution).name()));
    }
    sim.run_until_idle();
  };
  return durasim::verify(scenario,
                         {.max_faults = 1, .faults = durasim::FaultModel::hostile(), .name = name});
}

TEST(SeveralExecutionsVerify, EachOffersTheFaultsThatItOffersAlone) {
  const auto alone = verify_with({true}, "alone");
  const auto together = verify_with({true, true, true}, "together");
  EXPECT_THAT(alone, durasim::Holds());
  EXPECT_THAT(together, durasim::Holds());
  EXPECT_GT(alone.runs, 20U);
  EXPECT_EQ(together.runs - 1, 3 * (alone.runs - 1));
  EXPECT_EQ(together.executions, 3 * together.runs);
}

TEST(SeveralExecutionsVerify, FindsTheBugOfTheSecondOne) {
  const auto result = verify_with({true, false, true}, "second is wrong");
  ASSERT_EQ(result.verdict, durasim::Verdict::refuted) << result;
  EXPECT_EQ(result.findings.front().oracle, durasim::Oracle::effects);
  EXPECT_THAT(result.findings.front().what, testing::HasSubstr("charge of execution-2"));
  EXPECT_EQ(result.counterexample_faults, 1U);
  const auto file = durasim::ScheduleFile::load(result.file);
  const auto fault = std::find_if(file.choices.begin(), file.choices.end(),
                                  [](const auto& choice) { return choice.answer != 0; });
  ASSERT_NE(fault, file.choices.end());
  EXPECT_THAT(fault->site, testing::StartsWith("execution 2, after_body 1"));
  EXPECT_THAT(result.history, testing::HasSubstr("2#2"));  // its second invocation
}

}  // namespace several_executions_verify_test
