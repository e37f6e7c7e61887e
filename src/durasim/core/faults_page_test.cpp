#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
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

/// "A01" to "I09".
std::set<std::string> every_point() {
  std::set<std::string> points;
  for (const auto& [letter, count] : {std::pair{'C', 28},
                                      {'A', 13},
                                      {'B', 7},
                                      {'D', 13},
                                      {'E', 8},
                                      {'F', 12},
                                      {'G', 8},
                                      {'H', 9},
                                      {'I', 9}}) {
    for (int number = 1; number <= count; ++number)
      points.insert(fmt::format("{}{:02}", letter, number));
  }
  return points;
}

std::set<std::string> points_without_a_fault() {
  std::set<std::string> missing = every_point();
  for (const FaultInfo& info : durasim::fault_catalogue()) {
    std::istringstream points{std::string(info.points)};
    for (std::string point; points >> point;) missing.erase(point);
  }
  return missing;
}

TEST(FaultCatalogue, StandsForEveryPointThatCanBeAFaultSoFar) {
  const std::set<std::string> missing = points_without_a_fault();
  const std::set<std::string> impossible = {"C16", "A11", "B03"};  // planted: src/tools/mutants
  const std::set<std::string> benign = {"E01", "G01", "H01"};
  const std::set<std::string> of_branches = {"C23", "I01", "I05", "I06", "I07", "I08", "I09"};
  const std::set<std::string> of_deployment = {"D13"};
  const std::set<std::string> of_the_wire = {"B07"};
  const std::set<std::string> of_values_and_code = {"E05", "H08"};
  std::set<std::string> allowed;
  for (const auto& some :
       {impossible, benign, of_branches, of_deployment, of_the_wire, of_values_and_code})
    allowed.insert(some.begin(), some.end());
  EXPECT_EQ(missing, allowed);
}

TEST(FaultsPage, SaysOfEveryOtherPointWhereItIs) {
  const std::string text = page();
  const std::string rest = text.substr(text.find("## What is no fault of its own"));
  const std::set<std::string> missing = points_without_a_fault();
  for (const std::string& point : missing)
    EXPECT_NE(rest.find(fmt::format("\n| {} |", point)), std::string::npos) << point;
}

}  // namespace faults_page_test
