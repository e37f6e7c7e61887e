#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durasim/explore/ring_file.hpp"

/// What recover() leaves alone. What it recovers: crash_test.cpp.
namespace recover_test {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class Recover : public testing::Test {
 protected:
  Recover()
      : folder_(fs::temp_directory_path() / ("durasim-recover-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Recover() override { fs::remove_all(folder_); }

  fs::path write(const std::string& text, std::uintmax_t size) const {
    fs::path path = folder_ / "process-1-0.durasim-ring";
    std::ofstream(path) << text;
    fs::resize_file(path, size);
    return path;
  }

  fs::path folder_;
};

TEST_F(Recover, FindsNothingWhereThereIsNothing) {
  EXPECT_THAT(durasim::recover(folder_), IsEmpty());
  EXPECT_THAT(durasim::recover(folder_ / "missing"), IsEmpty());
}

TEST_F(Recover, RemovesWhatAProcessHadNotBegunToWrite) {
  const fs::path empty = write("", 0);
  EXPECT_THAT(durasim::recover(folder_), IsEmpty());
  EXPECT_FALSE(fs::exists(empty));
  const fs::path blank = write("", sizeof(durasim::RingFile));
  EXPECT_THAT(durasim::recover(folder_), IsEmpty());
  EXPECT_FALSE(fs::exists(blank));
}

TEST_F(Recover, LeavesTheFileOfAnotherVersionWhereItIs) {
  const fs::path foreign = write("durasim-ring 0\n", sizeof(durasim::RingFile));
  testing::internal::CaptureStderr();
  EXPECT_THAT(durasim::recover(folder_), IsEmpty());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr(foreign.string() + " was written by another version of durasim"));
  EXPECT_TRUE(fs::exists(foreign));
}

TEST_F(Recover, LeavesTheFileOfALivingProcessAlone) {
  std::vector<std::string> names;
  const auto result = durasim::verify(
      [&](durasim::Simulation& sim) {
        sim.function("work", [](durable::Context& ctx) { ctx.step("work", [] {}); });
        sim.run("work");
        EXPECT_THAT(durasim::recover(), IsEmpty());
        for (const auto& entry : fs::directory_iterator(durasim::output_folder()))
          names.push_back(entry.path().extension().string());
      },
      {.max_faults = 0});
  EXPECT_EQ(result.verdict, durasim::Verdict::holds) << result;
  EXPECT_NE(std::count(names.begin(), names.end(), ".durasim-ring"), 0);
}

/// Otherwise what the finding tells would be told again, as of a process that was killed.
TEST_F(Recover, FindsNothingOfWorkersWhoseDeathsAreTold) {
  const auto dies = [](durasim::Simulation& sim) {
    auto& bodies = sim.make<int>(0);
    sim.function("work", [&bodies](durable::Context& ctx) {
      ctx.step("work", [&] {
        if (++bodies == 2) std::raise(SIGKILL);
      });
    });
    sim.run("work");
  };
  EXPECT_THAT(durasim::recover(), IsEmpty());
  const auto verified = durasim::verify(dies, {.max_faults = 2, .jobs = 3, .name = "dies"});
  EXPECT_EQ(verified.findings.front().oracle, durasim::Oracle::survival) << verified;
  EXPECT_THAT(durasim::recover(), IsEmpty());
  const auto searched = durasim::search(dies, {.runs = 4000, .jobs = 3, .name = "dies"});
  EXPECT_EQ(searched.findings.front().oracle, durasim::Oracle::survival) << searched;
  EXPECT_THAT(durasim::recover(), IsEmpty());
}

TEST(ScheduleFile, KeepsHowItsProcessEnded) {
  durasim::ScheduleFile file;
  file.scenario = "Suite.Case";
  file.ended = "killed";
  file.drawn = {18446744073709551615U, 3};
  file.choices = {{"", 3, 2, "none"}};
  const auto read = durasim::ScheduleFile::from_json(file.to_json(), "test");
  EXPECT_EQ(read.ended, "killed");
  EXPECT_EQ(read.drawn, file.drawn);
  EXPECT_EQ(read.choices, file.choices);
}

}  // namespace recover_test
