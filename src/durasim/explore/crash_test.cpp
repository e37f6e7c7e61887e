#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
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

#if defined(DURABLE_ASAN) || defined(DURABLE_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

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

  /// The one file that was left behind: a schedule with faults, which ended the process.
  ScheduleFile left_behind(const std::string& scenario) const {
    EXPECT_EQ(files().size(), 1U);
    if (files().size() != 1U) return {};
    EXPECT_THAT(files()[0].string(), testing::EndsWith(".durasim.json"));
    const ScheduleFile file = ScheduleFile::load(files()[0]);
    EXPECT_EQ(file.scenario, scenario);
    const auto is_fault = [](const ScheduleFile::Choice& choice) { return choice.answer != 0; };
    EXPECT_GE(std::count_if(file.choices.begin(), file.choices.end(), is_fault), 1);
    return file;
  }

  /// The process ends as `ending` says, in a way that the file it leaves behind repeats.
  void expect_to_end(const std::string& scenario, const testing::Matcher<std::string>& ending,
                     const std::string& told) const {
    const Ended died = subject(scenario);
    EXPECT_NE(died.status, 0) << died.output;
    EXPECT_THAT(died.output, AllOf(HasSubstr("\nREFUTED  " + scenario + "  by "),
                                   HasSubstr(": the process did not survive it\n"), HasSubstr(told),
                                   HasSubstr("\n  fault    ")));
    const ScheduleFile file = left_behind(scenario);
    EXPECT_THAT(file.ended, ending);
    EXPECT_THAT(died.output, HasSubstr("\n  ended    " + file.ended + ": "));

    constexpr std::string_view label = "\n  replay   ";
    const std::size_t begin = died.output.find(label) + label.size();
    const std::string command = died.output.substr(begin, died.output.find('\n', begin) - begin);
    const Ended again = shell("cd / && " + command);
    EXPECT_NE(again.status, 0) << command;
    if (!kSanitized && file.ended != "hang" && file.ended != "out-of-memory") {
      EXPECT_THAT(again.output, HasSubstr(scenario + "  until the process ended:\n"));
      EXPECT_THAT(again.output, HasSubstr("step \"label\": body starts\n\nREFUTED"))
          << "the story goes to where the process ended";
    }
    EXPECT_THAT(again.output, AllOf(HasSubstr("\nREFUTED  " + scenario),
                                    HasSubstr("\n  ended    " + file.ended + ": ")));

    const Ended fixed = subject(scenario, "SUBJECT_VARIANT=fixed DURASIM_REPLAY=$(ls out/*.json)");
    EXPECT_EQ(fixed.status, 0) << fixed.output;
    EXPECT_THAT(fixed.output, AllOf(HasSubstr("HOLDS  " + scenario),
                                    HasSubstr("recorded the process ended in this run (" +
                                              file.ended + "); now it came to its end")));
  }

  /// What a process wrote that has outlived its workers.
  std::vector<fs::path> survivals() const {
    std::vector<fs::path> found = files();
    std::erase_if(found, [](const fs::path& file) {
      return file.string().find("-survival-") == std::string::npos;
    });
    return found;
  }

  void clear() const {
    fs::remove_all(folder_ / "out");
    fs::remove(folder_ / "log");
  }

  fs::path folder_;
};

/// A sanitizer may be the first to say so.
testing::Matcher<std::string> ended(const char* id) {
  if (kSanitized) return AnyOf(testing::Eq(id), testing::Eq("sanitizer"));
  return testing::Eq(id);
}

/// A way in which a handler ends its process, and what is said of it.
struct Way {
  const char* name;
  const char* ended;
  const char* told;
};

class CrashBy : public Crash, public testing::WithParamInterface<Way> {
 protected:
  static testing::Matcher<std::string> ending() { return ended(GetParam().ended); }
};

TEST_P(CrashBy, InAVerifyIsReproduced) {
  expect_to_end(std::string("Dies.") + GetParam().name, ending(), GetParam().told);
}

TEST_P(CrashBy, InASearchIsReproduced) {
  expect_to_end(std::string("DiesInSearch.") + GetParam().name, ending(), GetParam().told);
}

/// The process survives, and tells of the failure as of any other; its file is replayed without workers.
TEST_P(CrashBy, OfAWorkerIsReproduced) {
  for (const std::string suite : {"Dies.", "DiesInSearch."}) {
    SCOPED_TRACE(suite);
    if (suite == "DiesInSearch." && GetParam().ended == std::string_view("hang"))
      continue;  // each fault that is left out takes seconds
    fs::remove_all(folder_ / "out");
    const std::string scenario = suite + GetParam().name;
    const Ended lived = subject(scenario, "DURASIM_JOBS=2");
    EXPECT_EQ(lived.status, 1) << lived.output;
    EXPECT_THAT(lived.output, HasSubstr("1 FAILED TEST"));
    const std::vector<fs::path> left = survivals();
    ASSERT_EQ(left.size(), 1U) << lived.output;
    EXPECT_EQ(ScheduleFile::load(left[0]).scenario, scenario);
    const Ended again = subject(scenario, "DURASIM_REPLAY='" + left[0].string() + "'");
    EXPECT_NE(again.status, 0);
    EXPECT_THAT(again.output, AllOf(HasSubstr("\nREFUTED  " + scenario),
                                    testing::ContainsRegex("\n  ended    [A-Za-z-]+: ")));
    if (!kSanitized) {
      EXPECT_THAT(again.output, HasSubstr(fmt::format("\n  ended    {}: ", GetParam().ended)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, CrashBy,
                         testing::Values(Way{"ByAbort", "SIGABRT", "abort() was called"},
                                         Way{"ByInvalidAccess", "SIGSEGV", "invalid memory access"},
                                         Way{"ByStackOverflow", "stack-overflow",
                                             "durable::StackConfig::size"},
                                         Way{"ByExhaustedMemory", "out-of-memory",
                                             kSanitized ? "details" : "memory is exhausted"},
                                         Way{"BySpinning", "hang", "does not come to an end"},
                                         Way{"ByExit", "exit", "exit() was called"}),
                         [](const auto& way) { return way.param.name; });

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

TEST_F(Crash, OfTwoProcessesInTheSameRunIsRecoveredOnce) {
  subject("Dies.ByImmediateExit");
  ASSERT_EQ(files().size(), 1U);
  fs::copy_file(files()[0], folder_ / "out/process-1-0.durasim-ring");
  const std::vector<Recovered> recovered = durasim::recover(folder_ / "out");
  ASSERT_EQ(recovered.size(), 1U);
  EXPECT_EQ(files(), std::vector{recovered[0].file});
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

std::size_t count_of(std::string_view word, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_F(Crash, OfAWorkerIsToldOnceByItsParent) {
  const std::pair<const char*, const char*> deaths[] = {
      {"ByAbort", "was killed by signal 6"},
      {"ByInvalidAccess", kSanitized ? "the body of \"label\" ran" : "was killed by signal 11"},
      {"ByStackOverflow", kSanitized ? "the body of \"label\" ran" : "stack overflow in a handler"},
      {"ByExhaustedMemory", kSanitized ? "the body of \"label\" ran" : "memory is exhausted"},
      {"BySpinning", "the run does not come to an end"},
      {"ByExit", "called exit(0)"},
      {"ByImmediateExit", "called exit(0)"}};
  for (const auto& [test, told] : deaths) {
    SCOPED_TRACE(test);
    const std::string scenario = std::string("Dies.") + test;
    const Ended died = subject(scenario, "DURASIM_JOBS=2");
    EXPECT_EQ(died.status, 1) << died.output;
    EXPECT_EQ(count_of("REFUTED", died.output), 1U) << died.output;
    EXPECT_THAT(died.output, AllOf(HasSubstr("survival: the process "), HasSubstr(told),
                                   Not(HasSubstr("in the middle of a run"))));
    EXPECT_EQ(left_behind(scenario).oracle, "survival");
    clear();
  }
}

TEST_F(Crash, LeavesNothingBehindWhereNothingCrashes) {
  const Ended lived = subject("Dies.*", "SUBJECT_VARIANT=fixed");
  EXPECT_EQ(lived.status, 0) << lived.output;
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

/// A campaign that is killed, and what is on disk then.
struct Campaign {
  const char* test;
  const char* jobs;
  std::size_t failures;  ///< at least
};

/// Sanitizers have seen enough of it sooner.
constexpr int kKills = kSanitized ? 5 : 30;

class Killed : public Crash, public testing::WithParamInterface<Campaign> {
 protected:
  static std::string filter() { return std::string("Campaign.") + GetParam().test; }

  /// What had begun to fail, and whether the campaign came to its end.
  struct Log {
    std::size_t lines = 0;
    std::set<std::string> begun;
    bool ended = false;
  };
  Log read_log() const {
    Log log;
    std::ifstream file(folder_ / "log");
    for (std::string line; std::getline(file, line); ++log.lines) {
      constexpr std::string_view begun = "begun ";
      if (line.starts_with(begun)) log.begun.insert(line.substr(begun.size()));
      if (line == "end of campaign") log.ended = true;
    }
    return log;
  }

  /// By operation, the signatures of what is on disk.
  std::map<std::string, std::string> signatures() const {
    std::map<std::string, std::string> signatures;
    for (const fs::path& path : files()) {
      if (path.extension() != ".json") continue;
      const ScheduleFile file = ScheduleFile::load(path);
      if (!file.signature.empty() && !file.oracle.empty())
        signatures[file.operation] = file.signature;
    }
    return signatures;
  }

  /// Those of a campaign that nobody kills; how much it logs, and how long that takes.
  std::map<std::string, std::string> whole_campaign() {
    const auto begin = std::chrono::steady_clock::now();
    const Ended whole =
        subject(filter(), fmt::format("SUBJECT_LOG=log DURASIM_JOBS={}", GetParam().jobs));
    const auto duration = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(whole.status, 0) << whole.output;
    const Log log = read_log();
    EXPECT_TRUE(log.ended);
    lines_ = log.lines;
    between_lines_ = duration / static_cast<std::int64_t>(lines_);
    auto found = signatures();
    clear();
    return found;
  }

  /// `fraction` of the way through the campaign, as its log tells, and `more` of the time between two
  /// lines: a machine that is busy changes when, not where.
  void kill_at(double fraction, double more) const {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(folder_.c_str()) != 0 || std::freopen("/dev/null", "w", stdout) == nullptr)
        ::_exit(9);
      ::setenv("DURASIM_OUT", "out", 1);
      ::setenv("DURASIM_JOBS", GetParam().jobs, 1);
      ::setenv("SUBJECT_LOG", "log", 1);
      ::execl(program().c_str(), "crash_subject", ("--gtest_filter=" + filter()).c_str(), nullptr);
      ::_exit(9);
    }
    const auto lines = static_cast<std::size_t>(fraction * static_cast<double>(lines_));
    for (Log log = read_log(); log.lines < lines && !log.ended; log = read_log()) ::usleep(200);
    const auto rest = static_cast<std::int64_t>(more * static_cast<double>(between_lines_.count()));
    std::this_thread::sleep_for(std::chrono::nanoseconds(rest));
    ::kill(child, SIGKILL);
    wait_for_all();
  }

  /// What a campaign forks dies with it, though a moment later; until then it may still write. This
  /// process inherits it.
  static void wait_for_all() {
    for (int patience = 0; patience < 6000; ++patience) {
      const pid_t ended = ::waitpid(-1, nullptr, WNOHANG);
      if (ended < 0) return;  // there is none left
      if (ended == 0) ::usleep(10'000);
    }
    ADD_FAILURE() << "a process outlives the campaign that forked it";
  }

  /// Of the schedules on disk, after those that were recovered have been replayed.
  std::map<std::string, std::string> signatures_on_disk() const {
    for (const Recovered& run : durasim::recover(folder_ / "out")) {
      subject(filter(), fmt::format("SUBJECT_ONLY='{}' DURASIM_REPLAY='{}'", run.scenario,
                                    run.file.string()));
    }
    return signatures();
  }

  void SetUp() override { ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

  std::size_t lines_ = 0;
  std::chrono::nanoseconds between_lines_{};
};

TEST_P(Killed, AtRandomLosesNoFinding) {
  const std::map<std::string, std::string> truth = whole_campaign();
  ASSERT_GE(truth.size(), GetParam().failures);
  std::mt19937_64 random(20261123);
  const auto draw = [&] { return static_cast<double>(random() >> 11U) * 0x1p-53; };
  int interrupted = 0;
  int begun = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const double fraction = draw();
    kill_at(fraction, 2 * draw());
    const std::map<std::string, std::string> on_disk = signatures_on_disk();
    const Log log = read_log();
    if (!log.ended) ++interrupted;
    for (const std::string& failure : log.begun) {
      ++begun;
      ASSERT_TRUE(truth.contains(failure)) << failure;
      ASSERT_TRUE(on_disk.contains(failure)) << "kill " << kill << " lost " << failure;
      EXPECT_EQ(on_disk.at(failure), truth.at(failure));
    }
    clear();
  }
  EXPECT_GT(interrupted, kKills / 2) << "the kills came too late to show anything";
  EXPECT_GT(begun, kKills) << "the kills came too early to show anything";
}

INSTANTIATE_TEST_SUITE_P(In, Killed,
                         testing::Values(Campaign{"OfChecks", "1", 40},
                                         Campaign{"OfVerifies", "1", 24},
                                         Campaign{"OfVerifies", "2", 24},
                                         Campaign{"OfASearch", "1", 8},
                                         Campaign{"OfASearch", "2", 8}),
                         [](const auto& campaign) {
                           return fmt::format("{}With{}", campaign.param.test, campaign.param.jobs);
                         });

}  // namespace crash_test
