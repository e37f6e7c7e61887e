#include <durasim/coverage.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

namespace coverage_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Coverage;
using durasim::Covers;
using durasim::CoversAllOffered;
using durasim::CoversEffectively;
using durasim::Exercises;
using durasim::Fault;
using durasim::FaultModel;
using durasim::OperationKind;
using durasim::Oracle;
using durasim::Simulation;
using durasim::SiteKind;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A step and a wait.
void small(Simulation& sim) {
  sim.function("small", [](Context& ctx) {
    ctx.step("work", [] { return 1; });
    ctx.wait("rest", 60s);
  });
  sim.run("small");
}

/// A step that takes effect.
void one_step(Simulation& sim) {
  sim.function("one", [&sim](Context& ctx) {
    ctx.step("work",
             [&sim](StepContext& step) { sim.effects().apply("work", step.idempotency_key(), 1); });
  });
  sim.run("one");
}

/// Everything that can be called.
void all_kinds(Simulation& sim) {
  sim.function("all", [](Context& ctx) {
    ctx.step("step", [] { return 1; });
    ctx.wait("wait", 60s);
    ctx.run_in_child_context("child", [](Context& child) { child.wait("inside", 1s); });
    ctx.wait_for_callback<int>("approval", [](const std::string&) {});
    ctx.invoke<int>("price", "price", 2);
  });
  sim.plain_function("price", [](int units) { return units * 5; });
  sim.on_callback("approval").after(1min).succeed(7);
  sim.run("all");
}

TEST(Coverage, OfVerifyHasEachFaultInjectedWhereverItIsOfferedWithoutOthers) {
  const auto result = durasim::verify(small, {.max_faults = 1, .name = "small"});
  const Coverage& coverage = result.coverage;
  EXPECT_EQ(coverage.runs(), result.runs);
  std::uint64_t injected = 0;
  for (const Coverage::Cell& cell : coverage.cells()) injected += cell.injected;
  EXPECT_EQ(injected, result.runs - 1);
  const Coverage::Cell crash = coverage.cell(OperationKind::step, Fault::crash_after_body);
  EXPECT_EQ(crash.point, SiteKind::after_body);
  EXPECT_EQ(crash.injected, 1U);
  EXPECT_EQ(crash.effective, 1U);
  EXPECT_GT(crash.offered, 1U);
  EXPECT_EQ(coverage.cell(OperationKind::wait, Fault::crash_after_body).offered, 0U);
  EXPECT_GT(coverage.cell(OperationKind::wait, Fault::request_lost).injected, 0U);
}

TEST(Coverage, TellsFaultsThatChangeNothing) {
  const auto result = durasim::verify(
      small, {.faults = FaultModel::none().with({Fault::cold_start}), .name = "cold"});
  const Coverage::Cell cold = result.coverage.cell(OperationKind::execution, Fault::cold_start);
  EXPECT_GT(cold.injected, 0U);
  EXPECT_EQ(cold.effective, 0U);
}

/// Of long explorations some runs are watched, to be compared with their repetitions.
TEST(Coverage, DoesNotTakeARunThatIsWatchedForAnother) {
  const auto result = durasim::verify(
      small, {.max_faults = 6,
              .faults = FaultModel::none().with({Fault::cold_start, Fault::crash_at_start,
                                                 Fault::crash_after_body, Fault::request_lost}),
              .name = "watched"});
  EXPECT_GT(result.runs, 1'000U);
  const Coverage::Cell cold = result.coverage.cell(OperationKind::execution, Fault::cold_start);
  EXPECT_GT(cold.injected, 200U);
  EXPECT_EQ(cold.effective, 0U);
}

TEST(Coverage, ComparesARunOfTwoFaultsWithThatOfTheFirst) {
  const auto result = durasim::verify(
      small, {.max_faults = 2,
              .faults = FaultModel::none().with({Fault::cold_start, Fault::crash_after_body}),
              .name = "two"});
  const Coverage::Cell cold = result.coverage.cell(OperationKind::execution, Fault::cold_start);
  EXPECT_GT(cold.injected, 1U);
  EXPECT_EQ(cold.effective, 0U);
}

TEST(Coverage, OfNoFaultsIsWhatIsOffered) {
  const auto result = durasim::verify(small, {.max_faults = 0, .name = "none"});
  for (const Coverage::Cell& cell : result.coverage.cells()) {
    EXPECT_GT(cell.offered, 0U);
    EXPECT_EQ(cell.injected, 0U);
  }
  EXPECT_FALSE(result.coverage.cells().empty());
}

TEST(Coverage, KnowsWhatOperationAChoiceConcerned) {
  const auto result =
      durasim::verify(all_kinds, {.max_faults = 0, .faults = FaultModel::all(), .name = "kinds"});
  std::vector<OperationKind> kinds;
  for (const Coverage::Cell& cell : result.coverage.cells()) {
    if (kinds.empty() || kinds.back() != cell.operation) kinds.push_back(cell.operation);
  }
  using enum OperationKind;
  EXPECT_THAT(kinds,
              ElementsAre(execution, step, wait, callback, invoke, child, wait_for_callback));
  EXPECT_THAT(result.coverage.never_exercised(), Not(Contains(Oracle::outside_once)));
}

TEST(Coverage, NamesTheFaultsOfTheModelThatAreOfferedNowhere) {
  const auto result = durasim::verify(
      small, {.faults = FaultModel::none().with({Fault::cold_start, Fault::callback_late}),
              .name = "nowhere"});
  EXPECT_THAT(result.coverage.never_offered(), ElementsAre(Fault::callback_late));
}

TEST(Coverage, NamesTheOraclesThatHadNothingToJudge) {
  const auto silent = [](const durasim::Scenario& scenario) {
    return durasim::verify(scenario, {.name = "silent"}).coverage.never_exercised();
  };
  EXPECT_THAT(silent(one_step), ElementsAre(Oracle::timers, Oracle::outside_once));
  EXPECT_THAT(silent(small), ElementsAre(Oracle::outside_once, Oracle::effects));
  EXPECT_THAT(silent(all_kinds), ElementsAre(Oracle::effects));
}

TEST(Coverage, LeavesOutOraclesThatAreOff) {
  durasim::VerifyOptions options{.name = "off"};
  options.simulation.oracles = durasim::OracleSet::all().without(Oracle::outside_once);
  EXPECT_THAT(durasim::verify(small, options).coverage.never_exercised(),
              ElementsAre(Oracle::effects));
}

TEST(Coverage, IsTheSameForAnyNumberOfJobs) {
  durasim::VerifyOptions options{.max_faults = 2, .name = "jobs"};
  const Coverage one = durasim::verify(all_kinds, options).coverage;
  options.jobs = 3;
  const Coverage three = durasim::verify(all_kinds, options).coverage;
  EXPECT_EQ(one.text(), three.text());
  EXPECT_EQ(one, three);
}

TEST(Coverage, OfASearchCountsItsRuns) {
  const auto result =
      durasim::search(small, {.seed = 1, .runs = 2'000, .max_faults = 2, .name = "search"});
  EXPECT_EQ(result.coverage.runs(), result.runs);
  EXPECT_THAT(result, CoversEffectively("step", "after_body", Fault::crash_after_body));
  EXPECT_THAT(result, Covers("wait", "request", Fault::answer_lost));
  const Coverage::Cell cold = result.coverage.cell(OperationKind::execution, Fault::cold_start);
  EXPECT_GT(cold.injected, 0U);
  EXPECT_EQ(cold.effective, 0U);
}

TEST(Coverage, OfASearchIsTheSameForAnyNumberOfJobs) {
  durasim::SearchOptions options{.seed = 3, .runs = 3'000, .name = "search-jobs"};
  const Coverage one = durasim::search(all_kinds, options).coverage;
  options.jobs = 3;
  EXPECT_EQ(durasim::search(all_kinds, options).coverage, one);
}

TEST(Coverage, OfAFailedCheckIsThatOfItsRun) {
  const auto script = durasim::Script::parse("at \"charge\": crash_after_body");
  const auto charges_twice = [](Simulation& sim) {
    sim.function("pay", [&sim](Context& ctx) {
      ctx.step("charge", [&sim] { sim.effects().record("charge", "o-1"); });
    });
    sim.effects().at_most(1, "charge");
    sim.run("pay");
  };
  try {
    durasim::check(charges_twice, script, {.name = "checked"});
    FAIL() << "nothing was found";
  } catch (const durasim::CheckFailed& failed) {
    EXPECT_EQ(failed.verification().coverage.runs(), 1U);
    EXPECT_THAT(failed.verification(),
                CoversEffectively("step", "after_body", Fault::crash_after_body));
  }
}

TEST(Coverage, IsReadAgainFromItsJson) {
  const Coverage coverage = durasim::verify(small, {.max_faults = 1, .name = "json"}).coverage;
  EXPECT_EQ(Coverage::from_json(coverage.to_json()), coverage);
  for (const std::string bad : {"", "[]", "{\"format\":\"x\"}"})
    EXPECT_THROW(Coverage::from_json(bad), std::invalid_argument) << bad;
}

TEST(Coverage, AddsUp) {
  const Coverage coverage = durasim::verify(small, {.max_faults = 1, .name = "sum"}).coverage;
  Coverage sum;
  sum.merge(coverage);
  EXPECT_EQ(sum, coverage);
  sum.merge(coverage);
  EXPECT_EQ(sum.runs(), 2 * coverage.runs());
  EXPECT_EQ(sum.cell(OperationKind::step, Fault::crash_after_body).injected, 2U);
}

/// The one that docs/reference/coverage.md shows.
TEST(Coverage, IsToldAsATable) {
  const FaultModel faults = FaultModel::none().with(
      {Fault::crash_before_sending, Fault::answer_lost, Fault::crash_after_body, Fault::cold_start,
       Fault::timer_deferred, Fault::callback_late});
  const auto result =
      durasim::verify(small, {.faults = faults, .max_preemptions = 0, .name = "table"});
  const std::string path = std::string(DURASIM_SOURCE_DIR) + "/fixtures/golden/coverage.txt";
  if (std::getenv("DURASIM_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << result.coverage;
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(result.coverage.text(), golden);
}

// ---- what the matchers say

template <class Matcher>
std::string explained(const durasim::Verification& result, const Matcher& matcher) {
  testing::StringMatchResultListener listener;
  const testing::Matcher<const durasim::Verification&> typed(matcher);
  const bool matches = typed.MatchAndExplain(result, &listener);
  return (matches ? "matches: " : "") + listener.str();
}

durasim::Verification of_small(std::uint32_t max_faults) {
  return durasim::verify(small, {.max_faults = max_faults, .name = "matched"});
}

TEST(MatcherCovers, HasAWordForEachQuestion) {
  const durasim::Scenario scenario = small;
  // [matchers]
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  EXPECT_THAT(verification, durasim::Holds());
  EXPECT_THAT(verification, Covers("step", "after_body", Fault::crash_after_body));
  EXPECT_THAT(verification, CoversEffectively("wait", "request", Fault::answer_lost));
  EXPECT_THAT(verification, CoversAllOffered());
  EXPECT_THAT(verification, Exercises(Oracle::timers));
  // [/matchers]
}

TEST(MatcherCovers, SaysHowOftenItWasInjected) {
  EXPECT_EQ(explained(of_small(1), Covers("step", "after_body", Fault::crash_after_body)),
            "matches: where crash_after_body was injected once at after_body of a step, effective "
            "once");
  EXPECT_THAT(explained(of_small(0), Covers("step", "after_body", Fault::crash_after_body)),
              AllOf(HasSubstr("where crash_after_body was offered once at after_body of a step and "
                              "never injected: see max_faults")));
}

TEST(MatcherCovers, SaysWhatWasOfferedInstead) {
  EXPECT_THAT(
      explained(of_small(1), Covers("step", "after_body", Fault::overtaken_after_body)),
      AllOf(HasSubstr("where overtaken_after_body was not offered at after_body of a step, as the "
                      "fault model is without it; offered there: crash_after_body (injected 1)")));
  EXPECT_EQ(explained(of_small(1), Covers("step", "effect", Fault::crash_at_effect)),
            "where no choice at effect of a step offered anything; there were choices at: "
            "before_body, after_body, request");
  EXPECT_EQ(explained(of_small(1), Covers("callback", "callback", Fault::callback_late)),
            "where no choice concerned a callback; there were choices about: execution, step, "
            "wait");
}

TEST(MatcherCovers, RefusesWhatItCouldNeverMatch) {
  EXPECT_THAT([] { Covers("stepp", "after_body", Fault::crash_after_body); },
              testing::ThrowsMessage<std::invalid_argument>(HasSubstr(
                  "there is no kind of operation \"stepp\"; there are: execution, step")));
  EXPECT_THAT([] { Covers("step", "request", Fault::crash_after_body); },
              testing::ThrowsMessage<std::invalid_argument>(
                  "crash_after_body happens at after_body, never at request"));
}

TEST(MatcherCoversEffectively, AsksForADifference) {
  const auto result = of_small(1);
  EXPECT_THAT(result, Not(CoversEffectively("execution", "invocation_start", Fault::cold_start)));
  EXPECT_THAT(
      explained(result, CoversEffectively("execution", "invocation_start", Fault::cold_start)),
      HasSubstr("and no run is known to have gone otherwise for it"));
  EXPECT_THAT(result.coverage, CoversEffectively("wait", "request", Fault::request_lost));
}

TEST(MatcherCoversAllOffered, NamesWhatWasLeftOut) {
  EXPECT_THAT(of_small(1), CoversAllOffered());
  EXPECT_THAT(explained(of_small(0), CoversAllOffered()),
              HasSubstr("crash_after_body at after_body of a step"));
}

TEST(MatcherExercises, KnowsWhichOraclesHadSomethingToJudge) {
  EXPECT_THAT(of_small(1), Exercises(Oracle::timers));
  EXPECT_THAT(of_small(1), Not(Exercises(Oracle::effects)));
}

}  // namespace coverage_test
