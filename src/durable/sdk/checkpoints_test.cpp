#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::checkpoints_test {

using fake::World;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

void charge(Context& ctx) {
  ctx.step("charge", [] {});
}

void charge_and_send(Context& ctx) {
  ctx.step("charge", [] {});
  ctx.step("send", [] {});
}

TEST(Transmission, IsRepeatedWithTheSameClientTokenAfterABackOff) {
  World world;
  world.service.script = {fake::refuse(503, "ServiceException", "busy"),
                          fake::refuse(0, "", "connection reset")};
  const auto outcome = world.invoke(charge);
  EXPECT_EQ(outcome.status, Status::succeeded);
  ASSERT_THAT(world.service.requests, SizeIs(3));
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Request& request = world.service.requests[i];
    EXPECT_EQ(request.transmission, i + 1);
    EXPECT_EQ(request.client_token, world.service.requests[0].client_token);
    EXPECT_EQ(request.token, world.service.requests[0].token);
    EXPECT_EQ(world.service.updates(i), "START charge, SUCCEED charge null");
  }
  EXPECT_THAT(world.executor.wake_ups, ElementsAre(Duration(100), Duration(200)));
}

TEST(Transmission, WaitsForTheBackOffToEnd) {
  World world;
  world.service.script = {fake::refuse(429, "TooManyRequestsException", "slow down")};
  world.begin(charge);
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  world.engine->deliver(
      world.service.apply(world.service.requests[0]));  // no answer is awaited: ignored
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_THAT(world.service.requests, SizeIs(1));
  world.engine->wake();
  EXPECT_EQ(world.engine->pump(), Engine::State::returned);
  EXPECT_THAT(world.service.requests, SizeIs(2));
}

TEST(Transmission, IsGivenUpAfterThreeTimes) {
  for (const auto& refusal :
       {fake::refuse(429, "TooManyRequestsException", "slow down"),
        fake::refuse(500, "ServiceException", "broken"), fake::refuse(0, "", "no route")}) {
    World world;
    world.service.script = {refusal, refusal, refusal};
    const auto outcome = world.invoke(charge_and_send);
    EXPECT_EQ(outcome.status, Status::function_error);
    EXPECT_EQ(world.engine->state(), Engine::State::threw);
    EXPECT_THAT(world.service.requests, SizeIs(3));
    EXPECT_THAT(outcome.error->message,
                HasSubstr("checkpoint of \"charge\" (operation 1) (SUCCEED) refused: "));
  }
}

TEST(Transmission, CountsAnewForEachRequest) {
  World world;
  const auto refusal = fake::refuse(503, "ServiceException", "busy");
  world.service.script = {refusal, refusal,
                          [&](const Request& request) { return world.service.apply(request); },
                          refusal, refusal};
  EXPECT_EQ(world.invoke(charge_and_send).status, Status::succeeded);
  ASSERT_THAT(world.service.requests, SizeIs(6));
  EXPECT_EQ(world.service.requests[3].transmission, 1u);
  EXPECT_NE(world.service.requests[3].client_token, world.service.requests[2].client_token);
}

TEST(ServiceErrors, OfAStaleTokenFailTheInvocationAtOnceInAnyLetterCase) {
  for (const auto* message : {"Invalid checkpoint token", "Invalid Checkpoint Token: it is stale",
                              "INVALID CHECKPOINT TOKEN", "1 error: invalid checkpoint token"}) {
    World world;
    world.service.script = {fake::refuse(400, "InvalidParameterValueException", message)};
    const auto outcome = world.invoke(charge_and_send);
    EXPECT_EQ(outcome.status, Status::function_error) << message;
    EXPECT_EQ(outcome.error->type, "InvalidParameterValueException");
    EXPECT_THAT(world.service.requests, SizeIs(1));
  }
}

TEST(ServiceErrors, OfOtherKindsFailTheExecutionAtOnce) {
  for (const auto& refusal : {fake::refuse(400, "InvalidParameterValueException", "Invalid name"),
                              fake::refuse(403, "AccessDeniedException", "no permission"),
                              fake::refuse(404, "ResourceNotFoundException", "no such execution"),
                              fake::refuse(502, "KMSAccessDeniedException", "no key"),
                              fake::refuse(502, "KMSDisabledException", "no key"),
                              fake::refuse(502, "KMSInvalidStateException", "no key"),
                              fake::refuse(502, "KMSNotFoundException", "no key")}) {
    World world;
    world.service.script = {refusal};
    const auto outcome = world.invoke(charge_and_send);
    EXPECT_EQ(outcome.status, Status::failed) << outcome.error->type;
    EXPECT_THAT(world.service.requests, SizeIs(1));
    EXPECT_THAT(world.executor.wake_ups, IsEmpty());
  }
}

TEST(ServiceErrors, CannotBeCaughtByTheHandler) {
  World world;
  world.service.script = {fake::refuse(403, "AccessDeniedException", "no permission")};
  bool caught = false;
  const auto outcome = world.invoke([&](Context& ctx) {
    try {
      charge(ctx);
    } catch (const std::exception&) {
      caught = true;
    }
  });
  EXPECT_FALSE(caught);
  EXPECT_EQ(outcome.error->type, "AccessDeniedException");
}

TEST(ServiceErrors, OfATooLargeResultNameOperationPlaceAndLimit) {
  World world;
  world.service.script = {
      fake::refuse(400, "InvalidParameterValueException", "payload is too large")};
  const auto line = std::to_string(__LINE__ + 2);
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.step("load",
             [] { return std::string(262'143, 'x'); });  // with its quotes one byte too many
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("\"load\" (operation 1)"), HasSubstr("payload is too large"),
                    HasSubstr("at checkpoints_test.cpp:" + line), HasSubstr("has 262145 bytes"),
                    HasSubstr("limit is 262144")));
}

std::string large_result(Context&) { return std::string(kResponseLimitBytes, 'x'); }

TEST(LargeHandlerResult, EndsTheExecutionByACheckpoint) {
  World world;
  world.service.script = {
      [](const Request&) { return Response(); }};  // without a token: the execution is over
  const auto outcome = world.invoke(large_result);
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(outcome.result, Text(""));
  ASSERT_THAT(world.service.requests, SizeIs(1));
  const OperationUpdate& update = world.service.requests[0].updates.at(0);
  EXPECT_EQ(update.type, OperationType::execution);
  EXPECT_EQ(update.action, OperationAction::succeed);
  EXPECT_EQ(update.payload.view().size(), kResponseLimitBytes + 2);
}

TEST(LargeHandlerResult, ThatTheServiceRefusesFailsTheExecution) {
  World world;
  world.service.script = {fake::refuse(400, "InvalidParameterValueException", "too large")};
  const auto outcome = world.invoke(large_result);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->message,
            "checkpoint of the handler's result (SUCCEED) refused: too large");
}

TEST(LargeHandlerResult, IsNotCheckpointedAsLongAsItFitsTheResponse) {
  World world;
  const auto outcome =
      world.invoke([](Context&) { return std::string(kResponseLimitBytes - 2, 'x'); });
  EXPECT_EQ(outcome.result.view().size(), kResponseLimitBytes);
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(Answers, WithoutATokenEndTheSendingOfRequests) {
  World world;
  world.service.script = {[&](const Request& request) {
    Response response = world.service.apply(request);
    response.token.reset();
    return response;
  }};
  const auto outcome = world.invoke(charge_and_send);
  EXPECT_EQ(outcome.status, Status::function_error);
  EXPECT_EQ(outcome.error->type, "ExecutionCompletedError");
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(Answers, MayComeLater) {
  World world;
  world.service.script = {fake::later(), fake::later()};
  world.begin([](Context& ctx) {
    ctx.step("charge", [] { return 1; });
    return ctx.step("send", [] { return 2; });
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  world.engine->wake();  // no time is awaited: ignored
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_THAT(world.service.requests, SizeIs(1));
  world.engine->deliver(world.service.apply(world.service.requests[0]));
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  EXPECT_THAT(world.service.requests, SizeIs(2));
  world.engine->deliver(
      Response{.fate = Fate::error, .error = ServiceError{503, "ServiceException", "busy"}});
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  world.engine->wake();
  EXPECT_EQ(world.engine->pump(), Engine::State::returned);
  EXPECT_THAT(world.service.requests, SizeIs(3));
  EXPECT_EQ(world.engine->outcome().result.view(), "2");
}

TEST(Answers, ToAnEngineThatIsGoneOnWithoutThemAreIgnored) {
  World world;
  world.service.script = {fake::later()};
  world.begin(charge_and_send);
  EXPECT_EQ(world.engine->pump(), Engine::State::running);
  world.engine->unwind();
  world.engine->deliver(world.service.apply(world.service.requests[0]));
  world.engine->pump();
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(Answers, ThatDoNotMentionAStepFailTheInvocation) {
  const auto empty = [](const Request&) { return Response{.token = CheckpointToken{1, 1, 2}}; };
  for (const StepConfig& config :
       {StepConfig{}, StepConfig{.semantics = StepSemantics::at_most_once_per_retry}}) {
    World world;
    world.service.script = {empty};
    const auto outcome = world.invoke([&](Context& ctx) { ctx.step("charge", [] {}, config); });
    EXPECT_EQ(outcome.status, Status::function_error);
    EXPECT_EQ(outcome.error->type, "ServiceProtocolError");
    EXPECT_THAT(world.service.requests, SizeIs(1));
  }
}

TEST(MessageFate, DeadUnwindsAndReportsNothing) {
  World world;
  world.service.script = {fake::fate(Fate::dead)};
  bool went_on = false;
  world.begin([&](Context& ctx) {
    charge(ctx);
    went_on = true;
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  world.engine->unwind();
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(world.engine->abandoned());
  EXPECT_EQ(world.engine->outcome().error, nullptr);
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(MessageFate, NeverParksTheHandlerForGood) {
  World world;
  world.service.script = {fake::fate(Fate::never)};
  world.begin(charge_and_send);
  EXPECT_EQ(world.engine->pump(), Engine::State::blocked);
  world.engine->wake();
  world.engine->deliver(world.service.apply(world.service.requests[0]));
  EXPECT_EQ(world.engine->pump(), Engine::State::blocked);
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(MessageFate, MayComeWithALateAnswer) {
  World world;
  world.service.script = {fake::later()};
  world.begin(charge_and_send);
  world.engine->pump();
  world.engine->deliver(Response{.fate = Fate::dead});
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
}

TEST(Batches, SendWhatIsLargeAlone) {
  World world;
  world.invoke([](Context& ctx) { ctx.step("load", [] { return std::string(800 * 1024, 'x'); }); });
  ASSERT_THAT(world.service.requests, SizeIs(2));
  EXPECT_EQ(world.service.updates(0), "START load");
  EXPECT_THAT(world.service.requests[1].updates, SizeIs(1));
  EXPECT_EQ(world.service.requests[1].token.sequence, 2u);
}

}  // namespace durable::checkpoints_test
