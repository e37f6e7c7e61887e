#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

/// What shows in a handler of the machine that it runs on shows elsewhere too, where it is another.
namespace elsewhere_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Finding;
using durasim::Oracle;
using durasim::Simulation;
using testing::Each;
using testing::Field;
using testing::IsEmpty;

using Code = std::string (*)();

/// Of a handler whose result is what `code` returns.
std::vector<Finding> findings_of(Code code) {
  Simulation sim;
  sim.function("handler", [code](Context& ctx) {
    const std::string value = code();
    ctx.wait("a while", 60s);
    return value;
  });
  sim.run("handler");
  return sim.findings().all();
}

std::string value_of(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "not set";
}

class Set {
 public:
  Set(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Set() { ::unsetenv(name_); }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

 private:
  const char* name_;
};

struct Asks {
  const char* what;
  Code code;
};

void PrintTo(const Asks& asks, std::ostream* out) { *out << asks.what; }

class HandlerThatAsks : public testing::TestWithParam<Asks> {
 private:
  Set text_{"GUARD_TEXT", "orders"};
  Set host_{"LANGFUSE_HOST", "https://traces.example.org"};
  Set number_{"GUARD_NUMBER", "3"};
  Set flag_{"GUARD_FLAG", "on"};
};

TEST_P(HandlerThatAsks, IsFoundAtTheSourceAndByWhatFollows) {
  const std::vector<Finding> findings = findings_of(GetParam().code);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].oracle, Oracle::hygiene);
  EXPECT_EQ(findings[1].oracle, Oracle::replay_agreement);
}

std::string hour() {
  const std::time_t noon = 12 * 60 * 60;
  tm parts{};
  ::localtime_r(&noon, &parts);
  return std::to_string(parts.tm_hour * 60 + parts.tm_min);
}

const Asks kAsks[] = {
    {"Text", [] { return value_of("GUARD_TEXT"); }},
    {"NameThatBeginsAsThatOfALocale",
     [] { return value_of("LANGFUSE_HOST").substr(0, 5) + value_of("LANGFUSE_HOST").substr(26); }},
    {"Number", [] { return std::to_string(std::stoi(value_of("GUARD_NUMBER")) / 2); }},
    {"IsSet", [] { return std::string(std::getenv("GUARD_FLAG") != nullptr ? "yes" : "no"); }},
    {"IsNotSet", [] { return std::string(std::getenv("GUARD_NO") != nullptr ? "yes" : "no"); }},
    {"SecureGetenv", [] { return std::string(::secure_getenv("GUARD_TEXT")); }},
    {"TimeZone", &hour},
    {"LocalesName", [] { return std::string(std::setlocale(LC_ALL, nullptr)); }}};

INSTANTIATE_TEST_SUITE_P(Elsewhere, HandlerThatAsks, testing::ValuesIn(kAsks),
                         [](const auto& about) { return std::string(about.param.what); });

TEST(Elsewhere, WhatIsReadWithoutAnyCallIsFoundByWhatFollows) {
  const std::vector<Finding> findings = findings_of([] {
    int count = 0;
    for (char** entry = environ; *entry != nullptr; ++entry) ++count;
    return std::to_string(count);
  });
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].oracle, Oracle::replay_agreement);
}

TEST(Elsewhere, LanguagesAreNotSetThere) {
  const Set language("LANGUAGE", "de:en");
  static std::vector<std::string> seen;
  seen.clear();
  findings_of([] {
    seen.push_back(value_of("LANGUAGE"));
    return std::string();
  });
  EXPECT_THAT(seen, testing::Contains("not set"));
  EXPECT_THAT(seen, testing::Contains("de:en"));
}

TEST(Elsewhere, TheMachineIsAsItWasAfterwards) {
  const Set text("GUARD_TEXT", "orders");
  char** const before = environ;
  const std::string time = hour();
  findings_of([] { return hour() + value_of("GUARD_TEXT"); });
  EXPECT_EQ(environ, before);
  EXPECT_EQ(value_of("GUARD_TEXT"), "orders");
  EXPECT_EQ(hour(), time);
}

TEST(Elsewhere, BodiesReadWhatIsSet) {
  const Set text("GUARD_TEXT", "orders");
  Simulation sim;
  sim.function("handler", [](Context& ctx) {
    const auto value = ctx.step("read", [] { return value_of("GUARD_TEXT"); });
    ctx.wait("a while", 60s);
    return value;
  });
  EXPECT_THAT(sim.run("handler"), durasim::SucceededWith("orders"));
  EXPECT_THAT(sim.findings().all(), IsEmpty());
}

TEST(Elsewhere, AHandlerThatSetsAVariableIsFoundAndDoesSoOnItsOwnMachineOnly) {
  const std::vector<Finding> findings = findings_of([] {
    ::setenv("GUARD_SET", environ[1] == nullptr ? "elsewhere" : "at home", 1);
    return std::string();
  });
  EXPECT_THAT(findings, Each(Field(&Finding::oracle, Oracle::hygiene)));
  EXPECT_EQ(value_of("GUARD_SET"), "at home");
  ::unsetenv("GUARD_SET");
}

/// Of a program that writes 1.234 for 1234.
class Points : public std::numpunct<char> {
 protected:
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

std::string written() {
  std::ostringstream out;
  out << 1234;
  return out.str();
}

TEST(Elsewhere, ALocaleThatTheProgramHasChosenIsMissing) {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Points));
  const std::vector<Finding> findings = findings_of(&written);
  EXPECT_EQ(written(), "1.234");
  std::locale::global(before);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].oracle, Oracle::replay_agreement);
}

TEST(Elsewhere, AProgramThatHasChosenNoLocaleMayWriteNumbers) {
  EXPECT_THAT(findings_of(&written), IsEmpty());
}

TEST(Elsewhere, ALocaleOfCThatTheProgramHasChosenIsMissing) {
  ASSERT_NE(std::setlocale(LC_ALL, "C.UTF-8"), nullptr);
  const std::vector<Finding> findings =
      findings_of([] { return std::to_string(std::mblen("\xc3\xa9", 2)); });
  EXPECT_STREQ(std::setlocale(LC_ALL, nullptr), "C.UTF-8");
  std::setlocale(LC_ALL, "C");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].oracle, Oracle::replay_agreement);
}

}  // namespace elsewhere_test
