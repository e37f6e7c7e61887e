#include "durasim/explore/causes.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace causes_test {

using durasim::Fault;
using durasim::Oracle;
using durasim::Verification;
using testing::HasSubstr;
using testing::Not;

Verification found_by(Oracle oracle, std::vector<Fault> faults = {}) {
  Verification found;
  found.findings.resize(1);
  found.findings.front().oracle = oracle;
  for (const Fault fault : faults) found.script.lines.push_back({.fault = fault});
  return found;
}

TEST(Causes, AreThoseOfTheFindingIfItSaysThem) {
  Verification found = found_by(Oracle::effects);
  found.findings.front().why = "because";
  EXPECT_EQ(why(found), "because");
}

TEST(Causes, AreKnownForEachOracle) {
  for (std::size_t i = 0; i < durasim::kOracleCount; ++i)
    EXPECT_NE(why(found_by(static_cast<Oracle>(i))), "") << i;
}

TEST(Causes, OfAFailedExpectationAreWhatItsFaultsTeach) {
  std::set<std::string> lessons;
  for (const durasim::FaultInfo& info : durasim::fault_catalogue()) {
    const std::string lesson = why(found_by(Oracle::expectation, {info.fault}));
    EXPECT_NE(lesson, "") << info.id;
    EXPECT_THAT(lesson, Not(HasSubstr("no fault"))) << info.id;
    lessons.insert(lesson);
  }
  EXPECT_EQ(lessons.size(), 11U);
}

TEST(Causes, OfTwoFaultsAreToldOnceIfTheyTeachTheSame) {
  const std::string crash = why(found_by(Oracle::expectation, {Fault::crash_after_body}));
  EXPECT_EQ(why(found_by(Oracle::expectation, {Fault::crash_after_body, Fault::crash_at_effect})),
            crash);
  const std::string late = why(found_by(Oracle::expectation, {Fault::late_delivery}));
  EXPECT_EQ(why(found_by(Oracle::expectation, {Fault::crash_after_body, Fault::late_delivery})),
            crash + "; " + late);
}

}  // namespace causes_test
