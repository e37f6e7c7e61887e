#include <algorithm>
#include <cassert>  // RapidCheck needs it here
#include <iostream>
#include <ostream>

#include <fmt/format.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include "generators/cases.hpp"
#include "mutants/caught_by_properties.hpp"

/// The properties of this folder, in a build with bugs in it.
namespace property_catches {

using durable::mutant::Mutant;
using properties::Property;

struct Row {
  Property property;
  durable::mutant::MutantRow mutant;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.mutant.description; }

std::vector<Row> rows_of(const std::string& property) {
  std::vector<Row> rows;
  for (const Property& candidate : properties::all_properties()) {
    if (candidate.name != property) continue;
    for (const Mutant mutant : candidate.catches) {
      rows.push_back({candidate, *std::ranges::find(durable::mutant::kMutants, mutant,
                                                    &durable::mutant::MutantRow::mutant)});
    }
  }
  return rows;
}

std::string name_of(const testing::TestParamInfo<Row>& info) {
  return std::string(info.param.mutant.name);
}

/// Runs a property without a word about its failure. The case that failed last is the shrunk one.
rc::detail::TestResult check_quietly(const Property& property, generated::Case& failed) {
  rc::detail::TestListenerAdapter quiet;
  const auto noting_failures = [&](const generated::Case& generated_case) {
    try {
      property.holds(generated_case);
    } catch (...) {
      failed = generated_case;
      throw;
    }
  };
  return rc::detail::checkTestable(noting_failures, rc::detail::TestMetadata{},
                                   generated::test_params(), quiet);
}

class PropertyCatches : public testing::TestWithParam<Row> {};

TEST_P(PropertyCatches, ThePlantedBug) {
  const durable::mutant::Planted planted(GetParam().mutant.mutant);
  generated::Case shrunk;
  const auto result = check_quietly(GetParam().property, shrunk);
  ASSERT_TRUE(result.is<rc::detail::FailureResult>())
      << "not caught in " << generated::number_of_cases() << " cases";
  std::ostringstream text;
  showValue(shrunk, text);
  std::cout << fmt::format("caught in case {}, shrunk to\n{}\n",
                           result.get<rc::detail::FailureResult>().numSuccess + 1, text.str());
  EXPECT_LE(shrunk.program.operations.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(EveryOracleIsSilent, PropertyCatches,
                         testing::ValuesIn(rows_of("EveryOracleIsSilent")), name_of);
INSTANTIATE_TEST_SUITE_P(ReplayGivesTheSameResult, PropertyCatches,
                         testing::ValuesIn(rows_of("ReplayGivesTheSameResult")), name_of);
INSTANTIATE_TEST_SUITE_P(CompletedStepsNeverRunTwice, PropertyCatches,
                         testing::ValuesIn(rows_of("CompletedStepsNeverRunTwice")), name_of);
INSTANTIATE_TEST_SUITE_P(KeyedEffectsApplyOnce, PropertyCatches,
                         testing::ValuesIn(rows_of("KeyedEffectsApplyOnce")), name_of);
INSTANTIATE_TEST_SUITE_P(TimeMovesForward, PropertyCatches,
                         testing::ValuesIn(rows_of("TimeMovesForward")), name_of);

class PropertyWithoutMutant : public testing::TestWithParam<Property> {};

TEST_P(PropertyWithoutMutant, Holds) {
  generated::Case shrunk;
  const auto result = check_quietly(GetParam(), shrunk);
  std::ostringstream message;
  printResultMessage(result, message);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << message.str();
}

INSTANTIATE_TEST_SUITE_P(Every, PropertyWithoutMutant,
                         testing::ValuesIn(properties::all_properties()),
                         [](const auto& property) { return property.param.name; });

}  // namespace property_catches
