#include "durasim/report/abridge.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace abridge_test {

using durasim::abridged;
using testing::HasSubstr;
using testing::Not;

std::string story(int lines, int fault = -1, int finding = -1) {
  std::string text;
  for (int i = 1; i <= lines; ++i)
    text += (i == fault ? "  >> " : i == finding ? "  !! " : "     ") + std::to_string(i) + ".\n";
  return text;
}

long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(Abridged, LeavesAloneWhatFits) {
  EXPECT_EQ(abridged(""), "");
  EXPECT_EQ(abridged(story(1)), story(1));
  EXPECT_EQ(abridged(story(12, 3, 12)), story(12, 3, 12));
}

TEST(Abridged, HasNoMoreLinesThanAsked) {
  for (int lines = 13; lines <= 60; ++lines) {
    for (int fault = 1; fault <= lines; fault += 5) {
      const std::string text = abridged(story(lines, fault, lines));
      EXPECT_LE(lines_of(text), 12) << text;
      EXPECT_GE(lines_of(text), 11) << text;
    }
  }
}

TEST(Abridged, KeepsTheFirstLineTheMarksAndWhatLeadsToThem) {
  const std::string text = abridged(story(100, 50, 100));
  EXPECT_THAT(text, testing::StartsWith("     1.\n            ...       "));
  EXPECT_THAT(text, HasSubstr("     49.\n  >> 50.\n     51.\n"));
  EXPECT_THAT(text, testing::EndsWith("     99.\n  !! 100.\n"));
}

TEST(Abridged, SaysHowManyLinesAreLeftOut) {
  EXPECT_EQ(abridged(story(5), 3),
            "     1.\n            ...       3 lines left out, which a replay tells\n     5.\n");
  EXPECT_EQ(lines_of(abridged(story(4), 3)), 3);
}

TEST(Abridged, KeepsEveryMark) {
  std::string faults;
  for (int i = 0; i < 20; ++i) faults += "  >> fault\n     what follows\n";
  const std::string text = abridged(faults + "  !! finding\n");
  std::size_t marks = 0;
  for (std::size_t at = 0; (at = text.find("  >> ", at)) != std::string::npos; ++at) ++marks;
  EXPECT_EQ(marks, 20U);
  EXPECT_THAT(text, HasSubstr("  !! finding\n"));
  EXPECT_THAT(text, Not(HasSubstr("0 lines")));
}

}  // namespace abridge_test
