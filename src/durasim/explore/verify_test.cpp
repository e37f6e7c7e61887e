#include <ostream>
#include <set>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durasim/core/testing.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

/// What verify claims, and when.
namespace verify_test {

using durasim::Fault;
using durasim::FaultModel;
using durasim::Oracle;
using durasim::Schedule;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using durasim::VerifyOptions;
using Environment = durasim::core_testing::Variable;
using testing::HasSubstr;

durasim::Scenario payment() {
  return durasim::scenario_for(sound::small_order(), payment::scenario);
}

void one_step(Simulation& sim) {
  sim.function("one", [](durable::Context& ctx) { return ctx.step("only", [] { return 1; }); });
  sim.run("one");
}

struct Bounds {
  std::uint32_t max_faults;
  bool hostile;
};
void PrintTo(const Bounds& bounds, std::ostream* out) {  // its bytes are not all initialised
  *out << bounds.max_faults << (bounds.hostile ? " hostile faults" : " standard faults");
}

class VerifyHolds : public testing::TestWithParam<Bounds> {};

TEST_P(VerifyHolds, ForThePaymentHandler) {
  const Verification result = durasim::verify(
      payment(), {.max_faults = GetParam().max_faults,
                  .faults = GetParam().hostile ? FaultModel::hostile() : FaultModel::standard()});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_EQ(result.executions, result.runs);
  EXPECT_EQ(result.frontier, 0U);
  EXPECT_TRUE(result.findings.empty());
  EXPECT_TRUE(result.file.empty());
}

INSTANTIATE_TEST_SUITE_P(Within, VerifyHolds,
                         testing::Values(Bounds{0, false}, Bounds{1, false}, Bounds{2, false},
                                         Bounds{0, true}, Bounds{1, true}, Bounds{2, true}),
                         [](const auto& bounds) {
                           return std::to_string(bounds.param.max_faults) +
                                  (bounds.param.hostile ? "HostileFaults" : "StandardFaults");
                         });

TEST(Verify, RunsMoreSchedulesWithMoreFaultsAndOneWithNone) {
  std::uint64_t runs = 0;
  for (std::uint32_t faults = 0; faults <= 2; ++faults) {
    const Verification result = durasim::verify(one_step, {.max_faults = faults});
    EXPECT_GT(result.runs, 10 * runs);
    runs = result.runs;
    if (faults == 0) {
      EXPECT_EQ(runs, 1U);
    }
  }
}

TEST(Verify, RefutesTheDoubleChargeByExactlyOneCrashAfterTheBody) {
  for (const FaultModel& faults :
       {FaultModel::standard(), FaultModel::hostile(), FaultModel::crashes()}) {
    const Verification result =
        durasim::verify(durasim::scenario_for(sound::small_order(), double_charge::scenario<>),
                        {.max_faults = 2, .faults = faults});
    ASSERT_EQ(result.verdict, Verdict::refuted) << result;
    EXPECT_TRUE(result.minimal);
    EXPECT_EQ(result.counterexample_faults, 1U);
    ASSERT_EQ(result.counterexample.choices.size(), 1U);
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].oracle, Oracle::effects);
    EXPECT_EQ(result.findings[0].operation, "process-payment");

    const auto file = durasim::ScheduleFile::load(result.file);
    std::vector<std::string> injected;
    for (const auto& choice : file.choices) {
      if (choice.answer != 0) injected.push_back(choice.site + ": " + choice.fault);
    }
    EXPECT_THAT(injected,
                testing::ElementsAre("execution 1, after_body 1, occurrence 1: crash_after_body"));
    EXPECT_EQ(file.oracle, "effects");
    EXPECT_EQ(file.operation, "process-payment");
    EXPECT_EQ(file.trace_hash, result.trace_hash);
  }
}

TEST(Verify, IsIncompleteWhenItIsCutAndSaysHowMuchIsLeft) {
  const Verification whole = durasim::verify(payment(), {.max_faults = 1});
  const Verification cut = durasim::verify(payment(), {.max_faults = 1, .max_runs = 10});
  EXPECT_EQ(cut.verdict, Verdict::incomplete);
  EXPECT_EQ(cut.runs, 10U);
  EXPECT_EQ(cut.runs + cut.frontier, whole.runs);
  EXPECT_THAT(cut.report(), HasSubstr("INCOMPLETE"));
  EXPECT_THAT(cut.report(), HasSubstr("raise VerifyOptions::max_runs"));
}

TEST(Verify, IsIncompleteWhenItsTimeIsOverAndSaysThatTheMachineDecidesHowFarItComes) {
  const Verification whole = durasim::verify(payment(), {.max_faults = 1});
  for (const std::uint32_t jobs : {1U, 2U}) {
    const Verification cut = durasim::verify(
        payment(),
        {.max_faults = 1, .duration = std::chrono::milliseconds(0), .jobs = jobs, .name = "late"});
    EXPECT_EQ(cut.verdict, Verdict::incomplete);
    EXPECT_EQ(cut.runs, 1U);
    EXPECT_EQ(cut.runs + cut.frontier, whole.runs);
    EXPECT_EQ(cut.report().substr(0, cut.report().find('\n')),
              "INCOMPLETE  late: nothing found in 1 schedules, cut after 0 seconds: at least " +
                  std::to_string(cut.frontier) +
                  " more of at most 1 fault were not run, and another time or on another machine "
                  "it comes to others; raise VerifyOptions::duration or lower max_faults");
  }
}

TEST(Verify, IsNotCutByATimeThatItDoesNotNeed) {
  const Verification whole = durasim::verify(payment(), {.max_faults = 1});
  const Verification timed =
      durasim::verify(payment(), {.max_faults = 1, .duration = std::chrono::hours(1)});
  EXPECT_EQ(timed.verdict, Verdict::holds);
  EXPECT_EQ(timed.certificate, whole.certificate);
}

TEST(Verify, IsGivenNoMoreTimeThanTheEnvironmentSays) {
  const Environment seconds("DURASIM_SECONDS", "0.001");
  const Verification cut = durasim::verify(payment(), {.max_faults = 3});
  EXPECT_EQ(cut.verdict, Verdict::incomplete);
  EXPECT_EQ(cut.stopped, "after 0.001 seconds");
}

TEST(Verify, IsNeitherHurriedNorHeldBackByTheRunsOfSearches) {
  const Environment runs("DURASIM_RUNS", "20");
  EXPECT_EQ(durasim::verify(payment(), {.max_faults = 1}).verdict, Verdict::holds);
  EXPECT_EQ(durasim::verify(payment(), {.max_faults = 1, .max_runs = 5}).runs, 20U);
}

TEST(Verify, RefusesWhatTheEnvironmentSaysWrongly) {
  const Environment seed("DURASIM_SEED", "main");
  EXPECT_THROW(durasim::verify(one_step), durasim::EnvironmentError);
  EXPECT_THROW(durasim::check(one_step, durasim::Schedule{}), durasim::EnvironmentError);
  EXPECT_THROW(durasim::check(one_step, durasim::Script{}), durasim::EnvironmentError);
}

TEST(Verify, IsIncompleteWhenItMayRunNothing) {
  const Verification cut = durasim::verify(payment(), {.max_runs = 0});
  EXPECT_EQ(cut.verdict, Verdict::incomplete);
  EXPECT_EQ(cut.runs, 0U);
  EXPECT_GT(cut.frontier, 0U);
}

TEST(Verify, HoldsWhenItsLastRunIsTheLastOneAllowed) {
  const Verification whole = durasim::verify(one_step, {.max_faults = 1});
  EXPECT_EQ(durasim::verify(one_step, {.max_faults = 1, .max_runs = whole.runs}).verdict,
            Verdict::holds);
}

TEST(Verify, TakesAnyNumberOfFaultsAsItsBound) {
  const Verification cut =
      durasim::verify(one_step, {.max_faults = ~std::uint32_t{0}, .max_runs = 50});
  EXPECT_EQ(cut.verdict, Verdict::incomplete);
}

TEST(Verify, IsVacuousWhenNoExecutionWasStarted) {
  const Verification result =
      durasim::verify([](Simulation& sim) { sim.effects().at_most(1, "charge"); });
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_THAT(result.report(), HasSubstr("the scenario started no execution"));
}

TEST(Verify, IsVacuousWhenNoFaultCouldBeOffered) {
  const Verification result =
      durasim::verify(one_step, {.max_faults = 1, .faults = FaultModel::none()});
  EXPECT_EQ(result.verdict, Verdict::vacuous);
  EXPECT_THAT(result.report(), HasSubstr("no fault of the model could be injected anywhere"));
  const FaultModel elsewhere =
      FaultModel::none().with({Fault::crash_at_effect});  // but there is no effect
  EXPECT_EQ(durasim::verify(one_step, {.max_faults = 1, .faults = elsewhere}).verdict,
            Verdict::vacuous);
}

TEST(Verify, HoldsWithoutFaultsIfNoneWereAskedFor) {
  EXPECT_EQ(durasim::verify(one_step, {.max_faults = 0, .faults = FaultModel::none()}).verdict,
            Verdict::holds);
}

TEST(Verify, CallsAfterRunOnceForEachSchedule) {
  std::set<std::vector<std::pair<std::uint32_t, std::uint32_t>>> schedules;
  std::uint64_t calls = 0;
  const Verification result = durasim::verify(
      payment(),
      {.max_faults = 1, .after_run = [&](const Simulation& sim, const Schedule& schedule) {
         ++calls;
         EXPECT_EQ(sim.executions(), 1U);
         std::vector<std::pair<std::uint32_t, std::uint32_t>> key;
         for (const auto& fault : schedule.choices) {
           key.emplace_back(fault.position, fault.alternative);
         }
         schedules.insert(key);
       }});
  EXPECT_EQ(calls, result.runs);
  EXPECT_EQ(schedules.size(), result.runs);
}

TEST(Verify, GivesEveryRunAFreshWorld) {
  const auto scenario = [](Simulation& sim) {
    EXPECT_EQ(sim.effects().count("greeting"), 0U);
    EXPECT_EQ(sim.executions(), 0U);
    sim.function("greet", [&sim](durable::Context& ctx) {
      ctx.step("greet", [&] { sim.effects().record("greeting"); });
    });
    sim.run("greet");
  };
  EXPECT_EQ(durasim::verify(scenario).verdict, Verdict::holds);
}

}  // namespace verify_test
