#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::step_failure_test {

using fake::World;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

struct Declined : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const StepConfig kOnce{.retry = retry::none()};
const StepConfig kAtMostOnce{.retry = retry::none(),
                             .semantics = StepSemantics::at_most_once_per_retry};
const StepConfig kAtMostOnceTwice{.retry = retry::fixed(2, seconds(3)),
                                  .semantics = StepSemantics::at_most_once_per_retry};

/// All that a handler can see of an error.
std::string seen(const StepError& error) {
  return fmt::format("{}|{}|{}|{}|{}|{}", error.code(), error.what(), error.operation(),
                     error.path().to_string(), error.error_type(), error.error_message());
}

TEST(StepFailure, IsThrownFromItsRecordedFormOnTheFirstRunAndOnReplay) {
  World world;
  std::vector<std::string> errors;
  const auto body = [&](Context& ctx) {
    try {
      ctx.step("charge", [] { throw Declined("no funds"); }, kOnce);
    } catch (const StepError& error) {
      errors.push_back(seen(error));
    }
  };
  world.invoke(body);
  world.invoke(body);
  EXPECT_THAT(
      errors,
      ElementsAre(
          "StepError|\"charge\" (operation 1) failed: durable::step_failure_test::Declined: no "
          "funds|charge|1|durable::step_failure_test::Declined|no funds",
          errors.at(0)));
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0),
            "START charge, FAIL charge durable::step_failure_test::Declined");
}

TEST(StepFailure, CarriesWhatWasRecordedOnReplay) {
  World world;
  auto& operation = world.recorded(1, "charge", OperationStatus::failed);
  operation.error = std::make_shared<ErrorObject>(
      ErrorObject{"Declined", "no funds", "{\"code\":51}", {"frame"}});
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("charge", [] { ADD_FAILURE() << "the body runs although its failure is recorded"; });
      ADD_FAILURE() << "no error";
    } catch (const StepError& error) {
      EXPECT_EQ(error.error(), *operation.error);
    }
  });
  EXPECT_THAT(world.observer.events,
              ElementsAre("issued 1 STEP charge inputs 0 with body", "threw 1 Declined"));
}

TEST(StepFailure, FailsTheExecutionWhenTheHandlerDoesNotCatchIt) {
  World world;
  const auto outcome = world.invoke(
      [](Context& ctx) { ctx.step("charge", [] { throw Declined("no funds"); }, kOnce); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(world.engine->state(), Engine::State::threw);
  EXPECT_EQ(outcome.error->type, "StepError");
  EXPECT_EQ(outcome.error->message,
            "\"charge\" (operation 1) failed: durable::step_failure_test::Declined: no funds");
}

TEST(StepFailure, OfAnExceptionThatIsNotAStandardOneIsRecordedWithItsType) {
  World world;
  std::vector<std::string> types;
  std::string message;
  world.invoke([&](Context& ctx) {
    const auto note_type = [&](auto body) {
      try {
        ctx.step("charge", body, kOnce);
      } catch (const StepError& error) {
        types.push_back(error.error_type());
        message = error.error_message();
      }
    };
    note_type([] { throw 42; });
    note_type([] { throw Status::pending; });
    note_type([] { throw "text"; });
  });
  EXPECT_THAT(types, ElementsAre("int", "durable::InvocationOutcome::Status", "char const*"));
  EXPECT_EQ(message,
            "the step's body threw an exception of type char const*, which is not a std::exception "
            "and so has "
            "no message");
}

TEST(StepFailure, OfADurableErrorIsRecordedWithItsCode) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.step("inner", [] { throw Declined("no funds"); }, kOnce);
    } catch (const StepError& inner) {
      ctx.step("outer", [&] { throw StepError(inner); }, kOnce);
    }
  });
  EXPECT_EQ(world.service.updates(1), "START outer, FAIL outer StepError");
  EXPECT_EQ(outcome.status, Status::failed);
}

TEST(StepFailure, CanBeCaughtAndCompensatedInsideTheCatchBlock) {
  World world;
  const auto body = [](Context& ctx) -> std::string {
    try {
      ctx.step("charge", [] { throw Declined("no funds"); }, kOnce);
    } catch (const StepError&) {
      ctx.wait("calm", seconds(1));
      ctx.step("refund", [] {});
      throw;
    }
    return "charged";
  };
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  world.ripen("calm");
  const auto outcome = world.invoke(body);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->message,
            "\"charge\" (operation 1) failed: durable::step_failure_test::Declined: no funds");
}

TEST(StepRetry, IsRecordedWithErrorAndDelayAndSuspends) {
  World world;
  int runs = 0;
  const auto body = [&](Context& ctx) {
    return ctx.step("charge",
                    [&] {
                      if (++runs == 1) throw Declined("later");
                      return runs;
                    },
                    {.retry = retry::fixed(3, seconds(7))});
  };
  const auto first = world.invoke(body);
  EXPECT_EQ(first.status, Status::pending);
  EXPECT_EQ(world.engine->state(), Engine::State::blocked);
  EXPECT_EQ(world.service.updates(0),
            "START charge, RETRY charge durable::step_failure_test::Declined 7s");
  world.ripen("charge");
  const auto second = world.invoke(body);
  EXPECT_EQ(second.result.view(), "2");
  EXPECT_EQ(world.service.updates(1), "START charge, SUCCEED charge 2");
}

TEST(StepRetry, GivesUpAfterTheLastAttempt) {
  World world;
  std::vector<std::uint32_t> attempts;
  const auto body = [&](Context& ctx) {
    ctx.step("charge",
             [&](StepContext& step) {
               attempts.push_back(step.attempt());
               throw Declined("no");
             },
             {.retry = retry::fixed(3, seconds(1))});
  };
  const auto outcome = world.run(body);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(attempts, ElementsAre(1, 2, 3));
}

TEST(StepRetry, LeavesJitterToTheExecutorAndRecordsTheDelay) {
  World world;
  world.executor.jitter_taken = seconds(2);
  const auto body = [](Context& ctx) { ctx.step("charge", [] { throw Declined("no"); }); };
  world.run(body);
  EXPECT_THAT(world.executor.delays_asked,
              ElementsAre(Pair(seconds(5), Jitter::full), Pair(seconds(10), Jitter::full),
                          Pair(seconds(20), Jitter::full), Pair(seconds(40), Jitter::full),
                          Pair(seconds(60), Jitter::full)));
  std::vector<seconds> recorded;
  for (const auto& request : world.service.requests)
    recorded.push_back(request.updates.back().delay);
  EXPECT_THAT(recorded, ElementsAre(seconds(3), seconds(8), seconds(18), seconds(38), seconds(58),
                                    seconds(0)));
}

TEST(StepRetry, WaitsAtLeastOneSecondWhateverTheJitter) {
  World world;
  world.executor.jitter_taken = seconds(100);
  world.invoke([](Context& ctx) { ctx.step("charge", [] { throw Declined("no"); }); });
  EXPECT_EQ(world.service.requests[0].updates[1].delay, seconds(1));
}

TEST(StepAtMostOnce, RunsItsBodyOnlyAfterItsStartIsAcknowledged) {
  World world;
  std::size_t requests_before_body = 0;
  world.invoke([&](Context& ctx) {
    ctx.step("charge", [&] { requests_before_body = world.service.requests.size(); }, kAtMostOnce);
  });
  EXPECT_EQ(requests_before_body, 1u);
  EXPECT_EQ(world.service.updates(0), "START charge");
  EXPECT_EQ(world.service.updates(1), "SUCCEED charge null");
  EXPECT_EQ(world.observer.events[1], "body 1 attempt 1 of 1");
}

TEST(StepAtMostOnce, DoesNotRunItsBodyWhenItsStartIsNotAcknowledged) {
  World world;
  bool ran = false;
  world.service.script.push_back(fake::fate(Fate::dead));
  world.invoke([&](Context& ctx) { ctx.step("charge", [&] { ran = true; }, kAtMostOnce); });
  EXPECT_FALSE(ran);
  EXPECT_EQ(world.engine->state(), Engine::State::dead);
}

TEST(StepAtMostOnce, FailsAnInterruptedAttemptWithoutRunningTheBodyAgain) {
  World world;
  world.recorded(1, "charge", OperationStatus::started);
  std::vector<std::string> errors;
  const auto body = [&](Context& ctx) {
    try {
      ctx.step("charge", [] { ADD_FAILURE() << "the body runs twice"; }, kAtMostOnce);
    } catch (const StepInterruptedError& error) {
      errors.push_back(seen(error));
    }
  };
  world.invoke(body);
  EXPECT_EQ(world.service.updates(0), "FAIL charge StepInterruptedError");
  world.invoke(body);
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_THAT(
      errors,
      ElementsAre(
          "StepInterruptedError|\"charge\" (operation 1) failed: StepInterruptedError: attempt 1 "
          "of step \"charge\" (operation 1) was interrupted; whether it took effect is not "
          "known|charge|1|StepInterruptedError|attempt 1 of step \"charge\" (operation 1) was "
          "interrupted; whether it took effect is not known",
          errors.at(0)));
}

TEST(StepAtMostOnce, RetriesAnInterruptedAttemptWhereTheStrategyAllowsIt) {
  World world;
  world.recorded(1, "charge", OperationStatus::started);
  std::uint32_t attempt = 0;
  const auto body = [&](Context& ctx) {
    ctx.step("charge", [&](StepContext& step) { attempt = step.attempt(); }, kAtMostOnceTwice);
  };
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  EXPECT_EQ(world.service.updates(0), "RETRY charge StepInterruptedError 3s");
  EXPECT_EQ(attempt, 0u);
  world.ripen("charge");
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
  EXPECT_EQ(attempt, 2u);
}

TEST(StepAtMostOnce, CountsInterruptedAttemptsAmongItsAttempts) {
  World world;
  auto& operation = world.recorded(1, "charge", OperationStatus::started);
  operation.attempt = 1;
  const auto outcome =
      world.invoke([&](Context& ctx) { ctx.step("charge", [] {}, kAtMostOnceTwice); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(world.service.updates(0), "FAIL charge StepInterruptedError");
}

}  // namespace durable::step_failure_test
