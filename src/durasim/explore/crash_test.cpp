#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/recover.hpp>
#include <durasim/schedule.hpp>

#include "durable/fiber/sanitizers.hpp"

/// Processes that end in the middle of a run, in every way there is, and what they leave behind. The
/// program is src/tools/crash_subject, which stands beside this one.
namespace crash_test {

namespace fs = std::filesystem;
using durasim::Recovered;
using durasim::ScheduleFile;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

struct Ended {
  int status = -1;  ///< of exit; minus the signal's number if that ended it
  std::string output;
};

Ended shell(const std::string& command) {
  Ended ended;
  std::FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ended.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return ended;
}

fs::path program() { return fs::read_symlink("/proc/self/exe").parent_path() / "crash_subject"; }

class Crash : public testing::Test {
 protected:
  Crash() : folder_(fs::temp_directory_path() / ("durasim crashes " + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Crash() override { fs::remove_all(folder_); }

  Ended subject(const std::string& filter, const std::string& environment = "") const {
    return shell(fmt::format("cd '{}' && DURASIM_OUT=out {} exec '{}' --gtest_filter={}",
                             folder_.string(), environment, program().string(), filter));
  }

  std::vector<fs::path> files() const {
    std::error_code none;
    std::vector<fs::path> files(fs::directory_iterator(folder_ / "out", none), {});
    std::sort(files.begin(), files.end());
    return files;
  }

  /// The one file that was left behind: a schedule of one fault, which ended the process.
  ScheduleFile left_behind(const std::string& scenario) const {
    EXPECT_EQ(files().size(), 1U);
    if (files().size() != 1U) return {};
    EXPECT_THAT(files()[0].string(), testing::EndsWith(".durasim.json"));
    const ScheduleFile file = ScheduleFile::load(files()[0]);
    EXPECT_EQ(file.scenario, scenario);
    const auto is_fault = [](const ScheduleFile::Choice& choice) { return choice.answer != 0; };
    EXPECT_EQ(std::count_if(file.choices.begin(), file.choices.end(), is_fault), 1);
    return file;
  }

  /// The process ends as `ending` says, in a way that the file it leaves behind repeats.
  void expect_to_end(const std::string& test, const testing::Matcher<std::string>& ending,
                     const std::string& told) const {
    const std::string scenario = "Dies." + test;
    const Ended died = subject(scenario);
    EXPECT_NE(died.status, 0) << died.output;
    EXPECT_THAT(died.output, AllOf(HasSubstr("\nREFUTED  " + scenario +
                                             "  by 1 fault: the process did not survive it\n"),
                                   HasSubstr(told), HasSubstr("\n  fault    crash_")));
    const ScheduleFile file = left_behind(scenario);
    EXPECT_THAT(file.ended, ending);
    EXPECT_THAT(died.output, HasSubstr("\n  ended    " + file.ended + ": "));

    constexpr std::string_view label = "\n  replay   ";
    const std::size_t begin = died.output.find(label) + label.size();
    const std::string command = died.output.substr(begin, died.output.find('\n', begin) - begin);
    const Ended again = shell("cd / && " + command);
    EXPECT_NE(again.status, 0) << command;
    EXPECT_THAT(again.output, AllOf(HasSubstr("\nREFUTED  " + scenario),
                                    HasSubstr("\n  ended    " + file.ended + ": ")));

    const Ended fixed = subject(scenario, "SUBJECT_VARIANT=fixed DURASIM_REPLAY=$(ls out/*.json)");
    EXPECT_EQ(fixed.status, 0) << fixed.output;
    EXPECT_THAT(fixed.output, AllOf(HasSubstr("HOLDS  " + scenario),
                                    HasSubstr("recorded the process ended in this run (" +
                                              file.ended + "); now it came to its end")));
  }

  fs::path folder_;
};

#if defined(DURABLE_ASAN) || defined(DURABLE_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// A sanitizer may be the first to say so.
testing::Matcher<std::string> ended(const char* id) {
  if (kSanitized) return AnyOf(testing::Eq(id), testing::Eq("sanitizer"));
  return testing::Eq(id);
}

TEST_F(Crash, ByAbortIsReproduced) {
  expect_to_end("ByAbort", ended("SIGABRT"), "abort() was called");
}

TEST_F(Crash, ByInvalidAccessIsReproduced) {
  expect_to_end("ByInvalidAccess", ended("SIGSEGV"), "invalid memory access");
}

TEST_F(Crash, ByStackOverflowNamesTheOption) {
  expect_to_end("ByStackOverflow", ended("stack-overflow"), "durable::StackConfig::size");
}

TEST_F(Crash, ByExhaustedMemoryIsReproduced) {
  expect_to_end("ByExhaustedMemory", ended("out-of-memory"),
                kSanitized ? "details" : "memory is exhausted");
}

TEST_F(Crash, BySpinningIsReproduced) {
  expect_to_end("BySpinning", ended("hang"), "does not come to an end");
}

TEST_F(Crash, ByExitIsAFailureAlthoughItsStatusWas0) {
  expect_to_end("ByExit", ended("exit"), "exit() was called");
}

TEST_F(Crash, ThatSaysNothingIsRecovered) {
  EXPECT_EQ(subject("Dies.ByImmediateExit").status, 0) << "nothing can run after _Exit";
  ASSERT_EQ(files().size(), 1U);
  const std::vector<Recovered> recovered = durasim::recover(folder_ / "out");
  ASSERT_EQ(recovered.size(), 1U);
  EXPECT_EQ(recovered[0].scenario, "Dies.ByImmediateExit");
  EXPECT_EQ(recovered[0].ended, "killed");
  EXPECT_EQ(files(), std::vector{recovered[0].file});
  EXPECT_EQ(left_behind("Dies.ByImmediateExit").ended, "killed");
  EXPECT_TRUE(durasim::recover(folder_ / "out").empty());
  const Ended again = subject("Dies.ByImmediateExit", "DURASIM_REPLAY=$(ls out/*.json)");
  EXPECT_THAT(again.output, Not(HasSubstr("HOLDS"))) << "it ends there once more";
  EXPECT_EQ(durasim::recover(folder_ / "out").size(), 1U);
}

TEST_F(Crash, ThatSaysNothingIsToldByTheNextProcess) {
  subject("Dies.ByImmediateExit");
  const Ended next = subject("Lives.*");
  EXPECT_EQ(next.status, 0) << next.output;
  EXPECT_THAT(next.output,
              HasSubstr("ended in the middle of a run of Dies.ByImmediateExit (killed); "
                        "its schedule: "));
  EXPECT_EQ(left_behind("Dies.ByImmediateExit").ended, "killed");
}

TEST_F(Crash, InASearchIsDrawnAgain) {
  EXPECT_LT(subject("Search.*", "SUBJECT_VARIANT=killed").status, 0);
  const std::vector<Recovered> recovered = durasim::recover(folder_ / "out");
  ASSERT_EQ(recovered.size(), 1U);
  const auto drawn = ScheduleFile::load(recovered[0].file).drawn;
  ASSERT_TRUE(drawn);
  EXPECT_EQ(drawn->seed, 7U);
  const Ended again = subject("Search.*", "DURASIM_REPLAY=$(ls out/*.json)");
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, HasSubstr("REFUTED  Search.MeetsADoubleEffect"));
  EXPECT_THAT(again.output,
              HasSubstr(fmt::format("after run {}, in which its process was killed", drawn->run)));
  EXPECT_GE(files().size(), 2U) << "the failure has a file of its own now";
}

TEST_F(Crash, LeavesNothingBehindWhereNothingCrashes) {
  const Ended lived = subject("Dies.*", "SUBJECT_VARIANT=fixed");
  EXPECT_EQ(lived.status, 0) << lived.output;
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

/// A campaign that is killed at a moment of its own, and what is on disk then.
class Killed : public Crash {
 protected:
  struct Log {
    std::set<int> begun;
    std::map<int, std::string> found;
  };

  Log read_log() const {
    Log log;
    std::ifstream file(folder_ / "log");
    std::string signature;
    int run = 0;
    for (std::string word; file >> word >> run;) {
      if (word == "begun") {
        log.begun.insert(run);
      } else if (file >> signature) {
        log.found[run] = signature;
      }
    }
    return log;
  }

  /// Every run's signature, from a campaign that nobody kills; and how long that takes.
  std::map<int, std::string> whole_campaign() {
    const auto begin = std::chrono::steady_clock::now();
    const Ended whole = subject("Campaign.*", "SUBJECT_LOG=log");
    duration_ = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(whole.status, 0) << whole.output;
    const Log log = read_log();
    runs_ = log.begun.size();
    clear();
    return log.found;
  }

  void clear() const {
    fs::remove_all(folder_ / "out");
    fs::remove(folder_ / "log");
  }

  void kill_after(std::chrono::nanoseconds delay) const {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(folder_.c_str()) != 0 || std::freopen("/dev/null", "w", stdout) == nullptr)
        ::_exit(9);
      ::setenv("DURASIM_OUT", "out", 1);
      ::setenv("SUBJECT_LOG", "log", 1);
      ::execl(program().c_str(), "crash_subject", "--gtest_filter=Campaign.*", nullptr);
      ::_exit(9);
    }
    const timespec time{static_cast<time_t>(delay.count() / 1'000'000'000),
                        static_cast<long>(delay.count() % 1'000'000'000)};
    ::nanosleep(&time, nullptr);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  /// Of the schedules on disk, after those that were recovered have been replayed.
  std::set<std::string> signatures_on_disk() const {
    for (const Recovered& run : durasim::recover(folder_ / "out")) {
      subject("Campaign.*",
              fmt::format("SUBJECT_LOG=other DURASIM_REPLAY='{}'", run.file.string()));
    }
    std::set<std::string> signatures;
    for (const fs::path& file : files()) {
      if (file.extension() == ".json") signatures.insert(ScheduleFile::load(file).signature);
    }
    return signatures;
  }

  std::chrono::nanoseconds duration_{};
  std::size_t runs_ = 0;
};

TEST_F(Killed, ThirtyTimesAtRandomLosesNoFinding) {
  const std::map<int, std::string> truth = whole_campaign();
  ASSERT_EQ(truth.size(), 40U);
  std::uint64_t random = 20261123;
  int interrupted = 0;
  for (int kill = 0; kill < 30; ++kill) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    kill_after(duration_ * static_cast<std::int64_t>(random >> 54U) / 1024);
    const Log log = read_log();
    if (log.begun.size() < runs_) ++interrupted;
    const std::set<std::string> on_disk = signatures_on_disk();
    for (const int run : log.begun) {
      const auto finding = truth.find(run);
      if (finding == truth.end()) continue;
      EXPECT_TRUE(on_disk.contains(finding->second))
          << "kill " << kill << " lost the finding of run " << run;
    }
    clear();
  }
  EXPECT_GT(interrupted, 15) << "the kills came too late to show anything";
}

}  // namespace crash_test
