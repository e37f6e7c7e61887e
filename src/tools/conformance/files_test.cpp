#include "tools/conformance/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/conformance/testing.hpp"

namespace conformance_files_test {

using conformance::requirement_files;
using conformance::UsageError;
using conformance::testing::message_of;
using conformance::testing::TemporaryFolder;
using ::testing::ElementsAre;

std::vector<std::string> names(const TemporaryFolder& folder,
                               const std::vector<std::string>& suites = {}) {
  std::vector<std::string> result;
  for (const auto& file : requirement_files(folder.path(), suites))
    result.push_back(std::filesystem::relative(file, folder.path()).string());
  return result;
}

TEST(ConformanceFiles, AreThoseOfAllSuitesInTheOrderOfTheirIds) {
  const TemporaryFolder folder;
  for (const char* name : {"wait/2-1.yaml", "step/1-10.yaml", "step/1-9.yaml", "step/1-1.yaml",
                           "plugin/10-1.yaml", "step/notes.txt", "README.md", "empty/x.txt"})
    folder.write(name, "");
  EXPECT_THAT(names(folder), ElementsAre("step/1-1.yaml", "step/1-9.yaml", "step/1-10.yaml",
                                         "wait/2-1.yaml", "plugin/10-1.yaml"));
}

TEST(ConformanceFiles, AreThoseOfTheSuitesThatAreAskedFor) {
  const TemporaryFolder folder;
  for (const char* name : {"wait/2-1.yaml", "step/1-1.yaml", "child/3-1.yaml"})
    folder.write(name, "");
  EXPECT_THAT(names(folder, {"wait", "step", "wait"}),
              ElementsAre("step/1-1.yaml", "wait/2-1.yaml"));
}

TEST(ConformanceFiles, SayWhatThereIsInsteadOfAnUnknownSuite) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", "");
  folder.write("wait/2-1.yaml", "");
  EXPECT_EQ(message_of<UsageError>([&] { names(folder, {"stepp"}); }),
            folder.path().string() + " has no suite \"stepp\"; it has step, wait");
}

TEST(ConformanceFiles, HaveToBeThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<UsageError>([&] { names(folder); }),
            folder.path().string() + " has no file <suite>/<id>.yaml");
  EXPECT_EQ(message_of<UsageError>([&] { requirement_files(folder.path() / "none", {}); }),
            (folder.path() / "none").string() + " is not a folder");
}

}  // namespace conformance_files_test
