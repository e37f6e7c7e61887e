#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/rapidcheck.hpp>

#include "durasim/explore/replay.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/effect_in_destructor.hpp"
#include "handlers/bugs/effect_outside_step.hpp"
#include "handlers/bugs/reads_clock.hpp"
#include "handlers/bugs/reads_world_outside_step.hpp"
#include "handlers/bugs/swaps_like_named_steps.hpp"
#include "handlers/sound/all.hpp"

/// The dense, the sparse and the anchored form of one run are each as good as the others.
namespace script_forms_test {

using namespace std::chrono_literals;
using durasim::FaultModel;
using durasim::Schedule;
using durasim::ScheduleFile;
using durasim::Script;
using durasim::Simulation;
using durasim::TracedRun;
using testing::HasSubstr;
using testing::IsEmpty;

std::map<std::string, durasim::Scenario> scenarios() {
  return {{"double_charge", durasim::scenario_for(sound::small_order(), double_charge::scenario<>)},
          {"effect_outside_step", &effect_outside_step::scenario<>},
          {"effect_in_destructor", &effect_in_destructor::scenario<>},
          {"reads_clock", &reads_clock::scenario<>},
          {"reads_world_outside_step", &reads_world_outside_step::scenario<>},
          {"swaps_like_named_steps", &swaps_like_named_steps::scenario<>},
          {"payment", durasim::scenario_for(sound::small_order(), payment::scenario)},
          {"fails_twice", &fails_twice::scenario}};
}

/// Every form of `run` leads to the same run.
void expect_equal_forms(const durasim::Scenario& scenario, const TracedRun& run) {
  const durasim::CheckOptions options{.faults = FaultModel::hostile()};
  EXPECT_EQ(Script::parse(run.script.to_text()), run.script);
  const TracedRun anchored = durasim::trace_run(scenario, run.script, options);
  EXPECT_THAT(anchored.unreached, IsEmpty()) << run.script.to_text();
  EXPECT_EQ(anchored.trace_hash, run.trace_hash) << run.script.to_text();
  EXPECT_EQ(anchored.schedule, run.schedule);
  EXPECT_EQ(anchored.script, run.script);
  const ScheduleFile stored = ScheduleFile::from_json(anchored.file.to_json(), "stored");
  const TracedRun dense = durasim::trace_file(scenario, stored);
  EXPECT_EQ(dense.trace_hash, run.trace_hash);
  EXPECT_EQ(dense.script, run.script);
  const TracedRun sparse = durasim::trace_run(scenario, dense.schedule, options);
  EXPECT_EQ(sparse.trace_hash, run.trace_hash);
}

TEST(ScriptForms, OfEveryCounterexampleAreEqual) {
  for (const auto& [name, scenario] : scenarios()) {
    SCOPED_TRACE(name);
    const auto found = durasim::verify(
        scenario, {.max_faults = 1, .faults = FaultModel::hostile(), .name = "forms/" + name});
    if (found.verdict != durasim::Verdict::refuted) continue;
    const ScheduleFile file = ScheduleFile::load(found.file);
    EXPECT_EQ(file.script, found.script);
    const TracedRun run = durasim::trace_file(scenario, file);
    EXPECT_EQ(run.trace_hash, found.trace_hash);
    EXPECT_EQ(run.script, found.script);
    expect_equal_forms(scenario, run);
  }
}

RC_GTEST_PROP(ScriptFormsProperty, AreEqualForEverySchedule, (const Schedule& schedule)) {
  static const auto all = scenarios();
  const auto index = *rc::gen::inRange<std::size_t>(0, all.size());
  const auto& [name, scenario] = *std::next(all.begin(), static_cast<std::ptrdiff_t>(index));
  RC_TAG(schedule.choices.size());
  expect_equal_forms(scenario,
                     durasim::trace_run(scenario, schedule, {.faults = FaultModel::hostile()}));
}

void charge(Simulation& sim) {
  sim.function("order", [&sim](durable::Context& ctx) {
    ctx.step("charge", [&] { sim.effects().record("charge"); });
  });
  sim.effects().at_most(1, "charge");
  sim.run("order");
}

std::string failure_of(const Script& script, durasim::CheckOptions options = {}) {
  try {
    durasim::check(&charge, script, options);
    return "";
  } catch (const durasim::CheckFailed& failed) {
    return failed.what();
  }
}

TEST(CheckScript, JudgesTheRunUnderExactlyItsFaults) {
  EXPECT_EQ(failure_of(Script{}), "");
  EXPECT_EQ(failure_of(Script::parse("at \"charge\": request_lost")), "");
  EXPECT_THAT(failure_of(Script::parse("at \"charge\": crash_after_body")),
              AllOf(HasSubstr("oracle   effects: "),
                    HasSubstr("\n  script   at \"charge\": crash_after_body\n"),
                    HasSubstr("\n  replay   cd ")));
}

TEST(CheckScript, OffersWhatItNeedsWhateverTheModelSays) {
  EXPECT_THAT(
      failure_of(Script::parse("at \"charge\": crash_after_body"), {.faults = FaultModel::none()}),
      HasSubstr("oracle   effects: "));
}

TEST(CheckScript, FailsForALineThatIsNotReached) {
  const Script script = Script::parse("at \"charge\", attempt 2: crash_after_body");
  EXPECT_THAT(failure_of(script),
              HasSubstr("oracle   expectation: fault 1 of the script was not reached: at "
                        "\"charge\", attempt 2: crash_after_body\n             the run came to "
                        "attempt 1 there"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(failure_of(script, {.unreached = durasim::Unreached::warns}), "");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::StartsWith("durasim: warning: fault 1 of the script was not reached"));
}

struct OldOrder {
  std::string id;
  int cents = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OldOrder, id, cents)

/// Never to be changed: the files in fixtures/schedules are recordings of it.
void old_scenario(Simulation& sim, const OldOrder& order) {
  sim.function("fulfil", [&sim](durable::Context& ctx, const OldOrder& input) {
    ctx.step("charge-card", [&] { sim.effects().record("charge", input.id); });
    ctx.wait("settle", 60s);
    ctx.step("send-receipt", [&] { sim.effects().record("receipt"); });
  });
  sim.effects().at_most(1, "charge");
  sim.run("fulfil", order);
}

class OldScheduleFile : public testing::TestWithParam<int> {};

TEST_P(OldScheduleFile, IsReadAndReplayed) {
  const std::string path = DURASIM_SOURCE_DIR "/fixtures/schedules/version-" +
                           std::to_string(GetParam()) + ".durasim.json";
  const ScheduleFile file = ScheduleFile::load(path);
  EXPECT_EQ(file.scenario, "OldScheduleFile");
  EXPECT_EQ(file.choices.size(), 3U);
  EXPECT_EQ(file.script.lines.size(), GetParam() == 1 ? 0U : 1U);
  EXPECT_EQ(file.events.empty(), GetParam() < 3);
  testing::internal::CaptureStdout();
  const auto again =
      durasim::replay_file(durasim::scenario_for(OldOrder{}, &old_scenario), {}, file);
  testing::internal::GetCapturedStdout();
  ASSERT_EQ(again.verdict, durasim::Verdict::refuted) << again;
  EXPECT_THAT(again.notes, IsEmpty()) << again;
  EXPECT_EQ(to_string(again.findings.front().oracle), file.oracle);
  EXPECT_EQ(again.findings.front().operation, file.operation);
}

INSTANTIATE_TEST_SUITE_P(EveryVersion, OldScheduleFile,
                         testing::Range(ScheduleFile::kOldestVersion, ScheduleFile::kVersion + 1));

}  // namespace script_forms_test
