#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/durasim/testing.hpp"

/// The program as people and scripts call it. The test program whose failures it is given is
/// src/tools/replay_subject.
namespace program_test {

namespace fs = std::filesystem;
using durasim::program::testing_support::Ended;
using durasim::program::testing_support::Folder;
using durasim::program::testing_support::quoted;
using durasim::program::testing_support::shell;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Program : public testing::Test {
 protected:
  Ended durasim(const std::string& arguments, const std::string& environment = "") const {
    return shell("cd " + quoted(folder_.path()) + " && " + environment + " " +
                 quoted(DURASIM_PROGRAM) + " " + arguments);
  }

  static std::string beside(const std::string& name) {
    return quoted(fs::read_symlink("/proc/self/exe").parent_path() / name);
  }
  static std::string subject() { return beside("replay_subject"); }

  /// Has the subject fail, and gives the one schedule that it wrote.
  std::string recorded() const {
    const Ended failed = shell("cd " + quoted(folder_.path()) + " && DURASIM_OUT=out " + subject() +
                               " --gtest_filter=Subject.ChargesTwice");
    EXPECT_EQ(failed.status, 1) << failed.output;
    const std::vector<fs::path> files(fs::directory_iterator(folder_ / "out"), {});
    EXPECT_EQ(files.size(), 1U) << failed.output;
    return files.empty() ? "" : quoted(files[0]);
  }

  const Folder folder_{"commands"};
};

TEST_F(Program, ShowsAFailureWithoutTheTest) {
  const std::string file = recorded();
  const Ended shown = durasim("show " + file);
  EXPECT_EQ(shown.status, 0) << shown.output;
  EXPECT_THAT(shown.output, AllOf(HasSubstr("Subject.ChargesTwice  by 1 fault, the fewest\n"),
                                  HasSubstr("\n  >> "), HasSubstr("  #1     invocation starts"),
                                  HasSubstr("here the oracle effects is violated")));
  EXPECT_THAT(shown.output, Not(HasSubstr("answer: applied")));
  EXPECT_THAT(durasim("show --all " + file).output, HasSubstr("answer: applied"));
  EXPECT_EQ(nlohmann::json::parse(durasim("show --json " + file).output)["version"], 3);
}

TEST_F(Program, ReplaysWithTheProgramThatIsNamed) {
  const std::string file = recorded();
  const Ended again =
      durasim("replay " + file + " -- " + subject() + " --gtest_filter=Subject.ChargesTwice");
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, HasSubstr("REFUTED  Subject.ChargesTwice  by 1 fault"));
  EXPECT_THAT(again.output, HasSubstr("REFUTED  Subject.ChargesTwice: "));
  const Ended other =
      durasim("replay " + file + " -- " + subject() + " --gtest_filter=Subject.IsSound");
  EXPECT_EQ(other.status, 3) << other.output;
  EXPECT_THAT(other.output, HasSubstr("it did not come to that scenario"));
  EXPECT_EQ(durasim("replay " + file + " -- true").status, 3);
  const Ended json =
      durasim("replay --json " + file + " -- sh -c 'echo \"$0 $1\"; kill -SEGV $$' a -b");
  EXPECT_EQ(json.status, 3);
  EXPECT_THAT(json.output, AllOf(HasSubstr("a -b\n"), HasSubstr(R"("verdict":"INCOMPLETE")"),
                                 HasSubstr(R"("ended":"SIGSEGV")")));
}

TEST_F(Program, JudgesTheReplayAndNotTheOtherTestsOfTheProgram) {
  const Ended failed = shell("cd " + quoted(folder_.path()) + " && DURASIM_OUT=out " + subject() +
                             " --gtest_filter=Subject.ChargesTwice:Subject.FailsAnExpectation");
  EXPECT_EQ(failed.status, 1) << failed.output;
  const std::string all =
      " -- env SUBJECT_VARIANT=fixed " + subject() + " --gtest_filter=Subject.*";
  const Ended charges = durasim("replay out/Subject.ChargesTwice-*.durasim.json" + all);
  EXPECT_EQ(charges.status, 0) << charges.output;
  EXPECT_THAT(charges.output, AllOf(HasSubstr("FAILED TEST"),
                                    HasSubstr("status 1, that is for something else: the schedule "
                                              "breaks no rule")));
  const Ended expects = durasim("replay out/Subject.FailsAnExpectation-*.durasim.json" + all);
  EXPECT_EQ(expects.status, 1) << expects.output;
  const Ended both = durasim("triage out" + all);
  EXPECT_EQ(both.status, 1) << both.output;
  EXPECT_THAT(both.output, AllOf(HasSubstr("fixed     "), HasSubstr("new       ")));
}

TEST_F(Program, SaysWhatItCannotUse) {
  const std::string file = recorded();
  std::ofstream(folder_ / "cut.durasim.json") << "{\"format\":";
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Ended refused = durasim(arguments);
    EXPECT_EQ(refused.status, 2) << arguments << "\n" << refused.output;
    EXPECT_THAT(refused.output, HasSubstr(message)) << arguments;
  };
  expect("", "subcommand");
  expect("frobnicate", "there is no command frobnicate; `durasim --help` lists");
  expect("show", "FILE");
  expect("show missing.durasim.json", "cannot read missing.durasim.json: No such file");
  expect("show cut.durasim.json", "cut.durasim.json: not JSON at byte 10 of 10: is the file");
  expect("show --frobnicate " + file, "--frobnicate");
  expect("show " + file + " -- true", "only replay and triage take a program");
  expect("replay " + file, "durasim replay FILE -- PROGRAM [ARGS]");
  expect("replay " + file + " --", "no program is named");
  expect("replay " + file + " -- ./no-such-program", "cannot run ./no-such-program: No such file");
  expect("replay cut.durasim.json -- true", "cut.durasim.json: not JSON");
  expect("recover missing", "there is no folder missing");
  expect("recover cut.durasim.json", "is no folder");
  expect("triage .", "cut.durasim.json: not JSON");
  expect("corpus", "subcommand");
  expect("corpus merge into", "FROM");
  expect("corpus to-bytes into cut.durasim.json", "cut.durasim.json: not JSON");
  expect("corpus from-bytes into cut.durasim.json", "--scenario");
  expect("corpus from-bytes --scenario a --faults most into " + file,
         "--faults most: there are none, crashes, standard, hostile, thorough, all");
  expect("corpus from-bytes --scenario a into " + file, "is a schedule file already");
  expect("merge .", "there is no *.durasim-shard.json");
  expect("merge cut.durasim.json", "cut.durasim.json: ");
}

TEST_F(Program, TakesJsonBeforeTheCommandAndBehindIt) {
  const std::string behind = durasim("faults --json").output;
  EXPECT_EQ(durasim("--json faults").output, behind);
  fs::create_directories(folder_ / "corpus");
  for (const char* arguments :
       {"--json corpus minimise corpus", "corpus --json minimise corpus",
        "corpus minimise --json corpus", "--json recover .", "--json triage ."}) {
    const Ended ended = durasim(arguments);
    EXPECT_EQ(ended.status, 0) << ended.output;
    EXPECT_FALSE(nlohmann::json::parse(ended.output, nullptr, false).is_discarded()) << arguments;
  }
}

TEST_F(Program, TellsErrorsAsJsonToo) {
  for (const char* arguments :
       {"--json show missing.durasim.json", "show missing.durasim.json --json", "--json frobnicate",
        "show --json", "triage --json missing", "replay --json x --"}) {
    const Ended ended = durasim(std::string(arguments) + " 2> text");
    EXPECT_EQ(ended.status, 2) << arguments;
    const auto json = nlohmann::json::parse(ended.output, nullptr, false);
    ASSERT_TRUE(json.is_object()) << arguments << "\n" << ended.output;
    EXPECT_EQ(json["error"]["status"], "usage");
    std::ifstream stream(folder_ / "text");
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    EXPECT_EQ(text, "durasim: " + json["error"]["what"].get<std::string>() + "\n");
  }
  EXPECT_EQ(durasim("replay --json x -- true 2> text").status, 2);
  EXPECT_THAT(durasim("show x -- a --json 2> text").output, Not(HasSubstr("error")))
      << "that of the other program";
}

TEST_F(Program, ConvertsSchedulesToBytesAndBack) {
  const std::string file = recorded();
  const Ended to = durasim("corpus to-bytes inputs " + file);
  EXPECT_EQ(to.status, 0) << to.output;
  EXPECT_THAT(to.output, HasSubstr("1 added, 0 there already\n"));
  const Ended from =
      durasim("corpus from-bytes --json --scenario Subject.ChargesTwice kept inputs");
  EXPECT_EQ(from.status, 0) << from.output;
  const auto json = nlohmann::json::parse(from.output);
  ASSERT_EQ(json["added"].size(), 1U);
  const std::string back = quoted(fs::path(json["added"][0].get<std::string>()));
  const Ended shown = durasim("show " + back);
  EXPECT_THAT(shown.output, AllOf(HasSubstr("Subject.ChargesTwice  by 1 fault"),
                                  HasSubstr("made of a fuzzer's bytes, and has not been run")));
  const Ended again =
      durasim("replay " + back + " -- " + subject() + " --gtest_filter=Subject.ChargesTwice");
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, AllOf(HasSubstr("REFUTED  Subject.ChargesTwice  by 1 fault"),
                                  Not(HasSubstr("the process ended in this run"))));
}

TEST_F(Program, MergesTheResultsOfShards) {
  for (const std::string shard : {"1", "2"}) {
    const Ended part =
        shell("cd " + quoted(folder_.path()) + " && DURASIM_OUT=out DURASIM_SHARD=" + shard +
              "/2 " + subject() + " --gtest_filter=Subject.IsSound");
    EXPECT_EQ(part.status, 0) << part.output;
  }
  const Ended merged = durasim("merge out");
  EXPECT_EQ(merged.status, 0) << merged.output;
  EXPECT_THAT(merged.output, HasSubstr("HOLDS  Subject.IsSound"));
  const auto json = nlohmann::json::parse(durasim("merge --json out").output);
  EXPECT_EQ(json[0]["verdict"], "HOLDS");
  EXPECT_EQ(json[0]["certificate"].get<std::string>().size(), 32U);
  fs::remove(folder_ / "out/Subject.IsSound-shard-2-of-2.durasim-shard.json");
  EXPECT_EQ(durasim("merge out").status, 2);
}

TEST_F(Program, HelpsAndTellsItsVersion) {
  const Ended help = durasim("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output,
              AllOf(HasSubstr("show"), HasSubstr("replay"), HasSubstr("Exit codes: 0 holds")));
  EXPECT_THAT(durasim("--version").output, HasSubstr("durasim 0."));
}

TEST_F(Program, IsNotAskedForAScenarioByTheEnvironment) {
  const Ended listed = durasim("faults --json", "DURASIM_REPLAY=anything");
  EXPECT_EQ(listed.status, 0) << listed.output.substr(0, 300);
  EXPECT_GT(nlohmann::json::parse(listed.output).size(), 60U);
}

TEST_F(Program, RecoversWhatAProcessWasRunningAndReplaysIt) {
  const std::string subject = beside("crash_subject") + " --gtest_filter=Dies.ByImmediateExit";
  shell("cd " + quoted(folder_.path()) + " && DURASIM_OUT=out " + subject);
  const Ended recovered = durasim("recover out");
  EXPECT_EQ(recovered.status, 3) << recovered.output;
  EXPECT_THAT(recovered.output, HasSubstr("killed  Dies.ByImmediateExit, process "));
  EXPECT_EQ(durasim("triage out").status, 3);
  const Ended shown = durasim("show out/*.durasim.json");
  EXPECT_EQ(shown.status, 0) << shown.output;
  EXPECT_THAT(shown.output, HasSubstr("crash_after_body at execution 1, after_body 2"));
  const Ended again = durasim("replay out/*.durasim.json -- " + subject, "DURASIM_OUT=out");
  EXPECT_EQ(again.status, 1) << again.output;
  EXPECT_THAT(again.output, HasSubstr("ended with status 0, in the middle of the run"));
}

TEST_F(Program, RecoversNothingWhereNothingIs) {
  const Ended none = durasim("recover .");
  EXPECT_EQ(none.status, 0);
  EXPECT_THAT(none.output, HasSubstr("no process has died there"));
  EXPECT_EQ(durasim("recover --json .").output, "[]\n");
}

}  // namespace program_test
