#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durable/sdk/testing.hpp"

namespace durable::step_test {

using fake::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

struct Payment {
  std::string confirmation;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Payment, confirmation)
};

/// Does not come back as it was: its recorded form has two decimals.
struct Rounded {
  double value = 0;
  friend void to_json(nlohmann::json& json, const Rounded& rounded) {
    json = fmt::format("{:.2f}", rounded.value);
  }
  friend void from_json(const nlohmann::json& json, Rounded& rounded) {
    rounded.value = std::stod(json.get<std::string>());
  }
};

TEST(StepFirstRun, SendsItsStartAndItsResultInOneRequest) {
  World world;
  const auto outcome = world.invoke(
      [](Context& ctx) { return ctx.step("charge", [] { return Payment{"c-1"}; }).confirmation; });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(outcome.result.view(), R"("c-1")");
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), R"(START charge, SUCCEED charge {"confirmation":"c-1"})");
  const auto& start = world.service.requests[0].updates[0];
  EXPECT_EQ(start.path, OperationPath().child(1));
  EXPECT_EQ(start.type, OperationType::step);
  EXPECT_EQ(start.sub_type, OperationSubType::step);
}

TEST(StepFirstRun, ReturnsTheValueThatAReplayWouldReturn) {
  World world;
  double value = 0;
  world.invoke(
      [&](Context& ctx) { value = ctx.step("sum", [] { return Rounded{1.23456}; }).value; });
  EXPECT_EQ(value, 1.23);
}

TEST(StepFirstRun, TellsTheObserverWhatHappensInOrder) {
  World world;
  world.invoke([](Context& ctx) { ctx.step("charge", [] { return 7; }); });
  EXPECT_THAT(world.observer.events, ElementsAre("issued 1 STEP charge inputs 0 with body",
                                                 "body 1 attempt 1 of 6 start queued",
                                                 "body 1 ended with 7 no error", "returned 1 7"));
}

TEST(StepFirstRun, UsesTheTokenOfTheLastAnswer) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.step("first", [] { return 1; });
    ctx.step("second", [] { return 2; });
  });
  ASSERT_THAT(world.service.requests, SizeIs(2));
  EXPECT_EQ(world.service.requests[0].token, (CheckpointToken{1, 1, 1}));
  EXPECT_EQ(world.service.requests[1].token, (CheckpointToken{1, 1, 2}));
  EXPECT_NE(world.service.requests[0].client_token, world.service.requests[1].client_token);
  EXPECT_EQ(world.engine->token(), (CheckpointToken{1, 1, 3}));
}

TEST(StepReplay, ReturnsTheRecordWithoutRunningTheBody) {
  World world;
  int runs = 0;
  const auto body = [&](Context& ctx) {
    return ctx
        .step("charge",
              [&] {
                ++runs;
                return Payment{"c-1"};
              })
        .confirmation;
  };
  const auto first = world.invoke(body);
  const auto second = world.invoke(body);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(second.result, first.result);
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(StepReplay, ReadsAnAbsentResultAsNull) {
  World world;
  world.recorded(1, "load", OperationStatus::succeeded);
  std::optional<int> value(5);
  world.invoke(
      [&](Context& ctx) { value = ctx.step("load", [] { return std::optional<int>(5); }); });
  EXPECT_EQ(value, std::nullopt);
}

TEST(StepReplay, SaysWhichStepsRecordDoesNotFitTheType) {
  World world;
  world.recorded(1, "load", OperationStatus::succeeded).result = Text("300");
  int line = 0;
  const auto outcome = world.invoke([&](Context& ctx) {
    line = __LINE__ + 1;
    ctx.step("load", [] { return std::int8_t{1}; });
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_EQ(outcome.error->message,
            fmt::format("the recorded result of step \"load\" at step_test.cpp:{}: 300 does not "
                        "fit its C++ type, which holds -128 to 127",
                        line));
}

TEST(StepReplay, SuspendsWhileARetryIsPending) {
  World world;
  auto& operation = world.recorded(1, "charge", OperationStatus::pending);
  operation.attempt = 1;
  const auto outcome = world.invoke([](Context& ctx) { ctx.step("charge", [] { return 1; }); });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_EQ(world.engine->state(), Engine::State::blocked);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events,
              ElementsAre("issued 1 STEP charge inputs 0 with body", "suspended 1",
                          "unwinding begins", "unwinding ends"));
}

TEST(StepReplay, StartsAnAttemptWhoseTimeHasComeAgain) {
  World world;
  auto& operation = world.recorded(1, "charge", OperationStatus::ready);
  operation.attempt = 2;
  std::uint32_t attempt = 0;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("charge", [&](StepContext& step) { attempt = step.attempt(); });
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(attempt, 3u);
  EXPECT_EQ(world.service.updates(0), "START charge, SUCCEED charge null");
}

TEST(StepReplay, RunsAnInterruptedAtLeastOnceBodyAgainWithoutANewStart) {
  World world;
  world.recorded(1, "charge", OperationStatus::started);
  const auto outcome =
      world.invoke([](Context& ctx) { return ctx.step("charge", [] { return 1; }); });
  EXPECT_EQ(outcome.result.view(), "1");
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "SUCCEED charge 1");
  EXPECT_THAT(world.observer.events[1], "body 1 attempt 1 of 6");
}

TEST(StepResult, MayBeVoid) {
  World world;
  int runs = 0;
  const auto body = [&](Context& ctx) { ctx.step("send", [&] { ++runs; }); };
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(world.service.updates(0), "START send, SUCCEED send null");
}

TEST(StepResult, ThatIsNotANumberFailsTheExecutionAndNamesItsPlace) {
  World world;
  bool caught = false;
  const auto line = std::to_string(__LINE__ + 3);
  const auto outcome = world.invoke([&](Context& ctx) {
    try {
      ctx.step("measure", [] { return std::vector<double>{1, std::nan("")}; });
    } catch (const std::exception&) {
      caught = true;
    }
  });
  EXPECT_FALSE(caught);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_EQ(outcome.error->message,
            "the result of step \"measure\" (operation 1) at step_test.cpp:" + line +
                ": the number at \"/1\" is not finite; JSON has no NaN and no infinities");
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, testing::Contains("body 1 ended with no value SerDesError"));
}

TEST(StepResult, ThatIsNotUtf8FailsTheExecutionEvenWhereTheStepWouldRetry) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("read", [] { return Payment{"\xff"}; }, {.retry = retry::fixed(3)});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message, HasSubstr("\"read\" (operation 1)"));
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the text at \"/confirmation\" is not valid UTF-8"));
}

TEST(StepName, MayBeEmptyOrAsLongAsTheLimit) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.step("", [] {});
    ctx.step(std::string(256, '~'), [] {});
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_FALSE(world.service.requests[0].updates[0].name.present());
}

TEST(StepName, ThatTheServiceWouldRefuseIsAValidationErrorThatTakesNoPlace) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    for (const std::string& name :
         {std::string(257, 'a'), std::string("two\nlines"), std::string("caf\u00e9"),
          std::string("a\0b", 3), std::string("\x7f")}) {
      const auto call = [&] { ctx.step(name, [] {}); };
      const auto line = std::to_string(__LINE__ - 1);
      EXPECT_THAT(call, ThrowsMessage<ValidationError>(HasSubstr(
                            "the name of the operation at step_test.cpp:" + line + " has ")));
    }
    ctx.step("good", [] {});
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(StepName, TooLongOrNotPrintableIsSaidWithNumbers) {
  World world;
  world.invoke([&](Context& ctx) {
    EXPECT_THAT(
        [&] { ctx.step(std::string(257, 'a'), [] {}); },
        ThrowsMessage<ValidationError>(HasSubstr("has 257 characters; at most 256 are allowed")));
    EXPECT_THAT([&] { ctx.step("caf\u00e9", [] {}); },
                ThrowsMessage<ValidationError>(HasSubstr("byte 0xc3 at position 3")));
  });
}

TEST(StepContext, GivesAnIdempotencyKeyForTheOperationWhateverTheAttempt) {
  World world;
  std::vector<std::string> keys;
  const auto body = [&](Context& ctx) {
    for (const auto* name : {"charge", "send"}) {
      ctx.step(name, [&](StepContext& step) {
        keys.push_back(step.idempotency_key());
        if (step.attempt() == 1) throw std::runtime_error("once");
      });
    }
  };
  world.run(body);
  EXPECT_THAT(keys, ElementsAre("e-1/1", "e-1/1", "e-1/2", "e-1/2"));
}

TEST(StepContext, AsksTheExecutorForTimeChanceAndLog) {
  World world;
  world.executor.time = Timestamp(Duration(5000));
  world.executor.next_random = 42;
  world.invoke([&](Context& ctx) {
    ctx.step("first", [] {});
    ctx.step("look", [](StepContext& step) {
      EXPECT_EQ(step.now(), Timestamp(Duration(5000)));
      EXPECT_EQ(step.random(), 42u);
      EXPECT_EQ(step.random(), 43u);
      step.logger().warn("odd");
    });
  });
  EXPECT_THAT(world.executor.lines, ElementsAre("2 2/1 odd"));
}

}  // namespace durable::step_test
