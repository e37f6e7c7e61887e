#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// What was found is run once more in a process of its own before it is reported.
namespace fresh_test {

using durasim::Finding;
using durasim::Oracle;
using durasim::Simulation;
using durasim::Verdict;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

int work(durable::Context& ctx) {
  return ctx.step("work", [] { return 1; });
}

auto nondeterminism(const std::string& text) {
  return AllOf(
      Field("oracle", &Finding::oracle, Oracle::simulator),
      Field("what", &Finding::what, AllOf(HasSubstr("simulator nondeterminism"), HasSubstr(text))));
}

TEST(FreshProcess, SaysNothingWhereTheRunIsTheSame) {
  const auto result = durasim::verify([](Simulation& sim) {
    sim.function("work", &work);
    if (sim.run("work").invocations() > 1) throw std::runtime_error("every time");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings, Not(Contains(nondeterminism(""))));
}

/// Fails in every run from the `first` on that a process makes, whatever the schedule.
durasim::Scenario fails_from_run(int first) {
  return [first, runs = std::make_shared<int>(0)](Simulation& sim) {
    sim.function("work", &work);
    sim.run("work");
    if (++*runs >= first) throw std::runtime_error("too many runs");
  };
}

void expect_no_ordinary_finding(const durasim::Verification& result) {
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front(), nondeterminism("\"found: expectation, signature")) << result;
  EXPECT_THAT(result.findings.front(), nondeterminism("was \"nothing found\" there"));
  EXPECT_THAT(result.findings.front(), nondeterminism("keeps state between runs"));
  EXPECT_THAT(result.findings.back().what, HasSubstr("too many runs")) << "it is told all the same";
  EXPECT_FALSE(result.minimal);
  EXPECT_EQ(durasim::ScheduleFile::load(result.file).oracle, "simulator");
  for (const auto& entry : std::filesystem::directory_iterator(durasim::output_folder())) {
    EXPECT_THAT(entry.path().filename().string(),
                Not(testing::StartsWith(result.scenario + "-expectation")));
  }
}

TEST(FreshProcess, DoesNotFindWhatItTakesEarlierRunsToFind) {
  for (const std::uint32_t jobs : {1U, 2U}) {
    SCOPED_TRACE(jobs);
    expect_no_ordinary_finding(durasim::verify(
        fails_from_run(20), {.max_faults = 2, .jobs = jobs, .name = "late_verify"}));
  }
}

TEST(FreshProcess, DoesNotFindWhatItTakesEarlierRunsOfASearchToFind) {
  const auto result = durasim::search(fails_from_run(20), {.runs = 100, .name = "late_search"});
  expect_no_ordinary_finding(result);
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].oracle, Oracle::simulator);
}

/// Each process has a number of its own, which no two runs of one show.
TEST(FreshProcess, TellsWhatDiffersInEachProcess) {
  const auto result = durasim::verify([](Simulation& sim) {
    sim.function("work", [](durable::Context& ctx) {
      return ctx.step("work", [] { return static_cast<int>(::getpid()); });
    });
    if (sim.run("work").invocations() > 1) throw std::runtime_error("every time");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.findings.front().oracle, Oracle::expectation) << "it is found there as well";
  EXPECT_THAT(result.findings, Contains(nondeterminism("\"durable state ")));
  EXPECT_THAT(result.findings, Contains(nondeterminism("fresh processes differ among themselves")));
}

TEST(FreshProcess, FindsAgainWhatOnlyTheFirstRunsFind) {
  const auto result = durasim::verify([crashes = std::make_shared<int>(0)](Simulation& sim) {
    sim.function("work", &work);
    if (sim.run("work").invocations() > 1 && ++*crashes == 1) throw std::runtime_error("only once");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings.front().what,
              AllOf(HasSubstr("only once"), HasSubstr("a second run of the same schedule found "
                                                      "nothing")));
  EXPECT_THAT(result.findings, Not(Contains(nondeterminism("in a fresh process"))));
}

TEST(FreshProcess, IsNotNeededWhereTheSimulatorIsNotJudged) {
  const auto oracles = durasim::OracleSet::all().without(Oracle::simulator);
  const auto result = durasim::verify(fails_from_run(20), {.simulation = {.oracles = oracles}});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings, Not(Contains(nondeterminism(""))));
}

TEST(FreshProcess, LeavesNoProcessBehind) {
  durasim::verify(fails_from_run(1000));
  durasim::verify(fails_from_run(20));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(FreshProcess, MayDieOfTheRunWithoutHarmToThisOne) {
  static const pid_t parent = ::getpid();
  const auto result = durasim::verify([](Simulation& sim) {
    sim.function("work", &work);
    if (sim.run("work").invocations() == 1) return;
    if (::getpid() != parent) std::abort();
    throw std::runtime_error("in this process");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings, Contains(nondeterminism("signal 6 ended it")));
}

}  // namespace fresh_test
