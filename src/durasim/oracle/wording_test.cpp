#include "durasim/oracle/wording.hpp"

#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

TEST(FindingWords, NameOperationsByTypeNameAndPath) {
  EXPECT_EQ(named(durable::OperationType::step, "charge", op(2)), "step \"charge\" (operation 2)");
  EXPECT_EQ(named(durable::OperationType::wait, "", op(2).child(1)),
            "wait without a name (operation 2.1)");
}

TEST(FindingWords, GivePlacesWithoutDirectories) {
  EXPECT_EQ(place(kHere), "testing.hpp:" + std::to_string(kHere.line()));
  EXPECT_EQ(place({}), "an unknown place");
}

TEST(FindingWords, KeepShortTextsWhole) {
  EXPECT_EQ(told_apart("5", "6"), (std::pair<std::string, std::string>("5", "6")));
}

TEST(FindingWords, ShortenLongTextsAroundTheirFirstDifference) {
  const std::string same(500, 'x');
  const auto [a, b] = told_apart(same + "A" + same, same + "B" + same);
  EXPECT_LT(a.size(), 140U);
  EXPECT_NE(a, b);
  EXPECT_TRUE(a.starts_with("...x"));
  EXPECT_TRUE(a.ends_with("x..."));
}

TEST(FindingWords, CutNoCharacterInTwo) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\u00e9";
  const auto [a, b] = told_apart(text, text + "x");
  const auto whole = [](const std::string& shortened) {
    std::size_t letters = 0;
    for (const char c : shortened) letters += c == '\xc3' || c == '\xa9' ? 1U : 0U;
    return letters % 2 == 0;
  };
  EXPECT_TRUE(whole(a));
  EXPECT_TRUE(whole(b));
  EXPECT_NE(a, b);
}

TEST(FindingWords, TakeThePlaceOfTheEventWithItsFolder) {
  TraceEvent event;
  event.path = op(3);
  event.where = kHere;
  const Finding finding = concerning(Oracle::effects, event, "");
  EXPECT_EQ(finding.operation, "3");
  EXPECT_EQ(finding.file, kHere.file_name());
  EXPECT_EQ(finding.line, kHere.line());
  EXPECT_EQ(concerning(Oracle::effects, event, "charge").operation, "charge");
}

}  // namespace durasim::oracle
