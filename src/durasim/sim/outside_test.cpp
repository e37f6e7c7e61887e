#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durable/callback.hpp>
#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Simulations whose outside answers callbacks, by script and by hand.
namespace sim_outside_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Waits ten days for an approval.
std::string approve(Context& ctx) {
  auto approval = ctx.create_callback("approval", {.timeout = 240h});
  try {
    return approval.get();
  } catch (const durable::CallbackTimeoutError&) {
    return "timed out";
  } catch (const durable::CallbackExternalError& error) {
    return "failed: " + error.error_type() + ": " + error.error_message();
  }
}

// [callback]
TEST(ScriptedCallbacks, AreAnsweredAtTheirTime) {
  Simulation sim;
  sim.function("approve", approve);
  sim.on_callback("approval").after(9 * 24h).succeed("yes");
  const auto run = sim.run("approve");
  EXPECT_THAT(run, durasim::SucceededWith("yes"));
  EXPECT_EQ(run.elapsed(), 9 * 24h);
}
// [/callback]

TEST(ScriptedCallbacks, Fail) {
  Simulation sim;
  sim.function("approve", approve);
  sim.on_callback("approval").fail("Rejected", "too expensive");
  EXPECT_THAT(sim.run("approve"), durasim::SucceededWith("failed: Rejected: too expensive"));
}

TEST(ScriptedCallbacks, ThatAreNeverAnsweredTimeOut) {
  Simulation sim;
  sim.function("approve", approve);
  sim.on_callback("approval").never();
  const auto run = sim.run("approve");
  EXPECT_THAT(run, durasim::SucceededWith("timed out"));
  EXPECT_EQ(run.elapsed(), 240h);
}

TEST(ScriptedCallbacks, ThatAreAnsweredTwiceTakeTheFirstAnswer) {
  Simulation sim;
  sim.function("approve", approve);
  const auto approval = sim.on_callback("approval").succeed("yes").twice();
  EXPECT_THAT(sim.run("approve"), durasim::SucceededWith("yes"));
  ASSERT_EQ(approval.refusals().size(), 1U);
  EXPECT_EQ(approval.refusals()[0].code, "CallbackTimeoutException");
  EXPECT_EQ(approval.refusals()[0].http_status, 400);
}

TEST(ScriptedCallbacks, ThatAreAnsweredTooLateHaveTimedOut) {
  Simulation sim;
  sim.function("approve", approve);
  const auto approval = sim.on_callback("approval").late().succeed("yes");
  const auto start = sim.now();
  EXPECT_THAT(sim.run("approve"), durasim::SucceededWith("timed out"));
  EXPECT_EQ(approval.refusals().size(), 1U);
  EXPECT_EQ(sim.now() - start, 240h + 1s);
}

std::string beat(Context& ctx) {
  auto answer = ctx.create_callback("work", {.heartbeat_timeout = 15s});
  try {
    return answer.get();
  } catch (const durable::CallbackTimeoutError& error) {
    return error.error_type();
  }
}

TEST(ScriptedCallbacks, AreKeptAliveByHeartbeats) {
  Simulation sim;
  sim.function("beat", beat);
  sim.on_callback("work").heartbeat_every(10s).after(1min).succeed("done");
  EXPECT_THAT(sim.run("beat"), durasim::SucceededWith("done"));
}

TEST(ScriptedCallbacks, DieOfHeartbeatsThatAreTooRare) {
  Simulation sim({.unreached = durasim::Unreached::warns});
  sim.function("beat", beat);
  sim.on_callback("work").heartbeat_every(20s);
  const auto run = sim.run("beat");
  EXPECT_THAT(run, durasim::SucceededWith("Callback.Heartbeat"));
  EXPECT_EQ(run.elapsed(), 15s);
}

TEST(ScriptedCallbacks, AreToldApartByNumberAndByPredicate) {
  Simulation sim;
  sim.function("both", [](Context& ctx) {
    auto first = ctx.create_callback<int>("part");
    auto second = ctx.create_callback<int>("part");
    auto third = ctx.create_callback<int>("rest");
    return first.get() + second.get() + third.get();
  });
  sim.on_callback("part").succeed(1);
  sim.on_callback("part", 2).succeed(10);
  sim.on_callback([](const durable::Operation& callback) { return callback.path.number() == 3; })
      .succeed(100);
  EXPECT_THAT(sim.run("both"), durasim::SucceededWith(111));
}

TEST(ScriptedCallbacks, HoldUnderEveryFault) {
  const auto scenario = [](Simulation& sim) {
    sim.function("approve", approve);
    const auto approval = sim.on_callback("approval").after(1h).succeed("yes").twice();
    EXPECT_THAT(sim.run("approve"), durasim::SucceededWith("yes"));
    EXPECT_EQ(approval.refusals().size(), 1U);
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "approval"}), durasim::Holds());
}

TEST(ScriptedCallbacks, FailTheTestWhereNoneOfTheNameIsCreated) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        sim.function("approve", approve);
        sim.on_callback("aproval").succeed("yes");
        sim.run("approve");
      },
      "on_callback(\"aproval\") was not reached: the run has made \"approval\"");
}

TEST(ScriptedCallbacks, FailTheTestThatEndsBeforeTheirAnswer) {
  EXPECT_NONFATAL_FAILURE(
      {
        Simulation sim;
        sim.function("approve", approve);
        sim.on_callback("approval").after(24h).succeed("yes");
        sim.start("approve");
        sim.run_for(1h);
      },
      "the simulation has not come there; it ended at +1h 00m 00s");
}

TEST(ScriptedCallbacks, RefuseTimesThatCannotBe) {
  Simulation sim;
  sim.function("approve", approve);
  const auto approval = sim.on_callback("approval");
  EXPECT_THROW(approval.after(-1s), std::invalid_argument);
  EXPECT_THROW(approval.heartbeat_every(0s), std::invalid_argument);
  approval.succeed("yes");
  sim.run("approve");
}

TEST(CallbacksByHand, AreCompletedByTheirId) {
  Simulation sim;
  sim.function("approve", approve);
  const auto execution = sim.start("approve");
  sim.run_until_suspended(execution);
  const std::string id = sim.callback_id(execution, "approval");
  EXPECT_FALSE(sim.heartbeat_callback(id));
  EXPECT_FALSE(sim.succeed_callback(id, "yes"));
  const auto refusal = sim.fail_callback(id, "Rejected", "");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "CallbackTimeoutException");
  EXPECT_EQ(sim.succeed_callback("bm8=", 1)->code, "ResourceNotFoundException");
  EXPECT_THAT(sim.run_until_suspended(execution), durasim::SucceededWith("yes"));
}

TEST(CallbacksByHand, AreCompletedAtATime) {
  Simulation sim;
  sim.function("approve", approve);
  const auto execution = sim.start("approve");
  sim.at(2h, [&] { sim.succeed_callback(sim.callback_id(execution, "approval"), "yes"); });
  sim.run_until_idle();
  const auto run = sim.result(execution);
  EXPECT_THAT(run, durasim::SucceededWith("yes"));
  EXPECT_EQ(run.elapsed(), 2h);
}

TEST(CallbacksByHand, AreNamedWhereTheyAreNotKnown) {
  Simulation sim;
  sim.function("approve", approve);
  const auto execution = sim.start("approve");
  sim.run_until_suspended(execution);
  try {
    sim.callback_id(execution, "aproval");
    FAIL() << "no error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("it has \"approval\""));
  }
}

TEST(SimulationStop, EndsAnExecution) {
  Simulation sim;
  sim.function("approve", approve);
  const auto execution = sim.start("approve");
  sim.run_until_suspended(execution);
  sim.stop(execution, "by the operator");
  sim.run_until_idle();
  const auto run = sim.result(execution);
  EXPECT_EQ(run.status(), durable::ExecutionStatus::stopped);
  EXPECT_EQ(run.error().message, "by the operator");
}

/// Pages of one operation, in every invocation of every schedule.
TEST(StatePages, ChangeNothingUnderAnyFault) {
  const auto scenario = [](Simulation& sim) {
    sim.function("steps", [](Context& ctx) {
      int sum = 0;
      for (int i = 1; i <= 3; ++i) sum += ctx.step("part", [i] { return i; });
      ctx.wait("pause", 60s);
      return sum + ctx.step("last", [] { return 10; });
    });
    EXPECT_THAT(sim.run("steps"), durasim::SucceededWith(16));
  };
  durasim::VerifyOptions options{.max_faults = 1, .name = "pages"};
  options.simulation.service.state_page_size = 1;
  EXPECT_THAT(durasim::verify(scenario, options), durasim::Holds());
}

TEST(ResultTable, HasRoomForTheTypesOfOperations) {
  Simulation sim;
  sim.function("approve", approve);
  sim.on_callback("approval").succeed("yes");
  EXPECT_THAT(sim.run("approve").table(), HasSubstr("  1      CALLBACK approval  "));
}

TEST(Timeline, NamesTheCallbacks) {
  Simulation sim;
  sim.function("approve", approve);
  sim.on_callback("approval").after(60s).succeed("yes");
  sim.run("approve");
  EXPECT_THAT(sim.timeline().only({"CallbackStarted", "CallbackSucceeded"}).lines(),
              ElementsAre("+0s execution-1 CallbackStarted approval",
                          "+60s execution-1 CallbackSucceeded approval"));
}

}  // namespace sim_outside_test
