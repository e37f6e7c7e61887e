#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/record.hpp"
#include "durable/sdk/testing.hpp"

namespace durable::replay_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Status = InvocationOutcome::Status;

/// Replays a step named "charge", inside a catch block for everything standard, against the record
/// of `world`.
InvocationOutcome replay_charge(World& world, bool& went_on) {
  return world.invoke([&](Context& ctx) {
    try {
      ctx.step("charge", [] { ADD_FAILURE() << "the body runs"; });
    } catch (const std::exception& error) {
      ADD_FAILURE() << "caught: " << error.what();
    }
    went_on = true;
  });
}

void expect_refused(World& world, const std::string& difference) {
  bool went_on = false;
  const auto outcome = replay_charge(world, went_on);
  EXPECT_FALSE(went_on);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, kNonDeterministic);
  EXPECT_THAT(outcome.error->message, AllOf(HasSubstr("operation 1 "), HasSubstr(difference),
                                            HasSubstr("replay_test.cpp:")));
  EXPECT_THAT(world.service.requests, IsEmpty());
  EXPECT_THAT(world.observer.events, Not(Contains(HasSubstr("swallowed"))));
}

TEST(ReplayCheck, FailsTheExecutionWhenTheTypeDiffers) {
  World world;
  world.recorded(1, "charge", OperationStatus::succeeded, OperationType::wait);
  expect_refused(world, "type \"WAIT\", but the replay made it with type \"STEP\"");
}

TEST(ReplayCheck, FailsTheExecutionWhenTheNameDiffers) {
  World world;
  world.recorded(1, "refund", OperationStatus::succeeded);
  expect_refused(world, "name \"refund\", but the replay made it with name \"charge\"");
}

TEST(ReplayCheck, FailsTheExecutionWhenTheSubTypeDiffers) {
  World world;
  world.recorded(1, "charge", OperationStatus::succeeded).sub_type = OperationSubType::none;
  expect_refused(world, "sub-type \"\", but the replay made it with sub-type \"Step\"");
}

TEST(ReplayCheck, ComesBeforeWhatTheRecordSays) {
  for (const auto status : {OperationStatus::started, OperationStatus::pending,
                            OperationStatus::ready, OperationStatus::failed}) {
    World world;
    world.recorded(1, "refund", status);
    expect_refused(world, "name");
  }
}

TEST(ReplayCheck, TakesUnnamedAndEmptyForTheSame) {
  World world;
  auto& operation = world.recorded(1, "", OperationStatus::succeeded);
  const auto body = [](Context& ctx) { ctx.step("", [] {}); };
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
  operation.name = Text();
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
}

TEST(ReplayCheck, AppliesToWaitsAsWell) {
  World world;
  world.recorded(1, "settle", OperationStatus::succeeded);
  const auto outcome = world.invoke([](Context& ctx) { ctx.wait("settle", seconds(1)); });
  EXPECT_EQ(outcome.error->type, kNonDeterministic);
}

TEST(ReplayCheck, IsMadeOfEveryOperationOfALongRecord) {
  World world;
  for (std::uint32_t i = 1; i <= 50; ++i)
    world.recorded(i, i == 40 ? "other" : "add", OperationStatus::succeeded);
  const auto outcome = world.invoke([](Context& ctx) {
    for (int i = 0; i < 50; ++i) ctx.step("add", [] {});
  });
  EXPECT_THAT(outcome.error->message, HasSubstr("operation 40 is recorded with name \"other\""));
}

Operation operation(std::uint32_t number, OperationStatus status = OperationStatus::succeeded) {
  Operation made;
  made.path = OperationPath().child(number);
  made.status = status;
  return made;
}

TEST(Record, FindsOperationsInWhateverOrder) {
  for (const std::uint32_t size : {1u, 3u, 8u, 9u, 100u}) {
    std::vector<Operation> operations;
    for (std::uint32_t i = 1; i <= size; ++i) operations.push_back(operation(i));
    Record record;
    record.load(operations);
    for (std::uint32_t step = 1; step <= 7; step += 2) {
      for (std::uint32_t i = 0; i < size; ++i) {
        const auto path = OperationPath().child(i * step % size + 1);
        ASSERT_NE(record.find(path), nullptr);
        EXPECT_EQ(record.find(path)->path, path);
        EXPECT_EQ(record.find(OperationPath().child(size + 1)), nullptr);
      }
    }
  }
}

TEST(Record, TakesInChangesAndNewOperations) {
  Record record;
  record.load({});
  for (std::uint32_t i = 1; i <= 40; ++i) {
    EXPECT_EQ(record.find(OperationPath().child(i)), nullptr);
    record.merge(operation(i, OperationStatus::started));
  }
  for (std::uint32_t i = 40; i >= 1; --i) record.merge(operation(i));
  EXPECT_EQ(record.operations().size(), 40u);
  for (std::uint32_t i = 1; i <= 40; ++i) {
    ASSERT_NE(record.find(OperationPath().child(i)), nullptr);
    EXPECT_EQ(record.find(OperationPath().child(i))->status, OperationStatus::succeeded);
  }
}

TEST(Record, KnowsWhetherAnOperationHasBegun) {
  Record record;
  record.load({operation(1), operation(2)});
  EXPECT_TRUE(record.begun(OperationPath().child(1)));
  EXPECT_TRUE(record.begun(OperationPath().child(2)));
  EXPECT_FALSE(record.begun(OperationPath().child(3)));
  record.merge(operation(3));
  EXPECT_TRUE(record.begun(OperationPath().child(3)));
  record.load({});
  EXPECT_FALSE(record.begun(OperationPath().child(1)));
}

TEST(Record, TakesAVirtualContextForBegunWhenSomethingInsideItIs) {
  Operation inside = operation(1);
  inside.path = OperationPath().child(2).child(1).child(1);
  inside.virtual_contexts = 2;
  Record record;
  record.load({operation(1)});
  EXPECT_FALSE(record.begun(OperationPath().child(2)));
  record.merge(Operation(inside));
  EXPECT_TRUE(record.begun(OperationPath().child(2)));
  EXPECT_FALSE(record.begun(OperationPath().child(3)));
  record.load({inside});
  EXPECT_TRUE(record.begun(OperationPath().child(2)));
}

TEST(Record, ForgetsTheFormerRecordWhenItIsLoadedAnew) {
  Record record;
  std::vector<Operation> many;
  for (std::uint32_t i = 1; i <= 20; ++i) many.push_back(operation(i));
  record.load(many);
  ASSERT_NE(record.find(OperationPath().child(15)), nullptr);
  record.load({operation(3)});
  EXPECT_EQ(record.find(OperationPath().child(15)), nullptr);
  EXPECT_NE(record.find(OperationPath().child(3)), nullptr);
}

}  // namespace durable::replay_test
