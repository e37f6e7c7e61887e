#include "tools/conformance/match.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conformance_match_test {

using conformance::Bindings;
using conformance::Json;
using conformance::match_events;
using conformance::Mismatches;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Matches the one event 2 whose key `K` is given.
Mismatches match(const std::string& expected, const std::string& actual, Bindings bindings = {}) {
  const Json event = {{"EventId", 2}, {"K", Json::parse(expected)}};
  const Json history = Json::array({{{"EventId", 2}, {"K", Json::parse(actual)}, {"More", 1}}});
  return match_events({event}, history, bindings);
}

TEST(ConformanceMatch, AnEmptyObjectIsAnythingThatIsThere) {
  for (const char* actual : {"{}", "{\"a\": 1}", "3", "null", "[]"})
    EXPECT_THAT(match("{}", actual), IsEmpty()) << actual;
}

TEST(ConformanceMatch, AStarIsAnythingThatIsThere) {
  for (const char* actual : {"{\"a\": 1}", "3", "null"})
    EXPECT_THAT(match("\"*\"", actual), IsEmpty()) << actual;
}

TEST(ConformanceMatch, AKeyHasToBeThereWhateverItsValue) {
  for (const char* expected : {"{}", "\"*\"", "null", "\"${ID}\""}) {
    Bindings bindings;
    const Json event = {{"EventId", 1}, {"K", Json::parse(expected)}};
    EXPECT_THAT(match_events({event}, Json::parse(R"([{"EventId": 1, "L": 2}])"), bindings),
                ElementsAre("event 1: K is missing, expected " + std::string(expected) +
                            "; there is EventId, L"));
  }
}

TEST(ConformanceMatch, AnEventHasToBeThere) {
  Bindings bindings;
  const Json event = {{"EventId", 9}, {"EventType", "StepFailed"}};
  EXPECT_THAT(match_events({event}, Json::parse(R"([{"EventId": 1}])"), bindings),
              ElementsAre("event 9 (StepFailed): there is none; the history has 1 events"));
}

TEST(ConformanceMatch, EventsAreFoundByTheirIdWhateverTheirOrder) {
  Bindings bindings;
  const std::vector<Json> expected = {Json::parse(R"({"EventId": 3, "EventType": "B"})"),
                                      Json::parse(R"({"EventId": 2, "EventType": "A"})")};
  const Json history = Json::parse(
      R"([{"EventId": 1, "EventType": "X"}, {"EventId": 2, "EventType": "A"},
          {"EventId": 3, "EventType": "B"}, {"EventId": 4, "EventType": "Y"}])");
  EXPECT_THAT(match_events(expected, history, bindings), IsEmpty());
}

TEST(ConformanceMatch, LiteralsAreComparedAsPythonDoes) {
  EXPECT_THAT(match("1", "1.0"), IsEmpty());
  EXPECT_THAT(match("true", "1"), IsEmpty());
  EXPECT_THAT(match("\"1\"", "1"), ElementsAre("event 2: K: expected \"1\", got 1"));
  EXPECT_THAT(match("3", "2"), ElementsAre("event 2: K: expected 3, got 2"));
  EXPECT_THAT(match("null", "false"), ElementsAre("event 2: K: expected null, got false"));
}

TEST(ConformanceMatch, ObjectsAreComparedByTheExpectedKeys) {
  EXPECT_THAT(match(R"({"a": {"b": 1}})", R"({"a": {"b": 1, "c": 2}, "d": 3})"), IsEmpty());
  EXPECT_THAT(match(R"({"a": {"b": 1}})", R"({"a": {"b": 2}})"),
              ElementsAre("event 2: K.a.b: expected 1, got 2"));
  EXPECT_THAT(match(R"({"a": 1})", "7"),
              ElementsAre("event 2: K: expected an object with a, got 7"));
}

TEST(ConformanceMatch, ArraysAreComparedElementByElement) {
  EXPECT_THAT(match(R"([1, "*", {}])", "[1, 2, 3]"), IsEmpty());
  EXPECT_THAT(match("[]", "[]"), IsEmpty());
  EXPECT_THAT(match("[1]", "[1, 2]"),
              ElementsAre("event 2: K: expected an array of 1: [1], got [1,2]"));
  EXPECT_THAT(match("[1, 2]", "[1, 3]"), ElementsAre("event 2: K[1]: expected 2, got 3"));
}

TEST(ConformanceMatch, ANameIsBoundWhenItIsFirstMet) {
  EXPECT_THAT(match(R"(["${ID}", "${OTHER}", "${ID}"])", R"(["x", "y", "x"])"), IsEmpty());
  EXPECT_THAT(match(R"(["${ID}", "${ID}"])", R"(["x", "y"])"),
              ElementsAre("event 2: K[1]: expected \"x\", as ${ID} is, got \"y\""));
  EXPECT_THAT(match(R"(["${ID}", "${ID}"])", R"([{"a": 1}, {"a": true}])"), IsEmpty());
}

TEST(ConformanceMatch, ABoundNameIsReplacedInsideATextAndAPattern) {
  Bindings bindings;
  bindings.bind("IN", "abc");
  EXPECT_THAT(match(R"("\"${IN}\"")", R"("\"abc\"")", bindings), IsEmpty());
  EXPECT_THAT(match(R"("${IN}")", R"("abd")", bindings),
              ElementsAre("event 2: K: expected \"abc\", as ${IN} is, got \"abd\""));
  EXPECT_THAT(match(R"("${/^${IN}$/}")", R"("abc")", bindings), IsEmpty());
  EXPECT_THAT(match(R"("x${UNBOUND}")", R"("x")", bindings),
              ElementsAre("event 2: K: expected \"x${UNBOUND}\", got \"x\""));
}

TEST(ConformanceMatch, APatternIsSearchedForInThePythonTextOfTheValue) {
  EXPECT_THAT(match(R"("${/^[0-5]$/}")", "3"), IsEmpty());
  EXPECT_THAT(match(R"("${/^None$/}")", "null"), IsEmpty());
  EXPECT_THAT(match(R"("${/'a': True/}")", R"({"a": true})"), IsEmpty());
  EXPECT_THAT(match(R"("${/^[0-5]$/}")", "6"),
              ElementsAre("event 2: K: expected a match of /^[0-5]$/, got 6"));
  EXPECT_THAT(match(R"("${/(/}")", "6"),
              ElementsAre(::testing::StartsWith("event 2: K: the pattern /(/ cannot be used: ")));
}

TEST(ConformanceMatch, SaysEverythingThatDiffers) {
  EXPECT_EQ(match(R"({"a": 1, "b": 2, "c": 3})", R"({"a": 2, "b": 2})").size(), 2U);
}

TEST(ConformanceMatch, ShortensWhatItShows) {
  const std::string text = conformance::shown(std::string(300, 'x'));
  EXPECT_EQ(text.size(), 163U);
  EXPECT_EQ(text.substr(157), "xxx...");
}

}  // namespace conformance_match_test
