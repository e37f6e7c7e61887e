#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <durasim/faults.hpp>

/// docs/reference/faults.md says what the catalogue does.
namespace faults_page_test {

using durasim::FaultInfo;

std::string page() {
  std::ifstream file(DURASIM_SOURCE_DIR "/docs/reference/faults.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string row(const FaultInfo& info) {
  const std::string same = info.same_as.empty() ? "" : fmt::format("`{}`", info.same_as);
  return fmt::format("\n| `{}` | {} | {} | {} | {} | {} |\n", info.id, to_string(info.site),
                     to_string(info.choice), to_string(info.tier), info.points, same);
}

TEST(FaultsPage, HasTheRowsOfTheCatalogue) {
  const std::string text = page();
  for (const FaultInfo& info : durasim::fault_catalogue())
    EXPECT_NE(text.find(row(info)), std::string::npos) << row(info);
}

TEST(FaultsPage, ExplainsEveryFaultBesideItsRow) {
  const std::string text = page();
  const std::string prose = text.substr(0, text.find("## The catalogue"));
  for (const FaultInfo& info : durasim::fault_catalogue())
    EXPECT_NE(prose.find(fmt::format("`{}`", info.id)), std::string::npos) << info.id;
}

TEST(FaultsPage, LeavesNoPointOfTheTaxonomyOut) {
  const std::string text = page();
  const std::string catalogue = text.substr(text.find("## The catalogue"));
  for (const auto& [letter, count] : {std::pair{'C', 28},
                                      {'A', 13},
                                      {'B', 7},
                                      {'D', 13},
                                      {'E', 8},
                                      {'F', 12},
                                      {'G', 8},
                                      {'H', 9},
                                      {'I', 9}}) {
    for (int number = 1; number <= count; ++number) {
      const std::string point = fmt::format(" {}{:02} ", letter, number);
      EXPECT_NE(catalogue.find(point), std::string::npos) << point;
    }
  }
}

}  // namespace faults_page_test
