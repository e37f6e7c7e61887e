#include "tools/conformance/python.hpp"

#include <gtest/gtest.h>

namespace conformance_python_test {

using conformance::Json;
using conformance::python_equal;
using conformance::python_json;
using conformance::python_str;
using conformance::python_strip;

TEST(ConformancePython, HoldsNumbersAndBooleansEqual) {
  EXPECT_TRUE(python_equal(1, 1.0));
  EXPECT_TRUE(python_equal(1, true));
  EXPECT_TRUE(python_equal(0.0, false));
  EXPECT_FALSE(python_equal(2, true));
  EXPECT_TRUE(python_equal(Json::parse("[1, {\"a\": true}]"), Json::parse("[true, {\"a\": 1.0}]")));
}

TEST(ConformancePython, HoldsOtherTypesUnequal) {
  EXPECT_FALSE(python_equal("1", 1));
  EXPECT_FALSE(python_equal(nullptr, false));
  EXPECT_FALSE(python_equal("", nullptr));
  EXPECT_FALSE(python_equal(Json::array(), Json::object()));
}

TEST(ConformancePython, ComparesContainersAsAWhole) {
  EXPECT_FALSE(python_equal(Json::parse("[1]"), Json::parse("[1, 2]")));
  EXPECT_FALSE(python_equal(Json::parse("{\"a\": 1}"), Json::parse("{\"a\": 1, \"b\": 2}")));
  EXPECT_FALSE(python_equal(Json::parse("{\"a\": 1}"), Json::parse("{\"b\": 1}")));
  EXPECT_TRUE(
      python_equal(Json::parse("{\"a\": 1, \"b\": 2}"), Json::parse("{\"b\": 2, \"a\": 1}")));
}

TEST(ConformancePython, WritesValuesAsJsonDumpsDoes) {
  EXPECT_EQ(python_json(Json::parse(R"({"b": [1, true, null], "a": {"c": 1.0}, "d": []})")),
            R"({"a": {"c": 1.0}, "b": [1, true, null], "d": []})");
  EXPECT_EQ(python_json("\u00e9 \"\n\x7f"), R"("\u00e9 \"\n\u007f")");
  EXPECT_EQ(python_json(1e22), "1e+22");
  EXPECT_EQ(python_json(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(ConformancePython, WritesValuesAsStrDoes) {
  EXPECT_EQ(python_str("as it is"), "as it is");
  EXPECT_EQ(python_str(nullptr), "None");
  EXPECT_EQ(python_str(true), "True");
  EXPECT_EQ(python_str(-3), "-3");
  EXPECT_EQ(python_str(2.0), "2.0");
  EXPECT_EQ(python_str(1767225600.25), "1767225600.25");
  EXPECT_EQ(python_str(1e16), "1e+16");
  EXPECT_EQ(python_str(Json::parse(R"({"a": [1, "x", null]})")), "{'a': [1, 'x', None]}");
}

TEST(ConformancePython, QuotesNestedStringsAsReprDoes) {
  EXPECT_EQ(python_str(Json::array({"it's"})), "[\"it's\"]");
  EXPECT_EQ(python_str(Json::array({"'\"\n\\"})), "['\\'\"\\n\\\\']");
}

TEST(ConformancePython, StripsWhiteSpaceAtBothEnds) {
  EXPECT_EQ(python_strip(" \t a b\n"), "a b");
  EXPECT_EQ(python_strip(" \n"), "");
}

}  // namespace conformance_python_test
