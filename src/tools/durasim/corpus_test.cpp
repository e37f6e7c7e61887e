#include "tools/durasim/corpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/durasim/files.hpp"
#include "tools/durasim/testing.hpp"

namespace durasim::program {
namespace corpus_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using testing_support::failure;
using testing_support::Folder;

std::vector<std::string> names_below(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const Stored& stored : load_schedules({folder}))
    names.push_back(stored.path.lexically_relative(folder));
  return names;
}

TEST(CorpusMerge, CopiesEachRunOnceIntoTheFolderOfItsScenario) {
  const Folder folder("merge");
  failure("aaaaaaaa", 1).save(folder / "night/a.durasim.json");
  failure("aaaaaaaa", 2).save(folder / "night/b.durasim.json");
  failure("aaaaaaaa", 1).save(folder / "day/again.durasim.json");
  failure("bbbbbbbb", 3).save(folder / "day/a.durasim.json");
  const Result result = merge_corpus(folder / "corpus", {folder / "night", folder / "day"}, {});
  EXPECT_EQ(result.status, Status::holds);
  EXPECT_THAT(result.text, HasSubstr("3 added, 1 there already\n"));
  EXPECT_THAT(names_below(folder / "corpus"),
              ElementsAre("Fulfil.Holds/a-2.durasim.json", "Fulfil.Holds/a.durasim.json",
                          "Fulfil.Holds/b.durasim.json"));
  EXPECT_THAT(merge_corpus(folder / "corpus", {folder / "night"}, {}).text,
              HasSubstr("0 added, 2 there already\n"));
}

TEST(CorpusMerge, CopiesNothingIfAFileCannotBeRead) {
  const Folder folder("merge broken");
  failure("aaaaaaaa", 1).save(folder / "night/a.durasim.json");
  std::ofstream(folder / "night/b.durasim.json") << "{";
  EXPECT_THAT([&] { merge_corpus(folder / "corpus", {folder / "night"}, {}); },
              ThrowsMessage<UsageError>(HasSubstr("b.durasim.json: not JSON")));
  EXPECT_FALSE(std::filesystem::exists(folder / "corpus"));
}

TEST(CorpusMerge, RefusesWhatAKilledProcessWasRunning) {
  const Folder folder("merge killed");
  failure("aaaaaaaa", 1).save(folder / "night/a.durasim.json");
  ScheduleFile killed = failure("", 1);
  killed.oracle = "";
  killed.ended = "killed";
  killed.save(folder / "night/b.durasim.json");
  EXPECT_THAT([&] { merge_corpus(folder / "corpus", {folder / "night"}, {}); },
              ThrowsMessage<UsageError>(testing::AllOf(
                  HasSubstr("b.durasim.json: its process was killed"),
                  HasSubstr("b.durasim.json -- PROGRAM`, and keep what that finds"))));
  EXPECT_FALSE(std::filesystem::exists(folder / "corpus"));
  killed.ended = "SIGSEGV";
  killed.save(folder / "night/b.durasim.json");
  EXPECT_EQ(merge_corpus(folder / "corpus", {folder / "night"}, {}).status, Status::holds);
}

TEST(CorpusMinimise, KeepsTheSmallestScheduleOfEachFailure) {
  const Folder folder("minimise");
  failure("aaaaaaaa", 3).save(folder / "large.durasim.json");
  failure("aaaaaaaa", 1).save(folder / "small.durasim.json");
  failure("bbbbbbbb", 2).save(folder / "other.durasim.json");
  ScheduleFile sound = failure("", 2);
  sound.oracle = "";
  sound.save(folder / "sound.durasim.json");
  EXPECT_THAT(minimise_corpus(folder.path(), {.dry_run = true}).text,
              HasSubstr("1 removed if this were no dry run, 3 kept\n"));
  EXPECT_EQ(names_below(folder.path()).size(), 4U);
  const Result result = minimise_corpus(folder.path(), {.json = true});
  EXPECT_EQ(nlohmann::json::parse(result.text)["kept"], 3);
  EXPECT_THAT(names_below(folder.path()),
              ElementsAre("other.durasim.json", "small.durasim.json", "sound.durasim.json"));
}

}  // namespace corpus_test
}  // namespace durasim::program
