#include <algorithm>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durable/fiber/sanitizers.hpp"
#include "durasim/core/process_source.hpp"
#include "handlers/bugs/all.hpp"

/// fixtures/handlers/bugs: what verify says of each handler, and that it says nothing of its twin.
namespace bug_corpus_test {

using bugs::Entry;
using durasim::Verdict;
using durasim::Verification;
using testing::ContainsRegex;
using testing::HasSubstr;

const std::filesystem::path kRoot = DURASIM_SOURCE_DIR;

bool is_updating() {
  const char* const update = std::getenv("DURASIM_UPDATE_GOLDEN");
  return update != nullptr && std::string_view(update) == "1";
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> source_of(const Entry& entry) {
  return lines_of(text_of(kRoot / "fixtures/handlers/bugs" / fmt::format("{}.hpp", entry.name)));
}

/// Counted from 1; 0 unless there is exactly one.
int line_of_bug(const Entry& entry) {
  int found = 0;
  const auto source = source_of(entry);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i].find("// BUG") == std::string::npos) continue;
    if (found != 0) return 0;
    found = static_cast<int>(i) + 1;
  }
  return found;
}

Verification examine(const Entry& entry, const durasim::Scenario& scenario, const char* twin) {
  return durasim::verify(scenario, {.max_faults = std::max(1U, entry.faults),
                                    .name = fmt::format("{}/{}", twin, entry.name)});
}

/// Of the handler's file, in the report's line "where": one, or that of a fault and that of the last call.
std::vector<int> lines_in(const std::string& report, const Entry& entry) {
  std::vector<int> found;
  std::smatch where;
  if (!std::regex_search(report, where, std::regex("\n  where    ([^\n]*)\n"))) return found;
  const std::string text = where[1];
  const std::regex place(fmt::format("/{}\\.hpp:([0-9]+)", entry.name));
  for (std::sregex_iterator it(text.begin(), text.end(), place), end; it != end; ++it)
    found.push_back(std::stoi((*it)[1]));
  return found;
}

/// Lines between the closest of them and the line at fault.
int distance(const std::vector<int>& lines, const Entry& entry) {
  int closest = INT_MAX;
  for (const int line : lines) closest = std::min(closest, std::abs(line - line_of_bug(entry)));
  return closest;
}

std::size_t history_lines(const std::string& report) {
  std::size_t count = 0;
  bool inside = false;
  for (const std::string& line : lines_of(report)) {
    if (line.starts_with("  history  ")) {
      inside = true;
    } else if (inside && line.size() > 2 && line[2] >= 'a' && line[2] <= 'z') {
      inside = false;
    } else {
      count += inside ? 1 : 0;
    }
  }
  return count;
}

class Bug : public testing::TestWithParam<Entry> {};

TEST_P(Bug, IsFoundByItsOracleAndReportedWithWhereWhatWhyAndWhatToDo) {
  const Entry& entry = GetParam();
  const Verification found = examine(entry, entry.buggy, "buggy");
  const std::string report = found.report();
  ASSERT_EQ(found.verdict, Verdict::refuted) << report;
  EXPECT_EQ(found.counterexample_faults, entry.faults) << report;

  const std::string oracle(to_string(entry.oracle));
  EXPECT_THAT(report, HasSubstr(fmt::format("\n  oracle   {}: ", oracle)));
  EXPECT_THAT(report, ContainsRegex(fmt::format("\n  (oracle|where|expected|actual) [^\n]*\"{}",
                                                entry.operation)));

  EXPECT_LE(distance(lines_in(report, entry), entry), 3) << report;

  EXPECT_GE(history_lines(report), 2U) << report;
  EXPECT_LE(history_lines(report), 12U) << report;
  EXPECT_THAT(report, ContainsRegex("\n  why      [^\n]+\n  remedy   [^\n]+\n"));
  EXPECT_THAT(report,
              HasSubstr(fmt::format("\n  details  docs/reference/oracles.md#{}\n", oracle)));
  EXPECT_THAT(text_of(kRoot / "docs/reference/oracles.md"),
              HasSubstr(fmt::format("\n## {}\n", oracle)));
}

TEST_P(Bug, HasATwinOfWhichThereIsNothingToSay) {
  const Entry& entry = GetParam();
  const Verification result = examine(entry, entry.fixed, "fixed");
  EXPECT_EQ(result.verdict, Verdict::holds) << result.report();
  const Verification hostile =
      durasim::verify(entry.fixed, {.faults = durasim::FaultModel::hostile(),
                                    .name = fmt::format("fixed-hostile/{}", entry.name)});
  EXPECT_EQ(hostile.verdict, Verdict::holds) << hostile.report();
}

TEST_P(Bug, IsMarkedOnceInAShortFile) {
  EXPECT_NE(line_of_bug(GetParam()), 0);
  EXPECT_LT(source_of(GetParam()).size(), 60U);
}

/// AddressSanitizer's allocator gives no block twice: blocks of one size keep the order in which they were
/// made, and so does a handler that goes by it.
std::vector<Entry> shown_with_this_allocator() {
  std::vector<Entry> entries = bugs::all();
#ifdef DURABLE_ASAN
  std::erase_if(entries, [](const Entry& entry) { return entry.name == "iterates_by_address"; });
#endif
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Every, Bug, testing::ValuesIn(shown_with_this_allocator()),
                         [](const auto& bug) { return std::string(bug.param.name); });

/// In a process of its own: those of `Bug` need statics that are cold in this one.
std::string report_with_warm_statics(const Entry& entry) {
  const auto act = [&](std::string_view, const durasim::ProcessSource::Tell& tell) {
    durasim::VerifyOptions options{.name = "warm"};
    options.simulation.cold_replays = durasim::ColdReplays::never;
    tell(durasim::verify(entry.buggy, options).report());
  };
  const auto answer = durasim::ProcessSource::ask_child(act, "", 60);
  return answer ? answer->said : "no process";
}

TEST(BugOfColdStatics, IsNotFoundWhereStaticsAreWarmInEveryReplay) {
  EXPECT_THAT(bugs::of_cold_statics(), testing::SizeIs(2));
  for (const Entry& entry : bugs::of_cold_statics())
    EXPECT_THAT(report_with_warm_statics(entry), testing::StartsWith("HOLDS")) << entry.name;
}

TEST(BugCorpus, HoldsEveryFileOfItsFolder) {
  std::vector<std::string> listed = {"all", "search_set"};
  for (const Entry& entry : bugs::all()) listed.emplace_back(entry.name);
  for (const Entry& entry : bugs::of_the_guard()) listed.emplace_back(entry.name);
  std::vector<std::string> there;
  for (const auto& file : std::filesystem::directory_iterator(kRoot / "fixtures/handlers/bugs")) {
    if (file.path().extension() == ".hpp") there.push_back(file.path().stem().string());
  }
  EXPECT_THAT(there, testing::UnorderedElementsAreArray(listed));
}

/// The report but for the line that names the machine's folders.
std::string golden_text(const Entry& entry) {
  std::string text;
  for (const std::string& line : lines_of(examine(entry, entry.buggy, "bugs").report())) {
    if (!line.starts_with("  replay   ")) text += line + "\n";
  }
  return text;
}

class GoldenReport : public testing::TestWithParam<std::string> {};

TEST_P(GoldenReport, IsTheOneOnFile) {
  const auto all = bugs::all();
  const auto entry =
      std::find_if(all.begin(), all.end(), [](const Entry& bug) { return bug.name == GetParam(); });
  ASSERT_NE(entry, all.end());
  const std::string actual = golden_text(*entry);
  const auto file = kRoot / "fixtures/golden/bugs" / (GetParam() + ".txt");
  if (is_updating()) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << actual;
  }
  EXPECT_EQ(durasim::first_difference(text_of(file), actual), "");
}

INSTANTIATE_TEST_SUITE_P(Ten, GoldenReport,
                         testing::Values("reads_clock", "random_outside_step", "warm_cache",
                                         "effect_outside_step", "reads_world_outside_step",
                                         "outer_context_in_child", "swallows_suspension",
                                         "non_idempotent_step", "mends_twice",
                                         "step_longer_than_invocation"),
                         [](const auto& name) { return name.param; });

/// What is wrong, by the comment above the handler: "a clock read outside a step".
std::string sentence_of(const Entry& entry) {
  std::string comment;
  for (const std::string& line : source_of(entry)) {
    if (line.starts_with("///")) comment += line.substr(3);
  }
  comment = std::regex_replace(comment, std::regex("^ (Class [0-9]+( too)?[,:] )?"), "");
  return comment.substr(0, comment.find_first_of(":;."));
}

std::string row_of(const Entry& entry) {
  return fmt::format("| {} | [`{}`](../../fixtures/handlers/bugs/{}.hpp) | {} | {} | {} |\n",
                     entry.number == 0 ? "" : std::to_string(entry.number), entry.name, entry.name,
                     sentence_of(entry),
                     fmt::format("[{0}](oracles.md#{0})", to_string(entry.oracle)),
                     std::to_string(entry.faults));
}

TEST(BugPage, HasARowForEachAsTheRegistryAndTheFilesSay) {
  std::string table =
      "| class | handler | what is wrong | oracle | faults |\n|---|---|---|---|---|\n";
  for (const Entry& entry : bugs::all()) table += row_of(entry);
  for (const Entry& entry : bugs::of_the_guard()) table += row_of(entry);
  const auto file = kRoot / "docs/reference/bugs.md";
  const std::string page = text_of(file);
  const std::size_t begin = page.find("| class |");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = page.find("\n\n", begin) + 1;
  if (is_updating())
    std::ofstream(file, std::ios::binary) << page.substr(0, begin) << table << page.substr(end);
  EXPECT_EQ(durasim::first_difference(page.substr(begin, end - begin), table), "");
}

}  // namespace bug_corpus_test
