#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <durable/serdes.hpp>

namespace durable::serdes_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

struct Line {
  std::string sku;
  double price = 0;
  std::int8_t quantity = 0;
  friend bool operator==(const Line&, const Line&) = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Line, sku, price, quantity)
};

struct Order {
  std::string id;
  std::uint64_t cents = 0;
  std::vector<Line> lines;
  std::map<std::string, double> rates;
  friend bool operator==(const Order&, const Order&) = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Order, id, cents, lines, rates)
};

/// What the JSON library alone does not convert.
struct Visit {
  std::string room;
  std::optional<std::string> note;
  std::vector<std::optional<int>> readings;
  std::chrono::seconds stay{0};
  std::optional<std::vector<std::chrono::milliseconds>> pauses;
  friend bool operator==(const Visit&, const Visit&) = default;
  DURABLE_JSON(Visit, room, note, readings, stay, pauses)
};

enum class Colour : std::uint8_t { red, green };

struct Everything {
  std::int64_t whole = 0;
  std::uint64_t natural = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Everything, whole, natural)
};

template <class T>
T round_trip(const T& value) {
  return deserialize<T>(serialize(value));
}

template <class T>
std::string error_of(std::string_view text) {
  try {
    static_cast<void>(deserialize<T>(text));
  } catch (const SerDesError& error) {
    return error.what();
  }
  return "no error";
}

template <class T>
std::string error_of_serializing(const T& value) {
  try {
    static_cast<void>(serialize(value));
  } catch (const SerDesError& error) {
    return error.what();
  }
  return "no error";
}

template <class T>
void expect_round_trip_of_limits() {
  for (const T value : {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T{0}, T{1}}) {
    EXPECT_EQ(serialize(value), std::to_string(value));
    EXPECT_EQ(round_trip(value), value);
  }
}

TEST(Serdes, KeepsIntegersToTheirLimits) {
  expect_round_trip_of_limits<std::int8_t>();
  expect_round_trip_of_limits<std::uint8_t>();
  expect_round_trip_of_limits<std::int16_t>();
  expect_round_trip_of_limits<std::uint16_t>();
  expect_round_trip_of_limits<std::int32_t>();
  expect_round_trip_of_limits<std::uint32_t>();
  expect_round_trip_of_limits<std::int64_t>();
  expect_round_trip_of_limits<std::uint64_t>();
  const Everything extreme{std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(round_trip(extreme).whole, extreme.whole);
  EXPECT_EQ(round_trip(extreme).natural, extreme.natural);
}

TEST(Serdes, WritesTheSameTextForScalarsAsTheJsonLibrary) {
  EXPECT_EQ(serialize(true), nlohmann::json(true).dump());
  EXPECT_EQ(serialize(false), nlohmann::json(false).dump());
  EXPECT_EQ(serialize(-42), nlohmann::json(-42).dump());
  for (const std::string text :
       {"", "plain", "with \"quotes\"", "tab\tand\\", "\x7f", "\xc3\xa9"}) {
    EXPECT_EQ(serialize(text), nlohmann::json(text).dump());
  }
}

TEST(Serdes, WritesTheSameTextForAllValuesAsTheJsonLibrary) {
  for (const char* text :
       {"null", "true", "[]", "{}", "[[],{},\"\",0]",
        R"({"a":[1,-2,18446744073709551615],"b":null})", R"({"quoted \"key\"":1})",
        R"(["tab\t","\u0000","\u007f","é","\\"])", "[1.5,-0.0,1e300]",
        R"({"lines":[{"sku":"A-1","quantity":2},{"sku":"B-2","quantity":-1}],"refund":false})"}) {
    const auto value = nlohmann::json::parse(text);
    EXPECT_EQ(detail::dump(value), value.dump());
  }
  EXPECT_EQ(detail::dump(nlohmann::json::binary({1, 2})), nlohmann::json::binary({1, 2}).dump());
}

TEST(Serdes, KeepsFloatingPointNumbersExactly) {
  for (const double value :
       {0.1, 1.0 / 3, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, 9007199254740993.0}) {
    EXPECT_EQ(round_trip(value), value);
  }
  EXPECT_EQ(round_trip(0.1f), 0.1f);
}

TEST(Serdes, KeepsTheSignOfNegativeZero) {
  EXPECT_EQ(serialize(-0.0), "-0.0");
  EXPECT_TRUE(std::signbit(round_trip(-0.0)));
  EXPECT_FALSE(std::signbit(round_trip(0.0)));
}

TEST(Serdes, KeepsEveryAsciiCharacter) {
  std::string all;
  for (int character = 0; character < 128; ++character) {
    const std::string one(1, static_cast<char>(character));
    EXPECT_EQ(round_trip(one), one) << character;
    EXPECT_EQ(round_trip("a" + one + "z"), "a" + one + "z") << character;
    all += one;
  }
  EXPECT_EQ(round_trip(all), all);
  EXPECT_THAT(serialize(all), HasSubstr(R"(\b\t\n\u000b\f\r)"));
}

TEST(Serdes, KeepsUnicode) {
  for (const std::string text :
       {"caf\u00e9", "cafe\u0301", "\u65e5\u672c\u8a9e", "\u05e9\u05dc\u05d5\u05dd",
        "\U0001f389 party", "\u2028", "\ufeff"}) {
    EXPECT_EQ(round_trip(text), text);
  }
}

TEST(Serdes, ReadsEveryEscapeOfJson) {
  EXPECT_EQ(deserialize<std::string>(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\ud83c\udf89")"),
            "\"\\/\b\f\n\r\tA\u00e9\U0001f389");
  EXPECT_EQ(deserialize<std::string>(R"( "x" )"), "x");
}

TEST(Serdes, KeepsOptionalsAndTheirAbsence) {
  EXPECT_EQ(serialize(std::optional<int>()), "null");
  EXPECT_EQ(round_trip(std::optional<int>()), std::nullopt);
  EXPECT_EQ(round_trip(std::optional<int>(7)), 7);
  EXPECT_EQ(round_trip(std::optional<std::string>("null")), "null");
  const std::optional<Line> line(Line{"s", 1.5, 2});
  EXPECT_EQ(round_trip(line), line);
}

TEST(Serdes, KeepsDurationsAndTimePoints) {
  using namespace std::chrono_literals;
  EXPECT_EQ(serialize(90s), "90");
  EXPECT_EQ(round_trip(-5ms), -5ms);
  EXPECT_EQ(round_trip(std::chrono::duration<double>(1.5)).count(), 1.5);
  const auto moment = std::chrono::sys_time<std::chrono::milliseconds>(1'764'802'704'864ms);
  EXPECT_EQ(serialize(moment), "1764802704864");
  EXPECT_EQ(round_trip(moment), moment);
  EXPECT_EQ(round_trip(std::optional(90s)), 90s);
}

TEST(Serdes, KeepsOptionalsAndDurationsInsideContainers) {
  using namespace std::chrono_literals;
  const std::vector<std::optional<int>> readings{1, std::nullopt, -3};
  EXPECT_EQ(serialize(readings), "[1,null,-3]");
  EXPECT_EQ(round_trip(readings), readings);
  const std::map<std::string, std::optional<std::string>> notes{{"a", "x"}, {"b", std::nullopt}};
  EXPECT_EQ(serialize(notes), R"({"a":"x","b":null})");
  EXPECT_EQ(round_trip(notes), notes);
  const std::optional<std::vector<std::chrono::seconds>> pauses{{1s, 2s}};
  EXPECT_EQ(serialize(pauses), "[1,2]");
  EXPECT_EQ(round_trip(pauses), pauses);
  const std::map<int, std::vector<std::set<std::chrono::seconds>>> deep{{1, {{1s}, {}}}, {2, {}}};
  EXPECT_EQ(serialize(deep), "[[1,[[1],[]]],[2,[]]]");
  EXPECT_EQ(round_trip(deep), deep);
  const std::tuple<int, std::optional<int>, std::pair<std::string, std::chrono::hours>> mixed{
      1, std::nullopt, {"a", 2h}};
  EXPECT_EQ(serialize(mixed), R"([1,null,["a",2]])");
  EXPECT_EQ(round_trip(mixed), mixed);
  const std::array<std::optional<bool>, 2> pair{true, std::nullopt};
  EXPECT_EQ(round_trip(pair), pair);
  EXPECT_EQ(round_trip(std::vector<std::optional<Line>>{Line{"s", 1, 2}, std::nullopt}).size(), 2u);
}

TEST(Serdes, KeepsStructsWithMembersOfAllTypes) {
  using namespace std::chrono_literals;
  const Visit visit{"b-12", std::nullopt, {7, std::nullopt}, 90s, {{1ms, 2ms}}};
  EXPECT_EQ(serialize(visit),
            R"({"note":null,"pauses":[1,2],"readings":[7,null],"room":"b-12","stay":90})");
  EXPECT_EQ(round_trip(visit), visit);
  EXPECT_EQ(round_trip(std::vector<Visit>{visit, {}}), (std::vector<Visit>{visit, {}}));
  EXPECT_EQ(deserialize<Visit>(R"({"room":"b","readings":[],"stay":1})"),
            (Visit{"b", std::nullopt, {}, 1s, std::nullopt}));
}

TEST(SerdesRange, RefusesIntegersThatDoNotFitInsideOptionals) {
  EXPECT_THAT(error_of<std::vector<std::optional<std::uint8_t>>>("[null,300]"),
              HasSubstr("300 at \"/1\""));
  EXPECT_THAT((error_of<std::map<std::string, std::optional<std::int8_t>>>(R"({"a":-129})")),
              HasSubstr("-129 at \"/a\""));
  EXPECT_THAT(error_of<Visit>(R"({"room":"b","readings":[1,3000000000],"stay":1})"),
              HasSubstr("3000000000 at \"/readings/1\""));
  EXPECT_THAT(error_of<std::vector<std::chrono::seconds>>("[1.5]"), HasSubstr("1.5 at \"/0\""));
}

TEST(SerdesErrors, SayWhatWasFoundInsteadOfAContainer) {
  EXPECT_THAT(error_of<std::vector<std::optional<int>>>("{}"),
              HasSubstr("expected an array, found a value of type object"));
  EXPECT_THAT((error_of<std::map<std::string, std::optional<int>>>("[]")),
              HasSubstr("expected an object, found a value of type array"));
  EXPECT_THAT((error_of<std::pair<int, std::optional<int>>>("[1]")),
              HasSubstr("expected an array of 2 elements, found one of 1"));
  EXPECT_THAT(error_of<Visit>("[]"), Not("no error"));
  EXPECT_THAT(error_of<Visit>(R"({"readings":[],"stay":1})"), HasSubstr("key 'room' not found"));
  EXPECT_THAT(error_of_serializing(std::vector<std::optional<double>>{1.0, std::nan("")}),
              HasSubstr("\"/1\" is not finite"));
}

TEST(Serdes, KeepsStructsAndContainers) {
  const Order order{
      "o-1", 4200, {{"book", 12.5, 1}, {"\u672c", 0.1, 127}}, {{"eur/usd", 1.08}, {"", -0.0}}};
  EXPECT_EQ(round_trip(order), order);
  EXPECT_EQ(round_trip(std::vector<Order>{order, {}}), (std::vector<Order>{order, {}}));
  EXPECT_EQ(round_trip(std::vector<bool>{true, false}), (std::vector<bool>{true, false}));
  EXPECT_EQ(round_trip(Colour::green), Colour::green);
  EXPECT_EQ(round_trip(std::pair<int, std::string>(1, "a")), (std::pair<int, std::string>(1, "a")));
  EXPECT_EQ(round_trip(nlohmann::json::parse(R"({"a":[1,-1,1.5,null]})")).dump(),
            R"({"a":[1,-1,1.5,null]})");
}

TEST(Serdes, KeepsContainersThatOrderTheirElementsThemselves) {
  std::unordered_set<int> numbers;
  std::unordered_map<int, std::string> names;
  for (int i = 0; i < 100; ++i) {
    numbers.insert(i * 37 % 1000);
    names.emplace(i * 41 % 1000, std::to_string(i));
  }
  EXPECT_EQ(round_trip(numbers), numbers);
  EXPECT_EQ(round_trip(names), names);
  EXPECT_EQ(deserialize<std::set<int>>("[3,1,2,3]"), (std::set<int>{1, 2, 3}));
}

TEST(SerdesRange, RefusesIntegersThatDoNotFit) {
  EXPECT_THAT(error_of<std::int8_t>("300"),
              AllOf(HasSubstr("300 does not fit"), HasSubstr("-128 to 127")));
  EXPECT_THAT(error_of<unsigned>("-1"),
              AllOf(HasSubstr("-1 does not fit"), HasSubstr("0 to 4294967295")));
  EXPECT_THAT(error_of<unsigned>(" -1"), HasSubstr("does not fit"));
  EXPECT_THAT(error_of<std::uint64_t>("-1.0"), HasSubstr("does not fit"));
  EXPECT_THAT(error_of<std::int64_t>("9223372036854775808"), HasSubstr("does not fit"));
  EXPECT_THAT(error_of<std::int64_t>("-9223372036854775809"), HasSubstr("does not fit"));
  EXPECT_THAT(error_of<std::uint64_t>("18446744073709551616"), HasSubstr("does not fit"));
  EXPECT_THAT(error_of<std::int64_t>("1e19"), HasSubstr("does not fit"));
}

TEST(SerdesRange, TakesIntegersInEverySpelling) {
  EXPECT_EQ(deserialize<std::int64_t>("9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(deserialize<std::uint64_t>("9223372036854775808"), 9223372036854775808u);
  EXPECT_EQ(deserialize<int>("1e3"), 1000);
  EXPECT_EQ(deserialize<int>(" -7 "), -7);
  EXPECT_EQ(deserialize<int>("42.0"), 42);
  EXPECT_EQ(deserialize<int>("-0"), 0);
  EXPECT_EQ(deserialize<unsigned>("-0"), 0u);
}

TEST(SerdesRange, RefusesNestedIntegersThatDoNotFitAndPointsAtThem) {
  EXPECT_THAT(
      error_of<Order>(R"({"id":"","cents":1,"rates":{},"lines":[{"sku":"","price":1,"quantity":1},
                                  {"sku":"","price":1,"quantity":300}]})"),
      AllOf(HasSubstr("300 at \"/lines/1/quantity\""), HasSubstr("44")));
  EXPECT_THAT(error_of<Everything>(R"({"whole":0,"natural":-1})"), HasSubstr("-1 at \"/natural\""));
  EXPECT_THAT(error_of<Everything>(R"({"whole":9223372036854775808,"natural":0})"),
              HasSubstr("\"/whole\""));
  EXPECT_THAT(error_of<Everything>(R"({"whole":0,"natural":1e17})"), HasSubstr("\"/natural\""));
  EXPECT_THAT(error_of<Everything>(R"({"whole":42.5,"natural":0})"),
              HasSubstr("42.5 at \"/whole\""));
  EXPECT_THAT(error_of<Line>(R"({"sku":"","price":1,"quantity":true})"),
              HasSubstr("true at \"/quantity\""));
  EXPECT_THAT(error_of<std::vector<std::int8_t>>("[1,300]"), HasSubstr("300 at \"/1\""));
  EXPECT_THAT(error_of<std::set<std::uint8_t>>("[44,300]"), HasSubstr("300 at \"/1\""));
  EXPECT_THAT(error_of<std::optional<std::vector<std::uint8_t>>>("[256]"),
              HasSubstr("256 at \"/0\""));
  EXPECT_THAT((error_of<std::map<std::string, std::int8_t>>(R"({"a/b~c":128})")),
              HasSubstr("128 at \"/a~1b~0c\""));
}

TEST(SerdesRange, TakesWholeNumbersWrittenWithAPointAndExtraFields) {
  EXPECT_EQ(deserialize<Everything>(R"({"whole":-3.0,"natural":1e3,"other":300})").natural, 1000u);
  EXPECT_EQ(deserialize<std::vector<double>>("[1,2]"), (std::vector<double>{1, 2}));
}

TEST(SerdesErrors, NameTheNumberThatIsNotFinite) {
  const Order order{"o", 1, {{"a", 1, 1}, {"b", std::nan(""), 1}}, {}};
  EXPECT_THAT(error_of_serializing(order),
              HasSubstr("the number at \"/lines/1/price\" is not finite"));
  const Order rated{"o", 1, {}, {{"eur/usd", std::numeric_limits<double>::infinity()}}};
  EXPECT_THAT(error_of_serializing(rated), HasSubstr("\"/rates/eur~1usd\""));
  EXPECT_THAT(error_of_serializing(std::nan("")), HasSubstr("the number at \"\" is not finite"));
  EXPECT_THAT(
      error_of_serializing(std::chrono::duration<double>(-std::numeric_limits<double>::infinity())),
      HasSubstr("not finite"));
}

TEST(SerdesErrors, NameTheTextThatIsNotUtf8) {
  EXPECT_THAT(error_of_serializing(std::string("ab\xff")),
              HasSubstr("the text at \"\" is not valid UTF-8"));
  EXPECT_THAT(error_of_serializing(Order{"o", 1, {{"\xc3", 1, 1}}, {}}),
              HasSubstr("the text at \"/lines/0/sku\" is not valid UTF-8"));
  EXPECT_THAT(error_of_serializing(Order{"o", 1, {}, {{"\xed\xa0\x80", 1}}}),
              AllOf(HasSubstr("at \"/rates\""), HasSubstr("not valid UTF-8")));
}

TEST(SerdesErrors, AreThemselvesValidUtf8) {
  const std::string long_text =
      "[\"" + std::string(57, 'a') + "\u65e5\u672c\"";  // cut inside a character
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(error_of<std::vector<int>>(long_text)).dump()));
  EXPECT_NO_THROW(
      static_cast<void>(nlohmann::json(error_of_serializing(std::string("\xff"))).dump()));
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(error_of<int>("\"\xff\"")).dump()));
}

TEST(SerdesErrors, SayWhatWasFoundInsteadOfTheType) {
  EXPECT_THAT(error_of<int>("\"7\""), HasSubstr("expected an integer, found \"7\""));
  EXPECT_THAT(error_of<int>("42.5"), HasSubstr("expected an integer, found 42.5"));
  EXPECT_THAT(error_of<int>("null"), HasSubstr("expected an integer, found null"));
  EXPECT_THAT(error_of<bool>("1"), HasSubstr("expected true or false, found 1"));
  EXPECT_THAT(error_of<std::string>("1"), HasSubstr("expected a text, found 1"));
  EXPECT_THAT(error_of<Order>("{}"), HasSubstr("key 'id' not found"));
  EXPECT_THAT(error_of<Order>("[]"), Not("no error"));
}

TEST(SerdesErrors, RefuseWhatIsNotJson) {
  for (const auto* text : {"", "007", "+5", "0x10", "12abc", "1 2", "nul", "{", "\"", "\"\n\"",
                           "\"\\x\"", "tru", "-"}) {
    EXPECT_THAT(error_of<int>(text), HasSubstr("not JSON")) << text;
    EXPECT_THAT(error_of<std::string>(text), Not("no error")) << text;
    EXPECT_THAT(error_of<bool>(text), Not("no error")) << text;
    EXPECT_THAT(error_of<Order>(text), Not("no error")) << text;
  }
  EXPECT_THAT(error_of<Order>(std::string(1000, '[')), HasSubstr("..."));
}

}  // namespace durable::serdes_test
