#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durable/fiber/sanitizers.hpp"
#include "handlers/bugs/all.hpp"

/// Handlers of the corpus whose bug only the guard sees. The others, and the pages: bug_corpus_test.cpp.
namespace guard_corpus_test {

using bugs::Entry;
using durasim::Verdict;
using durasim::Verification;
using testing::EndsWith;
using testing::HasSubstr;

std::string file_of(const Entry& entry) { return std::string(entry.name) + ".hpp"; }

/// 0 unless there is just one.
int line_of_bug(const Entry& entry) {
  std::ifstream file(std::filesystem::path(DURASIM_SOURCE_DIR) / "fixtures/handlers/bugs" /
                     file_of(entry));
  int found = 0;
  int number = 1;
  for (std::string line; std::getline(file, line); ++number) {
    if (!line.ends_with("// BUG") && line.find("// BUG:") == std::string::npos) continue;
    if (found != 0) return 0;
    found = number;
  }
  return number <= 60 ? found : 0;
}

class BugOfTheGuard : public testing::TestWithParam<Entry> {};

TEST_P(BugOfTheGuard, IsFoundInItsLineWithWhatToDo) {
  const Entry& entry = GetParam();
  const Verification found = durasim::verify(entry.buggy);
  ASSERT_EQ(found.verdict, Verdict::refuted) << found;
  const durasim::Finding& first = found.findings.front();
  EXPECT_EQ(first.oracle, entry.oracle);
  EXPECT_THAT(first.what, HasSubstr(entry.operation));
  EXPECT_THAT(first.file, EndsWith(file_of(entry)));
  ASSERT_NE(line_of_bug(entry), 0) << "one // BUG in at most 60 lines";
  EXPECT_LE(std::abs(static_cast<int>(first.line) - line_of_bug(entry)), 3) << found;
  EXPECT_THAT(found.report(), testing::ContainsRegex("\n  why      [^\n]+\n  remedy   [^\n]+\n"));
}

TEST_P(BugOfTheGuard, HasATwinOfWhichThereIsNothingToSay) {
  const Verification result =
      durasim::verify(GetParam().fixed, {.faults = durasim::FaultModel::hostile()});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

/// binutils 2.40 finds no line for `native_sleep::buggy` in what clang-19 makes for AddressSanitizer: the
/// finding has its caller's.
std::vector<Entry> with_lines() {
  std::vector<Entry> entries = bugs::of_the_guard();
#ifdef DURABLE_ASAN
  std::erase_if(entries, [](const Entry& entry) { return entry.name == "native_sleep"; });
#endif
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Every, BugOfTheGuard, testing::ValuesIn(with_lines()),
                         [](const auto& bug) { return std::string(bug.param.name); });

}  // namespace guard_corpus_test
