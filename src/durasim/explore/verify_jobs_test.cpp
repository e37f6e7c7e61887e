#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/reads_clock.hpp"
#include "handlers/bugs/reads_world_outside_step.hpp"
#include "handlers/bugs/swallows_suspension.hpp"
#include "handlers/bugs/swaps_like_named_steps.hpp"
#include "handlers/sound/all.hpp"

/// Whatever the number of processes that share the work, the result is the same.
namespace verify_jobs_test {

using durasim::FaultModel;
using durasim::Oracle;
using durasim::Scenario;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using durasim::VerifyOptions;
using testing::HasSubstr;

/// All that a result says.
std::string everything(const Verification& result) {
  std::string text = fmt::format(
      "{}\n{} of {}, {} executions, {} states, {} left, certificate {}, trace {}, minimal {}\n",
      result.report(), result.counterexample_faults, result.runs, result.executions,
      result.durable_states, result.frontier, result.certificate, result.trace_hash,
      result.minimal);
  for (const auto& fault : result.counterexample.choices)
    text += fmt::format("{}={} ", fault.position, fault.alternative);
  for (const auto& margin : result.margins) text += fmt::format("{} ", margin.used);
  for (const auto& finding : result.findings) text += finding.signature() + " ";
  return text;
}

/// Verifies with 1, 2, 3 and 5 jobs, and returns the result of one.
Verification with_all_jobs(const Scenario& scenario, VerifyOptions options) {
  Verification one = durasim::verify(scenario, options);
  for (const std::uint32_t jobs : {2U, 3U, 5U}) {
    options.jobs = jobs;
    const Verification several = durasim::verify(scenario, options);
    EXPECT_EQ(everything(several), everything(one)) << jobs << " jobs";
    if (!one.file.empty()) {
      EXPECT_EQ(durasim::ScheduleFile::load(several.file).to_json(),
                durasim::ScheduleFile::load(one.file).to_json());
    }
  }
  return one;
}

class JobsOverSoundHandlers : public testing::TestWithParam<sound::Entry> {};

TEST_P(JobsOverSoundHandlers, MakeNoDifference) {
  const Verification result = with_all_jobs(
      GetParam().scenario, {.max_faults = 1, .faults = FaultModel::hostile(), .name = "jobs"});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_EQ(result.certificate.size(), 32U);
}

INSTANTIATE_TEST_SUITE_P(Every, JobsOverSoundHandlers, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

Scenario payment() { return durasim::scenario_for(sound::small_order(), payment::scenario); }

TEST(Jobs, MakeNoDifferenceForTwoFaults) {
  EXPECT_EQ(with_all_jobs(payment(), {.max_faults = 2, .name = "jobs/two"}).verdict,
            Verdict::holds);
}

TEST(Jobs, AreChosenInTheOptions) {
  const Scenario scenario = payment();
  // [jobs]
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2, .jobs = 2}), durasim::Holds());
  // [/jobs]
}

TEST(Jobs, MakeNoDifferenceForWhatIsFound) {
  const std::pair<const char*, Scenario> bugs[] = {
      {"double_charge", durasim::scenario_for(sound::small_order(), double_charge::scenario<>)},
      {"reads_clock", &reads_clock::scenario<>},
      {"reads_world_outside_step", &reads_world_outside_step::scenario<>},
      {"swallows_suspension", &swallows_suspension::scenario<>},
      {"swaps_like_named_steps", &swaps_like_named_steps::scenario<>}};
  for (const auto& [name, scenario] : bugs) {
    SCOPED_TRACE(name);
    const Verification result =
        with_all_jobs(scenario, {.max_faults = 2, .name = std::string("jobs/") + name});
    EXPECT_EQ(result.verdict, Verdict::refuted);
    EXPECT_TRUE(result.minimal);
  }
}

TEST(Jobs, MakeNoDifferenceForWhatIsFoundLate) {
  const auto scenario = [](Simulation& sim) {
    sim.function("work", [](durable::Context& ctx) {
      for (const char* name : {"one", "two", "three"}) ctx.step(name, [] {});
    });
    if (sim.run("work").invocations() > 2) throw std::runtime_error("three invocations");
  };
  const Verification result = with_all_jobs(scenario, {.max_faults = 3, .name = "jobs/late"});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 2U) << result;
  EXPECT_GT(result.runs, 50U);
}

TEST(Jobs, MakeNoDifferenceForACutExploration) {
  for (const std::uint64_t runs : {0U, 1U, 10U, 53U, 54U, 200U}) {
    SCOPED_TRACE(runs);
    const Verification result =
        with_all_jobs(payment(), {.max_faults = 2, .max_runs = runs, .name = "jobs/cut"});
    EXPECT_EQ(result.verdict, Verdict::incomplete);
    EXPECT_EQ(result.runs, runs);
  }
}

TEST(Jobs, MakeNoDifferenceForWhatIsVacuous) {
  EXPECT_EQ(with_all_jobs([](Simulation&) {}, {.name = "jobs/vacuous"}).verdict, Verdict::vacuous);
}

struct Bank {
  virtual ~Bank() = default;
  virtual int balance() = 0;
  virtual void charge(int cents) = 0;
};
struct BankMock : Bank {
  MOCK_METHOD(int, balance, (), (override));
  MOCK_METHOD(void, charge, (int), (override));
};

TEST(Jobs, MakeNoDifferenceForFakes) {
  const auto scenario = [](Simulation& sim) {
    auto& bank = sim.make<testing::NiceMock<BankMock>>();
    ON_CALL(bank, balance).WillByDefault(testing::Return(100));
    EXPECT_CALL(bank, balance).Times(testing::AtLeast(1));
    EXPECT_CALL(bank, charge(40)).Times(testing::AtLeast(1));
    sim.function("pay", [&bank](durable::Context& ctx) {
      const int balance = ctx.step("look", [&] { return bank.balance(); });
      if (balance >= 40) ctx.step("charge", [&] { bank.charge(40); });
    });
    EXPECT_TRUE(sim.run("pay").succeeded());
  };
  EXPECT_EQ(with_all_jobs(scenario, {.max_faults = 2, .name = "jobs/fakes"}).verdict,
            Verdict::holds);
}

/// Ends its process by `how` when the second step's body runs in a second invocation.
Scenario ends_by(std::function<void()> how) {
  return [how](Simulation& sim) {
    auto& invocations = sim.make<int>(0);
    sim.function("work", [&invocations, how](durable::Context& ctx) {
      ++invocations;
      ctx.step("one", [] {});
      ctx.step("two", [&] {
        if (invocations > 1) how();
      });
    });
    sim.run("work");
  };
}

/// As all numbers of jobs but one find it.
Verification death(std::function<void()> how) {
  Verification result;
  std::string said;
  for (const std::uint32_t jobs : {2U, 3U, 5U}) {
    result = durasim::verify(ends_by(how), {.max_faults = 2, .jobs = jobs, .name = "jobs/death"});
    if (said.empty()) said = everything(result);
    EXPECT_EQ(everything(result), said) << jobs << " jobs";
  }
  return result;
}

TEST(WorkersOfVerify, MayDieOfASignal) {
  const Verification result = death([] { std::raise(SIGKILL); });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].oracle, Oracle::survival);
  EXPECT_EQ(result.findings[0].operation, "two");
  EXPECT_EQ(result.findings[0].what,
            "the process was killed by signal 9 (Killed) while the body of \"two\" ran");
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_TRUE(result.minimal);
  EXPECT_THAT(result.history, HasSubstr("two")) << result;
  const auto file = durasim::ScheduleFile::load(result.file);
  EXPECT_EQ(file.oracle, "survival");
  EXPECT_EQ(file.script.lines.size(), 1U);
  std::uint32_t faults = 0;
  for (const auto& choice : file.choices) faults += choice.answer != 0 ? 1 : 0;
  EXPECT_EQ(faults, 1U);
}

TEST(WorkersOfVerify, MayCallExit) {
  const Verification result = death([] { std::exit(0); });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.findings[0].what, "the process called exit(0) while the body of \"two\" ran");
  EXPECT_THAT(result.findings[0].remedy, HasSubstr("return or throw"));
}

TEST(WorkersOfVerify, MayDieWithoutAFault) {
  const Verification result = durasim::verify(
      [](Simulation& sim) {
        sim.function("work", [](durable::Context& ctx) { ctx.step("one", [] { ::_exit(4); }); });
        sim.run("work");
      },
      {.jobs = 2, .name = "jobs/nominal"});
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 0U);
  EXPECT_EQ(result.findings[0].what, "the process called exit(4) while the body of \"one\" ran");
}

TEST(WorkersOfVerify, AreNotUsedWhereEachRunIsShown) {
  std::uint64_t shown = 0;
  const Verification result = durasim::verify(
      payment(),
      {.jobs = 2, .after_run = [&](const Simulation&, const durasim::Schedule&) { ++shown; }});
  EXPECT_EQ(shown, result.runs);
}

TEST(Certificates, DifferWhereTheExplorationsDo) {
  const std::string one = durasim::verify(payment(), {.max_faults = 1}).certificate;
  EXPECT_EQ(durasim::verify(payment(), {.max_faults = 1}).certificate, one);
  EXPECT_NE(durasim::verify(payment(), {.max_faults = 1, .max_runs = 50}).certificate, one);
  EXPECT_NE(
      durasim::verify(durasim::scenario_for(sound::small_order("declined"), payment::scenario),
                      {.max_faults = 1})
          .certificate,
      one);
}

}  // namespace verify_jobs_test
