#include <durasim/gtest.hpp>

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest-spi.h>

#include <durasim/durasim.hpp>

/// Expectations inside a scenario count as oracles, once a schedule, and come back where they
/// stand.
namespace gtest_adapter_test {

using namespace std::chrono_literals;
using durasim::FaultModel;
using durasim::Oracle;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using testing::HasSubstr;

/// What the test would have been told while `body` runs.
template <class Body>
std::vector<testing::TestPartResult> told(Body&& body) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    body();
  }
  std::vector<testing::TestPartResult> list;
  for (int i = 0; i < results.size(); ++i) list.push_back(results.GetTestPartResult(i));
  return list;
}

struct Told {
  Verification result;
  std::vector<testing::TestPartResult> parts;
};
Told verify(const durasim::Scenario& scenario, durasim::VerifyOptions options = {}) {
  Told outcome;
  outcome.parts = told([&] { outcome.result = durasim::verify(scenario, std::move(options)); });
  return outcome;
}

int work(durable::Context& ctx) {
  return ctx.step("work", [] { return 1; });
}

TEST(GtestAdapter, AnExpectationThatHoldsInEveryRunIsNoFinding) {
  const auto [result, parts] = verify([](Simulation& sim) {
    sim.function("work", &work);
    EXPECT_THAT(sim.run("work"), durasim::SucceededWith(1));
  });
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_TRUE(parts.empty());
}

TEST(GtestAdapter, AFailedExpectationIsTheSameFindingForAnyNumberOfJobs) {
  struct Bank {
    virtual ~Bank() = default;
    virtual void charge() = 0;
  };
  struct BankMock : Bank {
    MOCK_METHOD(void, charge, (), (override));
  };
  const auto scenario = [](Simulation& sim) {
    auto& bank = sim.make<testing::StrictMock<BankMock>>();
    EXPECT_CALL(bank, charge).Times(1);
    sim.function("pay", [&bank](durable::Context& ctx) {
      ctx.step("look", [] {});
      ctx.step("charge", [&] { bank.charge(); });
    });
    EXPECT_LT(sim.run("pay").invocations(), 4U);
  };
  const auto one = verify(scenario, {.max_faults = 2, .name = "jobs/expectation"});
  ASSERT_EQ(one.result.verdict, Verdict::refuted);
  ASSERT_EQ(one.parts.size(), 1U);
  for (const std::uint32_t jobs : {2U, 3U, 5U}) {
    const auto several =
        verify(scenario, {.max_faults = 2, .jobs = jobs, .name = "jobs/expectation"});
    EXPECT_EQ(several.result.report(), one.result.report());
    EXPECT_EQ(several.result.certificate, one.result.certificate);
    ASSERT_EQ(several.parts.size(), 1U);
    EXPECT_STREQ(several.parts[0].message(), one.parts[0].message());
    EXPECT_EQ(several.parts[0].line_number(), one.parts[0].line_number());
  }
}

TEST(GtestAdapter, AFailedExpectationIsAFindingAndReportedOnceWithItsOwnPlace) {
  const int line = __LINE__ + 3;
  const auto [result, parts] = verify([](Simulation& sim) {
    sim.function("work", &work);
    EXPECT_EQ(sim.run("work").invocations(), 1U) << "a crash makes it two";
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 1U);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].oracle, Oracle::expectation);
  EXPECT_THAT(result.findings[0].file, HasSubstr("gtest_test.cpp"));
  EXPECT_EQ(result.findings[0].line, static_cast<std::uint32_t>(line));
  EXPECT_THAT(result.findings[0].what, HasSubstr("a crash makes it two"));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].nonfatally_failed());
  EXPECT_STREQ(parts[0].file_name(), result.findings[0].file.c_str());
  EXPECT_EQ(parts[0].line_number(), line);
  EXPECT_THAT(parts[0].message(), HasSubstr("a crash makes it two"));
}

TEST(GtestAdapter, AFailedAssertionEndsItsScenarioAndNoMore) {
  int reached = 0;
  const auto [result, parts] = verify([&](Simulation& sim) {
    sim.function("work", &work);
    ASSERT_EQ(sim.run("work").invocations(), 1U);
    ++reached;
  });
  EXPECT_EQ(result.verdict, Verdict::refuted);
  EXPECT_GT(reached, 0);
  ASSERT_EQ(parts.size(), 1U);
}

TEST(GtestAdapter, AnExpectationInAHandlerCounts) {
  const auto [result, parts] = verify([](Simulation& sim) {
    auto& runs = sim.make<int>(0);
    sim.function("count", [&runs](durable::Context& ctx) {
      ctx.step("work", [&] { EXPECT_EQ(++runs, 1); });
    });
    sim.run("count");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_EQ(result.findings[0].oracle, Oracle::expectation);
}

TEST(GtestAdapter, AnExpectationInAReplayForComparisonDoesNotCount) {
  int runs = 0;
  const auto [result, parts] = verify(
      [&](Simulation& sim) {
        sim.function("count", [&](durable::Context& ctx) {
          EXPECT_EQ(++runs % 2, 1);  // each run is followed by its replay
          return ctx.step("work", [] { return 1; });
        });
        sim.run("count");
      },
      {.max_faults = 0});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_EQ(runs, 6);
  EXPECT_TRUE(parts.empty());
}

TEST(GtestAdapter, TheSignatureDependsOnThePlaceAndNotOnTheMessage) {
  int call = 0;
  const auto scenario = [&](Simulation& sim) {
    sim.function("work", &work);
    sim.run("work");
    EXPECT_TRUE(false) << "address " << ++call;
  };
  const Told first = verify(scenario);
  const Told second = verify(scenario);
  EXPECT_NE(first.result.findings[0].what, second.result.findings[0].what);
  EXPECT_EQ(first.result.findings[0].signature(), second.result.findings[0].signature());
  EXPECT_EQ(first.result.file.filename().string().substr(
                first.result.file.filename().string().rfind('-')),
            second.result.file.filename().string().substr(
                second.result.file.filename().string().rfind('-')));
}

struct Gateway {
  virtual ~Gateway() = default;
  virtual std::string charge(const std::string& key) = 0;
};
struct MockGateway : Gateway {
  MOCK_METHOD(std::string, charge, (const std::string& key), (override));
};

std::string charged(durable::Context& ctx, Gateway& gateway) {
  return ctx.step("charge", [&] { return gateway.charge("card"); });
}

TEST(GtestAdapterWithMocks, AnExpectedNumberOfCallsIsRefutedByOneCrash) {
  const auto [result, parts] = verify([](Simulation& sim) {
    MockGateway gateway;
    EXPECT_CALL(gateway, charge("card")).Times(1).WillRepeatedly(testing::Return("receipt"));
    sim.function("charge", [&](durable::Context& ctx) { return charged(ctx, gateway); });
    sim.run("charge");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_EQ(result.findings[0].oracle, Oracle::expectation);
  EXPECT_THAT(result.findings[0].what, HasSubstr("called more times than expected"));
  EXPECT_THAT(result.findings[0].file, HasSubstr("gtest_test.cpp"));
  EXPECT_THAT(result.history, HasSubstr("FAULT: crash after the body"));
  ASSERT_FALSE(parts.empty());
  EXPECT_THAT(parts[0].message(), HasSubstr("called more times than expected"));
}

TEST(GtestAdapterWithMocks, WillOnceIsRefutedByOneCrash) {
  const auto [result, parts] = verify([](Simulation& sim) {
    MockGateway gateway;
    EXPECT_CALL(gateway, charge).WillOnce(testing::Return("receipt"));
    sim.function("charge", [&](durable::Context& ctx) { return charged(ctx, gateway); });
    EXPECT_THAT(sim.run("charge"), durasim::Succeeded());
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_EQ(result.findings[0].oracle, Oracle::expectation) << result;
}

TEST(GtestAdapterWithMocks, ACallThatIsMadeAtMostOnceHolds) {
  const auto [result, parts] = verify(
      [](Simulation& sim) {
        auto& gateway = sim.make<testing::NiceMock<MockGateway>>();
        EXPECT_CALL(gateway, charge)
            .Times(testing::AtMost(1))
            .WillRepeatedly(testing::Return("receipt"));
        sim.function("charge", [&](durable::Context& ctx) {
          ctx.step("charge", [&] { return gateway.charge("card"); },
                   {.retry = durable::retry::none(),
                    .semantics = durable::StepSemantics::at_most_once_per_retry});
        });
        sim.run("charge");
      },
      {.max_faults = 2, .faults = FaultModel::hostile()});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_TRUE(parts.empty());
}

TEST(GtestAdapterWithMocks, MocksOfTheWorldAreVerifiedWhenItEnds) {
  const int line = __LINE__ + 3;
  const auto [result, parts] = verify([](Simulation& sim) {
    auto& gateway = sim.make<MockGateway>();
    EXPECT_CALL(gateway, charge).Times(1);
    sim.function("work", &work);
    sim.run("work");
  });
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_EQ(result.counterexample_faults, 0U);
  EXPECT_THAT(result.findings[0].what, HasSubstr("never called"));
  EXPECT_EQ(result.findings[0].line, static_cast<std::uint32_t>(line));
  ASSERT_EQ(parts.size(), 1U);
}

TEST(GtestAdapterSkip, InAScenarioSkipsTheTestAndLeavesIt) {
  bool left = true;
  const auto parts = told([&] {
    try {
      durasim::verify([](Simulation&) { GTEST_SKIP() << "no network here"; });
      left = false;
    } catch (const testing::AssertionException&) {  // which GoogleTest takes as the end of the test
    }
  });
  EXPECT_TRUE(left);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].skipped());
  EXPECT_THAT(parts[0].message(), HasSubstr("no network here"));
  EXPECT_THAT(parts[0].file_name(), HasSubstr("gtest_test.cpp"));
}

TEST(GtestAdapterSkip, ThatAWorkerComesToSkipsTheTestToo) {
  const auto parts = told([] {
    const auto scenario = [](Simulation& sim) {
      sim.function("work", &work);
      if (sim.run("work").invocations() > 1) GTEST_SKIP() << "not after a crash";
    };
    try {
      durasim::verify(scenario, {.jobs = 3});
    } catch (const testing::AssertionException&) {
    }
  });
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].skipped());
  EXPECT_THAT(parts[0].message(), HasSubstr("not after a crash"));
}

TEST(GtestAdapterSkip, DoesNotHideAFailureOfTheSameRun) {
  const auto [result, parts] = verify([](Simulation& sim) {
    sim.function("work", &work);
    sim.run("work");
    EXPECT_TRUE(false) << "the failure";
    GTEST_SKIP() << "the skip";
  });
  EXPECT_EQ(result.verdict, Verdict::refuted);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].failed());
}

TEST(GtestAdapterSkip, InACheckedScenarioIsPassedOn) {
  const auto parts =
      told([] { durasim::check([](Simulation&) { GTEST_SKIP() << "no network here"; }, {}); });
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].skipped());
}

}  // namespace gtest_adapter_test
