#include <durasim/shards.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/report.hpp>

#include "durasim/core/testing.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

namespace shards_test {

namespace fs = std::filesystem;

using durasim::FaultModel;
using durasim::merge_shards;
using durasim::Scenario;
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

/// What each of `count` processes would leave behind.
std::vector<ShardResult> shards_of(const Scenario& scenario, VerifyOptions options,
                                   std::uint32_t count) {
  std::vector<ShardResult> shards;
  for (std::uint32_t number = 1; number <= count; ++number) {
    const Variable shard("DURASIM_SHARD", std::to_string(number) + "/" + std::to_string(count));
    const Verification result = durasim::verify(scenario, options);
    EXPECT_EQ(result.shard, (Shard{number, count}));
    EXPECT_FALSE(result.notes.empty());
    shards.push_back(ShardResult::load(file_of(options.name, number, count)));
  }
  return shards;
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
  const Scenario scenario = durasim::scenario_for(sound::small_order(), double_charge::scenario);
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
                 "explorations: faults, inputs or the number of shards differ");
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
      shards_of(durasim::scenario_for(sound::small_order(), double_charge::scenario),
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
  expect(edited("\"version\": 1", "\"version\": 2"), "version 2; this program reads version 1");
  expect(edited("\"number\": 1", "\"number\": 3"), "there is no such shard");
  expect(edited("\"HOLDS\"", "\"PERHAPS\""), "\"PERHAPS\" is not known");
  expect(edited("\"HOLDS\"", "\"REFUTED\""), "it is refuted by nothing");
  expect(edited("\"certificate\": \"", "\"certificate\": \"x"), "no certificate");
  expect(edited("\"runs\"", "\"walks\""), "key 'runs' not found");
  EXPECT_THAT([] { ShardResult::load("no/such.json"); },
              ThrowsMessage<ShardError>("cannot read no/such.json"));
}

}  // namespace shards_test
