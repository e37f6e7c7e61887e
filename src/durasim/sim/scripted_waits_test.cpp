#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Simulation::on_callback for the callbacks of wait_for_callback, which go by its name: what each verb
/// does to the result and to the history.
namespace scripted_waits_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Decision {
  bool approved = false;
  std::string by;
  DURABLE_JSON(Decision, approved, by)
};

const durable::WaitForCallbackConfig kTenDays{.timeout = 240h};

/// What came of asking.
template <class Ask>
std::string told(Ask ask) {
  try {
    const Decision decision = ask();
    return decision.by + (decision.approved ? " agrees" : " refuses");
  } catch (const durable::CallbackError& error) {
    return error.code() + " " + error.error_type() + ": " + error.error_message();
  }
}

void publish(Simulation& sim, const durable::WaitForCallbackConfig& config = kTenDays) {
  sim.function("ask", [&sim, config](Context& ctx) {
    return told([&] {
      return ctx.wait_for_callback<Decision>(
          "approval", [&](const std::string& id) { sim.effects().record("mail", id); }, config);
    });
  });
}

std::vector<std::string> callback_events(const Simulation& sim) {
  return sim.timeline()
      .only({"CallbackStarted", "CallbackSucceeded", "CallbackFailed", "CallbackTimedOut"})
      .lines();
}

/// The recorded end of the callback, which is operation 1.1.
const durable::Operation& callback_of(const durasim::ExecutionResult& run) {
  for (const durable::Operation& operation : run.operations()) {
    if (operation.type == durable::OperationType::callback) return operation;
  }
  throw std::logic_error("there is no callback");
}

TEST(ScriptedWaits, SucceedWithTheJsonOfTheValue) {
  Simulation sim;
  publish(sim);
  sim.on_callback("approval").after(9 * 24h).succeed(Decision{true, "Ada"});
  const auto run = sim.run("ask");
  EXPECT_THAT(run, durasim::SucceededWith("Ada agrees"));
  EXPECT_EQ(run.elapsed(), 9 * 24h);
  EXPECT_EQ(callback_of(run).result.view(), R"({"approved":true,"by":"Ada"})");
  EXPECT_THAT(callback_events(sim),
              ElementsAre("+0s execution-1 CallbackStarted approval",
                          "+9d 00h 00m 00s execution-1 CallbackSucceeded approval"));
}

TEST(ScriptedWaits, SucceedWithTheTextAsItIs) {
  Simulation sim;
  publish(sim);
  sim.on_callback("approval").succeed(R"({"approved": false, "by": "Bob"})");
  EXPECT_THAT(sim.run("ask"), durasim::SucceededWith("Bob refuses"));
}

TEST(ScriptedWaits, FailTheContextWhereTheTextIsNoSuchValue) {
  Simulation sim;
  publish(sim);
  sim.on_callback("approval").succeed("yes");
  const auto run = sim.run("ask");
  EXPECT_EQ(run.status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(run.error().type, "ChildContextError");
  EXPECT_THAT(run.error().message, HasSubstr("approval"));
  EXPECT_THAT(callback_of(run).result.view(), "yes");
}

TEST(ScriptedWaits, FailWithWhatTheOutsideSays) {
  Simulation sim;
  publish(sim);
  sim.on_callback("approval")
      .after(1h)
      .fail({.type = "Rejected",
             .message = "too dear",
             .data = "42",
             .stack_trace = {"desk", "chief"}});
  const auto run = sim.run("ask");
  EXPECT_THAT(run, durasim::SucceededWith("CallbackExternalError Rejected: too dear"));
  EXPECT_EQ(callback_of(run).error->data, "42");
  EXPECT_THAT(callback_of(run).error->stack_trace, ElementsAre("desk", "chief"));
  EXPECT_THAT(callback_events(sim),
              ElementsAre(testing::_, "+1h 00m 00s execution-1 CallbackFailed approval"));
}

TEST(ScriptedWaits, LiveAsLongAsTheirHeartbeats) {
  Simulation sim;
  publish(sim, {.heartbeat_timeout = 15s});
  sim.on_callback("approval").heartbeat_every(10s).after(1h).succeed(Decision{true, "Ada"});
  const auto run = sim.run("ask");
  EXPECT_THAT(run, durasim::SucceededWith("Ada agrees"));
  EXPECT_EQ(run.elapsed(), 1h);
  EXPECT_THAT(run, durasim::Ran(2));  // heartbeats wake nobody and are not recorded
  EXPECT_EQ(callback_events(sim).size(), 2U);
}

TEST(ScriptedWaits, TimeOutWithoutHeartbeats) {
  Simulation sim;
  publish(sim, {.heartbeat_timeout = 15s});
  sim.on_callback("approval").never();
  const auto run = sim.run("ask");
  EXPECT_THAT(std::string(run.result()), HasSubstr("CallbackTimeoutError Callback.Heartbeat: "));
  EXPECT_EQ(run.elapsed(), 15s);
}

TEST(ScriptedWaits, TimeOutWhenNobodyEverAnswers) {
  Simulation sim;
  publish(sim);
  sim.on_callback("approval").never();
  const auto run = sim.run("ask");
  EXPECT_THAT(std::string(run.result()), HasSubstr("CallbackTimeoutError Callback.Timeout: "));
  EXPECT_EQ(run.elapsed(), 240h);
  EXPECT_THAT(callback_events(sim),
              ElementsAre(testing::_, "+10d 00h 00m 00s execution-1 CallbackTimedOut approval"));
}

TEST(ScriptedWaits, TakeTheFirstOfTwoAnswers) {
  Simulation sim;
  publish(sim);
  const auto approval =
      sim.on_callback("approval").after(1h).succeed(Decision{true, "Ada"}).twice();
  EXPECT_THAT(sim.run("ask"), durasim::SucceededWith("Ada agrees"));
  ASSERT_EQ(approval.refusals().size(), 1U);
  EXPECT_EQ(approval.refusals()[0].code, "CallbackTimeoutException");
  EXPECT_EQ(callback_events(sim).size(), 2U);
}

TEST(ScriptedWaits, DoNotHearAnAnswerThatIsLate) {
  Simulation sim;
  publish(sim);
  const auto approval = sim.on_callback("approval").late().after(1h).succeed(Decision{true, "Ada"});
  const auto start = sim.now();
  EXPECT_THAT(std::string(sim.run("ask").result()), HasSubstr("Callback.Timeout"));
  EXPECT_EQ(sim.now() - start, 241h);
  EXPECT_EQ(approval.refusals().size(), 1U);
  EXPECT_EQ(callback_events(sim).size(), 2U);
}

TEST(ScriptedWaits, AreToldApartByNumberAndByPredicate) {
  Simulation sim;
  sim.function("ask", [](Context& ctx) {
    std::string names;
    for (const char* const name : {"approval", "approval", "second opinion"}) {
      names += ctx.wait_for_callback(name, [](const std::string&) {}, kTenDays);
    }
    return names;
  });
  sim.on_callback("approval").succeed("A");
  sim.on_callback("approval", 2).succeed("B");
  sim.on_callback(
         [](const durable::Operation& callback) { return callback.path.parent().number() == 3; })
      .succeed("C");
  EXPECT_THAT(sim.run("ask"), durasim::SucceededWith("ABC"));
}

TEST(ScriptedWaits, HaveASubmitterThatGoesByTheirName) {
  Simulation sim;
  publish(sim);
  sim.on_step("approval").fail_times(1, "MailError", "mailbox full");
  sim.on_callback("approval").after(1h).succeed(Decision{true, "Ada"});
  EXPECT_THAT(sim.run("ask"), durasim::SucceededWith("Ada agrees"));
  EXPECT_EQ(sim.effects().count("mail"), 1U);
}

TEST(ScriptedWaits, FailWithASubmitterThatFails) {
  Simulation sim;
  publish(sim);
  sim.on_step("approval").throws("MailError", "mailbox full");
  sim.on_callback("approval").never();
  EXPECT_THAT(sim.run("ask"),
              durasim::SucceededWith("CallbackSubmitterError MailError: mailbox full"));
}

TEST(ScriptedWaits, HoldUnderEveryPairOfFaults) {
  const auto scenario = [](Simulation& sim) {
    publish(sim);
    const auto approval =
        sim.on_callback("approval").after(1h).succeed(Decision{true, "Ada"}).twice();
    EXPECT_THAT(sim.run("ask"), durasim::SucceededWith("Ada agrees"));
    EXPECT_EQ(approval.refusals().size(), 1U);
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .name = "scripted wait"}),
              durasim::Holds());
}

/// As an execution ends, so do the callbacks that it left open.
TEST(CallbacksByHand, OfAnExecutionThatIsOverAreRefused) {
  Simulation sim;
  sim.function("forget", [](Context& ctx) { return ctx.create_callback("unheard").id(); });
  const auto run = sim.run("forget");
  const auto id = run.value<std::string>();
  for (const auto& refusal : {sim.succeed_callback(id, 1), sim.fail_callback(id, "Late", ""),
                              sim.heartbeat_callback(id)}) {
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->http_status, 400);
    EXPECT_EQ(refusal->code, "CallbackTimeoutException");
    EXPECT_EQ(refusal->message, "The execution of the callback has ended: it is SUCCEEDED.");
  }
  EXPECT_EQ(sim.result({1}).history().size(), run.history().size());
}

TEST(CallbacksByHand, ThatNobodyHasMadeAreRefused) {
  Simulation sim;
  const auto refusal = sim.heartbeat_callback("bm8=");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->http_status, 404);
  EXPECT_EQ(refusal->code, "ResourceNotFoundException");
  EXPECT_EQ(refusal->message, "There is no callback with the id \"bm8=\".");
}

TEST(CallbacksByHand, MayFailWithDataAndStack) {
  Simulation sim;
  publish(sim);
  const auto execution = sim.start("ask");
  sim.run_until_suspended(execution);
  const std::string id = sim.callback_id(execution, "approval");
  EXPECT_FALSE(sim.fail_callback(id, {.type = "Rejected", .message = "no", .data = "7"}));
  sim.run_until_idle();
  EXPECT_EQ(callback_of(sim.result(execution)).error->data, "7");
}

}  // namespace scripted_waits_test
