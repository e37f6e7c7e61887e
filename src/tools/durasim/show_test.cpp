#include "tools/durasim/show.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/durasim/testing.hpp"

namespace durasim::program {
namespace show_test {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::failure;

ScheduleFile told() {
  ScheduleFile file = failure("27437e91", 1);
  file.minimal = true;
  file.script = Script::parse("at \"charge\": crash_after_body");
  file.events = {{0, 1, 0, "", false, "execution 1 of fulfil starts"},
                 {0, 1, 1, "", false, "invocation starts"},
                 {0, 1, 1, "", true, "sends: start 1"},
                 {0, 1, 1, "fault", false, "FAULT: crash"},
                 {1000, 1, 2, "", false, "invocation starts"},
                 {1000, 1, 1, "", false, "invocation is lost"},
                 {1000, 1, 2, "finding", false, "here the oracle effects is violated"},
                 {1500, 1, 2, "", true, "invocation ends"}};
  return file;
}

TEST(Show, HasALineForEachEventAndAColumnForEachInvocation) {
  EXPECT_EQ(show(told(), {}).text, R"(Fulfil.Holds  by 1 fault, the fewest
  oracle   effects for "charge"
  sign     27437e91
  script   at "charge": crash_after_body

  history  (virtual time, a column for each invocation, what happened)
              +0s         execution 1 of fulfil starts
              +0s  #1     invocation starts
  >>          +0s  #1     FAULT: crash
              +1s  |  #2  invocation starts
              +1s  #1 |   invocation is lost
  !!          +1s     #2  here the oracle effects is violated
)");
}

TEST(Show, TellsEveryMessageIfAsked) {
  const std::string text = show(told(), {.all = true}).text;
  EXPECT_THAT(text, HasSubstr("              +0s  #1     sends: start 1\n"));
  EXPECT_THAT(text, HasSubstr("          +1.500s     #2  invocation ends\n"));
}

TEST(Show, NamesTheExecutionWhereThereAreSeveral) {
  ScheduleFile file = told();
  file.events = {
      {0, 1, 1, "", false, "first"}, {0, 2, 1, "", false, "second"}, {0, 2, 0, "", false, "third"}};
  const std::string text = show(file, {}).text;
  EXPECT_THAT(text, HasSubstr("+0s  1#1      first\n"));
  EXPECT_THAT(text, HasSubstr("+0s      2#1  second\n"));
  EXPECT_THAT(text, HasSubstr("+0s           [2] third\n"));
}

TEST(Show, UsesColumnsAgainWhereInvocationsAreMany) {
  ScheduleFile file = told();
  file.events.clear();
  for (std::uint32_t i = 1; i <= 100; ++i) file.events.push_back({0, 1, i, "", false, "starts"});
  const std::string text = show(file, {}).text;
  EXPECT_THAT(text, HasSubstr("+0s  #97 "));
  std::size_t longest = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    longest = std::max(longest, end - begin);
    begin = end + 1;
  }
  EXPECT_LT(longest, 100U);
}

TEST(Show, ListsTheChoicesOfAFileWithoutAStory) {
  ScheduleFile file = told();
  file.events.clear();
  EXPECT_THAT(
      show(file, {}).text,
      HasSubstr("it was written by an earlier version, or by hand. To see one:\n"
                "    durasim replay FILE -- PROGRAM\n"
                "  Choices other than the benign one:\n"
                "  >>     1  crash_after_body at execution 1, after_body 1, occurrence 1\n"));
  file.ended = "SIGSEGV";
  EXPECT_THAT(show(file, {}).text, HasSubstr("the process did not survive the run"));
}

TEST(Show, GivesTheFileItselfAsJson) {
  EXPECT_EQ(show(told(), {.json = true}).text, told().to_json());
  EXPECT_THAT(show(told(), {.json = true}).text, Not(HasSubstr("history")));
}

}  // namespace show_test
}  // namespace durasim::program
