#include <chrono>
#include <map>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::with_retry_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

const RetryStrategy kThrice = retry::fixed(3, seconds(7));

std::vector<std::string> operations(const World& world) {
  std::vector<std::string> all;
  for (const Operation& operation : world.service.operations) {
    all.push_back(fmt::format("{} {} {}", operation.path.to_string(), operation.name.view(),
                              to_string(operation.status)));
  }
  return all;
}

TEST(WithRetry, ReturnsTheFirstResultAsAChildContextDoes) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    return ctx.with_retry("order", [](Context& attempt) {
      return attempt.step("pay", [] { return std::string("paid"); });
    });
  });
  EXPECT_EQ(outcome.result.view(), "\"paid\"");
  EXPECT_THAT(operations(world), ElementsAre("1 order SUCCEEDED", "1.1 pay SUCCEEDED"));
  EXPECT_EQ(world.service.operations[0].sub_type, OperationSubType::with_retry);
}

TEST(WithRetry, WaitsBetweenAttemptsAndRepeatsThemOnReplay) {
  World world;
  std::vector<std::uint32_t> attempts;
  int calls = 0;
  const auto outcome = world.run([&](Context& ctx) {
    return ctx.with_retry("order",
                          [&](Context& inner, std::uint32_t attempt) {
                            attempts.push_back(attempt);
                            const int call = inner.step("pay", [&] { return ++calls; });
                            if (call < 3) throw std::runtime_error("declined");
                            return call;
                          },
                          {.retry = kThrice});
  });
  EXPECT_EQ(outcome.result.view(), "3");
  EXPECT_EQ(calls, 3);
  EXPECT_THAT(attempts, ElementsAre(1, 1, 2, 1, 2, 3));
  EXPECT_THAT(operations(world), ElementsAre("1 order SUCCEEDED", "1.1 pay SUCCEEDED",
                                             "1.2 order-backoff-1 SUCCEEDED", "1.3 pay SUCCEEDED",
                                             "1.4 order-backoff-2 SUCCEEDED", "1.5 pay SUCCEEDED"));
  EXPECT_EQ(world.service.updates(1), "START order-backoff-1 7s");
}

TEST(WithRetry, ThrowsTheLastFailureWhenTheStrategyGivesUp) {
  World world;
  int attempts = 0;
  const auto outcome = world.run([&](Context& ctx) {
    try {
      ctx.with_retry("order",
                     [&](Context&, std::uint32_t attempt) {
                       attempts = static_cast<int>(attempt);
                       throw std::runtime_error("declined " + std::to_string(attempt));
                     },
                     {.retry = kThrice});
    } catch (const ChildContextError& error) {
      return error.error_type() + ": " + error.error_message();
    }
    return std::string("no error");
  });
  EXPECT_EQ(outcome.result.view(), "\"std::runtime_error: declined 3\"");
  EXPECT_EQ(attempts, 3);
  EXPECT_THAT(operations(world), ElementsAre("1 order FAILED", "1.1 order-backoff-1 SUCCEEDED",
                                             "1.2 order-backoff-2 SUCCEEDED"));
}

TEST(WithRetry, WithoutAChildContextUsesTheOneItIsCalledOn) {
  World world;
  int attempts = 0;
  const auto outcome = world.run([&](Context& ctx) {
    try {
      ctx.with_retry("order",
                     [&](Context& same) {
                       EXPECT_EQ(&same, &ctx);
                       ++attempts;
                       throw std::out_of_range("none left");
                     },
                     {.retry = retry::fixed(2, seconds(3)), .in_child_context = false});
    } catch (const std::out_of_range& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  });
  EXPECT_EQ(outcome.result.view(), "\"none left\"");
  EXPECT_EQ(attempts, 3);  // 1; 1 and 2
  EXPECT_THAT(operations(world), ElementsAre("1 order-backoff-1 SUCCEEDED"));
}

TEST(WithRetry, AsksTheStrategyWithTheErrorThatEscapes) {
  World world;
  std::vector<std::string> asked;
  world.invoke([&](Context& ctx) {
    try {
      ctx.with_retry("order",
                     [](Context& inner) {
                       inner.step("pay", [] { throw std::runtime_error("declined"); },
                                  {.retry = retry::none()});
                     },
                     {.retry = retry::custom([&](const ErrorObject& error, std::uint32_t attempts) {
                        asked.push_back(fmt::format("{} after {}", error.type, attempts));
                        return RetryDecision{};
                      })});
    } catch (const ChildContextError&) {
    }
  });
  EXPECT_THAT(asked, ElementsAre("StepError after 1"));
}

TEST(WithRetry, WhoseStrategyThrowsFailsTheExecution) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.with_retry("order", [](Context&) { throw std::runtime_error("declined"); },
                   {.retry = retry::custom([](const ErrorObject&, std::uint32_t) -> RetryDecision {
                      throw std::logic_error("no idea");
                    })});
  });
  EXPECT_EQ(outcome.error->type, kRetryStrategyFailed);
  EXPECT_THAT(outcome.error->message,
              HasSubstr("after attempt 1 of with_retry \"order\" (operation 1)"));
  EXPECT_THAT(outcome.error->message, HasSubstr("no idea"));
}

TEST(WithRetry, WhoseStrategyMakesADurableCallFailsTheExecution) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.with_retry("order", [](Context&) { throw std::runtime_error("declined"); },
                   {.retry = retry::custom([&](const ErrorObject&, std::uint32_t) {
                      ctx.wait("think", seconds(1));
                      return RetryDecision{};
                    })});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("inside the retry strategy of with_retry \"order\" (operation 1) at "
                        "with_retry_test.cpp:"));
}

/// The delays that an execution waits with full or half jitter.
std::vector<std::int64_t> delays(World& world, Jitter jitter) {
  world.run([&](Context& ctx) {
    try {
      ctx.with_retry("order", [](Context&) { throw std::runtime_error("declined"); },
                     {.retry = retry::exponential({.max_attempts = 9,
                                                   .initial = seconds(1000),
                                                   .longest = seconds(1000),
                                                   .backoff_rate = 1,
                                                   .jitter = jitter})});
    } catch (const ChildContextError&) {
    }
  });
  std::vector<std::int64_t> all;
  for (const Request& request : world.service.requests) {
    for (const OperationUpdate& update : request.updates) {
      if (update.type == OperationType::wait) all.push_back(update.delay.count());
    }
  }
  return all;
}

TEST(BackOff, IsTheSameForTheSameExecutionAndDiffersBetweenAttemptsAndExecutions) {
  World first;
  World same;
  World other;
  other.arn += "2";
  const auto expected = delays(first, Jitter::full);
  EXPECT_THAT(expected, SizeIs(8));
  EXPECT_THAT(expected, Each(AllOf(Ge(1), Le(1000))));
  EXPECT_THAT(expected, Not(Each(expected.front())));
  EXPECT_EQ(delays(same, Jitter::full), expected);
  EXPECT_NE(delays(other, Jitter::full), expected);
}

TEST(BackOff, WithHalfJitterIsAtLeastHalfTheDelayAndWithoutJitterAllOfIt) {
  World half;
  World none;
  EXPECT_THAT(delays(half, Jitter::half), AllOf(SizeIs(8), Each(AllOf(Ge(500), Le(1000)))));
  EXPECT_THAT(delays(none, Jitter::none), AllOf(SizeIs(8), Each(1000)));
}

TEST(BackOff, IsTheSameOnEveryReplayOfItsWait) {
  World world;
  const auto outcome = world.run([](Context& ctx) {
    return ctx.with_retry(
        "order",
        [](Context&, std::uint32_t attempt) {
          if (attempt < 4) throw std::runtime_error("declined");
          return attempt;
        },
        {.retry = retry::exponential({.max_attempts = 5, .initial = seconds(300)})});
  });
  EXPECT_EQ(outcome.result.view(), "4");
  std::map<std::string, std::string> waits;
  for (const std::string& event : world.observer.events) {
    if (event.find("WAIT") == std::string::npos) continue;
    const auto [known, is_new] = waits.emplace(event.substr(0, event.find(" inputs")), event);
    EXPECT_EQ(known->second, event);
  }
  EXPECT_THAT(waits, SizeIs(3));
}

TEST(BackOff, HasNoNameWhereTheOperationHasNone) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.with_retry("", [](Context&) { throw std::runtime_error("declined"); }, {.retry = kThrice});
  });
  EXPECT_THAT(operations(world), ElementsAre("1  STARTED", "1.1  STARTED"));
}

TEST(BackOff, LeavesRoomForItsNameInThatOfTheOperation) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    EXPECT_THAT(
        [&] {
          ctx.with_retry(std::string(238, 'n'), [](Context&) {}, {.in_child_context = false});
        },
        testing::ThrowsMessage<ValidationError>(
            AllOf(HasSubstr("238 characters; at most 237"), HasSubstr("with_retry_test.cpp:"))));
    ctx.with_retry(std::string(237, 'n'), [](Context&) {});
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_THAT(world.service.operations, SizeIs(1));
}

TEST(WithRetry, LetsASuspensionPass) {
  World world;
  int attempts = 0;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.with_retry("order", [&](Context& inner) {
      ++attempts;
      inner.wait("settle", seconds(60));
    });
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_EQ(attempts, 1);
  EXPECT_THAT(world.observer.messages, IsEmpty());
}

TEST(WithRetry, LetsTheEndOfATestPass) {
  World world;
  world.begin([](Context& ctx) {
    ctx.with_retry("order", [](Context&) { throw fake::TestAbort(); }, {.in_child_context = false});
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_NE(world.engine->test_abort(), nullptr);
}

}  // namespace durable::with_retry_test
