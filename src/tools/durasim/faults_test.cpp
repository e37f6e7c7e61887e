#include "tools/durasim/faults.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace durasim::program {
namespace faults_test {

/// The rows of the table at the end of docs/reference/faults.md, cell by cell.
std::vector<std::vector<std::string>> rows_of_page() {
  std::ifstream file(DURASIM_SOURCE_DIR "/docs/reference/faults.md", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::vector<std::string>> rows;
  std::size_t begin = text.find("\n| `", text.find("## The catalogue"));
  for (; begin != std::string::npos; begin = text.find("\n| `", begin + 1)) {
    std::vector<std::string> cells(1);
    for (std::size_t i = begin + 3; text[i] != '\n'; ++i) {
      if (text[i] == '|') {
        cells.emplace_back();
      } else if (text[i] != ' ' && text[i] != '`') {
        cells.back() += text[i];
      }
    }
    rows.push_back(cells);
  }
  return rows;
}

TEST(FaultsList, IsThatOfThePage) {
  const auto list = nlohmann::json::parse(list_faults(true).text);
  const auto rows = rows_of_page();
  ASSERT_GT(list.size(), 60U);
  ASSERT_EQ(list.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(list[i]["id"], rows[i][0]);
    EXPECT_EQ(list[i]["site"], rows[i][1]) << rows[i][0];
    EXPECT_EQ(list[i]["kind"], rows[i][2]) << rows[i][0];
    EXPECT_EQ(list[i]["model"], rows[i][3]) << rows[i][0];
    EXPECT_EQ(list[i]["default"], rows[i][3] == "standard" || rows[i][3] == "always") << rows[i][0];
  }
}

TEST(FaultsList, HasARowForEachFaultWithTheTestThatShowsIt) {
  const auto list = nlohmann::json::parse(list_faults(true).text);
  const std::string table = list_faults(false).text;
  for (const auto& fault : list) {
    EXPECT_NE(table.find("\n" + fault["id"].get<std::string>() + " "), std::string::npos);
    EXPECT_NE(table.find(" " + fault["test"].get<std::string>() + "\n"), std::string::npos);
    EXPECT_FALSE(fault["test"].get<std::string>().empty()) << fault;
  }
}

}  // namespace faults_test
}  // namespace durasim::program
