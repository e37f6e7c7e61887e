#include "tools/conformance/placeholders.hpp"

#include <regex>

#include <gtest/gtest.h>

namespace conformance_placeholders_test {

using conformance::Bindings;
using conformance::Json;
using conformance::resolve_variables;
using conformance::unresolved;

TEST(ConformancePlaceholders, AreNamesInBraces) {
  EXPECT_EQ(Bindings::name_of("${ID1}"), "ID1");
  for (const char* text : {"ID1", "${ID1", "${}", "${1D}", "${ID1} ", "${a b}", "${/x/}"})
    EXPECT_FALSE(Bindings::name_of(text)) << text;
}

TEST(ConformancePlaceholders, MayBePatterns) {
  EXPECT_EQ(Bindings::pattern_of("${/^[0-5]$/}"), "^[0-5]$");
  EXPECT_EQ(Bindings::pattern_of("${//}"), "");
  EXPECT_EQ(Bindings::pattern_of("${/a{2}/}"), "a{2}");
  for (const char* text : {"${/x}", "/x/", "${ID1}", "${/}"})
    EXPECT_FALSE(Bindings::pattern_of(text)) << text;
}

TEST(ConformancePlaceholders, AreReplacedByTheirValueOrItsText) {
  Bindings bindings;
  bindings.bind("N", 3);
  bindings.bind("NAME", "x");
  EXPECT_EQ(
      bindings.substitute(Json::parse(R"(["${N}", "n=${N}${NAME}", {"k": "${NAME}"}, 1, null])")),
      Json::parse(R"([3, "n=3x", {"k": "x"}, 1, null])"));
  EXPECT_EQ(bindings.substitute("${OTHER} ${NAME ${N}"), "${OTHER} ${NAME 3");
}

TEST(ConformancePlaceholders, GeneratedTextIsTheSameForTheSameRequirementAndName) {
  const Json variables = Json::parse(R"({"A": "${GEN_STR:8}", "B": "${GEN_STR:8}", "C": 7,
                                         "D": "id-${GEN_STR:3}", "E": "${GEN_STR:x}"})");
  const Bindings first = resolve_variables(variables, "1-7");
  const Bindings second = resolve_variables(variables, "1-7");
  const Bindings other = resolve_variables(variables, "1-8");
  EXPECT_TRUE(std::regex_match(first.find("A")->get<std::string>(), std::regex("[a-z0-9]{8}")));
  EXPECT_EQ(*first.find("A"), *second.find("A"));
  EXPECT_NE(*first.find("A"), *first.find("B"));
  EXPECT_NE(*first.find("A"), *other.find("A"));
  EXPECT_EQ(*first.find("C"), 7);
  EXPECT_TRUE(std::regex_match(first.find("D")->get<std::string>(), std::regex("id-[a-z0-9]{3}")));
  EXPECT_EQ(*first.find("E"), "${GEN_STR:x}");
}

TEST(ConformancePlaceholders, ThatNothingHasBoundAreFound) {
  EXPECT_EQ(unresolved(Json::parse(R"({"a": ["x ${TYPO}"]})")), "${TYPO}");
  EXPECT_FALSE(unresolved(Json::parse(R"({"a": ["$ {x} ${/y/}", 1]})")));
}

}  // namespace conformance_placeholders_test
