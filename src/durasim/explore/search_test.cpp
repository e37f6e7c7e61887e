#include <durasim/search.hpp>

#include <cstdlib>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "durasim/core/testing.hpp"
#include "durasim/explore/block.hpp"
#include "durasim/explore/testing.hpp"
#include "handlers/bugs/search_set.hpp"
#include "handlers/sound/all.hpp"

namespace durasim {
namespace search_test {

using ::testing::HasSubstr;
using ::testing::Not;
using Environment = core_testing::Variable;

SearchOptions hostile(std::string name) {
  return {.faults = FaultModel::hostile(), .name = std::move(name)};
}

class SearchSet : public testing::TestWithParam<search_set::Bug> {};

TEST_P(SearchSet, IsRefutedWithTheFewestFaultsAndAFileOnDisk) {
  const search_set::Bug& bug = GetParam();
  const Verification found = search(bug.scenario, hostile("search_set/" + bug.name));
  ASSERT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_EQ(found.findings.front().oracle, bug.oracle) << found;
  EXPECT_EQ(found.counterexample_faults, bug.faults) << found;
  EXPECT_TRUE(std::filesystem::exists(found.file)) << found.file;
  EXPECT_EQ(found.stopped, "at the first failure");
  ASSERT_EQ(found.failures.size(), 1U);
  EXPECT_EQ(found.failures.front().run + 1, found.runs);
  EXPECT_EQ(found.failures.front().file, found.file);
}

INSTANTIATE_TEST_SUITE_P(Every, SearchSet, testing::ValuesIn(search_set::all()),
                         [](const auto& bug) { return bug.param.name; });

class SearchSound : public testing::TestWithParam<sound::Entry> {};

TEST_P(SearchSound, RaisesNoAlarmUnderManyFaults) {
  SearchOptions options = hostile("search_sound/" + GetParam().name);
  options.runs = 1'000;
  options.max_faults = 5;
  options.keep_going = true;
  const Verification result = search(GetParam().scenario, options);
  EXPECT_EQ(result.verdict, Verdict::incomplete) << result;
  EXPECT_EQ(result.runs, 1'000U);
  EXPECT_THAT(result, NotRefuted());
  EXPECT_THAT(result, Not(Holds()));
}

INSTANTIATE_TEST_SUITE_P(Every, SearchSound, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

/// The schedules that were run, and the states they met.
struct Campaign {
  std::map<std::uint64_t, Schedule> failing;
  std::map<std::uint64_t, std::uint64_t> states;
  std::uint64_t executions = 0;
};

Campaign run_blocks(const std::vector<std::uint64_t>& numbers, std::uint64_t seed,
                    std::uint64_t runs) {
  const auto bugs = search_set::all();
  SimulationOptions options;
  options.faults = FaultModel::hostile();
  BlockRunner runner(bugs[6].scenario, options, {.seed = seed});
  runner.plan();
  Campaign campaign;
  for (const std::uint64_t number : numbers) {
    const SearchBlock block = runner.run(number, {.runs = runs, .at_failure = false, .now = {}});
    campaign.executions += block.tally.executions;
    for (const auto& failing : block.failing) campaign.failing[failing.run] = failing.schedule;
    for (const auto& state : block.states) campaign.states[state.fingerprint] += state.runs;
  }
  return campaign;
}

TEST(SearchBlocks, AreTheSameInAnyOrder) {
  const Campaign forwards = run_blocks({0, 1, 2}, 5, 2'500);
  const Campaign backwards = run_blocks({2, 0, 1}, 5, 2'500);
  EXPECT_FALSE(forwards.failing.empty());
  EXPECT_EQ(forwards.failing, backwards.failing);
  EXPECT_EQ(forwards.states, backwards.states);
  EXPECT_EQ(forwards.executions, 2'500U);
}

TEST(SearchBlocks, DifferByTheirSeed) {
  EXPECT_NE(run_blocks({0}, 5, 500).states, run_blocks({0}, 6, 500).states);
}

TEST(SearchBlocks, HaveTheSameRunsHoweverManyThereAre) {
  const Campaign few = run_blocks({0}, 1, 300);
  const Campaign many = run_blocks({0}, 1, 600);
  ASSERT_FALSE(few.failing.empty());
  for (const auto& [run, schedule] : few.failing) EXPECT_EQ(many.failing.at(run), schedule);
}

TEST(Search, GivesTheSameForTheSameSeed) {
  const auto bugs = search_set::all();
  const auto once = [&](std::uint64_t seed) {
    SearchOptions options = hostile("same");
    options.seed = seed;
    return search(bugs[7].scenario, options);
  };
  const Verification first = once(3);
  const Verification second = once(3);
  EXPECT_EQ(first.report(), second.report());
  EXPECT_EQ(first.trace_hash, second.trace_hash);
  std::set<std::uint64_t> runs;
  for (std::uint64_t seed = 1; seed < 8; ++seed) runs.insert(once(seed).failures.front().run);
  EXPECT_GT(runs.size(), 2U);
}

TEST(Search, SaysHowToGetTheSameRunsAgain) {
  const auto bugs = search_set::all();
  SearchOptions options = hostile("seeded");
  options.seed = 12;
  EXPECT_THAT(search(bugs[0].scenario, options).report(), HasSubstr("of the search with seed 12"));
  options.runs = 20;
  EXPECT_THAT(search(&never_waits::scenario, options).report(),
              HasSubstr("INCOMPLETE  seeded: nothing found in 20 random schedules of at most 3 "
                        "faults (seed 12)"));
}

TEST(Search, CollectsOneFailureOfEachSignatureWhenItKeepsGoing) {
  SearchOptions options = hostile("both");
  options.runs = 500;
  options.keep_going = true;
  const Verification found = search(&durasim::explore_testing::two_bugs, options);
  EXPECT_EQ(found.runs, 500U);
  ASSERT_EQ(found.failures.size(), 2U) << found;
  EXPECT_NE(found.failures[0].signature, found.failures[1].signature);
  for (const auto& one : found.failures) {
    EXPECT_EQ(one.faults, 1U);
    EXPECT_TRUE(std::filesystem::exists(one.file));
  }
  EXPECT_THAT(found.report(), HasSubstr("another  failure, in run"));
}

TEST(Search, EndsOnAPlateau) {
  SearchOptions options = hostile("plateau");
  options.runs = 1'000'000;
  options.plateau = 2'000;
  const Verification result = search(&never_waits::scenario, options);
  EXPECT_LT(result.runs, 50'000U);
  EXPECT_THAT(result.stopped, HasSubstr("runs without a new durable state"));
  EXPECT_THAT(result.report(), HasSubstr("f1/N = "));
}

TEST(Search, EndsAfterItsTimeWithAnyNumberOfJobs) {
  SearchOptions options = hostile("hurry");
  options.duration = std::chrono::milliseconds(5);
  for (const std::uint32_t jobs : {1U, 2U}) {
    options.jobs = jobs;
    const Verification result = search(sound::all().front().scenario, options);
    EXPECT_EQ(result.stopped, "after 0.005 seconds");
    EXPECT_GT(result.runs, 0U);
    EXPECT_LT(result.runs, 1'000'000U);
  }
}

// What ends these searches is known without a clock: they meet nothing new for so many runs.
TEST(Search, GoesOnBeyondTheDefaultRunsWhereSomethingElseEndsIt) {
  SearchOptions options = hostile("long");
  options.plateau = kDefaultRuns + 1;
  EXPECT_GT(search(&never_waits::scenario, options).runs, kDefaultRuns);
  options.duration = std::chrono::minutes(10);
  EXPECT_GT(search(&never_waits::scenario, options).runs, kDefaultRuns);
}

TEST(Search, IsGivenItsTimeByTheEnvironmentWhateverRunsTheTestAsksFor) {
  const Environment seconds("DURASIM_SECONDS", "600");
  SearchOptions options = hostile("nightly");
  options.runs = 10;
  options.plateau = 1'000;
  const Verification result = search(&never_waits::scenario, options);
  EXPECT_GT(result.runs, 1'000U);
  EXPECT_THAT(result.stopped, HasSubstr("runs without a new durable state"));
}

TEST(Search, IsGivenItsRunsByTheEnvironmentWhateverTimeTheTestAsksFor) {
  const Environment runs("DURASIM_RUNS", "1500");
  SearchOptions options = hostile("repeated");
  options.duration = std::chrono::milliseconds(1);
  const Verification result = search(&never_waits::scenario, options);
  EXPECT_EQ(result.runs, 1'500U);
  EXPECT_EQ(result.stopped, "after the runs asked for");
}

TEST(Search, ObeysTheEnvironment) {
  const Environment seed("DURASIM_SEED", "77");
  const Environment runs("DURASIM_RUNS", "30");
  const Environment faults("DURASIM_MAX_FAULTS", "1");
  SearchOptions options = hostile("told");
  options.seed = 1;
  const Verification result = search(&never_waits::scenario, options);
  EXPECT_EQ(result.seed, 77U);
  EXPECT_EQ(result.runs, 30U);
  EXPECT_EQ(result.max_faults, 1U);
}

TEST(Search, RunsOnlyTheBlocksOfItsShard) {
  SearchOptions options = hostile("shards");
  options.runs = 3 * kBlockRuns - 100;
  std::uint64_t all = 0;
  for (const char* part : {"1/2", "2/2"}) {
    const Environment shard("DURASIM_SHARD", part);
    const Verification result = search(&never_waits::scenario, options);
    EXPECT_EQ(result.runs, part[0] == '1' ? 2 * kBlockRuns - 100 : kBlockRuns);
    all += result.runs;
  }
  EXPECT_EQ(all, options.runs);
}

TEST(Search, SaysSoWhereNoBlockIsForItsShard) {
  SearchOptions options = hostile("few");
  options.runs = 2 * kBlockRuns;
  const Environment shard("DURASIM_SHARD", "3/4");
  const Verification result = search(&never_waits::scenario, options);
  EXPECT_EQ(result.runs, 0U);
  EXPECT_THAT(result, NotRefuted());
  EXPECT_THAT(
      result.report(),
      testing::AllOf(
          testing::StartsWith("INCOMPLETE  few: no block of this search is for shard 3 of 4: 2048 "
                              "runs are 2 blocks of 1024\n  shard "),
          HasSubstr("few-shard-3-of-4.durasim-shard.json; merge the results of all")));
}

TEST(Search, IsVacuousInEveryShardThatHasRuns) {
  SearchOptions options = hostile("empty");
  options.runs = 2 * kBlockRuns;
  for (const char* part : {"1/2", "2/2"}) {
    const Environment shard("DURASIM_SHARD", part);
    EXPECT_EQ(search([](Simulation&) {}, options).verdict, Verdict::vacuous) << part;
  }
}

TEST(Search, ComesToTheSameWithAnyNumberOfJobs) {
  const auto bugs = search_set::all();
  for (const bool keep_going : {false, true}) {
    SearchOptions options = hostile("shared");
    options.runs = 3'000;
    options.keep_going = keep_going;
    const Verification alone = search(bugs[6].scenario, options);
    for (const std::uint32_t jobs : {2U, 3U}) {
      options.jobs = jobs;
      const Verification shared = search(bugs[6].scenario, options);
      EXPECT_EQ(shared.report(), alone.report());
      EXPECT_EQ(shared.certificate, alone.certificate);
      EXPECT_EQ(shared.runs, alone.runs);
      EXPECT_EQ(shared.executions, alone.executions);
      EXPECT_EQ(shared.durable_states, alone.durable_states);
    }
  }
}

TEST(Search, TellsOfARunThatEndsItsProcess) {
  const auto dies = [](Simulation& sim) {
    auto& bodies = sim.make<int>(0);
    sim.function("f", [&](durable::Context& ctx) {
      ctx.step("s", [&] {
        if (++bodies == 2) std::_Exit(9);
      });
    });
    sim.run("f");
  };
  SearchOptions options = hostile("dies");
  options.jobs = 2;
  const Verification found = search(dies, options);
  EXPECT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_EQ(found.stopped, "at a run that ended its process");
  EXPECT_TRUE(std::filesystem::exists(found.file)) << found.file;
  EXPECT_FALSE(found.counterexample.choices.empty());
}

TEST(SearchBlocks, AreCutWhenTheTimeIsOver) {
  SimulationOptions options;
  const durasim::Scenario scenario = &never_waits::scenario;
  BlockRunner runner(scenario, options, {});
  runner.plan();
  int asked = 0;
  SearchStop stop{.runs = 3'000, .at_failure = true, .now = [&] { return ++asked > 4; }};
  const SearchBlock first = SearchBlock::unpack(runner.run(0, stop).pack());
  EXPECT_TRUE(first.cut);
  EXPECT_EQ(first.tally.runs, 5U);
  EXPECT_EQ(runner.run(1, stop).tally.runs, 0U);
  stop.now = {};
  EXPECT_FALSE(runner.run(2, stop).cut);
}

TEST(SearchBlocks, ComeOutOfTheirBytesAsTheyWentIn) {
  const auto bugs = search_set::all();
  SimulationOptions options;
  options.faults = FaultModel::hostile();
  BlockRunner runner(bugs[6].scenario, options, {});
  runner.plan();
  const SearchBlock block = runner.run(0, {.runs = 300, .at_failure = false, .now = {}});
  const SearchBlock again = SearchBlock::unpack(block.pack());
  EXPECT_EQ(again.pack(), block.pack());
  EXPECT_EQ(again.tally.runs, 300U);
  ASSERT_FALSE(again.failing.empty());
  EXPECT_EQ(again.failing.front().schedule, block.failing.front().schedule);
}

TEST(Search, IsVacuousWhereThereIsNothingToSearch) {
  EXPECT_EQ(search([](Simulation&) {}, {.runs = 10, .name = "empty"}).verdict, Verdict::vacuous);
  EXPECT_EQ(search(&never_waits::scenario,
                   {.runs = 10, .faults = FaultModel::none(), .name = "no faults"})
                .verdict,
            Verdict::vacuous);
}

TEST(Search, FindsWhatBreaksWithoutAnyFaultInItsFirstRun) {
  const auto fails = [](Simulation& sim) {
    sim.function("f", [](durable::Context& ctx) { ctx.step("s", [] {}); });
    sim.run("f");
    throw std::runtime_error("always");
  };
  const Verification found = search(fails, {.name = "always"});
  EXPECT_EQ(found.verdict, Verdict::refuted);
  EXPECT_EQ(found.runs, 1U);
  EXPECT_EQ(found.counterexample_faults, 0U);
}

TEST(Search, RefusesAScenarioThatDoesNotRepeatItself) {
  int runs = 0;
  const auto counts = [&](Simulation& sim) {
    sim.function("f", [&](durable::Context& ctx) { ctx.step("s", [&] { return ++runs; }); });
    sim.run("f");
  };
  const Verification found = search(counts, {.name = "counts"});
  EXPECT_EQ(found.verdict, Verdict::refuted);
  EXPECT_EQ(found.findings.front().oracle, Oracle::simulator);
}

TEST(Portfolio, HandsTheTurnsOfSingleFaultsOnWhenAllWereRun) {
  const Portfolio portfolio = {Strategy::single_fault, Strategy::swarm, Strategy::single_fault};
  std::vector<std::uint64_t> ordinals;
  for (std::uint64_t run = 1; run <= 9; ++run) {
    const auto turn = portfolio.of(run, 3);
    if (turn.strategy == Strategy::single_fault) ordinals.push_back(turn.ordinal);
  }
  EXPECT_THAT(ordinals, testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(portfolio.of(6, 3).strategy, Strategy::variation);
}

TEST(Portfolio, PlacesAnyNumberOfFaultsThatTheBoundAllows) {
  for (const std::uint32_t most : {1U, 3U, 5U}) {
    std::set<std::uint32_t> placed;
    for (std::uint64_t run = 0; run < 500; ++run) placed.insert(placed_faults(1, run, most));
    EXPECT_EQ(placed.size(), most);
    EXPECT_EQ(*placed.begin(), 1U);
    EXPECT_EQ(*placed.rbegin(), most);
  }
  EXPECT_EQ(placed_faults(1, 1, 0), 1U) << "to the budget it is left to refuse it";
}

TEST(Novelties, AreVariedByAFaultMoreOrLessOrAnotherOne) {
  Novelties novelties;
  novelties.add(Schedule{{{3, 1}, {9, 2}}}, 30);
  RandomStream random(1);
  std::set<std::size_t> sizes;
  for (int i = 0; i < 300; ++i) {
    const Schedule varied = novelties.vary(random, 20);
    sizes.insert(varied.choices.size());
    EXPECT_NO_THROW(bytes_of(varied));
    for (const auto& fault : varied.choices) EXPECT_LT(fault.position, 30U);
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 2, 3}));
}

}  // namespace search_test
}  // namespace durasim
