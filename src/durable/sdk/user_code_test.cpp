#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durable/sdk/testing.hpp"

/// Serialisers and retry strategies of the user's.
namespace durable::user_code_test {

using fake::World;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Status = InvocationOutcome::Status;

const char* const kDown = "down";

/// Upper-cases texts when they are written, and notes what it is asked.
class UpperCase final : public Serdes {
 public:
  mutable std::vector<std::string> asked;

  std::string serialize(const nlohmann::json& value, const SerdesContext& context) const override {
    asked.push_back(fmt::format("write {} {} {}", context.operation, context.path.to_string(),
                                context.execution_arn.substr(context.execution_arn.size() - 11)));
    std::string text = Serdes::serialize(value, context);
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
  }
  nlohmann::json deserialize(std::string_view text, const SerdesContext& context) const override {
    asked.push_back(fmt::format("read {} {}", context.operation, context.path.to_string()));
    return Serdes::deserialize(text, context);
  }
};

/// Does what it is told instead.
class Scripted final : public Serdes {
 public:
  std::function<std::string()> on_write = [] { return std::string("null"); };
  std::function<nlohmann::json()> on_read = [] { return nlohmann::json(); };

  std::string serialize(const nlohmann::json&, const SerdesContext&) const override {
    return on_write();
  }
  nlohmann::json deserialize(std::string_view, const SerdesContext&) const override {
    return on_read();
  }
};

TEST(StepSerdes, GivesTheHandlerWhatItReadsBackOnTheFirstRunAndOnReplay) {
  World world;
  const auto serdes = std::make_shared<UpperCase>();
  std::vector<std::string> seen;
  const auto body = [&](Context& ctx) {
    seen.push_back(ctx.step("greet", [] { return std::string("hello"); }, {.serdes = serdes}));
  };
  world.invoke(body);
  world.invoke(body);
  EXPECT_THAT(seen, ElementsAre("HELLO", "HELLO"));
  EXPECT_EQ(world.service.updates(0), "START greet, SUCCEED greet \"HELLO\"");
  EXPECT_THAT(serdes->asked,
              ElementsAre("write greet 1 order-7/e-1", "read greet 1", "read greet 1"));
}

TEST(StepSerdes, OfTheHandlerServesEveryStepWithoutOneOfItsOwn) {
  World world;
  const HandlerConfig config{.serdes = std::make_shared<UpperCase>()};
  world.invoke([&](Context& ctx) {
    detail::configure(ctx, config);
    ctx.step("a", [] { return std::string("x"); });
    ctx.step("b", [] { return std::string("x"); }, {.serdes = std::make_shared<Serdes>()});
    ctx.step("c", [] {});
    return std::string("result");
  });
  EXPECT_EQ(world.service.updates(0), "START a, SUCCEED a \"X\"");
  EXPECT_EQ(world.service.updates(1), "START b, SUCCEED b \"x\"");
  EXPECT_EQ(world.service.updates(2), "START c, SUCCEED c null");
  EXPECT_EQ(world.engine->outcome().result.view(), "\"result\"");
}

TEST(StepSerdes, ThatFailsToWriteEndsTheExecution) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  serdes->on_write = []() -> std::string { throw std::runtime_error("no key"); };
  const auto outcome =
      world.invoke([&](Context& ctx) { ctx.step("charge", [] { return 1; }, {.serdes = serdes}); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the result of step \"charge\" (operation 1) at user_code_test.cpp:"));
  EXPECT_THAT(outcome.error->message, HasSubstr(": the serdes threw std::runtime_error: no key"));
  EXPECT_TRUE(world.service.requests.empty());
}

TEST(StepSerdes, MustWriteUtf8) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  serdes->on_write = [] { return std::string("\xff\x00", 2); };
  const auto outcome =
      world.invoke([&](Context& ctx) { ctx.step("charge", [] { return 1; }, {.serdes = serdes}); });
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message, HasSubstr("a text that is not UTF-8"));
}

TEST(StepSerdes, ThatFailsToReadIsAnErrorOfTheStep) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  serdes->on_read = []() -> nlohmann::json { throw 42; };
  std::string message;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("charge", [] { return 1; }, {.serdes = serdes});
    } catch (const SerDesError& error) {
      message = error.what();
    }
  });
  EXPECT_THAT(message, HasSubstr("the recorded result of step \"charge\" at user_code_test.cpp:"));
  EXPECT_THAT(message, HasSubstr("the serdes threw int: "));
}

TEST(StepSerdes, IsHeldToTheTypeOfTheStepWithoutQuotingItsText) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  serdes->on_read = [] { return nlohmann::json("secret"); };
  std::string message;
  const auto read = [&](auto value) {
    world.invoke([&](Context& ctx) {
      try {
        ctx.step("charge", [&] { return value; }, {.serdes = serdes});
      } catch (const SerDesError& error) {
        message = error.what();
      }
    });
    return message;
  };
  EXPECT_THAT(read(1), AllOf(HasSubstr("type must be number"), Not(HasSubstr("secret"))));
  serdes->on_read = [] { return nlohmann::json(300); };
  EXPECT_THAT(read(std::uint8_t{1}), HasSubstr("300 at \"\" does not fit"));
}

TEST(StepSerdes, EndsATestLikeAnyOtherCode) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  serdes->on_read = []() -> nlohmann::json { throw fake::TestAbort(); };
  world.invoke([&](Context& ctx) { ctx.step("charge", [] { return 1; }, {.serdes = serdes}); });
  EXPECT_EQ(world.engine->state(), Engine::State::dead);
  EXPECT_TRUE(world.engine->test_abort());
}

TEST(StepSerdes, MayMakeNoDurableCalls) {
  World world;
  const auto serdes = std::make_shared<Scripted>();
  const auto outcome = world.invoke([&](Context& ctx) {
    serdes->on_read = [&]() -> nlohmann::json {
      ctx.wait("calm", seconds(1));
      return 1;
    };
    ctx.step("charge", [] { return 1; }, {.serdes = serdes});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message, HasSubstr("inside the serdes of step \"charge\""));
}

TEST(StepCustomRetry, IsGivenTheRecordedErrorAndTheAttempts) {
  World world;
  std::vector<std::string> asked;
  const auto strategy = retry::custom([&](const ErrorObject& error, std::uint32_t made) {
    asked.push_back(fmt::format("{} {} {}", error.type, error.message, made));
    return RetryDecision{made < 3, seconds(made * 10)};
  });
  const auto outcome = world.run([&](Context& ctx) {
    ctx.step("fetch", [] { throw std::runtime_error(kDown); }, {.retry = strategy});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_THAT(asked, ElementsAre("std::runtime_error down 1", "std::runtime_error down 2",
                                 "std::runtime_error down 3"));
  EXPECT_EQ(world.service.updates(1), "START fetch, RETRY fetch std::runtime_error 20s");
  EXPECT_THAT(world.observer.events, testing::Contains("body 1 attempt 1 of 0 start queued"));
}

TEST(StepCustomRetry, IsAskedAboutInterruptedAttempts) {
  World world;
  world.recorded(1, "fetch", OperationStatus::started);
  std::string asked;
  world.invoke([&](Context& ctx) {
    ctx.step("fetch", [] {},
             {.retry = retry::custom([&](const ErrorObject& error, std::uint32_t) {
                asked = error.type;
                return RetryDecision{};
              }),
              .semantics = StepSemantics::at_most_once_per_retry});
  });
  EXPECT_EQ(asked, "StepInterruptedError");
}

TEST(StepCustomRetry, ThatThrowsEndsTheExecution) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("fetch", [] { throw std::runtime_error(kDown); },
             {.retry = retry::custom([](const ErrorObject&, std::uint32_t) -> RetryDecision {
                throw std::out_of_range("no such entry");
              })});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "RetryStrategyError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("after attempt 1 of step \"fetch\" (operation 1) at user_code_test.cpp:"));
  EXPECT_THAT(outcome.error->message,
              HasSubstr(", which failed with std::runtime_error: down: the retry strategy threw "
                        "std::out_of_range: no such entry"));
  EXPECT_TRUE(world.service.requests.empty());
}

TEST(StepCustomRetry, ThatAsksForADelayOutOfRangeEndsTheExecution) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("fetch", [] { throw std::runtime_error(kDown); },
             {.retry = retry::custom(
                  [](const auto&, auto) { return RetryDecision{true, seconds(-5)}; })});
  });
  EXPECT_EQ(outcome.error->type, "RetryStrategyError");
  EXPECT_THAT(outcome.error->message, HasSubstr("a delay of -5 s"));
}

TEST(StepCustomRetry, MayMakeNoDurableCalls) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    ctx.step("fetch", [] { throw std::runtime_error(kDown); },
             {.retry = retry::custom([&](const auto&, auto) {
                ctx.wait("calm", seconds(1));
                return RetryDecision{};
              })});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("inside the retry strategy of step \"fetch\" (operation 1)"));
}

TEST(StepRetryFilter, GivesUpOnAFailureThatItDoesNotName) {
  World world;
  world.invoke([&](Context& ctx) {
    ctx.step("fetch", [] { throw std::runtime_error(kDown); },
             {.retry = retry::exponential({.retryable_errors = {"timeout"}})});
  });
  EXPECT_EQ(world.service.updates(0), "START fetch, FAIL fetch std::runtime_error");
}

}  // namespace durable::user_code_test
