#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/model.hpp>

#include "durable/model/sha256.hpp"

namespace durable::path_test {

// Source: docs/reference/protocol.md#operations
constexpr auto kFirst = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
constexpr auto kFirstInFirst = "2ac06c59dbc2f95f867ebb0f4e986076465c3dfd08e9353610dcf46b8b030df6";

TEST(OperationPath, HasTheWireIdOfTheJavaSdkForTheFirstOperation) {
  EXPECT_EQ(OperationPath().child(1).wire_id(), kFirst);
}

TEST(OperationPath, HashesTheParentsIdIntoTheWireIdOfAChild) {
  const OperationPath first = OperationPath().child(1);
  EXPECT_EQ(first.child(1).wire_id(), kFirstInFirst);
  EXPECT_EQ(first.child(12).wire_id(), sha256_hex(std::string(kFirst) + "-12"));
}

// A number that was seen once: other processes, machines and compilers must give the same.
TEST(OperationPath, HasAHashThatTellsNothingOfTheProcess) {
  EXPECT_EQ(OperationPath().hash(), 0U);
  EXPECT_EQ(OperationPath().child(3).child(1).hash(), 0xee2751b92135351cU);
  EXPECT_NE(OperationPath().child(1).child(3).hash(), OperationPath().child(3).child(1).hash());
}

TEST(OperationPath, HasNoWireIdForTheExecutionWhoseIdIsTheServices) {
  EXPECT_EQ(OperationPath().wire_id(), "");
}

TEST(OperationPath, GivesTheSamePathForTheSameCallsWhateverTheOrderOfAsking) {
  const OperationPath ninth = OperationPath().child(9);
  const OperationPath second = OperationPath().child(2);
  EXPECT_EQ(OperationPath().child(9), ninth);
  EXPECT_EQ(OperationPath().child(2), second);
  EXPECT_NE(ninth, second);
  EXPECT_NE(OperationPath().child(1).child(2), OperationPath().child(2).child(1));
}

TEST(OperationPath, KnowsItsParentAndItsNumber) {
  const OperationPath path = OperationPath().child(3).child(7);
  EXPECT_EQ(path.number(), 7u);
  EXPECT_EQ(path.parent().number(), 3u);
  EXPECT_EQ(path.parent(), OperationPath().child(3));
  EXPECT_TRUE(path.parent().parent().is_root());
  EXPECT_FALSE(path.is_root());
}

TEST(OperationPath, KnowsTheExecutionAsItsOwnParentWithNumberNought) {
  EXPECT_TRUE(OperationPath().is_root());
  EXPECT_EQ(OperationPath().number(), 0u);
  EXPECT_TRUE(OperationPath().parent().is_root());
  EXPECT_EQ(OperationPath().index(), 0u);
}

TEST(OperationPath, IsWrittenAsNumbersAndPoints) {
  EXPECT_EQ(OperationPath().to_string(), "");
  EXPECT_EQ(OperationPath().child(2).to_string(), "2");
  EXPECT_EQ(OperationPath().child(2).child(1).child(30).to_string(), "2.1.30");
}

TEST(OperationPath, IsTheSameFromEveryThread) {
  constexpr std::uint32_t kPaths = 500;
  std::vector<std::vector<OperationPath>> found(4);
  std::vector<std::thread> threads;
  for (auto& paths : found) {
    threads.emplace_back([&paths] {
      for (std::uint32_t i = 1; i <= kPaths; ++i)
        paths.push_back(OperationPath().child(77).child(i));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(found, testing::Each(found.front()));
  EXPECT_EQ(found.front().back().to_string(), "77.500");
}

}  // namespace durable::path_test
