#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/report.hpp>
#include <durasim/schedule.hpp>

/// The command that a failure prints is run, by a shell and from another folder, and fails the same
/// way. The program is src/tools/replay_subject, which stands beside this one.
namespace replay_command_test {

namespace fs = std::filesystem;
using durasim::ScheduleFile;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Ended {
  int status = -1;  ///< of exit; -1 if it was killed by a signal
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
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  return ended;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs the subject in a folder of its own, whose name a shell has to be told with care.
class Replay : public testing::Test {
 protected:
  Replay()
      : folder_(fs::temp_directory_path() /
                ("durasim it's a replay " + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Replay() override { fs::remove_all(folder_); }

  Ended subject(const std::string& environment, const std::string& filter,
                const std::string& arguments = "") const {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "replay_subject";
    return shell("cd " + quoted(folder_) + " && DURASIM_OUT=out " + environment + " " +
                 quoted(program) + " --gtest_filter=" + filter + " " + arguments);
  }

  /// Has the subject fail, and gives the one schedule that it wrote.
  fs::path recorded(const std::string& filter) {
    failed_ = subject("", filter);
    EXPECT_EQ(failed_.status, 1) << failed_.output;
    std::vector<fs::path> files(fs::directory_iterator(folder_ / "out"), {});
    EXPECT_EQ(files.size(), 1U) << failed_.output;
    return files.empty() ? fs::path() : files[0];
  }

  /// What the failure says to run.
  std::string printed_command() const {
    constexpr std::string_view label = "\n  replay   ";
    const std::size_t begin = failed_.output.find(label);
    if (begin == std::string::npos) return "echo no command was printed; false";
    return failed_.output.substr(begin + label.size(),
                                 failed_.output.find('\n', begin + 1) - begin - label.size());
  }

  /// Runs the printed command from the root folder: it fails as `file` says.
  void expect_same_failure(const fs::path& file, const std::string& scenario) const {
    const ScheduleFile schedule = ScheduleFile::load(file);
    EXPECT_EQ(schedule.scenario, scenario);
    EXPECT_EQ(schedule.trace_hash.size(), 16U);
    const std::string command = printed_command();
    EXPECT_THAT(command, Not(HasSubstr("\n")));
    const Ended again = shell("cd / && " + command);
    EXPECT_EQ(again.status, 1) << command << "\n" << again.output;
    EXPECT_THAT(again.output, HasSubstr("REFUTED  " + scenario));
    EXPECT_THAT(again.output, HasSubstr("oracle   " + schedule.oracle + ": "));
    if (!schedule.operation.empty()) {
      EXPECT_THAT(again.output, HasSubstr("where    \"" + schedule.operation + "\" at "));
    }
    EXPECT_THAT(again.output, HasSubstr("trace    " + schedule.trace_hash + "\n"));
    EXPECT_THAT(again.output, AllOf(Not(HasSubstr("recorded was")), Not(HasSubstr("\n  recorded ")),
                                    Not(HasSubstr("DIVERGED"))));
  }

  static std::string quoted(const fs::path& path) { return durasim::shell_quoted(path.string()); }

  fs::path folder_;
  Ended failed_;
};

TEST_F(Replay, ByThePrintedCommandFailsTheSameWay) {
  expect_same_failure(recorded("Subject.ChargesTwice"), "Subject.ChargesTwice");
}

TEST_F(Replay, OfTheSecondVerifyInATestLeavesTheFirstAlone) {
  expect_same_failure(recorded("Subject.CallsVerifyTwice"), "Subject.CallsVerifyTwice#2");
}

TEST_F(Replay, OfAScenarioThatHasAName) {
  expect_same_failure(recorded("Subject.NamesItsScenario"), "charge & settle");
}

TEST_F(Replay, OfATestWithParameters) {
  expect_same_failure(recorded("Every/SubjectWithParameter.ChargesTwice/0"),
                      "Every/SubjectWithParameter.ChargesTwice/0");
}

TEST_F(Replay, OfAProperty) {
  expect_same_failure(recorded("SubjectProperty.ChargesOnce"), "SubjectProperty.ChargesOnce");
}

TEST_F(Replay, OfAnExpectationReportsItAtItsOwnPlace) {
  expect_same_failure(recorded("Subject.FailsAnExpectation"), "Subject.FailsAnExpectation");
  EXPECT_THAT(shell(printed_command()).output,
              testing::ContainsRegex("failing.cpp:[0-9]+: Failure\nValue of: sim.run"));
}

TEST_F(Replay, PrintsTheWholeNarrativeOnce) {
  recorded("Subject.ChargesTwice");
  const Ended again = shell(printed_command());
  EXPECT_THAT(again.output, HasSubstr("#2   sends: START 1 SUCCEED 1"));
  EXPECT_EQ(again.output.find("  history  "), again.output.rfind("  history  "));
}

TEST_F(Replay, IdentitiesAreTheSameInEveryRepetitionOfATest) {
  failed_ = subject("", "Subject.CallsVerifyTwice", "--gtest_repeat=3");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "out"), {}), 1);
  expect_same_failure(fs::directory_iterator(folder_ / "out")->path(),
                      "Subject.CallsVerifyTwice#2");
}

TEST_F(Replay, KeepsTheArgumentsThatAreNotAboutSelectingTests) {
  failed_ = subject("", "Subject.*Twice",
                    "--gtest_repeat=2 '--orders=some folder' --gtest_also_run_disabled_tests");
  const std::string command = printed_command();
  EXPECT_THAT(command,
              HasSubstr("replay_subject --gtest_filter=Subject.ChargesTwice '--orders=some folder' "
                        "--gtest_also_run_disabled_tests"));
  EXPECT_EQ(shell(command).status, 1);
}

TEST_F(Replay, OfAFixedProgramHolds) {
  const fs::path file = recorded("Subject.ChargesTwice");
  const Ended fixed =
      subject("SUBJECT_VARIANT=fixed DURASIM_REPLAY=" + quoted(file), "Subject.ChargesTwice");
  EXPECT_EQ(fixed.status, 0) << fixed.output;
  EXPECT_THAT(fixed.output,
              AllOf(HasSubstr("HOLDS  Subject.ChargesTwice: the replayed schedule breaks no rule"),
                    HasSubstr("recorded was " + ScheduleFile::load(file).trace_hash),
                    HasSubstr("recorded effects for \"charge\"")));
}

TEST_F(Replay, OfAProgramThatMakesOtherChoicesDiverges) {
  const fs::path file = recorded("Subject.ChargesTwice");
  const Ended changed = subject("SUBJECT_VARIANT=another-step DURASIM_REPLAY=" + quoted(file),
                                "Subject.ChargesTwice");
  EXPECT_EQ(changed.status, 1) << changed.output;
  EXPECT_THAT(
      changed.output,
      AllOf(HasSubstr(
                "DIVERGED the replay diverged at choice 3: recorded was \"execution 1, effect 1,"),
            HasSubstr("met was \"execution 1, after_body 1,"),
            HasSubstr("replayed by its script: 1 of 1 fault reached; run the test without "
                      "DURASIM_REPLAY")));
}

TEST_F(Replay, DivergesAlsoWhereHandlerAndScenarioSwallowEveryException) {
  const fs::path file = recorded("Subject.SwallowsEveryException");
  const Ended changed = subject("SUBJECT_VARIANT=another-step DURASIM_REPLAY=" + quoted(file),
                                "Subject.SwallowsEveryException");
  EXPECT_EQ(changed.status, 1) << changed.output;
  EXPECT_THAT(changed.output, HasSubstr("DIVERGED"));
}

TEST_F(Replay, OfAnotherScenarioExitsWith3) {
  const fs::path file = recorded("Subject.ChargesTwice");
  const Ended other = subject("DURASIM_REPLAY=" + quoted(file), "Subject.IsSound");
  EXPECT_EQ(other.status, 3) << other.output;
  EXPECT_THAT(
      other.output,
      HasSubstr("the schedule is for the scenario Subject.ChargesTwice, which this process did not "
                "run; it ran: Subject.IsSound"));
  const Ended none = subject("DURASIM_REPLAY=" + quoted(file), "NoSuch.Test");
  EXPECT_EQ(none.status, 3) << none.output;
  EXPECT_THAT(none.output, HasSubstr("it ran: none"));
}

TEST_F(Replay, OfAFileThatCannotBeUsedSaysWhy) {
  const fs::path file = recorded("Subject.ChargesTwice");
  const std::string text = read(file);
  const std::string version = "\"version\": 3";
  const auto expect = [&](const fs::path& path, const std::string& message) {
    const Ended refused = subject("DURASIM_REPLAY=" + quoted(path), "Subject.ChargesTwice");
    EXPECT_EQ(refused.status, 3) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr(path.filename().string() + ": "));
    EXPECT_THAT(refused.output, HasSubstr(message));
  };
  expect(folder_ / "missing.json", "No such file or directory");
  expect(folder_, "Is a directory");
  std::ofstream(folder_ / "empty.json") << "";
  expect(folder_ / "empty.json", "not JSON");
  std::ofstream(folder_ / "truncated.json") << text.substr(0, text.size() / 2);
  expect(folder_ / "truncated.json", "not JSON");
  std::ofstream(folder_ / "other.json") << R"({"some": "file"})";
  expect(folder_ / "other.json", "not a schedule of durasim");
  std::ofstream(folder_ / "version.json")
      << std::string(text).replace(text.find(version), version.size(), "\"version\": 99");
  expect(folder_ / "version.json", "version 99; this program reads versions 1 to 3");
}

}  // namespace replay_command_test
