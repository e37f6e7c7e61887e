#include <unistd.h>

#include <cstdlib>
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

TEST(FreshProcess, ShowsTheFirstDifferenceOfAnotherRun) {
  static int crashes = 0;
  const auto result = durasim::verify([](Simulation& sim) {
    sim.function("work", &work);
    if (sim.run("work").invocations() > 1 && ++crashes == 1) throw std::runtime_error("only once");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(result.findings, Contains(nondeterminism("\"found: expectation, signature")));
  EXPECT_THAT(result.findings, Contains(nondeterminism("was \"nothing found\" there")));
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
