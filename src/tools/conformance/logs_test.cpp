#include "tools/conformance/logs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conformance_logs_test {

using conformance::Bindings;
using conformance::Json;
using conformance::log_records;
using conformance::LogExpectation;
using conformance::match_logs;
using conformance::Mismatches;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<Json> kRecords = {
    Json::parse(R"({"message": "begin", "n": 1, "first": true})"),
    Json::parse(R"({"message": " again ", "n": 2, "first": false})"),
    Json::parse(R"({"message": "end", "n": 2, "error": null})"),
};

LogExpectation expect(const std::string& fields) {
  LogExpectation expectation;
  expectation.match = Json::parse(fields);
  return expectation;
}

Mismatches match(const LogExpectation& expectation, const Bindings& bindings = {}) {
  return match_logs({expectation}, kRecords, bindings);
}

std::size_t matches(const std::string& fields) {
  LogExpectation none = expect(fields);
  for (std::int64_t count = 0;; ++count) {
    none.count = count;
    if (match(none).empty()) return static_cast<std::size_t>(count);
  }
}

TEST(ConformanceLogs, AreTheJsonLinesOfTheExecution) {
  EXPECT_THAT(log_records({"plain", "[1]", R"({"a": 1})", R"({"executionArn": "x", "a": 2})",
                           R"({"durableExecutionArn": "x", "a": 3})", R"({"executionArn": "y"})"},
                          "x"),
              ElementsAre(Json::parse(R"({"executionArn": "x", "a": 2})"),
                          Json::parse(R"({"durableExecutionArn": "x", "a": 3})")));
}

TEST(ConformanceLogs, FieldsAreComparedAsText) {
  EXPECT_EQ(matches(R"({"message": "again"})"), 1U);
  EXPECT_EQ(matches(R"({"message": "egi"})"), 0U);
  EXPECT_EQ(matches(R"({"n": 2})"), 2U);
  EXPECT_EQ(matches(R"({"n": "2"})"), 2U);
  EXPECT_EQ(matches(R"({"n": 2, "message": "end"})"), 1U);
  EXPECT_EQ(matches(R"({"error": "None"})"), 1U);
  EXPECT_EQ(matches(R"({"missing": "*"})"), 0U);
  EXPECT_EQ(matches("{}"), 3U);
}

TEST(ConformanceLogs, ASlashAtBothEndsMakesAPattern) {
  EXPECT_EQ(matches(R"({"message": "/^(begin|end)$/"})"), 2U);
  EXPECT_EQ(matches(R"({"n": "/^\\d$/"})"), 3U);
  EXPECT_EQ(matches(R"({"message": "/"})"), 0U);
}

TEST(ConformanceLogs, ABooleanEqualsOnlyItself) {
  EXPECT_EQ(matches(R"({"first": true})"), 1U);
  EXPECT_EQ(matches(R"({"first": "True"})"), 0U);
  EXPECT_EQ(matches(R"({"first": 1})"), 0U);
  EXPECT_EQ(matches(R"({"n": true})"), 0U);
}

TEST(ConformanceLogs, OneMatchIsEnoughWhereNothingIsCounted) {
  EXPECT_THAT(match(expect(R"({"n": 2})")), IsEmpty());
  EXPECT_THAT(match(expect(R"({"n": 3})")),
              ElementsAre(R"(log {"n":3}: expected at least 1 record, found 0 among 3)"));
}

TEST(ConformanceLogs, ACountIsExact) {
  LogExpectation twice = expect(R"({"n": 2})");
  twice.count = 2;
  EXPECT_THAT(match(twice), IsEmpty());
  twice.count = 1;
  EXPECT_THAT(match(twice), ElementsAre(R"(log {"n":2}: expected 1 record, found 2 among 3)"));
  twice.count = 3;
  EXPECT_THAT(match(twice), ElementsAre(R"(log {"n":2}: expected 3 records, found 2 among 3)"));
}

TEST(ConformanceLogs, BoundsAreInclusive) {
  LogExpectation bounded = expect(R"({"n": 2})");
  bounded.min_count = 2;
  bounded.max_count = 2;
  EXPECT_THAT(match(bounded), IsEmpty());
  bounded.min_count = 3;
  EXPECT_THAT(match(bounded), ElementsAre(::testing::HasSubstr("expected at least 3 records")));
  bounded.min_count.reset();
  bounded.max_count = 1;
  EXPECT_THAT(match(bounded), ElementsAre(::testing::HasSubstr("expected at most 1 record,")));
  LogExpectation none = expect(R"({"n": 9})");
  none.max_count = 1;
  EXPECT_THAT(match(none), IsEmpty());
}

TEST(ConformanceLogs, AnchorsAreInclusiveAndHaveToMatch) {
  LogExpectation second = expect(R"({"n": 2})");
  second.after = {Json::parse(R"({"message": "begin"})"), Json::parse(R"({"message": "again"})")};
  second.before = {Json::parse(R"({"message": "end"})")};
  EXPECT_THAT(match(second), IsEmpty());
  second.after = {Json::parse(R"({"message": "end"})")};
  EXPECT_THAT(match(second),
              ElementsAre(R"(log {"n":2}: a match comes before the first {"message":"end"})"));
  second.after.clear();
  second.before = {Json::parse(R"({"message": "begin"})")};
  EXPECT_THAT(match(second),
              ElementsAre(R"(log {"n":2}: a match comes after the last {"message":"begin"})"));
  second.before = {Json::parse(R"({"message": "never"})")};
  EXPECT_THAT(match(second),
              ElementsAre(R"(log {"n":2}: no record matches its anchor {"message":"never"})"));
}

TEST(ConformanceLogs, BoundNamesAreReplaced) {
  Bindings bindings;
  bindings.bind("ID", "beg");
  EXPECT_THAT(match(expect(R"({"message": "/^${ID}in$/"})"), bindings), IsEmpty());
  EXPECT_THAT(match(expect(R"({"message": "${ID}"})"), bindings), ::testing::SizeIs(1));
}

TEST(ConformanceLogs, AWrongPatternIsAMismatch) {
  EXPECT_THAT(match(expect(R"({"message": "/(/"})")),
              ElementsAre(::testing::HasSubstr("the pattern /(/ cannot be used")));
}

}  // namespace conformance_logs_test
