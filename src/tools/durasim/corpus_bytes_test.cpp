#include "tools/durasim/corpus_bytes.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <durasim/choosers.hpp>

#include "tools/durasim/files.hpp"
#include "tools/durasim/testing.hpp"

namespace durasim::program {
namespace corpus_bytes_test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using testing_support::failure;
using testing_support::Folder;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

const FromBytesOptions kPay{.scenario = "pay", .faults = "standard"};

TEST(CorpusToBytes, WritesEachAnswerSequenceOnce) {
  const Folder folder("to bytes");
  failure("aaaaaaaa", 1).save(folder / "night/a.durasim.json");
  failure("bbbbbbbb", 1).save(folder / "night/b.durasim.json");
  failure("bbbbbbbb", 2).save(folder / "night/c.durasim.json");
  const Result result = schedules_to_bytes(folder / "inputs", {folder / "night"}, {});
  EXPECT_EQ(result.status, Status::holds);
  EXPECT_THAT(result.text, HasSubstr("2 added, 1 there already\n"));
  EXPECT_EQ(content(folder / "inputs/a"), std::string("\0\0", 2));
  EXPECT_EQ(content(folder / "inputs/c"), std::string("\0\0\0\0", 4));
  EXPECT_THAT(schedules_to_bytes(folder / "inputs", {folder / "night"}, {}).text,
              HasSubstr("0 added, 3 there already\n"));
}

TEST(CorpusToBytes, KeepsWhatHasTheSameName) {
  const Folder folder("to bytes beside");
  write(folder / "inputs/a", "other");
  failure("aaaaaaaa", 1).save(folder / "a.durasim.json");
  schedules_to_bytes(folder / "inputs", {folder / "a.durasim.json"}, {});
  EXPECT_EQ(content(folder / "inputs/a"), "other");
  EXPECT_EQ(content(folder / "inputs/a-2").size(), 2U);
}

TEST(CorpusFromBytes, WritesSchedulesOfTheScenarioWhereTestsFindThem) {
  const Folder folder("from bytes");
  write(folder / "inputs/one", std::string("\3\1", 2));
  write(folder / "inputs/same", std::string("\3\1\7", 3));  // what is left over is benign
  write(folder / "inputs/none", "");
  const Result result = bytes_to_schedules(folder / "corpus", {folder / "inputs"}, kPay);
  EXPECT_THAT(result.text, HasSubstr("2 added, 1 there already\n"));
  const auto stored = load_schedules({folder / "corpus"});
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[1].path, folder / "corpus/pay/one.durasim.json");
  EXPECT_EQ(stored[1].file.scenario, "pay");
  EXPECT_THAT(bytes_of(stored[1].file), ElementsAre(3, 1));
  EXPECT_EQ(stored[1].file.faults_offered.size(), FaultModel::standard().faults().size());
  EXPECT_THAT(bytes_to_schedules(folder / "corpus", {folder / "inputs"}, kPay).text,
              HasSubstr("0 added, 3 there already\n"));
}

TEST(CorpusFromBytes, AreNoFailuresUntilTheyAreRun) {
  const Folder folder("from bytes minimised");
  write(folder / "inputs/one", std::string("\3\1", 2));
  write(folder / "inputs/two", std::string("\4\1", 2));
  bytes_to_schedules(folder / "corpus", {folder / "inputs"}, kPay);
  EXPECT_THAT(minimise_corpus(folder / "corpus", {}).text, HasSubstr("0 removed, 2 kept\n"));
}

TEST(CorpusFromBytes, WritesNothingIfOneInputCannotBeASchedule) {
  const Folder folder("from bytes broken");
  write(folder / "inputs/a", std::string("\3\1", 2));
  write(folder / "inputs/b", std::string("\xff\xff\x7f\1", 4));
  EXPECT_THAT([&] { bytes_to_schedules(folder / "corpus", {folder / "inputs"}, kPay); },
              ThrowsMessage<UsageError>(HasSubstr("b: durasim: bytes that answer choice 2097152")));
  failure("aaaaaaaa", 1).save(folder / "inputs/b");
  EXPECT_THAT([&] { bytes_to_schedules(folder / "corpus", {folder / "inputs"}, kPay); },
              ThrowsMessage<UsageError>(HasSubstr("b is a schedule file already")));
  EXPECT_THAT([&] { bytes_to_schedules(folder / "corpus", {folder / "missing"}, kPay); },
              ThrowsMessage<UsageError>(HasSubstr("cannot read")));
  EXPECT_FALSE(fs::exists(folder / "corpus"));
}

TEST(CorpusFromBytes, SaysWhatItWouldDo) {
  const Folder folder("from bytes dry");
  write(folder / "inputs/one", std::string("\3\1", 2));
  FromBytesOptions options = kPay;
  options.corpus = {.dry_run = true, .json = true};
  const Result result = bytes_to_schedules(folder / "corpus", {folder / "inputs"}, options);
  const auto json = nlohmann::json::parse(result.text);
  EXPECT_EQ(json["added"].size(), 1U);
  EXPECT_EQ(json["there_already"], 0);
  EXPECT_EQ(json["dry_run"], true);
  EXPECT_FALSE(fs::exists(folder / "corpus"));
}

}  // namespace corpus_bytes_test
}  // namespace durasim::program
