#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::condition_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

PollingOptions every_two_seconds(std::uint32_t max_attempts) {
  return {.max_attempts = max_attempts,
          .initial = seconds(2),
          .backoff_rate = 1,
          .jitter = Jitter::none};
}

/// Counts from `initial` to `goal`.
auto counting(int initial, int goal, PollingOptions polling = every_two_seconds(60)) {
  return [=](Context& ctx) {
    return ctx.wait_for_condition(
        "count", initial, [](int state) { return state + 1; },
        {.continue_while = [=](int state) { return state < goal; }, .polling = polling});
  };
}

std::string status_of_job(int look) { return look < 2 ? "RUNNING" : "DONE"; }

// [poll]
struct Job {
  std::string status;
  int looks = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Job, status, looks)
};

int looks_until_done(Context& ctx) {
  const Job job = ctx.wait_for_condition(
      "job-done", Job{"UNKNOWN", 0},
      [](const Job& before) { return Job{status_of_job(before.looks), before.looks + 1}; },
      {.continue_while = [](const Job& seen) { return seen.status != "DONE"; },
       .polling = {.max_attempts = 20, .initial = seconds(10)}});
  return job.looks;
}
// [/poll]

TEST(Condition, OfTheReferencePageWorks) {
  World world;
  EXPECT_EQ(world.run(looks_until_done).result.view(), "3");
  EXPECT_EQ(world.service.updates(2),
            "START job-done, SUCCEED job-done {\"looks\":3,\"status\":\"DONE\"}");
}

TEST(Condition, ThatIsMetAtOnceIsOneRequestWithoutASuspension) {
  World world;
  EXPECT_EQ(world.invoke(counting(4, 5)).result.view(), "5");
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START count, SUCCEED count 5");
  EXPECT_EQ(world.service.requests[0].updates[0].type, OperationType::step);
  EXPECT_EQ(world.service.requests[0].updates[0].sub_type, OperationSubType::wait_for_condition);
  EXPECT_THAT(world.observer.events, ElementsAre(HasSubstr("issued 1 STEP count inputs "),
                                                 "body 1 attempt 1 of 60 start queued",
                                                 "body 1 ended with 5 no error", "returned 1 5"));
}

TEST(Condition, ThreadsItsStateThroughTheChecks) {
  World world;
  EXPECT_EQ(world.run(counting(5, 8)).result.view(), "8");
  ASSERT_THAT(world.service.requests, SizeIs(3));
  EXPECT_EQ(world.service.updates(0), "START count, RETRY count 6 2s");
  EXPECT_EQ(world.service.updates(1), "START count, RETRY count 7 2s");
  EXPECT_EQ(world.service.updates(2), "START count, SUCCEED count 8");
}

TEST(Condition, IsNotCheckedAgainOnReplay) {
  World world;
  world.run(counting(0, 2));
  EXPECT_EQ(world.invoke(counting(0, 2)).result.view(), "2");
  EXPECT_THAT(world.service.requests, SizeIs(2));
}

TEST(Condition, SuspendsUntilTheNextCheckIsDue) {
  World world;
  world.invoke(counting(0, 9));
  EXPECT_EQ(world.invoke(counting(0, 9)).status, Status::pending);  // woken by something else
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(Condition, ThatWasInterruptedIsCheckedAgainInTheSameAttemptWithTheRecordedState) {
  World world;
  Operation& interrupted = world.recorded(1, "count", OperationStatus::started);
  interrupted.sub_type = OperationSubType::wait_for_condition;
  interrupted.attempt = 2;
  interrupted.result = Text("7");
  EXPECT_EQ(world.invoke(counting(0, 8)).result.view(), "8");
  EXPECT_EQ(world.service.updates(0), "SUCCEED count 8");
  EXPECT_THAT(world.observer.events, Contains("body 1 attempt 3 of 60"));
}

TEST(Condition, ThatWasInterruptedInItsFirstCheckBeginsWithTheInitialState) {
  World world;
  world.recorded(1, "count", OperationStatus::started).sub_type =
      OperationSubType::wait_for_condition;
  EXPECT_EQ(world.invoke(counting(3, 4)).result.view(), "4");
  EXPECT_EQ(world.service.updates(0), "SUCCEED count 4");
}

TEST(Condition, IsExhaustedByItsLastCheck) {
  World world;
  const auto outcome = world.run(counting(0, 9, every_two_seconds(3)));
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "WaitForConditionError");
  EXPECT_THAT(outcome.error->message, HasSubstr("the condition was not met after 3 checks"));
  ASSERT_THAT(world.service.requests, SizeIs(3));
  EXPECT_EQ(world.service.updates(2), "START count, FAIL count WaitForConditionError");
}

TEST(Condition, MetByTheLastCheckIsMet) {
  World world;
  EXPECT_EQ(world.run(counting(0, 3, every_two_seconds(3))).result.view(), "3");
}

TEST(ConditionDelays, AreThoseOfTheOptionsWithJitterFromTheExecutor) {
  World world;
  world.executor.jitter_taken = seconds(1);
  world.run([](Context& ctx) {
    ctx.wait_for_condition("count", 0, [](int state) { return state + 1; },
                           {.continue_while = [](int state) { return state < 12; }});
  });
  ASSERT_THAT(world.executor.delays_asked, SizeIs(11));
  std::vector<std::int64_t> delays;
  for (const auto& [delay, jitter] : world.executor.delays_asked) {
    EXPECT_EQ(jitter, Jitter::full);
    delays.push_back(delay.count());
  }
  EXPECT_THAT(delays, ElementsAre(5, 8, 12, 17, 26, 38, 57, 86, 129, 193, 289));
  EXPECT_EQ(world.service.updates(0), "START count, RETRY count 1 4s");
}

TEST(ConditionDelays, AreAtLeastASecond) {
  World world;
  world.executor.jitter_taken = seconds(5);
  world.invoke(counting(0, 9, {}));
  EXPECT_EQ(world.service.updates(0), "START count, RETRY count 1 1s");
}

TEST(ConditionDefaults, AreSixtyChecks) {
  const PollingOptions defaults;
  EXPECT_EQ(defaults.max_attempts, 60U);
  World world;
  Operation& last = world.recorded(1, "count", OperationStatus::ready);
  last.sub_type = OperationSubType::wait_for_condition;
  last.attempt = 59;
  last.result = Text("1");
  EXPECT_EQ(world.invoke(counting(0, 9, defaults)).status, Status::failed);
}

InvocationOutcome with_strategy(
    World& world, std::function<PollingDecision(const int&, std::uint32_t)> strategy) {
  return world.run([&](Context& ctx) {
    return ctx.wait_for_condition(
        "count", 0, [](int state) { return state + 1; },
        WaitForConditionConfig<int>{.strategy = strategy});
  });
}

TEST(ConditionStrategy, DecidesByStateAndAttempt) {
  World world;
  std::vector<std::pair<int, std::uint32_t>> asked;
  const auto outcome = with_strategy(world, [&](int state, std::uint32_t attempt) {
    asked.emplace_back(state, attempt);
    return PollingDecision{.again = attempt < 3, .delay = seconds(attempt * 10)};
  });
  EXPECT_EQ(outcome.result.view(), "3");
  EXPECT_THAT(asked, ElementsAre(Pair(1, 1U), Pair(2, 2U), Pair(3, 3U)));
  EXPECT_EQ(world.service.updates(1), "START count, RETRY count 2 20s");
}

TEST(ConditionStrategy, ThatThrowsFailsTheCondition) {
  World world;
  const auto outcome = with_strategy(
      world, [](int, std::uint32_t) -> PollingDecision { throw std::runtime_error("no idea"); });
  EXPECT_EQ(outcome.error->type, "WaitForConditionError");
  EXPECT_THAT(outcome.error->message, HasSubstr("no idea"));
  EXPECT_EQ(world.service.updates(0), "START count, FAIL count std::runtime_error");
}

TEST(ConditionStrategy, ThatAsksForADelayOutOfRangeFailsTheCondition) {
  for (const seconds delay : {seconds(-1), kLongestWait + seconds(1)}) {
    World world;
    const auto outcome = with_strategy(
        world, [=](int, std::uint32_t) { return PollingDecision{.again = true, .delay = delay}; });
    EXPECT_THAT(outcome.error->message, HasSubstr("1 s to 31622400 s (366 days)"));
    EXPECT_EQ(world.service.updates(0), "START count, FAIL count ValidationError");
  }
}

TEST(ConditionStrategy, MakesNoDurableCalls) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.wait_for_condition("count", 0, [](int state) { return state; },
                           {.continue_while = [&](int) {
                             ctx.wait("inner", seconds(1));
                             return false;
                           }});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the polling strategy of wait_for_condition \"count\" (operation 1) at "
                        "condition_test.cpp:"));
}

TEST(ConditionCheck, ThatThrowsFailsTheConditionWithoutARetry) {
  World world;
  std::string caught;
  const auto body = [&](Context& ctx) {
    try {
      ctx.wait_for_condition("count", 0, [](int) -> int { throw std::out_of_range("no such job"); },
                             {.continue_while = [](int) { return true; }});
    } catch (const WaitForConditionError& error) {
      caught = error.error_type() + ": " + error.error_message();
    }
    return std::string("recovered");
  };
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(world.invoke(body).result.view(), "\"recovered\"");
    EXPECT_EQ(caught, "std::out_of_range: no such job");
    EXPECT_THAT(world.service.requests, SizeIs(1));
  }
  EXPECT_EQ(world.service.updates(0), "START count, FAIL count std::out_of_range");
  EXPECT_THAT(world.observer.events, Contains("threw 1 std::out_of_range"));
}

TEST(ConditionCheck, MayTakeAStepContext) {
  World world;
  const auto outcome = world.run([](Context& ctx) {
    return ctx.wait_for_condition(
        "count", std::string(),
        [](const std::string& state, StepContext& step) {
          return state + std::to_string(step.attempt()) + step.idempotency_key() + " ";
        },
        {.continue_while = [](const std::string& state) { return state.size() < 10; }});
  });
  EXPECT_EQ(outcome.result.view(), "\"1e-1/1 2e-1/1 \"");
}

TEST(ConditionCheck, MakesNoDurableCalls) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.wait_for_condition("count", 0, [&](int) { return ctx.step("inner", [] { return 1; }); },
                           {.continue_while = [](int) { return false; }});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("\"inner\" (operation 2)"), HasSubstr("\"count\" (operation 1)")));
}

TEST(ConditionCheck, RunsThroughTheExecutor) {
  World world;
  world.executor.on_body = [](detail::FunctionRef<void()> body, BodyOutcome&) {
    body();
    return Fate::dead;
  };
  world.begin(counting(0, 1));
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(ConditionCheck, EndsTheRunWithATestAbort) {
  World world;
  world.begin([](Context& ctx) {
    ctx.wait_for_condition("count", 0, [](int) -> int { throw fake::TestAbort(); },
                           {.continue_while = [](int) { return false; }});
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_NE(world.engine->test_abort(), nullptr);
}

TEST(ConditionState, MayBeNullOrAnObject) {
  World null;
  EXPECT_EQ(null.invoke([](Context& ctx) {
                  return ctx
                      .wait_for_condition(
                          "count", std::optional<int>(),
                          [](std::optional<int>) { return std::nullopt; },
                          {.continue_while = [](std::optional<int>) { return false; }})
                      .has_value();
                })
                .result.view(),
            "false");
  EXPECT_EQ(null.service.updates(0), "START count, SUCCEED count null");
}

class Brackets final : public Serdes {
 public:
  std::string serialize(const nlohmann::json& value, const SerdesContext&) const override {
    return "<" + value.get<std::string>() + ">";
  }
  nlohmann::json deserialize(std::string_view text, const SerdesContext&) const override {
    return std::string(text.substr(1, text.size() - 2));
  }
};

TEST(ConditionState, IsConvertedByTheSerdesOfTheConfigOrOfTheHandler) {
  for (const bool of_handler : {false, true}) {
    World world;
    const auto brackets = std::make_shared<Brackets>();
    const auto outcome = world.run([&](Context& ctx) {
      if (of_handler) detail::configure(ctx, {.serdes = brackets});
      return ctx.wait_for_condition(
          "count", std::string(), [](const std::string& state) { return state + "x"; },
          {.continue_while = [](const std::string& state) { return state != "xx"; },
           .polling = every_two_seconds(9),
           .serdes = of_handler ? nullptr : brackets});
    });
    EXPECT_EQ(outcome.result.view(), "\"xx\"");
    EXPECT_EQ(world.service.updates(0), "START count, RETRY count <x> 2s");
    EXPECT_EQ(world.service.updates(1), "START count, SUCCEED count <xx>");
  }
}

TEST(ConditionState, ThatIsNotJsonFailsTheExecution) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.wait_for_condition("count", 1.0,
                           [](double) { return std::numeric_limits<double>::infinity(); },
                           {.continue_while = [](double) { return false; }});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the state of condition \"count\" (operation 1) at condition_test.cpp:"));
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(ConditionState, ThatNoLongerConvertsFailsTheCondition) {
  World world;
  Operation& changed = world.recorded(1, "count", OperationStatus::ready);
  changed.sub_type = OperationSubType::wait_for_condition;
  changed.attempt = 1;
  changed.result = Text("\"of another version\"");
  EXPECT_EQ(world.invoke(counting(0, 9)).error->type, "WaitForConditionError");
  EXPECT_EQ(world.service.updates(0), "START count, FAIL count SerDesError");
}

TEST(ConditionState, ThatNoLongerConvertsAtTheEndIsASerDesError) {
  World world;
  Operation& changed = world.recorded(1, "count", OperationStatus::succeeded);
  changed.sub_type = OperationSubType::wait_for_condition;
  changed.result = Text("\"of another version\"");
  const auto outcome = world.invoke(counting(0, 9));
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the recorded state of condition \"count\" at condition_test.cpp:"));
}

TEST(ConditionOptions, OutsideTheirRangeAreValidationErrorsThatTakeNoPlace) {
  World world;
  world.invoke([&](Context& ctx) {
    const auto refused = [&](const WaitForConditionConfig<int>& config, const std::string& why) {
      EXPECT_THAT(
          [&] { ctx.wait_for_condition("count", 0, [](int state) { return state; }, config); },
          ThrowsMessage<ValidationError>(AllOf(
              HasSubstr("wait_for_condition \"count\" at condition_test.cpp:"), HasSubstr(why))));
    };
    const auto never = [](int) { return false; };
    refused({}, "neither continue_while nor strategy");
    refused({.continue_while = never, .polling = {.max_attempts = 0}}, "0 attempts");
    refused({.continue_while = never, .polling = {.initial = seconds(0)}}, "a delay of 0 s");
    refused({.continue_while = never, .polling = {.longest = seconds(-1)}}, "a delay of -1 s");
    refused({.continue_while = never, .polling = {.longest = kLongestWait + seconds(1)}},
            "366 days");
    refused({.continue_while = never, .polling = {.backoff_rate = 0.5}}, "a backoff rate of 0.5");
    EXPECT_THAT(
        [&] {
          ctx.wait_for_condition("count", std::numeric_limits<double>::infinity(),
                                 [](double state) { return state; },
                                 {.continue_while = [](double) { return false; }});
        },
        ThrowsMessage<SerDesError>(HasSubstr("the initial state of condition \"count\"")));
    EXPECT_THAT(world.observer.events, IsEmpty());
    counting(0, 1)(ctx);
  });
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(ConditionIdentity, ComprisesTheInitialState) {
  const auto issued = [](int initial) {
    World world;
    world.invoke(counting(initial, 1));
    return world.observer.events.at(0);
  };
  EXPECT_EQ(issued(0), issued(0));
  EXPECT_NE(issued(0), issued(1));
}

}  // namespace durable::condition_test
