#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Functions that are not durable, run by chained invokes.
namespace sim_plain_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::ExecutionStatus;
using durasim::Simulation;
using testing::ElementsAre;
using testing::HasSubstr;

std::string pay(Context& ctx) {
  try {
    return ctx.invoke<std::string>("payment", "charge", std::string("order-1"));
  } catch (const durable::InvokeError& error) {
    return error.error_type() + ": " + error.error_message();
  }
}

void publish(Simulation& sim) {
  sim.function("pay", pay);
  sim.plain_function("charge", [&sim](const std::string& order) {
    sim.effects().record("charge", order);
    return "charged " + order;
  });
}

TEST(PlainFunctions, HaveAnExecutionOfTheirOwn) {
  Simulation sim;
  durasim::Trace trace = durasim::Trace::of(2);
  sim.watch(trace);
  publish(sim);
  EXPECT_THAT(sim.run("pay"), durasim::SucceededWith("charged order-1"));
  ASSERT_EQ(sim.executions(), 2U);
  const auto charge = sim.result({2});
  EXPECT_EQ(charge.execution().function, "charge");
  EXPECT_THAT(charge, durasim::SucceededWith("charged order-1"));
  EXPECT_EQ(charge.invocations(), 1U);
  EXPECT_THAT(
      sim.timeline().of({2}).lines(),
      ElementsAre("+0s execution-2 ExecutionStarted", "+0s execution-2 Effect charge order-1",
                  "+0s execution-2 InvocationCompleted", "+0s execution-2 ExecutionSucceeded"));
  EXPECT_THAT(trace.text(), HasSubstr("body_started - \"charge\" 1 1"));
  EXPECT_THROW(sim.run("charge"), std::invalid_argument);
}

// [plain]
TEST(PlainFunctions, RunAgainWhenTheyAreInterrupted) {
  struct Case {
    const char* fault;
    std::size_t charges;
    durable::Duration elapsed;
  };
  for (const Case& one : {Case{"at execution 2: crash_before_body", 1, 0s},
                          Case{"at execution 2: crash_at_effect", 1, 0s},
                          Case{"at execution 2: crash_after_body", 2, 0s},
                          Case{"at execution 2: body_outlives_invocation", 2, 15min},
                          Case{"at invocation 1 in execution 2: crash_before_response", 2, 0s},
                          Case{"at invocation 1 in execution 2: response_lost", 2, 15min},
                          Case{"at invocation 1 in execution 2: redelivery_after_end", 2, 0s}}) {
    Simulation sim;
    publish(sim);
    sim.script(one.fault);
    const auto run = sim.run("pay");
    EXPECT_THAT(run, durasim::SucceededWith("charged order-1")) << one.fault;
    EXPECT_EQ(sim.effects().count("charge"), one.charges) << one.fault;
    EXPECT_EQ(run.elapsed(), one.elapsed) << one.fault;
  }
}
// [/plain]

TEST(PlainFunctions, AreGivenUpAsTheServiceGivesUpInvocations) {
  Simulation sim({.service = durasim::ServiceConfig::emulator()});
  publish(sim);
  sim.script(R"(
    at execution 2: crash_after_body
    at execution 2, time 2: crash_after_body
    at execution 2, time 3: crash_after_body
    at execution 2, time 4: crash_after_body
    at execution 2, time 5: crash_after_body
  )");
  const auto run = sim.run("pay");
  EXPECT_THAT(run, durasim::SucceededWith("Runtime.ExitError: the sandbox died"));
  EXPECT_EQ(run.elapsed(), 20s);
  EXPECT_EQ(sim.result({2}).status(), ExecutionStatus::failed);
  EXPECT_EQ(sim.effects().count("charge"), 5U);
}

TEST(PlainFunctions, FailWithWhatTheyThrowAndAreNotRunAgain) {
  Simulation sim;
  sim.function("pay", pay);
  int runs = 0;
  sim.plain_function("charge", [&runs](const std::string&) -> int {
    ++runs;
    throw std::runtime_error("no funds");
  });
  EXPECT_THAT(sim.run("pay"), durasim::SucceededWith("std::runtime_error: no funds"));
  EXPECT_EQ(runs, 1);
}

TEST(PlainFunctions, FailOnAPayloadThatTheyCannotRead) {
  Simulation sim;
  sim.function("pay", pay);
  sim.plain_function("charge", [](const int& cents) { return cents; });
  EXPECT_THAT(std::string(sim.run("pay").result()), HasSubstr("SerDesError: "));
}

TEST(PlainFunctions, FailOnAResultThatIsTooLargeForAResponse) {
  Simulation sim;
  sim.function("pay", pay);
  sim.plain_function("charge", [] { return std::string(6 * 1024 * 1024, 'x'); });
  EXPECT_THAT(std::string(sim.run("pay").result()), HasSubstr("Function.ResponseSizeTooLarge: "));
}

TEST(PlainFunctions, KeepTheirStateInAWarmSandboxOnly) {
  const auto third_result = [](const char* faults) {
    Simulation sim;
    sim.function("twice", [](Context& ctx) {
      ctx.invoke("first", "count", nullptr);
      return ctx.invoke<int>("second", "count", nullptr);
    });
    sim.plain_function("count", [calls = 0]() mutable { return ++calls; });
    sim.script(faults);
    return sim.run("twice").value<int>();
  };
  EXPECT_EQ(third_result(""), 2);
  EXPECT_EQ(third_result("at execution 2: crash_after_body"), 2);
}

TEST(PlainFunctions, CannotSwallowTheirOwnCrash) {
  Simulation sim;
  sim.function("pay", pay);
  sim.plain_function("charge", [&sim](const std::string& order) {
    try {
      sim.effects().record("charge", order);
    } catch (...) {
      return std::string("swallowed");
    }
    return std::string("charged");
  });
  sim.script("at execution 2: crash_at_effect");
  EXPECT_THAT(sim.run("pay"), durasim::SucceededWith("charged"));
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_EQ(sim.findings().all()[0].oracle, durasim::Oracle::hygiene);
}

TEST(PlainFunctions, AreNoSteps) {
  Simulation sim({.unreached = durasim::Unreached::warns});
  publish(sim);
  sim.on_step("charge").returns("scripted");
  EXPECT_THAT(sim.run("pay"), durasim::SucceededWith("charged order-1"));
  EXPECT_THAT(sim.unreached(), ElementsAre(HasSubstr("on_step(\"charge\") was not reached")));
}

TEST(PlainFunctions, AreFoundToChargeTwice) {
  const auto scenario = [](Simulation& sim) {
    publish(sim);
    sim.effects().at_most(1, "charge");
    sim.run("pay");
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 1, .name = "plain charge"});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted);
  EXPECT_EQ(verification.findings[0].oracle, durasim::Oracle::effects);
  EXPECT_EQ(verification.findings[0].operation, "charge");
  EXPECT_THAT(verification.findings[0].remedy, HasSubstr("send a key in the payload"));
  EXPECT_THAT(verification.report(), HasSubstr("plain function \"charge\" returns"));
}

/// Its result depends on how often it ran, which is no fault of the handler that invokes it.
TEST(PlainFunctions, MayReturnSomethingElseWhenTheyRunAgain) {
  const auto scenario = [](Simulation& sim) {
    int& runs = sim.make<int>(0);
    sim.function("pay", [](Context& ctx) {
      return ctx.invoke<int>("payment", "charge", nullptr) + ctx.step("one", [] { return 1; });
    });
    sim.plain_function("charge", [&runs] { return ++runs; });
    EXPECT_GE(sim.run("pay").value<int>(), 2);
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "counting"}), durasim::Holds());
}

/// Three deep: two durable functions above a plain one.
TEST(PlainFunctions, HoldAtTheEndOfAChainUnderEveryPairOfFaults) {
  const auto scenario = [](Simulation& sim) {
    sim.function("order", [](Context& ctx) {
      const int paid = ctx.invoke<int>("bill", "bill", std::string("order-1"));
      return paid + ctx.invoke<int>("tip", "charge", std::string("tip"));
    });
    sim.function("bill", [&sim](Context& ctx, const std::string& order) {
      ctx.step("note", [&] { sim.effects().apply("note", order, 1); });
      return ctx.invoke<int>("charge", "charge", order);
    });
    sim.plain_function("charge", [&sim](const std::string& key) {
      return sim.effects().apply("charge", key, 20);
    });
    sim.effects().exactly(1, "note");
    sim.effects().exactly(2, "charge");
    EXPECT_THAT(sim.run("order"), durasim::SucceededWith(40));
    EXPECT_EQ(sim.executions(), 4U);
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "chain of three"}),
              durasim::Holds());
}

}  // namespace sim_plain_test
