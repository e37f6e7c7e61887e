#include <algorithm>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mutants/caught_by_properties.hpp"
#include "tools/mutants/caught_by_oracles.hpp"

namespace oracle_mutants {

using durable::mutant::kMutants;
using durable::mutant::MutantRow;
using durasim::Verdict;
using durasim::Verification;

const MutantRow& row_of(Mutant mutant) {
  return *std::ranges::find(kMutants, mutant, &MutantRow::mutant);
}

void PrintTo(const Row& row, std::ostream* out) {
  *out << row_of(row.mutant).description << ", in " << row.handler;
}

class OracleMutant : public testing::TestWithParam<Row> {
 protected:
  static Verification verify(std::uint32_t max_faults,
                             durasim::OracleSet oracles = durasim::OracleSet::all()) {
    durasim::SimulationOptions options;
    options.oracles = oracles;
    options.shadow_replay = GetParam().shadow_replay;
    options.invocations_limit = 200;
    options.service = GetParam().service;
    return durasim::verify(
        GetParam().scenario,
        {.max_faults = max_faults, .faults = GetParam().faults, .simulation = options});
  }
};

TEST_P(OracleMutant, IsFoundByExactlyItsOracle) {
  const durable::mutant::Planted planted(GetParam().mutant);
  const Verification found = verify(2);
  ASSERT_EQ(found.verdict, Verdict::refuted) << found.report();
  EXPECT_EQ(found.findings.front().oracle, GetParam().oracle) << found.report();
  std::vector<durasim::Oracle> others;
  for (const auto& finding : found.findings) {
    if (finding.oracle != GetParam().oracle && !std::ranges::count(others, finding.oracle))
      others.push_back(finding.oracle);
  }
  EXPECT_THAT(others, testing::UnorderedElementsAreArray(GetParam().also)) << found.report();
}

TEST_P(OracleMutant, IsNotFoundByItsOracleWhenThatIsOff) {
  const durable::mutant::Planted planted(GetParam().mutant);
  const std::uint32_t faults = verify(2).counterexample_faults;
  const Verification found = verify(faults, durasim::OracleSet::all().without(GetParam().oracle));
  for (const durasim::Finding& finding : found.findings)
    EXPECT_NE(finding.oracle, GetParam().oracle) << found.report();
}

TEST_P(OracleMutant, IsAllThatIsWrong) {
  const Verification sound = verify(1);
  EXPECT_EQ(sound.verdict, Verdict::holds) << sound.report();
}

INSTANTIATE_TEST_SUITE_P(Every, OracleMutant, testing::ValuesIn(caught_by_oracles()),
                         [](const auto& row) {
                           return std::string(row_of(row.param.mutant).name);
                         });

TEST(EveryOracle, FindsSomeMutantAlone) {
  const auto rows = caught_by_oracles();
  for (std::size_t number = 0; number < durasim::kOracleCount; ++number) {
    const auto oracle = static_cast<durasim::Oracle>(number);
    if (oracle == durasim::Oracle::simulator) continue;  // judges scenarios: repetition_test.cpp
    if (oracle == durasim::Oracle::survival) continue;   // judges processes: crash_test.cpp
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const Row& row) {
      return row.oracle == oracle && row.also.empty();
    })) << to_string(oracle);
  }
}

TEST(EveryMutant, IsCaughtBySomeTest) {
  for (const MutantRow& row : kMutants) {
    const auto oracles = caught_by_oracles();
    const auto properties = properties::all_properties();
    const bool caught = std::ranges::count(oracles, row.mutant, &Row::mutant) > 0 ||
                        std::ranges::any_of(properties, [&](const properties::Property& property) {
                          return std::ranges::count(property.catches, row.mutant) > 0;
                        });
    EXPECT_TRUE(caught) << row.name << ": " << row.description << ". Let a test catch it.";
  }
}

}  // namespace oracle_mutants
