#include <durasim/shrink.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/rapidcheck.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/core/oddity.hpp"
#include "durasim/explore/replay.hpp"
#include "durasim/explore/schedule_size.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/effect_in_destructor.hpp"
#include "handlers/bugs/effect_outside_step.hpp"
#include "handlers/bugs/reads_world_outside_step.hpp"
#include "handlers/bugs/swallows_suspension.hpp"
#include "handlers/sound/all.hpp"

/// Failures that did not come from a breadth-first search become as small as those that did.
namespace shrink_test {

namespace fs = std::filesystem;
using durasim::FaultModel;
using durasim::Schedule;
using durasim::ScheduleFile;
using durasim::Script;
using durasim::Shrunk;
using durasim::Simulation;
using durasim::Verification;
using testing::HasSubstr;

/// Faults at random choices, the same ones for one seed everywhere.
Schedule random_schedule(std::uint64_t seed, std::uint32_t faults) {
  Schedule schedule;
  std::uint32_t position = 0;
  for (std::uint32_t i = 0; i < faults; ++i) {
    durasim::Hash64 hash;
    hash.add(seed);
    hash.add(i);
    position += 1 + static_cast<std::uint32_t>(hash.value() % 5);
    schedule.choices.push_back({position, 1 + static_cast<std::uint32_t>(hash.value() >> 32U) % 9});
  }
  return schedule;
}

std::uint32_t injected(const durasim::TracedRun& run) {
  std::uint32_t faults = 0;
  for (const auto& decision : run.decisions) {
    const bool data = decision.site.choice == durasim::ChoiceKind::data;
    faults += decision.answer != 0 && !data ? 1 : 0;
  }
  return faults;
}

struct Bug {
  std::string name;
  durasim::Scenario scenario;
};

void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }

std::vector<Bug> bugs() {
  return {{"double_charge", durasim::scenario_for(sound::small_order(), double_charge::scenario<>)},
          {"effect_outside_step", &effect_outside_step::scenario<>},
          {"effect_in_destructor", &effect_in_destructor::scenario<>},
          {"reads_world_outside_step", &reads_world_outside_step::scenario<>},
          {"swallows_suspension", &swallows_suspension::scenario<>}};
}

class ShrinkBug : public testing::TestWithParam<Bug> {};

TEST_P(ShrinkBug, ComesToAsFewFaultsAsTheSearch) {
  const durasim::Scenario& scenario = GetParam().scenario;
  const Verification found =
      durasim::verify(scenario, {.max_faults = 2, .name = "search/" + GetParam().name});
  ASSERT_EQ(found.verdict, durasim::Verdict::refuted);
  int shrunk_ones = 0;
  std::uint32_t most = 0;
  for (std::uint64_t seed = 1; seed <= 40 && shrunk_ones < 6; ++seed) {
    const Schedule schedule = random_schedule(seed, 12);
    const auto before = durasim::trace_run(scenario, schedule);
    if (before.findings.empty() || before.findings.front().oracle != found.findings.front().oracle)
      continue;
    ++shrunk_ones;
    most = std::max(most, injected(before));
    const Shrunk shrunk = durasim::shrink(scenario, schedule, {.name = "s/" + GetParam().name});
    EXPECT_EQ(shrunk.smallest.counterexample_faults, found.counterexample_faults)
        << "seed " << seed << "\n"
        << shrunk.smallest;
    EXPECT_TRUE(shrunk.smallest.minimal) << shrunk.smallest;
    EXPECT_TRUE(shrunk.smallest_of_all) << shrunk.smallest;
    EXPECT_EQ(shrunk.smallest.findings.front().oracle, before.findings.front().oracle);
    EXPECT_EQ(shrunk.smallest.findings.front().operation, before.findings.front().operation);
    EXPECT_EQ(shrunk.smallest.findings.front().signature(), before.findings.front().signature());
    EXPECT_LE(shrunk.runs, 1'000U);
  }
  EXPECT_GE(shrunk_ones, 3);
  EXPECT_GE(most, 2U);
}

INSTANTIATE_TEST_SUITE_P(Every, ShrinkBug, testing::ValuesIn(bugs()),
                         [](const auto& bug) { return bug.param.name; });

durasim::Scenario double_charge_scenario() {
  return durasim::scenario_for(sound::small_order(), double_charge::scenario<>);
}

constexpr const char* kNineFaults = R"(
  at invocation 1: late_delivery
  at "process-payment": crash_before_body
  at "process-payment": crash_after_body
  at "process-payment", time 2: crash_after_body
  at "process-payment": request_lost
  at invocation 2: redelivery_after_end
  at "settle": answer_lost
  at "send-receipt": throttled
  at execution: delivery_after_completion
)";

TEST(Shrink, OfNineFaultsLeavesOne) {
  const Script script = Script::parse(kNineFaults);
  const auto before = durasim::trace_run(double_charge_scenario(), script);
  ASSERT_THAT(before.unreached, testing::IsEmpty());
  const Shrunk shrunk = durasim::shrink(double_charge_scenario(), script);
  // Not the crash after the body: this is earlier.
  EXPECT_EQ(shrunk.smallest.script.to_text(), "at invocation 1: redelivery_after_end\n");
  EXPECT_EQ(shrunk.smallest.shrunk_from, 9U);
  EXPECT_LE(shrunk.runs, 100U);
  const std::string report = shrunk.smallest.report();
  EXPECT_THAT(report, HasSubstr("by 1 fault, shrunk from 9\n"));
  EXPECT_THAT(report, HasSubstr("\n  script   at invocation 1: redelivery_after_end\n"));
  EXPECT_THAT(report, HasSubstr("\n  shrunk   in " + std::to_string(shrunk.runs) +
                                " runs; every smaller schedule was run, and none fails alike\n"));
}

TEST(Shrink, StoresTheSmallestBesideTheOriginal) {
  const Shrunk shrunk = durasim::shrink(double_charge_scenario(), Script::parse(kNineFaults));
  const ScheduleFile original = ScheduleFile::load(shrunk.original);
  EXPECT_EQ(original.script.lines.size(), 9U);
  EXPECT_FALSE(original.minimal);
  EXPECT_EQ(shrunk.smallest.file.parent_path(), shrunk.original.parent_path());
  std::string name = shrunk.original.filename();
  EXPECT_EQ(shrunk.smallest.file.filename(), name.replace(name.rfind(".durasim"), 0, ".shrunk"));
  const ScheduleFile file = ScheduleFile::load(shrunk.smallest.file);
  EXPECT_TRUE(file.minimal);
  EXPECT_EQ(file.script, shrunk.smallest.script);
  EXPECT_EQ(file.signature, original.signature);
  const auto again = durasim::trace_file(double_charge_scenario(), file);
  EXPECT_EQ(again.trace_hash, file.trace_hash);
  EXPECT_EQ(again.findings.front().signature(), file.signature);
}

TEST(Shrink, OfAFileIsThatOfItsSchedule) {
  const Shrunk first = durasim::shrink(double_charge_scenario(), Script::parse(kNineFaults));
  const auto other =
      durasim::scenario_for(sound::small_order("declined"), double_charge::scenario<>);
  const Shrunk second = durasim::shrink(other, first.original);  // which has its inputs
  EXPECT_EQ(second.smallest.script, first.smallest.script);
  EXPECT_EQ(second.smallest.trace_hash, first.smallest.trace_hash);
  EXPECT_EQ(second.runs, first.runs);
}

TEST(Shrink, LeavesWhatIsSmallestAsItIs) {
  const Shrunk first = durasim::shrink(double_charge_scenario(), Script::parse(kNineFaults));
  const auto written = fs::last_write_time(first.smallest.file);
  const Shrunk again = durasim::shrink(double_charge_scenario(), first.smallest.file);
  EXPECT_EQ(again.smallest.counterexample, first.smallest.counterexample);
  EXPECT_EQ(again.smallest.file, first.smallest.file);
  EXPECT_EQ(fs::last_write_time(first.smallest.file), written);
  EXPECT_FALSE(fs::exists(fs::path(first.smallest.file).replace_extension().replace_extension() +=
                          ".shrunk.durasim.json"));
}

TEST(Shrink, RefusesWhatBreaksNoRule) {
  EXPECT_THROW(durasim::shrink(double_charge_scenario(), Schedule{}), std::invalid_argument);
}

/// Two bugs: the first step's effect must not happen twice, and the second's must not either.
void two_bugs(Simulation& sim) {
  sim.function("order", [&sim](durable::Context& ctx) {
    ctx.step("charge", [&] { sim.effects().record("charge"); });
    ctx.step("ship", [&] { sim.effects().record("parcel"); });
  });
  sim.effects().at_most(1, "charge");
  sim.effects().at_most(1, "parcel");
  sim.run("order");
}

TEST(Shrink, HoldsTheFailureFixedAndStoresTheOtherOne) {
  const Shrunk shrunk = durasim::shrink(&two_bugs, Script::parse("at \"charge\": request_lost\n"
                                                                 "at \"ship\": crash_after_body"));
  EXPECT_EQ(shrunk.smallest.script.to_text(), "at \"ship\": crash_after_body\n");
  ASSERT_EQ(shrunk.others.size(), 1U) << shrunk.smallest;
  EXPECT_EQ(shrunk.others[0].findings.front().operation, "charge");
  EXPECT_EQ(ScheduleFile::load(shrunk.others[0].file).operation, "charge");
  EXPECT_THAT(shrunk.smallest.report(),
              HasSubstr("\n  another  failure was met on the way: effects: " +
                        shrunk.others[0].file.filename().string()));
}

/// Fails if the effect happens three times, which takes two faults.
void needs_two(Simulation& sim) {
  sim.function("order", [&sim](durable::Context& ctx) {
    ctx.step("quote", [] { return 1; });
    ctx.step("charge", [&] { sim.effects().record("charge"); });
  });
  sim.effects().at_most(2, "charge");
  sim.run("order");
}

TEST(Shrink, KnowsThatTwoFaultsAreNeeded) {
  const Shrunk shrunk = durasim::shrink(&needs_two, Script::parse(R"(
    at "quote": crash_after_body
    at "charge": body_outlives_invocation
    at invocation 3: late_delivery
    at "charge", time 2: crash_after_body
    at "charge", effect 1, time 3: crash_at_effect
  )"));
  EXPECT_EQ(shrunk.smallest.script.to_text(),
            "at \"charge\": crash_after_body\n"
            "at invocation 2: redelivery_after_end\n");
  EXPECT_TRUE(shrunk.smallest_of_all);
}

TEST(Shrink, SaysSoIfTheRunsDoNotSufficeForAProof) {
  const Script script = Script::parse(
      "at \"charge\": body_outlives_invocation\n"
      "at \"charge\", time 2: body_outlives_invocation\n"
      "at invocation 3: cold_start\n"
      "at \"charge\", time 3: body_outlives_invocation");
  const Shrunk local = durasim::shrink(&needs_two, script, {.max_runs = 150});
  EXPECT_EQ(local.smallest.counterexample_faults, 2U);
  EXPECT_FALSE(local.smallest_of_all);
  EXPECT_LE(local.runs, 150U);
  EXPECT_EQ(local.smallest.script.to_text(),
            "at \"charge\": crash_after_body\n"
            "at invocation 2: redelivery_after_end\n")
      << local.smallest;
  EXPECT_THAT(local.smallest.report(),
              HasSubstr("no fault alone can be left out, come earlier or be milder"));
  const Shrunk cut = durasim::shrink(&needs_two, script, {.max_runs = 5});
  EXPECT_LE(cut.runs, 5U);
  EXPECT_THAT(cut.smallest.report(), HasSubstr("ShrinkOptions::max_runs cut the search"));
}

TEST(Shrink, IsDoneByAReplayOfMoreFaultsThanNeeded) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("nine-" + std::to_string(::getpid()) + ".durasim.json");
  durasim::trace_run(double_charge_scenario(), Script::parse(kNineFaults)).file.save(path);
  testing::internal::CaptureStdout();
  const Verification result =
      durasim::replay_file(double_charge_scenario(), {}, ScheduleFile::load(path), path);
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_EQ(result.counterexample_faults, 9U);
  EXPECT_THAT(printed, HasSubstr("\nThe same failure takes fewer faults:\n\nREFUTED  "));
  EXPECT_THAT(printed, HasSubstr("by 1 fault, shrunk from 9\n"));
  const fs::path shrunk =
      path.parent_path() / (path.stem().stem().string() + ".shrunk.durasim.json");
  EXPECT_THAT(printed, HasSubstr(shrunk.filename().string()));
  EXPECT_EQ(ScheduleFile::load(shrunk).script.lines.size(), 1U);
  fs::remove(path);
  fs::remove(shrunk);
}

TEST(Shrink, IsDoneByCheckWhenAsked) {
  const Schedule schedule =
      durasim::trace_run(double_charge_scenario(), Script::parse(kNineFaults)).schedule;
  try {
    durasim::check(double_charge_scenario(), schedule, {.shrink = true});
    FAIL() << "nothing was thrown";
  } catch (const durasim::CheckFailed& failed) {
    EXPECT_THAT(failed.what(), HasSubstr("by 1 fault, shrunk from 9\n"));
    EXPECT_TRUE(fs::exists(failed.verification().file));
  }
}

TEST(ScheduleSize, OrdersByFaultsThenDrawsThenPositionsThenMildness) {
  const auto size = [](std::uint32_t faults, std::uint32_t draws,
                       std::vector<std::uint32_t> positions, std::vector<std::uint32_t> harshness) {
    return durasim::ScheduleSize{faults, draws, std::move(positions), std::move(harshness)};
  };
  EXPECT_LT(size(1, 5, {9}, {9}), size(2, 0, {1, 2}, {0, 0}));
  EXPECT_LT(size(1, 0, {9}, {9}), size(1, 1, {1, 2}, {0, 0}));
  EXPECT_LT(size(2, 0, {1, 9}, {9, 9}), size(2, 0, {2, 3}, {0, 0}));
  EXPECT_LT(size(1, 0, {1}, {2}), size(1, 0, {1}, {3}));
  EXPECT_LT(durasim::harshness(durasim::Fault::crash_after_body),
            durasim::harshness(durasim::Fault::request_lost));
  EXPECT_LT(durasim::harshness(durasim::Fault::request_lost),
            durasim::harshness(durasim::Fault::answer_lost));
}

RC_GTEST_PROP(ShrinkProperty, TheResultFailsAlikeAndIsNoLargerAndSmallestOfItself,
              (const Schedule& noise)) {
  const durasim::CheckOptions options{.faults = FaultModel::hostile(), .name = "property"};
  const durasim::ShrinkOptions bounds{
      .faults = FaultModel::hostile(), .name = "property", .max_runs = 300};
  Script script = durasim::trace_run(&needs_two, noise, options).script;
  for (const char* needed :
       {"at \"charge\": crash_after_body", "at \"charge\", time 2: crash_after_body"}) {
    const Script::Line line = Script::parse(needed).lines.front();
    if (std::find(script.lines.begin(), script.lines.end(), line) == script.lines.end())
      script.lines.push_back(line);
  }
  const auto before = durasim::trace_run(&needs_two, script, options);
  RC_PRE(!before.findings.empty());
  const Shrunk shrunk = durasim::shrink(&needs_two, script, bounds);
  RC_ASSERT(shrunk.smallest.counterexample_faults <= injected(before));
  const auto after = durasim::trace_run(&needs_two, shrunk.smallest.counterexample, options);
  RC_ASSERT(after.trace_hash == shrunk.smallest.trace_hash);
  RC_ASSERT(!after.findings.empty());
  RC_ASSERT(after.findings.front().signature() == before.findings.front().signature());
  const Shrunk twice = durasim::shrink(&needs_two, shrunk.smallest.counterexample, bounds);
  RC_ASSERT(twice.smallest.counterexample == shrunk.smallest.counterexample);
}

}  // namespace shrink_test
