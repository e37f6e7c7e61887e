#include <sys/wait.h>

#include <cstdio>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/conformance/testing.hpp"

/// The program `conformance` as its users see it.
namespace conformance_program_test {

using conformance::testing::TemporaryFolder;
using ::testing::HasSubstr;

struct Ended {
  int code = -1;
  std::string output;  ///< of both streams
};

Ended run(const std::string& arguments) {
  const std::string command = std::string(DURASIM_CONFORMANCE) + " " + arguments + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  Ended result;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe))
    result.output.append(buffer, size);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
  return result;
}

std::string in(const TemporaryFolder& folder) {
  return "--requirements \"" + folder.path().string() + "\"";
}

constexpr const char* kPasses = "Input: you\nExpectedResult: {ExecutionStatus: SUCCEEDED}\n";
constexpr const char* kFails = "Input: you\nExpectedResult: {ExecutionStatus: FAILED}\n";

TEST(ConformanceProgram, RunsTheProjectsOwnFilesWhenNoneAreNamed) {
  const Ended wait = run("--suite wait");
  EXPECT_EQ(wait.code, 0) << wait.output;
  EXPECT_THAT(wait.output, HasSubstr("5 requirements: 5 passed, 0 failed, 0 without a handler\n"));
}

TEST(ConformanceProgram, EndsWithOneUnlessAllPassed) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", kPasses);
  EXPECT_EQ(run(in(folder)).code, 0);
  folder.write("step/1-2.yaml", kFails);
  const Ended failed = run(in(folder));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.output,
              HasSubstr("2 requirements: 1 passed, 1 failed, 0 without a handler\n"));
  EXPECT_THAT(failed.output, HasSubstr("status: expected FAILED, got SUCCEEDED"));
}

TEST(ConformanceProgram, EndsWithOneForAMissingHandler) {
  const TemporaryFolder folder;
  folder.write("callback/99-1.yaml", kPasses);
  const Ended missing = run(in(folder));
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.output, HasSubstr("0 passed, 0 failed, 1 without a handler\n"));
}

TEST(ConformanceProgram, DoesNotFailForAnOptionalRequirement) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", std::string(kFails) + "optional: true\n");
  const Ended optional = run(in(folder));
  EXPECT_EQ(optional.code, 0);
  EXPECT_THAT(optional.output, HasSubstr("FAILED     optional: status"));
}

TEST(ConformanceProgram, GoesOnAfterAFileThatCannotBeUsed) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", "Input: [you\n");
  folder.write("step/1-2.yaml", kPasses);
  const Ended broken = run(in(folder));
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.output, HasSubstr("1-1.yaml:2:1: not YAML: "));
  EXPECT_THAT(broken.output, HasSubstr("1 passed, 1 failed"));
}

TEST(ConformanceProgram, PrintsOneObjectALineAsJson) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", kPasses);
  folder.write("step/1-2.yaml", kFails);
  folder.write("other/99-1.yaml", kPasses);
  const Ended json = run(in(folder) + " --json");
  EXPECT_EQ(json.code, 1);
  std::istringstream lines(json.output);
  std::vector<nlohmann::json> objects;
  for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0], (nlohmann::json{{"id", "1-1"},
                                        {"suite", "step"},
                                        {"status", "PASSED"},
                                        {"detail", "0 events, SUCCEEDED"}}));
  EXPECT_EQ(objects[1].at("status"), "FAILED");
  EXPECT_EQ(objects[2].at("status"), "NO_HANDLER");
}

TEST(ConformanceProgram, RunsTheSuitesThatAreNamed) {
  const TemporaryFolder folder;
  folder.write("step/1-1.yaml", kPasses);
  folder.write("wait/2-1.yaml", kPasses);
  folder.write("other/99-1.yaml", kPasses);
  const Ended both = run(in(folder) + " --suite step --suite wait");
  EXPECT_EQ(both.code, 0) << both.output;
  EXPECT_THAT(both.output, HasSubstr("2 requirements: 2 passed"));
}

TEST(ConformanceProgram, ReadsAFolderWithASpaceInItsName) {
  const TemporaryFolder folder;
  folder.write("a folder/step/1-1.yaml", kPasses);
  EXPECT_EQ(run("--requirements \"" + (folder.path() / "a folder").string() + "\"").code, 0);
}

TEST(ConformanceProgram, EndsWithTwoWhereNothingCanBeRun) {
  const TemporaryFolder folder;
  const Ended empty = run(in(folder));
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.output, HasSubstr("has no file <suite>/<id>.yaml"));
  folder.write("step/1-1.yaml", kPasses);
  const Ended unknown = run(in(folder) + " --suite stepp");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("has no suite \"stepp\"; it has step"));
  EXPECT_EQ(run("--requirements /no/such/folder").code, 2);
  EXPECT_EQ(run("--what").code, 2);
  EXPECT_EQ(run("--help").code, 0);
}

}  // namespace conformance_program_test
