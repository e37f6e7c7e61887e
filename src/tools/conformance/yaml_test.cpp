#include "tools/conformance/yaml.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/conformance/testing.hpp"
#include "tools/conformance/yaml_scalar.hpp"

namespace conformance_yaml_test {

using conformance::FileError;
using conformance::Json;
using conformance::plain_scalar;
using conformance::testing::message_of;
using conformance::testing::TemporaryFolder;

Json load(const std::string& text) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.yaml", text);
  return conformance::yaml_to_json("x.yaml", conformance::read_yaml(file));
}

TEST(ConformanceYaml, KnowsNullAndBooleans) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_EQ(plain_scalar(text), nullptr);
  for (const char* text : {"true", "Yes", "ON"}) EXPECT_EQ(plain_scalar(text), Json(true)) << text;
  for (const char* text : {"False", "no", "off"})
    EXPECT_EQ(plain_scalar(text), Json(false)) << text;
  for (const char* text : {"y", "N", "tRUE", "nil"}) EXPECT_EQ(plain_scalar(text), text);
}

TEST(ConformanceYaml, KnowsIntegersOfEveryBase) {
  EXPECT_EQ(plain_scalar("0"), 0);
  EXPECT_EQ(plain_scalar("-12"), -12);
  EXPECT_EQ(plain_scalar("+1_000"), 1000);
  EXPECT_EQ(plain_scalar("010"), 8);
  EXPECT_EQ(plain_scalar("-0x1F"), -31);
  EXPECT_EQ(plain_scalar("0b101"), 5);
  EXPECT_EQ(plain_scalar("1:30"), 90);
  EXPECT_TRUE(plain_scalar("9223372036854775807").is_number_integer());
  EXPECT_EQ(plain_scalar("9223372036854775808"), 9223372036854775808.0);
  EXPECT_EQ(plain_scalar("08"), "08");
  EXPECT_EQ(plain_scalar("0o10"), "0o10");
}

TEST(ConformanceYaml, KnowsFloatsByTheirPoint) {
  EXPECT_EQ(plain_scalar("1.5"), 1.5);
  EXPECT_EQ(plain_scalar("-.5"), "-.5");
  EXPECT_EQ(plain_scalar(".5"), 0.5);
  EXPECT_EQ(plain_scalar("1.0e+3"), 1000.0);
  EXPECT_EQ(plain_scalar("1e3"), "1e3");
  EXPECT_EQ(plain_scalar("1.0e3"), "1.0e3");
  EXPECT_EQ(plain_scalar("-.inf"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(plain_scalar("1.").is_number_float());
}

TEST(ConformanceYaml, KeepsDatesAndEverythingElseAsText) {
  for (const char* text : {"2026-01-01", "1.2.3", "-", "+", ".", "12a", "wait-1"})
    EXPECT_EQ(plain_scalar(text), text);
}

TEST(ConformanceYaml, QuotedScalarsAreStrings) {
  EXPECT_EQ(load("- 1\n- '1'\n- \"true\"\n- !!str 2\n- ''\n- |-\n  3\n- 'null'\n"),
            Json::parse(R"([1, "1", "true", "2", "", "3", "null"])"));
}

TEST(ConformanceYaml, ReadsNestedValues) {
  EXPECT_EQ(
      load("---\nInput:\nname: Alice\ntags: [admin, 'on']\nnested:\n  - a: 1\n  - {}\n  - []\n"),
      Json::parse(R"({"Input": null, "name": "Alice", "tags": ["admin", "on"],
                            "nested": [{"a": 1}, {}, []]})"));
  EXPECT_EQ(load("a: &x {b: 1}\nc: *x\n"), Json::parse(R"({"a": {"b": 1}, "c": {"b": 1}})"));
}

TEST(ConformanceYaml, SaysWhereAFileIsWrong) {
  EXPECT_THAT(message_of<FileError>([] { load("a: 1\nb: [1\n"); }),
              ::testing::MatchesRegex(".*x.yaml:[0-9]+:[0-9]+: not YAML: .*"));
  EXPECT_EQ(message_of<FileError>([] { load("a: 1\nb: 2\na: 3\n"); }),
            "x.yaml:3:1: the key a is repeated");
  EXPECT_EQ(message_of<FileError>([] { load("a: !!set {}\nb: !odd x\n"); }),
            "x.yaml:2:4: the tag !odd is not understood");
  EXPECT_EQ(message_of<FileError>([] { load("a:\n  <<: {b: 1}\n"); }),
            "x.yaml:2:3: merge keys are not understood");
  EXPECT_EQ(message_of<FileError>([] { conformance::read_yaml("/no/such/file.yaml"); }),
            "/no/such/file.yaml: cannot be read");
}

TEST(ConformanceYaml, RefusesAnAliasOfItself) {
  EXPECT_THAT(message_of<FileError>([] { load("&a [*a]"); }),
              ::testing::HasSubstr("nested more than 100 levels deep"));
}

}  // namespace conformance_yaml_test
