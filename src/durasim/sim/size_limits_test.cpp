#include <chrono>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// Each limit of docs/reference/protocol.md#limits on what is recorded: met, and passed by one byte.
namespace sim_size_limits_test {

using durable::Context;
using durasim::Simulation;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t kLimit = durable::kPayloadLimitBytes;

/// A text whose JSON has that many bytes.
std::string json_of(std::size_t bytes) { return std::string(bytes - 2, 'x'); }

template <class Handler>
durasim::ExecutionResult run(Handler handler) {
  Simulation sim;
  sim.function("large", handler);
  sim.function("ship", [](Context&, const std::string& what) { return what.size(); });
  return sim.run("large");
}

/// The execution has failed because the service took no more than the limit.
void expect_refused(const durasim::ExecutionResult& run, const std::string& call) {
  EXPECT_EQ(run.status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(run.error().type, "InvalidParameterValueException");
  EXPECT_THAT(run.error().message, AllOf(HasSubstr(call), HasSubstr("size_limits_test.cpp:"),
                                         HasSubstr("the limit is 262144")));
}

TEST(SizeLimit, OfAStepsResultIsTheLimitOfAPayload) {
  const auto of = [](std::size_t bytes) {
    return run(
        [=](Context& ctx) { return ctx.step("load", [=] { return json_of(bytes); }).size(); });
  };
  EXPECT_THAT(of(kLimit), durasim::SucceededWith(kLimit - 2));
  expect_refused(of(kLimit + 1), "\"load\" (operation 1)");
}

TEST(SizeLimit, OfAChildContextDecidesWhetherItsResultIsRecordedOrMadeAgain) {
  const auto of = [](std::size_t bytes) {
    return run([=](Context& ctx) {
      return ctx
          .run_in_child_context("load",
                                [=](Context& child) {
                                  child.step("look", [] {});
                                  return json_of(bytes);
                                })
          .size();
    });
  };
  const auto recorded = of(kLimit);
  EXPECT_THAT(recorded, durasim::SucceededWith(kLimit - 2));
  EXPECT_EQ(recorded.operations().at(0).result.view().size(), kLimit);
  EXPECT_FALSE(recorded.operations().at(0).replay_children);
  const auto made_again = of(kLimit + 1);
  EXPECT_THAT(made_again, durasim::SucceededWith(kLimit - 1));
  EXPECT_EQ(made_again.operations().at(0).result.view(), "");
  EXPECT_TRUE(made_again.operations().at(0).replay_children);
}

TEST(SizeLimit, OfARetriedBodyIsThatOfAChildContext) {
  const auto run_it = run([](Context& ctx) {
    return ctx.with_retry("load", [](Context&) { return json_of(kLimit + 1); }).size();
  });
  EXPECT_THAT(run_it, durasim::SucceededWith(kLimit - 1));
  EXPECT_TRUE(run_it.operations().at(0).replay_children);
}

TEST(SizeLimit, OfAnInvokeIsThatOfItsPayload) {
  const auto of = [](std::size_t bytes) {
    return run(
        [=](Context& ctx) { return ctx.invoke<std::size_t>("ship", "ship:1", json_of(bytes)); });
  };
  EXPECT_THAT(of(kLimit), durasim::SucceededWith(kLimit - 2));
  expect_refused(of(kLimit + 1), "\"ship\" (operation 1)");
}

TEST(SizeLimit, OfAConditionIsThatOfItsState) {
  const auto of = [](std::size_t bytes) {
    return run([=](Context& ctx) {
      return ctx
          .wait_for_condition(
              "grow", std::string(),
              [=](const std::string& state) { return json_of(state.empty() ? 3 : bytes); },
              {.continue_while = [](const std::string& s) { return s.size() < 9; }})
          .size();
    });
  };
  EXPECT_THAT(of(kLimit), durasim::SucceededWith(kLimit - 2));
  expect_refused(of(kLimit + 1), "\"grow\" (operation 1)");
}

TEST(SizeLimit, OfACallbackIsThatOfWhatIsSent) {
  Simulation sim;
  sim.function("ask", [](Context& ctx) { return ctx.create_callback("approval").get().size(); });
  const auto execution = sim.start("ask");
  sim.run_until_suspended(execution);
  const std::string id = sim.callback_id(execution, "approval");
  const auto refused = sim.succeed_callback(id, std::string(kLimit + 1, 'x'));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "InvalidParameterValueException");
  EXPECT_FALSE(sim.succeed_callback(id, std::string(kLimit, 'x')));
  sim.run_until_idle();
  EXPECT_THAT(sim.result(execution), durasim::SucceededWith(kLimit));
}

TEST(SizeLimit, OfAWaitForCallbackIsThatOfAChildContext) {
  Simulation sim;
  sim.on_callback("approval").succeed(std::string(kLimit, 'x'));
  sim.function("ask", [](Context& ctx) {
    const auto sent = ctx.wait_for_callback("approval", [](const std::string&) {});
    ctx.wait("rest", std::chrono::hours(1));
    return sent.size();
  });
  const auto asked = sim.run("ask");
  EXPECT_THAT(asked, durasim::SucceededWith(kLimit));
  EXPECT_TRUE(asked.operations().at(0).replay_children);  // as JSON it is longer
}

TEST(SizeLimit, OfAHandlersResultIsSixMebibytesBeyondTheResponseByACheckpoint) {
  constexpr std::size_t kLargest = 6 * 1024 * 1024;
  const auto of = [](std::size_t bytes) { return run([=](Context&) { return json_of(bytes); }); };
  for (const std::size_t bytes :
       {durable::kResponseLimitBytes, durable::kResponseLimitBytes + 1, kLargest}) {
    const auto taken = of(bytes);
    EXPECT_TRUE(taken.succeeded()) << bytes;
    EXPECT_EQ(taken.result().size(), bytes);
  }
  const auto refused = of(kLargest + 1);
  EXPECT_EQ(refused.status(), durable::ExecutionStatus::failed);
  EXPECT_EQ(refused.error().type, "InvalidParameterValueException");
  EXPECT_THAT(refused.error().message, HasSubstr("the handler's result"));
}

TEST(SizeLimit, OfAnErrorIsThatOfItsJson) {
  const std::size_t overhead =
      std::string(R"({"ErrorMessage":"","ErrorType":"std::runtime_error"})").size();
  const auto of = [=](std::size_t bytes) {
    return run([=](Context& ctx) {
      try {
        ctx.step("load", [=] { throw std::runtime_error(std::string(bytes - overhead, 'x')); },
                 {.retry = durable::retry::none()});
      } catch (const durable::StepError& error) {
        return error.error_message().size();
      }
      return std::size_t{0};
    });
  };
  constexpr std::size_t kErrorLimit = durable::kErrorLimitBytes;
  EXPECT_THAT(of(kErrorLimit), durasim::SucceededWith(kErrorLimit - overhead));
  const auto refused = of(kErrorLimit + 1);
  EXPECT_EQ(refused.error().type, "InvalidParameterValueException");
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("\"load\" (operation 1)"), HasSubstr("size_limits_test.cpp:"),
                    HasSubstr("shorten the message of what was thrown")));
}

}  // namespace sim_size_limits_test
