#include "tools/conformance/regex.hpp"

#include <gtest/gtest.h>

namespace conformance_regex_test {

using conformance::PatternError;
using conformance::python_search;

TEST(ConformanceRegex, FindsAMatchAnywhere) {
  EXPECT_TRUE(python_search("b+", "abbc"));
  EXPECT_FALSE(python_search("^b+", "abbc"));
  EXPECT_TRUE(python_search(".*TransientError$", "shop::TransientError"));
  EXPECT_FALSE(python_search(".*TransientError$", "TransientErrorOrNot"));
}

TEST(ConformanceRegex, UnderstandsThePatternsOfTheSuites) {
  EXPECT_TRUE(python_search("^([0-9]|10)$", "10"));
  EXPECT_FALSE(python_search("^([0-9]|10)$", "11"));
  EXPECT_TRUE(python_search("\\[ERROR\\]", "[ERROR] no"));
  EXPECT_TRUE(python_search("^\\d{4}-", "2026-01-01"));
}

TEST(ConformanceRegex, AnchorsAreThoseOfTheWholeText) {
  EXPECT_FALSE(python_search("^b", "a\nb"));
  EXPECT_FALSE(python_search("a$", "a\nb"));
  EXPECT_TRUE(python_search("a$", "a\n"));
  EXPECT_FALSE(python_search("a\\Z", "a\n"));
  EXPECT_TRUE(python_search("\\Aa\\Z", "a"));
  EXPECT_TRUE(python_search("a\\$[$]", "a$$"));
}

TEST(ConformanceRegex, ADotIsEverythingButANewline) {
  EXPECT_FALSE(python_search("a.b", "a\nb"));
  EXPECT_TRUE(python_search("a.b", "a\rb"));
  EXPECT_TRUE(python_search("(?s)a.b", "a\nb"));
  EXPECT_FALSE(python_search("a[.]b", "axb"));
}

TEST(ConformanceRegex, UnderstandsGroupsAndFlagsAsPythonWritesThem) {
  EXPECT_TRUE(python_search("(?i)ABC", "xabc"));
  EXPECT_TRUE(python_search("(?P<first>a)(?:b|c)(?=d)(?!e)", "acd"));
  EXPECT_TRUE(python_search("[[]x[]]", "[x]"));
  EXPECT_TRUE(python_search("[^]]", "a"));
}

TEST(ConformanceRegex, ABraceIsAQuantifierOrItself) {
  EXPECT_TRUE(python_search("^a{2}$", "aa"));
  EXPECT_TRUE(python_search("^a{1,}$", "aa"));
  EXPECT_FALSE(python_search("^a{,1}$", "aa"));
  EXPECT_TRUE(python_search("^{\"a\": 1}$", "{\"a\": 1}"));
  EXPECT_TRUE(python_search("^{}$", "{}"));
  EXPECT_TRUE(python_search("a{x}", "a{x}"));
}

TEST(ConformanceRegex, SaysWhichPatternItCannotUse) {
  EXPECT_THROW(python_search("(", "x"), PatternError);
  EXPECT_THROW(python_search("[a", "x"), PatternError);
  EXPECT_THROW(python_search("(?<=a)b", "ab"), PatternError);
  EXPECT_THROW(python_search("(?P<a", "ab"), PatternError);
  EXPECT_THROW(python_search("a", std::string(10'001, 'a')), PatternError);
}

TEST(ConformanceRegex, SearchesTheLongestTextWithoutRunningOutOfStack) {
  EXPECT_FALSE(python_search("^(a|c)*b", std::string(4'000, 'a')));
}

}  // namespace conformance_regex_test
