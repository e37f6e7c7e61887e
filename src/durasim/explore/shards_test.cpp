#include <durasim/shards.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/report.hpp>

#include "durasim/core/testing.hpp"
#include "durasim/explore/testing.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/search_set.hpp"
#include "handlers/sound/all.hpp"

namespace shards_test {

namespace fs = std::filesystem;

using durasim::FaultModel;
using durasim::kBlockRuns;
using durasim::merge_shards;
using durasim::Scenario;
using durasim::SearchOptions;
using durasim::Shard;
using durasim::ShardError;
using durasim::ShardResult;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using durasim::VerifyOptions;
using durasim::core_testing::Variable;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

fs::path file_of(const std::string& scenario, std::uint32_t number, std::uint32_t count) {
  return durasim::output_folder() / (scenario + "-shard-" + std::to_string(number) + "-of-" +
                                     std::to_string(count) + ".durasim-shard.json");
}

/// What each of `count` processes that do `work` would leave behind.
template <class Work>
std::vector<ShardResult> shards_left_by(const std::string& scenario, std::uint32_t count,
                                        Work work) {
  std::vector<ShardResult> shards;
  for (std::uint32_t number = 1; number <= count; ++number) {
    const Variable shard("DURASIM_SHARD", std::to_string(number) + "/" + std::to_string(count));
    const Verification result = work();
    EXPECT_EQ(result.shard, (Shard{number, count}));
    EXPECT_TRUE(result.runs == 0 || !result.notes.empty()) << result;
    shards.push_back(ShardResult::load(file_of(scenario, number, count)));
  }
  return shards;
}

std::vector<ShardResult> shards_of(const Scenario& scenario, const VerifyOptions& options,
                                   std::uint32_t count) {
  return shards_left_by(options.name, count, [&] { return durasim::verify(scenario, options); });
}

std::vector<ShardResult> search_shards_of(const Scenario& scenario, const SearchOptions& options,
                                          std::uint32_t count) {
  return shards_left_by(options.name, count, [&] { return durasim::search(scenario, options); });
}

void expect_the_same(const Verification& merged, const Verification& whole) {
  EXPECT_EQ(merged.verdict, whole.verdict);
  EXPECT_EQ(merged.runs, whole.runs);
  EXPECT_EQ(merged.executions, whole.executions);
  EXPECT_EQ(merged.durable_states, whole.durable_states);
  EXPECT_EQ(merged.certificate, whole.certificate);
  for (std::size_t i = 0; i < durasim::kMarginCount; ++i)
    EXPECT_EQ(merged.margins[i].used, whole.margins[i].used);
  EXPECT_EQ(merged.report(), whole.report());
}

Scenario payment() { return durasim::scenario_for(sound::small_order(), payment::scenario); }

class ShardsOfSoundHandlers : public testing::TestWithParam<sound::Entry> {};

TEST_P(ShardsOfSoundHandlers, AddUpToTheWhole) {
  const VerifyOptions options{
      .max_faults = 1, .faults = FaultModel::hostile(), .name = "shards-" + GetParam().name};
  expect_the_same(merge_shards(shards_of(GetParam().scenario, options, 3)),
                  durasim::verify(GetParam().scenario, options));
}

INSTANTIATE_TEST_SUITE_P(Every, ShardsOfSoundHandlers, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

TEST(Shards, AddUpToTheWholeForTwoFaultsAndAnyNumberOfJobs) {
  const VerifyOptions options{.max_faults = 2, .jobs = 2, .name = "shards-two"};
  const std::vector<ShardResult> shards = shards_of(payment(), options, 4);
  const Verification whole = durasim::verify(payment(), options);
  expect_the_same(merge_shards(shards), whole);
  for (const ShardResult& part : shards) {
    EXPECT_GT(part.result.runs, whole.runs / 5);
    EXPECT_LT(part.result.runs, whole.runs / 3);
  }
}

TEST(Shards, OfOneAreTheWhole) {
  const VerifyOptions options{.max_faults = 1, .name = "shards-one"};
  expect_the_same(merge_shards(shards_of(payment(), options, 1)),
                  durasim::verify(payment(), options));
}

TEST(Shards, FindTheFailureThatComesFirst) {
  const auto scenario = [](Simulation& sim) {
    sim.function("work", [](durable::Context& ctx) {
      for (const char* name : {"one", "two", "three"}) ctx.step(name, [] {});
    });
    if (sim.run("work").invocations() > 2) throw std::runtime_error("three invocations");
  };
  const VerifyOptions options{.max_faults = 2, .name = "shards-late"};
  const Verification merged = merge_shards(shards_of(scenario, options, 3));
  const Verification whole = durasim::verify(scenario, options);
  ASSERT_EQ(merged.verdict, Verdict::refuted);
  EXPECT_EQ(merged.counterexample, whole.counterexample);
  EXPECT_EQ(merged.counterexample_faults, 2U);
  EXPECT_TRUE(merged.minimal);
  EXPECT_EQ(merged.findings.front().what, whole.findings.front().what);
  EXPECT_EQ(merged.history, whole.history);
  EXPECT_EQ(merged.script, whole.script);
  EXPECT_EQ(merged.trace_hash, whole.trace_hash);
}

TEST(Shards, AllFindAFailureOfTheFirstLevels) {
  const Scenario scenario = durasim::scenario_for(sound::small_order(), double_charge::scenario<>);
  for (const ShardResult& part : shards_of(scenario, {.max_faults = 2, .name = "shards-bug"}, 2)) {
    EXPECT_EQ(part.result.verdict, Verdict::refuted);
    EXPECT_EQ(part.result.counterexample_faults, 1U);
  }
}

TEST(Shards, AreIncompleteTogetherIfOneIs) {
  const VerifyOptions options{.max_faults = 2, .max_runs = 100, .name = "shards-cut"};
  const Verification merged = merge_shards(shards_of(payment(), options, 2));
  EXPECT_EQ(merged.verdict, Verdict::incomplete);
  EXPECT_GT(merged.frontier, 0U);
}

TEST(Shards, ThatWereCutByTimeSaySoPutTogether) {
  const Verification merged = merge_shards(shards_of(
      payment(),
      {.max_faults = 2, .duration = std::chrono::milliseconds(0), .name = "shards-cut-by-time"},
      3));
  EXPECT_EQ(merged.verdict, Verdict::incomplete);
  EXPECT_THAT(merged.report(), HasSubstr("raise VerifyOptions::duration"));
}

TEST(Shards, SayTheyAreOne) {
  const Variable shard("DURASIM_SHARD", "2/3");
  EXPECT_THAT(durasim::verify(payment(), {.name = "shards-report"}).report(),
              AllOf(HasSubstr("HOLDS  shards-report: in shard 2 of 3, "),
                    HasSubstr("shards-report-shard-2-of-3.durasim-shard.json")));
}

std::vector<ShardResult> small_shards() {
  return shards_of(payment(), {.max_faults = 0, .name = "shards-small"}, 2);
}

void expect_refused(const std::vector<ShardResult>& shards, const std::string& message) {
  EXPECT_THAT([&] { merge_shards(shards); }, ThrowsMessage<ShardError>(message));
}

TEST(ShardsThatDoNotBelongTogether, AreRefused) {
  const std::vector<ShardResult> both = small_shards();
  expect_refused({}, "no results of shards were given");
  expect_refused({both[0]}, "shard 2 of 2 of shards-small is missing");
  expect_refused({both[0], both[0]}, "shard 1 of 2 of shards-small is there twice");
  std::vector<ShardResult> others = both;
  others[1].result.max_faults = 1;
  expect_refused(others,
                 "shard 1 of 2 of shards-small and shard 2 of 2 of shards-small are of two "
                 "explorations: faults, inputs, seed or the number of shards differ");
  others = both;
  others[1].result.scenario = "another";
  expect_refused(others,
                 "shard 1 of 2 of shards-small and shard 2 of 2 of another are of two "
                 "scenarios");
}

TEST(ShardFiles, AreMergedByScenario) {
  small_shards();
  shards_of(payment(), {.max_faults = 0, .name = "shards-other"}, 1);
  const std::vector<fs::path> files = {file_of("shards-small", 1, 2), file_of("shards-other", 1, 1),
                                       file_of("shards-small", 2, 2)};
  const std::vector<Verification> merged = durasim::merge_shard_files(files);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].scenario, "shards-other");
  EXPECT_EQ(merged[1].scenario, "shards-small");
}

TEST(ShardFiles, AreReadAsTheyWereWritten) {
  const auto shards =
      shards_of(durasim::scenario_for(sound::small_order(), double_charge::scenario<>),
                {.name = "shards-file"}, 1);
  const std::string text = shards[0].to_json();
  EXPECT_EQ(ShardResult::from_json(text, "a.json").to_json(), text);
}

TEST(ShardFiles, SayWhatIsWrongWithThem) {
  const std::string text = small_shards()[0].to_json();
  const auto expect = [](const std::string& bad, const std::string& message) {
    EXPECT_THAT([&] { ShardResult::from_json(bad, "a.json"); },
                ThrowsMessage<ShardError>(
                    AllOf(HasSubstr("a.json: not the result of a shard: "), HasSubstr(message))));
  };
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string copy = text;
    const std::size_t at = copy.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return copy.replace(at, from.size(), to);
  };
  expect("", "parse error");
  expect(text.substr(0, 100), "parse error");
  expect("[]", "/format is not \"durasim-shard\"");
  expect(edited("durasim-shard", "durasim-trace"), "/format is not \"durasim-shard\"");
  expect(edited("\"version\": 2", "\"version\": 1"), "version 1; this program reads version 2");
  expect(edited("\"number\": 1", "\"number\": 3"), "there is no such shard");
  expect(edited("\"HOLDS\"", "\"PERHAPS\""), "\"PERHAPS\" is not known");
  expect(edited("\"HOLDS\"", "\"REFUTED\""), "it is refuted by nothing");
  expect(edited("\"certificate\": \"", "\"certificate\": \"x"), "no certificate");
  expect(edited("\"runs\"", "\"walks\""), "key 'runs' not found");
  EXPECT_THAT([] { ShardResult::load("no/such.json"); },
              ThrowsMessage<ShardError>("cannot read no/such.json"));
}

void expect_the_same_search(const Verification& merged, const Verification& whole) {
  EXPECT_EQ(merged.verdict, whole.verdict);
  EXPECT_EQ(merged.runs, whole.runs);
  EXPECT_EQ(merged.executions, whole.executions);
  EXPECT_EQ(merged.certificate, whole.certificate);
  EXPECT_EQ(merged.seed, whole.seed);
  EXPECT_EQ(merged.stopped, whole.stopped);
  EXPECT_EQ(merged.counterexample, whole.counterexample);
  EXPECT_EQ(merged.history, whole.history);
  EXPECT_EQ(merged.trace_hash, whole.trace_hash);
  ASSERT_EQ(merged.findings.size(), whole.findings.size());
  for (std::size_t i = 0; i < merged.findings.size(); ++i)
    EXPECT_EQ(merged.findings[i].signature(), whole.findings[i].signature());
  ASSERT_EQ(merged.failures.size(), whole.failures.size());
  for (std::size_t i = 0; i < merged.failures.size(); ++i) {
    EXPECT_EQ(merged.failures[i].signature, whole.failures[i].signature);
    EXPECT_EQ(merged.failures[i].run, whole.failures[i].run);
    EXPECT_EQ(merged.failures[i].faults, whole.failures[i].faults);
  }
}

SearchOptions options_named(std::string name, std::uint64_t runs) {
  return {.seed = 11, .runs = runs, .faults = FaultModel::hostile(), .name = std::move(name)};
}

TEST(ShardsOfASearch, AddUpToTheWhole) {
  const Scenario scenario = sound::all().front().scenario;
  const SearchOptions options = options_named("search-shards", 3 * kBlockRuns - 100);
  const Verification whole = durasim::search(scenario, options);
  ASSERT_EQ(whole.verdict, Verdict::incomplete);
  for (const std::uint32_t count : {1U, 2U, 5U}) {
    SCOPED_TRACE(count);
    const Verification merged = merge_shards(search_shards_of(scenario, options, count));
    expect_the_same_search(merged, whole);
    EXPECT_EQ(merged.durable_states, whole.durable_states);
    EXPECT_EQ(merged.report(), whole.report());
  }
}

TEST(ShardsOfASearch, EndAtTheFirstFailureOfAll) {
  const auto bugs = search_set::all();
  const SearchOptions options = options_named("search-shards-bug", 4 * kBlockRuns);
  const Verification whole = durasim::search(bugs[6].scenario, options);
  ASSERT_EQ(whole.verdict, Verdict::refuted);
  ASSERT_LT(whole.runs, kBlockRuns) << "the second shard is to go further than that";
  const std::vector<ShardResult> shards = search_shards_of(bugs[6].scenario, options, 2);
  EXPECT_EQ(shards[1].result.verdict, Verdict::refuted);
  EXPECT_GT(shards[1].result.failures.front().run, kBlockRuns);
  expect_the_same_search(merge_shards(shards), whole);
}

TEST(ShardsOfASearch, CollectWhatAllHaveFound) {
  SearchOptions options = options_named("search-shards-both", 3 * kBlockRuns);
  options.keep_going = true;
  const Verification whole = durasim::search(&durasim::explore_testing::two_bugs, options);
  ASSERT_GE(whole.failures.size(), 2U);
  const Verification merged =
      merge_shards(search_shards_of(&durasim::explore_testing::two_bugs, options, 3));
  expect_the_same_search(merged, whole);
  EXPECT_EQ(merged.durable_states, whole.durable_states);
  EXPECT_EQ(merged.report(), whole.report());
}

TEST(ShardsOfASearch, EndAtARunThatEndsItsProcess) {
  const auto dies = [](Simulation& sim) {
    auto& bodies = sim.make<int>(0);
    sim.function("f", [&](durable::Context& ctx) {
      ctx.step("s", [&] {
        if (++bodies == 2) std::_Exit(9);
      });
    });
    sim.run("f");
  };
  SearchOptions options = options_named("search-shards-dies", 2 * kBlockRuns);
  options.jobs = 2;
  const Verification merged = merge_shards(search_shards_of(dies, options, 2));
  expect_the_same_search(merged, durasim::search(dies, options));
  EXPECT_EQ(merged.stopped, "at a run that ended its process");
}

TEST(ShardsOfASearch, AreVacuousOnlyTogether) {
  const auto nothing = [](Simulation&) {};
  const SearchOptions options = options_named("search-shards-nothing", 100);
  expect_the_same_search(merge_shards(search_shards_of(nothing, options, 2)),
                         durasim::search(nothing, options));
}

TEST(ShardsOfASearch, SayTheyAreOne) {
  const Variable shard("DURASIM_SHARD", "2/3");
  const Verification part = durasim::search(sound::all().front().scenario,
                                            options_named("search-shards-report", 2 * kBlockRuns));
  EXPECT_THAT(part.report(), HasSubstr("(seed 11, shard 2 of 3)"));
  EXPECT_THAT(part.report(), HasSubstr("search-shards-report-shard-2-of-3.durasim-shard.json"));
}

TEST(ShardsOfASearch, ComeOutOfTheirFilesAsTheyWentIn) {
  const auto bugs = search_set::all();
  const auto shards =
      search_shards_of(bugs[6].scenario, options_named("search-shards-file", kBlockRuns), 1);
  const std::string text = shards[0].to_json();
  EXPECT_EQ(ShardResult::from_json(text, "a.json").to_json(), text);
  std::string bad = text;
  const std::size_t met = bad.find("\"met\": [");
  ASSERT_NE(met, std::string::npos);
  bad.insert(met + 8, "1, ");
  EXPECT_THAT([&] { ShardResult::from_json(bad, "a.json"); },
              ThrowsMessage<ShardError>(HasSubstr("not one number in /search/met")));
}

TEST(ShardsOfASearch, AreRefusedIfTheyAreOfTwoSearches) {
  const auto scenario = sound::all().front().scenario;
  SearchOptions options = options_named("search-shards-two", 100);
  std::vector<ShardResult> shards = search_shards_of(scenario, options, 2);
  options.seed = 12;
  shards[1] = search_shards_of(scenario, options, 2)[1];
  EXPECT_THAT([&] { merge_shards(shards); },
              ThrowsMessage<ShardError>(HasSubstr("faults, inputs, seed or the number of shards")));
}

}  // namespace shards_test
