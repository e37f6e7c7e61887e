#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

/// How far a simulation goes on at one call: run_until_suspended, step_invocation, run_until_idle.
namespace driving_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::ExecutionStatus;
using durable::OperationStatus;
using durable::StepContext;
using durasim::Fault;
using durasim::Simulation;
using durasim::SimulationOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using Outcome = durasim::InvocationResult::Outcome;

const durasim::Timestamp kStart = SimulationOptions().start;

/// Takes one kind of fault where it is offered first.
class FirstOffered final : public durasim::Chooser {
 public:
  explicit FirstOffered(Fault fault) : fault_(fault) {}
  std::size_t choose(const durasim::Site&, std::span<const Fault> menu) override {
    for (std::size_t i = 1; i < menu.size() && !injected; ++i) {
      if (menu[i] != fault_) continue;
      injected = true;
      return i;
    }
    return 0;
  }
  bool injected = false;

 private:
  Fault fault_;
};

SimulationOptions hostile() {
  SimulationOptions options;
  options.faults = durasim::FaultModel::hostile();
  return options;
}

void publish_fulfil(Simulation& sim) {
  sim.function("fulfil", [](Context& ctx) {
    const int payment = ctx.step("charge", [] { return 7; });
    ctx.wait("settle", 60s);
    ctx.step("receipt", [] {});
    return payment;
  });
}

std::vector<std::string> recorded(const durasim::InvocationResult& invocation) {
  std::vector<std::string> names;
  for (const auto& operation : invocation.operations)
    names.push_back(std::string(operation.name.view()) + " " +
                    std::string(to_string(operation.status)));
  return names;
}

TEST(RunUntilSuspended, StopsWhereTheExecutionSleepsAndLeavesTheClock) {
  Simulation sim;
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  const auto asleep = sim.run_until_suspended(order);
  EXPECT_EQ(asleep.status(), ExecutionStatus::running);
  EXPECT_EQ(asleep.wakes_at(), kStart + 60s);
  EXPECT_THAT(asleep, durasim::Ran(1));
  ASSERT_EQ(asleep.operations().size(), 2U);
  EXPECT_EQ(asleep.operations()[0].result.view(), "7");
  EXPECT_EQ(sim.now(), kStart);
}

TEST(RunUntilSuspended, ChangesNothingAboutAnExecutionThatSleepsOrIsOver) {
  Simulation sim;
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  sim.run_until_suspended(order);
  EXPECT_THAT(sim.run_until_suspended(order), durasim::Ran(1));
  sim.run_until_idle();
  const auto over = sim.run_until_suspended(order);
  EXPECT_THAT(over, durasim::SucceededWith(7));
  EXPECT_EQ(over.wakes_at(), std::nullopt);
  EXPECT_EQ(sim.now(), kStart + 60s);
}

TEST(RunUntilSuspended, LetsOthersDoWhatTheyCanDoNow) {
  Simulation sim;
  publish_fulfil(sim);
  const auto first = sim.start("fulfil");
  const auto second = sim.start("fulfil");
  sim.run_until_suspended(first);
  EXPECT_THAT(sim.result(second), durasim::Ran(1));
}

TEST(RunUntilSuspended, GoesOnAfterACrashUntilTheExecutionSleeps) {
  FirstOffered crash(Fault::crash_after_body);
  SimulationOptions options = hostile();
  options.service.retry_backoff = 5s;
  Simulation sim(options, crash);
  publish_fulfil(sim);
  const auto asleep = sim.run_until_suspended(sim.start("fulfil"));
  ASSERT_TRUE(crash.injected);
  EXPECT_THAT(asleep, durasim::Ran(2));
  EXPECT_EQ(sim.now(), kStart + 5s);
  EXPECT_EQ(asleep.wakes_at(), kStart + 65s);
}

TEST(RunUntilSuspended, MovesTheClockForWhatAnInvocationUnderWayWaitsFor) {
  for (const Fault fault : {Fault::answer_delayed, Fault::late_delivery, Fault::response_lost,
                            Fault::body_outlives_invocation, Fault::request_lost_for_good}) {
    FirstOffered chooser(fault);
    Simulation sim(hostile(), chooser);
    publish_fulfil(sim);
    const auto order = sim.start("fulfil");
    const auto asleep = sim.run_until_suspended(order);
    ASSERT_TRUE(chooser.injected);
    EXPECT_TRUE(asleep.wakes_at() || asleep.succeeded()) << to_string(fault) << "\n" << asleep;
    EXPECT_GT(sim.now(), kStart) << to_string(fault);
    sim.run_until_idle();
    EXPECT_THAT(sim.result(order), durasim::SucceededWith(7)) << to_string(fault);
  }
}

TEST(StepInvocation, TellsOfOneInvocationAfterAnother) {
  Simulation sim;
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");

  const auto first = sim.step_invocation(order);
  EXPECT_EQ(first.number, 1U);
  EXPECT_EQ(first.outcome, Outcome::suspended);
  EXPECT_THAT(recorded(first), ElementsAre("charge SUCCEEDED", "settle STARTED"));
  EXPECT_EQ(sim.now(), kStart);

  const auto second = sim.step_invocation(order);
  EXPECT_EQ(second.number, 2U);
  EXPECT_EQ(second.outcome, Outcome::succeeded);
  EXPECT_EQ(second.result.view(), "7");
  EXPECT_EQ(second.started_at, kStart + 60s);
  EXPECT_EQ(second.ended_at, kStart + 60s);
  EXPECT_THAT(recorded(second), ElementsAre("receipt SUCCEEDED"));
  EXPECT_EQ(testing::PrintToString(second),
            "invocation 2 of execution 1: SUCCEEDED after 0s with 7; recorded receipt SUCCEEDED");
}

TEST(StepInvocation, TellsWhyAnExecutionFails) {
  Simulation sim;
  sim.function("fail", [](Context&) { throw std::runtime_error("sold out"); });
  const auto invocation = sim.step_invocation(sim.start("fail"));
  EXPECT_EQ(invocation.outcome, Outcome::failed);
  ASSERT_TRUE(invocation.error);
  EXPECT_EQ(invocation.error->message, "sold out");
}

TEST(StepInvocation, TellsOfACrashAndOfWhatItLeaves) {
  FirstOffered crash(Fault::crash_after_applying);
  Simulation sim(hostile(), crash);
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  const auto crashed = sim.step_invocation(order);
  EXPECT_EQ(crashed.outcome, Outcome::crashed);
  EXPECT_THAT(recorded(crashed), ElementsAre("charge SUCCEEDED"));
  ASSERT_TRUE(crashed.error);
  EXPECT_EQ(crashed.error->type, "Runtime.ExitError");
  const auto next = sim.step_invocation(order);
  EXPECT_EQ(next.number, 2U);
  EXPECT_EQ(next.outcome, Outcome::suspended);
  EXPECT_THAT(recorded(next), ElementsAre("settle STARTED"));
}

TEST(StepInvocation, OneThatWasOvertakenSaysSo) {
  FirstOffered chooser(Fault::concurrent_delivery_older_first);
  Simulation sim(hostile(), chooser);
  publish_fulfil(sim);
  EXPECT_EQ(sim.step_invocation(sim.start("fulfil")).outcome, Outcome::overtaken);
}

TEST(StepInvocation, LetsOthersDoWhatComesBefore) {
  Simulation sim;
  sim.function("nap", [](Context& ctx, const int& seconds) {
    ctx.wait("nap", std::chrono::seconds(seconds));
  });
  const auto slow = sim.start("nap", 30);
  const auto quick = sim.start("nap", 10);
  const auto slowest = sim.start("nap", 40);
  sim.step_invocation(slow);
  EXPECT_EQ(sim.step_invocation(slow).outcome, Outcome::succeeded);
  EXPECT_EQ(sim.now(), kStart + 30s);
  EXPECT_THAT(sim.result(quick), durasim::Succeeded());
  EXPECT_THAT(sim.result(slowest), durasim::Ran(1));
}

TEST(StepInvocation, RefusesAnExecutionThatIsOver) {
  Simulation sim;
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  sim.run_until_idle();
  EXPECT_THAT([&] { sim.step_invocation(order); },
              testing::ThrowsMessage<std::logic_error>(
                  HasSubstr("execution 1 has no further invocation: it is over (SUCCEEDED)")));
}

TEST(StepInvocation, RefusesAnExecutionThatTimesOutInItsSleep) {
  SimulationOptions options;
  options.service.execution_timeout = 30s;
  Simulation sim(options);
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  sim.step_invocation(order);
  EXPECT_THAT([&] { sim.step_invocation(order); },
              testing::ThrowsMessage<std::logic_error>(HasSubstr("it is over (TIMED_OUT)")));
  EXPECT_EQ(sim.now(), kStart + 30s);
}

TEST(Driving, RefusesAHandleThatIsNotOfThisSimulation) {
  Simulation sim;
  publish_fulfil(sim);
  const auto complaint =
      testing::ThrowsMessage<std::invalid_argument>(HasSubstr("no execution 1: it has started 0"));
  EXPECT_THAT([&] { sim.run_until_suspended({1}); }, complaint);
  EXPECT_THAT([&] { sim.step_invocation({1}); }, complaint);
  EXPECT_THAT([&] { sim.result({1}); }, complaint);
  EXPECT_THROW(sim.result({}), std::invalid_argument);
}

/// A simulation with two executions, driven to its end in the test's own way.
std::string trace_driven_by(void (*drive)(Simulation&, durasim::ExecutionHandle)) {
  durasim::Trace trace;
  Simulation sim;
  sim.watch(trace);
  publish_fulfil(sim);
  sim.start("fulfil");
  const auto order = sim.start("fulfil");
  drive(sim, order);
  sim.run_until_idle();
  return trace.text();
}

TEST(Driving, DecidesOnlyWhereATestLooksInBetween) {
  const auto at_once = trace_driven_by([](Simulation&, durasim::ExecutionHandle) {});
  EXPECT_FALSE(at_once.empty());
  EXPECT_EQ(at_once, trace_driven_by([](Simulation& sim, durasim::ExecutionHandle order) {
              while (!sim.result(order).succeeded()) sim.step_invocation(order);
            }));
  EXPECT_EQ(at_once, trace_driven_by([](Simulation& sim, durasim::ExecutionHandle order) {
              sim.run_until_suspended(order);
              sim.run_for(59s);
              sim.run_for(1s);
            }));
}

TEST(Driving, AResultStaysAsItIs) {
  Simulation sim;
  publish_fulfil(sim);
  const auto order = sim.start("fulfil");
  const auto asleep = sim.run_until_suspended(order);
  sim.run_until_idle();
  EXPECT_EQ(asleep.status(), ExecutionStatus::running);
  EXPECT_EQ(asleep.operations().size(), 2U);
  EXPECT_EQ(asleep.elapsed(), 0s);
  EXPECT_THAT(asleep.table(), HasSubstr("RUNNING after 0s in 1 invocation"));
}

TEST(Driving, AnExecutionThatStillSleepsAtTheEndIsNoFinding) {
  Simulation sim;
  publish_fulfil(sim);
  sim.run_until_suspended(sim.start("fulfil"));
  sim.finish();
  EXPECT_TRUE(sim.findings().empty());
}

TEST(RunUntilIdle, EndsAtOnceWhereNothingWasStarted) {
  Simulation sim;
  sim.run_until_idle();
  EXPECT_EQ(sim.now(), kStart);
}

}  // namespace driving_test
