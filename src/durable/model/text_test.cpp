#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <durable/text.hpp>

namespace durable::text_test {

// Around the 15 bytes that are held in place.
const std::vector<std::size_t> kSizes = {0, 1, 14, 15, 16, 17, 40, 262'144};

TEST(Text, HoldsWhatItWasGivenWhateverItsSize) {
  for (const std::size_t size : kSizes) {
    const std::string given(size, 'x');
    const Text text(given);
    EXPECT_TRUE(text.present());
    EXPECT_EQ(text.view(), given);
    EXPECT_EQ(text.str(), given);
  }
}

TEST(Text, IsAbsentUnlessItWasGivenOneAndAbsentIsNotEmpty) {
  const Text absent;
  EXPECT_FALSE(absent.present());
  EXPECT_EQ(absent.view(), "");
  EXPECT_TRUE(Text("").present());
  EXPECT_NE(absent, Text(""));
  EXPECT_EQ(absent, Text());
}

TEST(Text, MayContainAnyByte) {
  const std::string zeros(4, '\0');
  EXPECT_EQ(Text(zeros).view(), zeros);
  EXPECT_NE(Text(zeros), Text(std::string(5, '\0')));
  EXPECT_NE(Text(zeros), Text());
}

TEST(Text, ComparesByItsCharacters) {
  for (const std::size_t size : kSizes) {
    EXPECT_EQ(Text(std::string(size, 'x')), Text(std::string(size, 'x')));
    EXPECT_NE(Text(std::string(size, 'x')), Text(std::string(size + 1, 'x')));
    EXPECT_EQ(Text(std::string(size, 'x')) == Text(std::string(size, 'y')), size == 0);
  }
}

TEST(Text, OutlivesTheTextThatItWasCopiedFrom) {
  for (const std::size_t size : kSizes) {
    Text copy;
    {
      const Text original(std::string(size, 'x'));
      copy = original;
    }
    EXPECT_EQ(copy.view(), std::string(size, 'x'));
    const Text& same = copy;
    copy = same;
    EXPECT_EQ(copy.view(), std::string(size, 'x'));
  }
}

TEST(Text, LeavesNothingBehindWhenItIsMoved) {
  for (const std::size_t size : kSizes) {
    Text original(std::string(size, 'x'));
    const Text moved = std::move(original);
    EXPECT_FALSE(original.present());  // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_EQ(moved.view(), std::string(size, 'x'));
  }
}

TEST(Text, IsCopiedAndDroppedByManyThreadsAtOnce) {
  const Text text(std::string(100, 'x'));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = text] {
      for (int j = 0; j < 1'000; ++j) {
        const Text another = copy;
        EXPECT_EQ(another, copy);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(text.view(), std::string(100, 'x'));
}

}  // namespace durable::text_test
