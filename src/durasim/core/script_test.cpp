#include <durasim/script.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/core/nearest.hpp"
#include "durasim/core/script_words.hpp"

namespace durasim {
namespace script_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Script::Line only(const std::string& text) {
  const Script script = Script::parse(text);
  EXPECT_EQ(script.lines.size(), 1U) << text;
  return script.lines.at(0);
}

void expect_error(const std::string& text, std::size_t line, std::size_t column,
                  const std::string& said) {
  try {
    const Script script = Script::parse(text);
    ADD_FAILURE() << "was read as " << script.to_text();
  } catch (const ScriptError& error) {
    EXPECT_EQ(error.line(), line) << error.what();
    EXPECT_EQ(error.column(), column) << error.what();
    EXPECT_THAT(error.what(), AllOf(StartsWith("script, line " + std::to_string(line) +
                                               ", column " + std::to_string(column) + ": "),
                                    HasSubstr(said)));
  }
}

TEST(Script, NamesAnOperationAndAFault) {
  EXPECT_EQ(only("at \"charge-card\": crash_after_body"),
            (Script::Line{.fault = Fault::crash_after_body, .operation = "charge-card"}));
}

TEST(Script, NamesEveryKindOfPlace) {
  EXPECT_EQ(only("at \"fetch\"#2: crash_before_body"),
            (Script::Line{.fault = Fault::crash_before_body, .operation = "fetch", .number = 2}));
  EXPECT_EQ(only("at operation 2.1: crash_at_effect"),
            (Script::Line{.fault = Fault::crash_at_effect,
                          .path = durable::OperationPath().child(2).child(1)}));
  EXPECT_EQ(only("at invocation 3: cold_start"),
            (Script::Line{.fault = Fault::cold_start, .occurrence = 3}));
  EXPECT_EQ(only("at execution: delivery_after_completion"),
            (Script::Line{.fault = Fault::delivery_after_completion}));
  EXPECT_EQ(only("at execution: request_lost"), (Script::Line{.fault = Fault::request_lost}));
  EXPECT_EQ(only("at execution: crash_at_effect"), (Script::Line{.fault = Fault::crash_at_effect}));
}

TEST(Script, NamesTheExecution) {
  EXPECT_EQ(only("at \"charge\" in execution 2: throttled").execution, 2U);
  EXPECT_EQ(only("at invocation 1 in execution 2: late_delivery").execution, 2U);
  EXPECT_EQ(only("at execution 2: delivery_after_completion").execution, 2U);
}

TEST(Script, CountsWhatTheFaultCounts) {
  EXPECT_EQ(only("at \"charge\", attempt 2: crash_after_body").occurrence, 2U);
  EXPECT_EQ(only("at \"charge\", attempt 2: full_jitter").occurrence, 2U);
  EXPECT_EQ(only("at \"charge\", transmission 3: answer_lost").occurrence, 3U);
  EXPECT_EQ(only("at \"charge\", effect 4: crash_at_effect").occurrence, 4U);
  EXPECT_EQ(only("at \"charge\", time 5: crash_at_effect").time, 5U);
  const Script::Line both = only("at \"charge\", time 2, effect 4: crash_at_effect");
  EXPECT_EQ(both.occurrence, 4U);
  EXPECT_EQ(both.time, 2U);
}

TEST(Script, ReadsFaultsAsWordsToo) {
  EXPECT_EQ(only("at \"charge\": crash after body").fault, Fault::crash_after_body);
  EXPECT_EQ(only("at \"charge\": answer-lost for good  # and so on").fault,
            Fault::answer_lost_for_good);
}

TEST(Script, LeavesOutCommentsAndBlankLines) {
  const Script script = Script::parse(
      "# two faults\n"
      "\r\n"
      "  \tat \"a # b\": crash_after_body # here\r\n"
      "#\n"
      "at \"c\"#2:crash_after_body#there");
  ASSERT_EQ(script.lines.size(), 2U);
  EXPECT_EQ(script.lines[0].operation, "a # b");
  EXPECT_EQ(script.lines[1].number, 2U);
  EXPECT_TRUE(Script::parse("").lines.empty());
  EXPECT_TRUE(Script::parse("\n\n").lines.empty());
}

TEST(Script, IsWrittenInOneForm) {
  const std::string canonical =
      "at \"charge\"#2 in execution 3, attempt 2, time 4: crash_after_body\n"
      "at operation 4.1, transmission 2: answer_lost\n"
      "at invocation 2 in execution 2: cold_start\n"
      "at execution 2: delivery_after_completion\n"
      "at execution: request_lost\n";
  EXPECT_EQ(Script::parse(canonical).to_text(), canonical);
}

TEST(Script, IsReadAsItWasWritten) {
  const std::vector<std::string> names = {"charge", "a \"b\" \\ c", "two\nlines\tand a tab\x01",
                                          "Zo\xc3\xab #1", "at x: y, z"};
  Script script;
  std::uint32_t number = 0;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    for (const std::uint32_t execution : {1U, 7U}) {
      for (const std::uint32_t occurrence : {1U, 12U}) {
        Script::Line line{.fault = fault, .execution = execution, .time = number % 3 + 1};
        const SiteKind kind = site_of(fault);
        const bool of_operation =
            kind != SiteKind::execution_end && kind != SiteKind::start && !is_of_invocation(fault);
        if (!of_operation ? is_of_invocation(fault) : !counted_by(kind).empty())
          line.occurrence = occurrence;
        if (of_operation && number % 2 == 0) {
          line.operation = names[number % names.size()];
          line.number = number % 5 + 1;
        } else if (of_operation) {
          line.path = durable::OperationPath().child(3).child(number % 4 + 1);
        }
        ++number;
        if (std::find(script.lines.begin(), script.lines.end(), line) == script.lines.end())
          script.lines.push_back(line);
      }
    }
  }
  EXPECT_GT(script.lines.size(), 90U);
  EXPECT_EQ(Script::parse(script.to_text()), script) << script.to_text();
}

TEST(Script, SaysWhereItCannotBeRead) {
  expect_error("\n  when \"charge\": crash", 2, 3,
               "expected \"at\", which begins every line, found when");
  expect_error("at charge: crash_after_body", 1, 4, "expected \"name\", \"name\"#2");
  expect_error("at", 1, 3, "found the end of the line");
  expect_error("at \"charge: crash_after_body", 1, 4, "no closing quotation mark");
  expect_error("at \"\": crash_after_body", 1, 4, "a name is not empty");
  expect_error("at \"a\\n\": crash_after_body", 1, 6, "a backslash stands in");
  expect_error("at \"charge\"#0: crash_after_body", 1, 13, "a number from 1 on");
  expect_error("at \"charge\"#two: crash_after_body", 1, 13, "a number from 1 on");
  expect_error("at operation 2.: crash_after_body", 1, 16, "a number from 1 on");
  expect_error("at invocation 5000000000: cold_start", 1, 15, "a number from 1 on");
  expect_error("at \"charge\" in run 2: throttled", 1, 16, "\"execution\" and its number");
  expect_error("at \"charge\" crash_after_body", 1, 13, "expected \":\" and a fault");
  expect_error("at \"charge\", try 2: crash_after_body", 1, 14,
               "expected attempt, transmission, effect or time");
  expect_error("at \"charge\", attempt 2, effect 1: crash_at_effect", 1, 25,
               "\"attempt\" stands there already");
  expect_error("at \"charge\", time 2, time 3: crash_at_effect", 1, 22, "\"time\" stands twice");
}

TEST(Script, CountsColumnsInCharacters) {
  expect_error("at \"Zo\xc3\xab\" crash", 1, 10, "expected \":\"");
}

TEST(Script, NamesTheNearestFaults) {
  expect_error("at \"charge\": crash_after_boddy", 1, 14,
               "unknown fault \"crash_after_boddy\"; known are: crash_after_body, ");
  expect_error(
      "at \"charge\": lost # all", 1, 14,
      "unknown fault \"lost\"; known are: request_lost, request_lost_for_good, answer_lost, "
      "answer_lost_for_good, response_lost, ");
  expect_error("at \"charge\":", 1, 13, "expected a fault; known are: ");
  expect_error("at \"charge\": none", 1, 14, "unknown fault \"none\"");
}

TEST(Script, RefusesPlacesWhereTheFaultDoesNotHappen) {
  expect_error("at \"charge\": cold_start", 1, 4, "cold_start happens to an invocation");
  expect_error("at invocation 1: crash_after_body", 1, 4,
               "crash_after_body happens to an operation: at \"name\"");
  expect_error("at execution: full_jitter", 1, 4, "happens to an operation");
  expect_error("at invocation 1: request_lost", 1, 4, "happens to an operation");
  expect_error("at \"charge\": delivery_after_completion", 1, 4, "happens to an execution");
}

TEST(Script, RefusesCountsThatTheFaultDoesNotHave) {
  expect_error("at \"charge\", attempt 2: request_lost", 1, 14,
               "request_lost has no attempt; it counts by transmission");
  expect_error("at invocation 1, attempt 2: cold_start", 1, 18, "cold_start has no attempt");
}

TEST(Script, RefusesTheSameFaultTwice) {
  expect_error("# one\nat \"a\": throttled\n\nat \"a\", transmission 1: throttled", 4, 1,
               "stands in line 2 already; its next time is \", time 2\"");
  EXPECT_EQ(Script::parse("at \"a\": throttled\nat \"a\", time 2: throttled").lines.size(), 2U);
}

TEST(NearestFirst, LeavesOutTheFarEnd) {
  EXPECT_EQ(nearest_first("chargecard", {"mail", "charge-card"}), "charge-card, mail");
  EXPECT_EQ(nearest_first("x", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}),
            "a, b, c, d, e, f, g, h and 2 more");
  EXPECT_EQ(nearest_first("x", {}), "");
}

}  // namespace script_test
}  // namespace durasim
