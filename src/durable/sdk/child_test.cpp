#include <chrono>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/error_registry.hpp>

#include "durable/sdk/testing.hpp"

namespace durable::child_test {

using fake::World;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Status = InvocationOutcome::Status;

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};
const bool kRegistered = register_error<Refused>("child_test.Refused");

/// Writes other bytes on the way than it reads, so that a value which took the way is marked.
class Marking : public Serdes {
 public:
  explicit Marking(std::string mark) : mark_(std::move(mark)) {}
  std::string serialize(const nlohmann::json& value, const SerdesContext& context) const override {
    return mark_ + Serdes::serialize(value, context);
  }
  nlohmann::json deserialize(std::string_view text, const SerdesContext& context) const override {
    seen = fmt::format("{} {}", context.operation, context.path.to_string());
    return Serdes::deserialize(text.substr(mark_.size()), context);
  }
  mutable std::string seen;

 private:
  std::string mark_;
};

Operation& recorded_context(World& world, OperationStatus status, std::string name = "order") {
  Operation& operation = world.recorded(1, std::move(name), status, OperationType::context);
  operation.sub_type = OperationSubType::run_in_child_context;
  return operation;
}

std::string large() { return std::string(kPayloadLimitBytes, 'x'); }

TEST(ChildContext, IsRecordedWithItsOperationsInsideIt) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    const int before = ctx.step("before", [] { return 1; });
    const int inside = ctx.run_in_child_context("order", [](Context& child) {
      return child.step("first", [] { return 10; }) + child.step("second", [] { return 20; });
    });
    return before + inside + ctx.step("after", [] { return 100; });
  });
  EXPECT_EQ(outcome.result.view(), "131");
  ASSERT_THAT(world.service.requests, SizeIs(5));
  EXPECT_EQ(world.service.updates(1), "START order, START first, SUCCEED first 10");
  EXPECT_EQ(world.service.updates(3), "SUCCEED order 30");
  const auto& first = world.service.requests[1].updates;
  EXPECT_EQ(first[0].type, OperationType::context);
  EXPECT_EQ(first[0].sub_type, OperationSubType::run_in_child_context);
  EXPECT_EQ(first[0].path.to_string(), "2");
  EXPECT_EQ(first[1].path.to_string(), "2.1");
  EXPECT_EQ(first[1].parent().to_string(), "2");
  EXPECT_EQ(world.service.requests[2].updates[0].path.to_string(), "2.2");
  EXPECT_EQ(world.service.requests[4].updates[0].path.to_string(), "3");
}

TEST(ChildContext, TellsTheObserverAsStepsDo) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) { child.step("pay", [] {}); });
  });
  EXPECT_THAT(
      world.observer.events,
      ElementsAre("issued 1 CONTEXT order inputs 0 with body",
                  "issued 1.1 STEP pay inputs 0 with body", "body 1.1 attempt 1 of 6 start queued",
                  "body 1.1 ended with null no error", "returned 1.1 null", "returned 1 null"));
}

TEST(ChildContext, WithoutOperationsIsOneRequest) {
  World world;
  const auto outcome =
      world.invoke([](Context& ctx) { ctx.run_in_child_context("order", [](Context&) {}); });
  EXPECT_EQ(outcome.status, Status::succeeded);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START order, SUCCEED order null");
}

TEST(ChildContext, NestsAndCountsItsOwnOperations) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.run_in_child_context("outer", [](Context& outer) {
      outer.step("a", [] {});
      outer.run_in_child_context("inner", [](Context& inner) { inner.step("b", [] {}); });
      outer.step("c", [] {});
    });
  });
  std::vector<std::string> paths;
  for (const Operation& operation : world.service.operations)
    paths.push_back(fmt::format("{} {}", operation.name.view(), operation.path.to_string()));
  EXPECT_THAT(paths, ElementsAre("outer 1", "a 1.1", "inner 1.2", "b 1.2.1", "c 1.3"));
}

TEST(ChildContext, ReturnsItsRecordWithoutRunningItsBody) {
  World world;
  recorded_context(world, OperationStatus::succeeded).result = Text("42");
  const auto outcome = world.invoke([](Context& ctx) {
    return ctx.run_in_child_context("order", [](Context&) {
      ADD_FAILURE() << "the body runs";
      return 0;
    });
  });
  EXPECT_EQ(outcome.result.view(), "42");
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, Contains("returned 1 42"));
}

TEST(ChildContext, RunsItsBodyAgainWhereItWasInterrupted) {
  World world;
  int bodies = 0;
  int charges = 0;
  const auto handler = [&](Context& ctx) {
    return ctx.run_in_child_context("order", [&](Context& child) {
      ++bodies;
      const int charge = child.step("charge", [&] { return ++charges; });
      child.wait("settle", seconds(5));
      return charge;
    });
  };
  EXPECT_EQ(world.invoke(handler).status, Status::pending);
  EXPECT_EQ(world.engine->suspended_on().to_string(), "1.2");
  EXPECT_THAT(world.service.operations, SizeIs(3));
  world.ripen("settle");
  EXPECT_EQ(world.invoke(handler).result.view(), "1");
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(charges, 1);
  EXPECT_EQ(world.service.updates(world.service.requests.size() - 1), "SUCCEED order 1");
  EXPECT_THAT(world.service.operations, SizeIs(3));
}

TEST(ChildContext, IsSuspendedAndCrashesWithoutARecordOfItsEnd) {
  World world;
  world.executor.on_body = [](auto, BodyOutcome&) { return Fate::dead; };
  world.begin([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) { child.step("charge", [] {}); });
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_THAT(world.engine->take_queued(), SizeIs(2));
  world.engine->unwind();
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(ChildContext, GivesTheValueThatIsRecordedOnItsFirstRunToo) {
  World world;
  const auto marking = std::make_shared<Marking>("m:");
  const auto outcome = world.invoke([&](Context& ctx) {
    return ctx.run_in_child_context("order", [](Context&) { return 7; }, {.serdes = marking});
  });
  EXPECT_EQ(outcome.result.view(), "7");
  EXPECT_EQ(world.service.updates(0), "START order, SUCCEED order m:7");
  EXPECT_EQ(marking->seen, "order 1");
}

TEST(ChildContext, InheritsTheSerdesOfTheHandler) {
  World world;
  HandlerConfig config;
  config.serdes = std::make_shared<Marking>("h:");
  const auto outcome = world.invoke([&](Context& ctx) {
    detail::configure(ctx, config);
    return ctx.run_in_child_context(
        "order", [](Context& child) { return child.step("pay", [] { return 1; }) + 1; });
  });
  EXPECT_EQ(outcome.result.view(), "2");
  EXPECT_EQ(world.service.find(OperationPath().child(1))->result.view(), "h:2");
  EXPECT_EQ(world.service.find(OperationPath().child(1).child(1))->result.view(), "h:1");
}

TEST(ChildContext, FailsWithWhatItsBodyThrewInTheFirstRunAndOnReplay) {
  World world;
  std::vector<std::string> seen;
  const auto handler = [&](Context& ctx) {
    try {
      ctx.run_in_child_context("order", [](Context&) { throw std::out_of_range("no stock"); });
    } catch (const ChildContextError& error) {
      seen.push_back(fmt::format("{} {} {} {} {}", error.code(), error.operation(),
                                 error.path().to_string(), error.error_type(),
                                 error.error_message()));
    }
  };
  EXPECT_EQ(world.invoke(handler).status, Status::succeeded);
  EXPECT_EQ(world.service.updates(0), "START order, FAIL order std::out_of_range");
  EXPECT_EQ(world.invoke(handler).status, Status::succeeded);
  EXPECT_THAT(seen, SizeIs(2));
  EXPECT_THAT(seen, Each("ChildContextError order 1 std::out_of_range no stock"));
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_THAT(world.observer.events, Contains("threw 1 std::out_of_range").Times(2));
}

TEST(ChildContext, KeepsTheTypeOfTheErrorThatEscapesAndItsOwnAtTheHandler) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) {
      child.step("pay", [] { throw std::runtime_error("declined"); }, {.retry = retry::none()});
    });
  });
  EXPECT_EQ(world.service.find(OperationPath().child(1))->error->type, "StepError");
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ChildContextError");
  EXPECT_THAT(outcome.error->message, HasSubstr("declined"));
}

TEST(ChildContext, ThrowsARegisteredErrorAsItselfWithItsOwnNestedInIt) {
  World world;
  int caught = 0;
  const auto handler = [&](Context& ctx) {
    try {
      ctx.run_in_child_context("order", [](Context&) { throw Refused("too late"); });
    } catch (const Refused& error) {
      EXPECT_STREQ(error.what(), "too late");
      EXPECT_THROW(std::rethrow_if_nested(error), ChildContextError);
      ++caught;
    }
  };
  world.invoke(handler);
  world.invoke(handler);
  EXPECT_EQ(caught, 2);
}

TEST(ChildContext, ThatHasFailedTakesBadInputBeforeAnythingIsRecorded) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.run_in_child_context(std::string(257, 'n'), [](Context&) {});
    } catch (const ValidationError&) {
    }
    ctx.step("next", [] {});
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_EQ(world.service.operations.at(0).path.to_string(), "1");
}

TEST(ChildContext, WithAResultThatIsNoJsonFailsTheExecution) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    return ctx.run_in_child_context("order", [](Context&) { return std::string("\xff"); });
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the result of child context \"order\" (operation 1) at child_test.cpp:"));
}

TEST(ChildContext, WhoseRecordDoesNotConvertThrowsSerDesError) {
  World world;
  recorded_context(world, OperationStatus::succeeded).result = Text("\"seven\"");
  world.invoke([](Context& ctx) {
    EXPECT_THAT([&] { ctx.run_in_child_context("order", [](Context&) { return 7; }); },
                testing::ThrowsMessage<SerDesError>(HasSubstr(
                    "the recorded result of child context \"order\" at child_test.cpp:")));
  });
}

TEST(ChildContext, IsComparedWithItsRecord) {
  World world;
  recorded_context(world, OperationStatus::started, "invoice");
  const auto outcome =
      world.invoke([](Context& ctx) { ctx.run_in_child_context("order", [](Context&) {}); });
  EXPECT_EQ(outcome.error->type, kNonDeterministic);
  EXPECT_THAT(outcome.error->message, HasSubstr("name \"invoice\""));
}

TEST(ChildContext, EndedByATestFrameworkEndsTheRun) {
  World world;
  world.begin([](Context& ctx) {
    try {
      ctx.run_in_child_context("order", [](Context&) { throw fake::TestAbort(); });
    } catch (...) {
    }
  });
  EXPECT_EQ(world.engine->pump(), Engine::State::dead);
  EXPECT_NE(world.engine->test_abort(), nullptr);
}

TEST(ChildContext, WhoseBodySwallowsItsSuspensionIsNotRecorded) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) {
      try {
        child.wait("settle", seconds(60));
      } catch (...) {
      }
    });
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_THAT(world.observer.messages, SizeIs(1));
  EXPECT_EQ(world.service.find(OperationPath().child(1))->status, OperationStatus::started);
}

TEST(LargeResult, IsNotRecordedButMadeAgainFromTheOperations) {
  World world;
  int bodies = 0;
  int steps = 0;
  const auto handler = [&](Context& ctx) {
    const auto text = ctx.run_in_child_context("order", [&](Context& child) {
      ++bodies;
      return large() + std::to_string(child.step("count", [&] { return ++steps; }));
    });
    ctx.wait("settle", seconds(1));
    return text.substr(text.size() - 3);
  };
  EXPECT_EQ(world.invoke(handler).status, Status::pending);
  EXPECT_EQ(world.service.updates(1), "SUCCEED order ");
  EXPECT_TRUE(world.service.requests[1].updates[0].replay_children);
  EXPECT_EQ(world.service.requests[1].updates[0].payload.view(), "");
  const std::size_t before = world.service.requests.size();
  world.ripen("settle");
  EXPECT_EQ(world.invoke(handler).result.view(), "\"xx1\"");
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(steps, 1);
  EXPECT_EQ(world.service.requests.size(), before);
}

TEST(LargeResult, OfExactlyTheLimitIsRecorded) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order",
                             [](Context&) { return std::string(kPayloadLimitBytes - 2, 'x'); });
  });
  const Operation& order = *world.service.find(OperationPath().child(1));
  EXPECT_FALSE(order.replay_children);
  EXPECT_EQ(order.result.view().size(), kPayloadLimitBytes);
}

TEST(LargeResult, WhoseBodyMakesACallThatIsNotRecordedFailsTheExecution) {
  World world;
  recorded_context(world, OperationStatus::succeeded).replay_children = true;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order", [](Context& child) {
      child.step("new", [] { ADD_FAILURE() << "the body runs"; });
    });
  });
  EXPECT_EQ(outcome.error->type, kNonDeterministic);
  EXPECT_THAT(outcome.error->message, HasSubstr("\"new\" (operation 1.1) is not recorded"));
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(LargeResult, WhoseBodyThrowsOnReplayFailsTheExecution) {
  World world;
  recorded_context(world, OperationStatus::succeeded).replay_children = true;
  const auto outcome = world.invoke([](Context& ctx) {
    try {
      ctx.run_in_child_context("order", [](Context&) { throw std::runtime_error("not before"); });
    } catch (const std::exception&) {
    }
  });
  EXPECT_EQ(outcome.error->type, kNonDeterministic);
  EXPECT_THAT(outcome.error->message, HasSubstr("threw std::runtime_error: not before"));
}

TEST(VirtualContext, NumbersOperationsButIsNotRecorded) {
  World world;
  const auto handler = [](Context& ctx) {
    return ctx.run_in_child_context("outer", [](Context& outer) {
      const int value = outer.run_in_child_context(
          "group",
          [](Context& group) {
            return group.run_in_child_context(
                "inner", [](Context& inner) { return inner.step("pay", [] { return 5; }); },
                {.is_virtual = true});
          },
          {.is_virtual = true});
      outer.wait("settle", seconds(1));
      return value;
    });
  };
  EXPECT_EQ(world.run(handler).result.view(), "5");
  std::vector<std::string> recorded;
  for (const Operation& operation : world.service.operations) {
    recorded.push_back(fmt::format("{} {} in {}", operation.name.view(), operation.path.to_string(),
                                   operation.parent().to_string()));
  }
  EXPECT_THAT(recorded, ElementsAre("outer 1 in ", "pay 1.1.1.1 in 1", "settle 1.2 in 1"));
}

TEST(VirtualContext, RunsAtEveryReplayOverWhatItsOperationsRecorded) {
  World world;
  int bodies = 0;
  int steps = 0;
  const auto outcome = world.run([&](Context& ctx) {
    const int value = ctx.run_in_child_context("group",
                                               [&](Context& group) {
                                                 ++bodies;
                                                 return group.step("pay", [&] { return ++steps; });
                                               },
                                               {.is_virtual = true});
    ctx.wait("settle", seconds(1));
    return value;
  });
  EXPECT_EQ(outcome.result.view(), "1");
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(steps, 1);
}

TEST(VirtualContext, ThrowsAsARecordedOneDoes) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    EXPECT_THROW(ctx.run_in_child_context("group", [](Context&) { throw std::runtime_error("no"); },
                                          {.is_virtual = true}),
                 ChildContextError);
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(VirtualContext, HoldsARecordedOneWhoseOperationsAreRecordedInThat) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.run_in_child_context("group",
                             [](Context& group) {
                               group.run_in_child_context(
                                   "order", [](Context& order) { order.step("pay", [] {}); });
                             },
                             {.is_virtual = true});
  });
  const Operation& order = *world.service.find(OperationPath().child(1).child(1));
  EXPECT_EQ(order.name.view(), "order");
  EXPECT_TRUE(order.parent().is_root());
  const Operation& pay = *world.service.find(OperationPath().child(1).child(1).child(1));
  EXPECT_EQ(pay.parent(), order.path);
}

TEST(OtherContext, AroundTheRunningBodyIsRefused) {
  World world;
  const int line = __LINE__ + 3;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context(
        "order", [&](Context&) { ctx.step("charge", [] { ADD_FAILURE() << "the body runs"; }); });
  });
  ASSERT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(
      outcome.error->message,
      HasSubstr(fmt::format("durable call \"charge\" (operation 2) at child_test.cpp:{} is "
                            "made on the context of the handler, which waits for its child,",
                            line)));
  EXPECT_THAT(world.observer.events,
              Contains(fmt::format("outer 2 charge line {} next line 0", line)));
  EXPECT_THAT(world.service.requests, IsEmpty());
}

TEST(OtherContext, WhoseBodyHasEndedIsRefused) {
  World world;
  const int line = __LINE__ + 3;
  const auto outcome = world.invoke([](Context& ctx) {
    Context* kept = nullptr;
    ctx.run_in_child_context("order", [&](Context& child) { kept = &child; });
    ctx.run_in_child_context("invoice", [&](Context&) { kept->wait("late", seconds(1)); });
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message, HasSubstr("\"late\" (operation 1.1) at child_test.cpp:"));
  EXPECT_THAT(
      outcome.error->message,
      HasSubstr(fmt::format("of child context \"order\" (operation 1) at child_test.cpp:{}, "
                            "whose body has ended, while child context \"invoice\" "
                            "(operation 2) at child_test.cpp:{} runs",
                            line, line + 1)));
  EXPECT_THAT(world.observer.events, Contains(HasSubstr("ended 1.1 late")));
}

TEST(OtherContext, ThatIsVirtualIsRefusedToo) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context("group", [&](Context&) { ctx.step("charge", [] {}); },
                             {.is_virtual = true});
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
}

TEST(OtherContext, InsideTheBodyOfAStepIsANestedCall) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.run_in_child_context("order", [&](Context& child) {
      child.step("pay", [&] { child.run_in_child_context("inner", [](Context&) {}); });
    });
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(world.observer.events, Contains(HasSubstr("nested 1.2 inner")));
}

}  // namespace durable::child_test
