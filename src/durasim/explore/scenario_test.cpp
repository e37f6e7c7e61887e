#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// Scenarios that do what they should not: each ends in a finding, none in a crash.
namespace scenario_test {

using namespace std::chrono_literals;

using durasim::Fault;
using durasim::FaultModel;
using durasim::Oracle;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using testing::HasSubstr;

int work(durable::Context& ctx) {
  return ctx.step("work", [] { return 1; });
}

void sound(Simulation& sim) {
  sim.function("work", &work);
  sim.run("work");
}

TEST(UnrepeatableScenario, IsRefutedWithTheFirstDifference) {
  static int calls = 0;
  const Verification result = durasim::verify([](Simulation& sim) {
    sim.function("echo", [](durable::Context& ctx, int input) {
      return ctx.step("echo", [&] { return input; });
    });
    sim.run("echo", ++calls);
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  const durasim::Finding& finding = result.findings.front();
  EXPECT_EQ(finding.oracle, Oracle::simulator);
  EXPECT_THAT(
      finding.what,
      HasSubstr("this scenario is not repeatable: two runs without faults differ at line 2"));
  EXPECT_THAT(finding.what,
              testing::ContainsRegex("execution_started.* 1.* in one, .*execution_started.* 2"));
  EXPECT_THAT(finding.remedy, HasSubstr("Simulation::make"));
  EXPECT_EQ(calls,
            4);  // twice, to see whether addresses make the difference, and to tell its story
}

TEST(UnrepeatableScenario, ComesAfterTheReplayThatExplainsIt) {
  static int calls = 0;
  const Verification result = durasim::verify([](Simulation& sim) {
    sim.function("name", [](durable::Context& ctx) {
      ctx.step("step-" + std::to_string(++calls), [] {});
      ctx.wait("pause", 5s);
    });
    sim.run("name");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  ASSERT_GE(result.findings.size(), 2U) << result;
  EXPECT_EQ(result.findings.front().oracle, Oracle::replay_agreement) << result;
  EXPECT_EQ(result.findings.back().oracle, Oracle::simulator);
}

TEST(UnrepeatableScenario, IsExploredAllTheSameIfTheSimulatorIsNotJudged) {
  static int calls = 0;
  durasim::SimulationOptions options;
  options.oracles = durasim::OracleSet::all().without(Oracle::simulator);
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        sim.function("echo", [](durable::Context& ctx, int input) {
          return ctx.step("echo", [&] { return input; });
        });
        sim.run("echo", ++calls);
      },
      {.max_faults = 0, .simulation = options});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_EQ(calls, 1);
}

TEST(ThrowingScenario, IsNoFindingIfExpectationsAreNotJudged) {
  durasim::SimulationOptions options;
  options.oracles = durasim::OracleSet::all().without(Oracle::expectation);
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        sound(sim);
        EXPECT_EQ(sim.executions(), 7U) << "switched off";
        throw std::runtime_error("no such fixture");
      },
      {.simulation = options});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

TEST(ThrowingScenario, IsAFinding) {
  const Verification result = durasim::verify([](Simulation& sim) {
    sound(sim);
    throw std::runtime_error("no such fixture");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.findings.front().oracle, Oracle::expectation);
  EXPECT_EQ(result.findings.front().what, "the scenario threw: no such fixture");
  EXPECT_EQ(result.counterexample_faults, 0U);
}

TEST(ThrowingScenario, MayThrowAnything) {
  const Verification result = durasim::verify([](Simulation&) { throw 42; });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front().what, HasSubstr("not a std::exception"));
}

TEST(ThrowingScenario, IsFoundUnderTheFaultThatMakesItThrow) {
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        sim.function("work", [](durable::Context& ctx) {
          return ctx.step("work", [] { return 1; },
                          {.retry = durable::retry::none(),
                           .semantics = durable::StepSemantics::at_most_once_per_retry});
        });
        sim.run("work").value<int>();  // a logic_error if the step was interrupted
      },
      {.faults = FaultModel::crashes()});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_THAT(result.findings.front().what,
              HasSubstr("the scenario threw: durasim: the execution has no value"));
}

TEST(ThrowingScenario, NamesTheFunctionsThatThereAre) {
  const Verification result = durasim::verify([](Simulation& sim) {
    sim.function("work", &work);
    sim.run("wrok");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front().what, HasSubstr("no function \"wrok\""));
  EXPECT_THAT(result.findings.front().what, HasSubstr("published: work"));
}

/// Leaves while an answer is under way, if that is delayed.
void leaves_early(Simulation& sim, bool cleanly) {
  std::string local = "of the scenario's frame, to which the handler refers";
  sim.function("work", [&](durable::Context& ctx) {
    const std::string copy = local;
    return ctx.step("work", [&] { return copy.size(); });
  });
  sim.start("work");
  sim.run_for(0s);
  if (cleanly) sim.finish();
}

TEST(ScenarioThatLeavesEarly, IsAFindingWhereAnInvocationIsStillRunning) {
  const FaultModel delays = FaultModel::none().with({Fault::answer_delayed});
  for (int repeated = 0; repeated < 2; ++repeated) {
    const Verification result =
        durasim::verify([](Simulation& sim) { leaves_early(sim, false); }, {.faults = delays});
    ASSERT_EQ(result.verdict, Verdict::refuted) << result;
    EXPECT_EQ(result.counterexample_faults, 1U);
    EXPECT_EQ(result.findings.front().oracle, Oracle::hygiene);
    EXPECT_EQ(result.findings.front().what,
              "the scenario returned while invocation 1 of execution 1 was running");
    EXPECT_THAT(result.findings.front().remedy, HasSubstr("Simulation::finish"));
    EXPECT_EQ(durasim::verify(sound).verdict, Verdict::holds);  // what was left behind does no harm
  }
}

TEST(ScenarioThatLeavesEarly, MayFinishWhatStillRuns) {
  const Verification result = durasim::verify([](Simulation& sim) { leaves_early(sim, true); },
                                              {.max_faults = 2, .faults = FaultModel::hostile()});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

TEST(ScenarioThatLeavesEarly, IsFirstOfAllToldWhyItLeft) {
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        leaves_early(sim, false);
        throw std::runtime_error("gave up");
      },
      {.faults = FaultModel::none().with({Fault::answer_delayed})});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front().what, HasSubstr("gave up"));
}

TEST(ScenarioWithHiddenState, IsToldThatASecondRunFoundNothing) {
  static int crashes = 0;
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        const auto run = (sim.function("work", &work), sim.run("work"));
        if (run.invocations() > 1 && ++crashes == 1) throw std::runtime_error("only once");
      },
      {.faults = FaultModel::crashes()});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front().what,
              HasSubstr("only once (a second run of the same schedule found nothing: the scenario "
                        "or the handler keeps "
                        "state between runs)"));
}

TEST(ScenarioWithHiddenState, IsToldThatASecondRunFoundSomethingElse) {
  static int crashes = 0;
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        sim.function("work", &work);
        if (sim.run("work").invocations() == 1) return;
        sim.effects().exactly(++crashes == 1 ? 1 : 0, "charge");
        if (crashes > 1) throw std::runtime_error("another matter");
      },
      {.faults = FaultModel::crashes()});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.findings.front().oracle, Oracle::effects);
  EXPECT_THAT(result.findings.front().what,
              HasSubstr("(a second run of the same schedule found something else"));
}

TEST(ScenarioWithDeclaredEffects, IsJudgedAtTheEndOfEachRun) {
  const Verification result = durasim::verify([](Simulation& sim) {
    sim.effects().exactly(1, "mail");
    sound(sim);
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.findings.front().oracle, Oracle::effects);
  EXPECT_THAT(result.findings.front().what,
              HasSubstr("\"mail\" took effect 0 times by the end of the run"));
}

}  // namespace scenario_test
