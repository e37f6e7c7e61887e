#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <durasim/report.hpp>

#include "durasim/core/testing.hpp"

/// Schedules that these tests write go to a folder of this process, not to the source tree.
namespace output_environment_test {

namespace fs = std::filesystem;

class OutputFolder final : public testing::Environment {
 public:
  void SetUp() override {
    if (const char* chosen = std::getenv("DURASIM_OUT"); chosen != nullptr && *chosen != '\0')
      return;
    own_ = fs::temp_directory_path() / ("durasim-tests-" + std::to_string(::getpid()));
    fs::remove_all(own_);  // of a process that had this number before
    ::setenv("DURASIM_OUT", own_.c_str(), 1);
  }
  void TearDown() override {
    if (own_.empty() || testing::UnitTest::GetInstance()->Failed())
      return;  // kept for whoever looks into it
    fs::remove_all(own_);
    ::unsetenv("DURASIM_OUT");
  }

 private:
  fs::path own_;
};

[[maybe_unused]] testing::Environment* const installed =
    testing::AddGlobalTestEnvironment(new OutputFolder);  // GoogleTest owns it

TEST(OutputFolder, IsWhereTheEnvironmentSaysAndAbsolute) {
  {
    const durasim::core_testing::Variable out("DURASIM_OUT", "some/where/../place");
    EXPECT_EQ(durasim::output_folder(), fs::current_path() / "some/place");
  }
  const durasim::core_testing::Variable out("DURASIM_OUT", "");
  EXPECT_EQ(durasim::output_folder(), fs::current_path() / "durasim-out");
}

TEST(ShellQuoted, LeavesPlainTextAlone) {
  EXPECT_EQ(durasim::shell_quoted("--gtest_filter=Suite.Case/0"), "--gtest_filter=Suite.Case/0");
}

TEST(ShellQuoted, QuotesWhatAShellWouldTakeAmiss) {
  EXPECT_EQ(durasim::shell_quoted("a b"), "'a b'");
  EXPECT_EQ(durasim::shell_quoted("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(durasim::shell_quoted("Suite.Case#2"), "'Suite.Case#2'");
  EXPECT_EQ(durasim::shell_quoted(""), "''");
}

}  // namespace output_environment_test
