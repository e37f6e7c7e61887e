#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/durable_call_in_destructor.hpp"
#include "handlers/bugs/durable_call_under_noexcept.hpp"
#include "handlers/bugs/effect_in_destructor.hpp"
#include "handlers/bugs/effect_outside_step.hpp"
#include "handlers/bugs/reads_clock.hpp"
#include "handlers/bugs/reads_world_outside_step.hpp"
#include "handlers/bugs/swallows_suspension.hpp"
#include "handlers/bugs/swaps_like_named_steps.hpp"
#include "handlers/sound/all.hpp"

namespace planted_bugs_test {

using durasim::FaultModel;
using durasim::Oracle;
using durasim::Verdict;
using durasim::Verification;

struct Bug {
  std::string name;
  durasim::Scenario scenario;
  Oracle oracle;
  std::uint32_t faults;        ///< of the smallest counterexample
  std::string said_somewhere;  ///< in the report
};

std::vector<Bug> bugs() {
  return {
      {"double_charge", durasim::scenario_for(sound::small_order(), double_charge::scenario<>),
       Oracle::effects, 1, "crash after the body, before its result is recorded"},
      {"effect_outside_step", &effect_outside_step::scenario<>, Oracle::effects, 0,
       "outside a step"},
      {"effect_in_destructor", &effect_in_destructor::scenario<>, Oracle::effects, 0, "unwind"},
      {"reads_clock", &reads_clock::scenario<>, Oracle::replay_agreement, 0, "express-delivery"},
      {"swaps_like_named_steps", &swaps_like_named_steps::scenario<>, Oracle::replay_agreement, 0,
       "fetch"},
      {"reads_world_outside_step", &reads_world_outside_step::scenario<>, Oracle::result_agreement,
       1, "2"},
      {"swallows_suspension", &swallows_suspension::scenario<>, Oracle::hygiene, 0, "catch (...)"},
      {"durable_call_in_destructor", &durable_call_in_destructor::scenario<>, Oracle::hygiene, 0,
       "stands in a destructor or under a noexcept function"},
      {"durable_call_under_noexcept", &durable_call_under_noexcept::scenario<>, Oracle::hygiene, 0,
       "stands in a destructor or under a noexcept function"},
  };
}

void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }

class PlantedBug : public testing::TestWithParam<Bug> {};

TEST_P(PlantedBug, IsFoundByExactlyItsOracleInTheFewestFaults) {
  for (const FaultModel& faults : {FaultModel::standard(), FaultModel::hostile()}) {
    const Verification found =
        durasim::verify(GetParam().scenario,
                        {.max_faults = 2, .faults = faults, .name = "planted/" + GetParam().name});
    ASSERT_EQ(found.verdict, Verdict::refuted) << found.report();
    EXPECT_EQ(found.counterexample_faults, GetParam().faults) << found.report();
    for (const auto& finding : found.findings)
      EXPECT_EQ(finding.oracle, GetParam().oracle) << found.report();
    EXPECT_NE(found.report().find(GetParam().said_somewhere), std::string::npos) << found.report();
    EXPECT_TRUE(std::filesystem::exists(found.file)) << found.file;
  }
}

TEST_P(PlantedBug, IsNotReportedByAnOracleThatIsOff) {
  durasim::SimulationOptions options;
  options.oracles = durasim::OracleSet::all().without(GetParam().oracle);
  const Verification found = durasim::verify(
      GetParam().scenario, {.name = "off/" + GetParam().name, .simulation = options});
  for (const auto& finding : found.findings)
    EXPECT_NE(finding.oracle, GetParam().oracle) << found.report();
}

INSTANTIATE_TEST_SUITE_P(Every, PlantedBug, testing::ValuesIn(bugs()),
                         [](const auto& bug) { return bug.param.name; });

class SoundHandler : public testing::TestWithParam<sound::Entry> {};

/// Under any two: property-tests/sound_handlers.cpp.
TEST_P(SoundHandler, NeverRaisesAnAlarmUnderAnyOneFault) {
  const Verification result = durasim::verify(
      GetParam().scenario,
      {.max_faults = 1, .faults = GetParam().faults, .name = "sound/" + GetParam().name});
  EXPECT_EQ(result.verdict, Verdict::holds) << result.report();
  EXPECT_GT(result.runs, 10U);
}

INSTANTIATE_TEST_SUITE_P(Every, SoundHandler, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

TEST(PlantedBugs, InADestructorIsReportedWithItsPlaceAndLaterRunsGoOn) {
  for (int run = 0; run < 3; ++run) {
    const Verification found =
        durasim::verify(&durable_call_in_destructor::scenario<>, {.name = "destructor"});
    ASSERT_EQ(found.verdict, Verdict::refuted);
    EXPECT_EQ(found.findings.front().operation, "farewell");
    EXPECT_NE(found.findings.front().file.find("durable_call_in_destructor.hpp"),
              std::string::npos);
    EXPECT_EQ(durasim::verify(&never_waits::scenario, {.name = "after"}).verdict, Verdict::holds);
  }
}

}  // namespace planted_bugs_test
