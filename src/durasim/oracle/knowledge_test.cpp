#include "durasim/oracle/knowledge.hpp"

#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

TEST(PathSet, HoldsWhatWasAddedUntilItIsCleared) {
  PathSet set;
  EXPECT_FALSE(set.contains(op(1)));
  EXPECT_TRUE(set.insert(op(1)));
  EXPECT_FALSE(set.insert(op(1)));
  EXPECT_TRUE(set.insert(op(2000)));  // an index far beyond the first words
  EXPECT_TRUE(set.contains(op(1)));
  EXPECT_TRUE(set.contains(op(2000)));
  EXPECT_FALSE(set.contains(op(1999)));
  set.clear();
  EXPECT_FALSE(set.contains(op(1)));
  EXPECT_FALSE(set.contains(op(2000)));
}

TEST(Knowledge, IsTheStateWithTheAnswersSince) {
  Knowledge known;
  known.start(
      Operations{step(1, OperationStatus::ready, 1), step(2, OperationStatus::succeeded, 1)});
  EXPECT_FALSE(known.knows_terminal(op(1)));
  EXPECT_TRUE(known.knows_terminal(op(2)));
  EXPECT_EQ(known.find(op(3)), nullptr);

  known.learn(Operations{wait(3, OperationStatus::started), step(1, OperationStatus::failed, 2)});
  EXPECT_EQ(known.find(op(1))->attempt, 2U);
  EXPECT_TRUE(known.knows_terminal(op(1)));
  EXPECT_EQ(known.find(op(3))->status, OperationStatus::started);

  known.start({});
  EXPECT_EQ(known.find(op(1)), nullptr);
}

TEST(Knowledge, AgreesWithARecordInWhichNothingElseChanged) {
  Knowledge known;
  known.start(Operations{step(1, OperationStatus::started), wait(2, OperationStatus::started)});
  EXPECT_TRUE(known.agrees_with(
      Operations{step(1, OperationStatus::started), wait(2, OperationStatus::started)}));
  EXPECT_TRUE(known.agrees_with(
      Operations{wait(2, OperationStatus::started), step(1, OperationStatus::started)}));
  EXPECT_FALSE(known.agrees_with(
      Operations{step(1, OperationStatus::started), wait(2, OperationStatus::succeeded)}));
  EXPECT_FALSE(known.agrees_with(
      Operations{step(1, OperationStatus::started, 1), wait(2, OperationStatus::started)}));
  EXPECT_FALSE(known.agrees_with(Operations{step(1, OperationStatus::started)}));
  EXPECT_FALSE(known.agrees_with(
      Operations{step(1, OperationStatus::started), wait(3, OperationStatus::started)}));
}

TEST(InvocationStates, AreUsedAgainAfterTheirInvocationsEnded) {
  Invocations<int> states;
  states.begin(1) = 10;
  states.begin(2) = 20;
  EXPECT_EQ(*states.find(1), 10);
  EXPECT_EQ(*states.find(2), 20);
  states.end(1);
  EXPECT_EQ(*states.find(1), 10) << "still there for what follows the end";
  states.begin(3) = 30;
  EXPECT_EQ(states.find(1), nullptr);
  EXPECT_EQ(*states.find(2), 20);
  EXPECT_EQ(*states.find(3), 30);
}

TEST(Knowledge, NeedsNothingOfWhatIsInsideACompletedContext) {
  const Operations record{context(1, OperationStatus::succeeded),
                          inside(1, step(1, OperationStatus::succeeded, 1))};
  Knowledge known;
  known.start(Operations{context(1, OperationStatus::succeeded)});
  EXPECT_TRUE(known.is_inside_completed(op(1).child(1)));
  EXPECT_TRUE(known.agrees_with(record));
  known.start(Operations{context(1, OperationStatus::succeeded, true)});
  EXPECT_FALSE(known.is_inside_completed(op(1).child(1))) << "its body runs again over its record";
  EXPECT_FALSE(known.agrees_with(record));
  known.start(Operations{context(1, OperationStatus::started)});
  EXPECT_FALSE(known.agrees_with(record));
}

}  // namespace durasim::oracle
