#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durable/fiber/sanitizers.hpp"
#include "durasim/core/process_source.hpp"
#include "durasim/explore/replay.hpp"

/// Replays in processes that no invocation has run in. Each handler has statics of its own: by the end of a
/// test they are warm, in this process and in all that it forks.
namespace cold_replays_test {

using namespace std::chrono_literals;

using durable::Context;
using durasim::ColdReplays;
using durasim::Divergence;
using durasim::Oracle;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using testing::HasSubstr;

enum class For { a_step, a_wait, a_result, a_pointer, a_search, by_hand, never, a_replay, always };

template <For>
int& kept() {
  static int value = 0;
  return value;
}

/// What a step's body has put into a static is read by the code after it.
template <For kFor>
int reads(Context& ctx) {
  ctx.step("fetch", [] { kept<kFor>() = 7; });
  ctx.wait("settle", 1h);
  ctx.step("convert-at-" + std::to_string(kept<kFor>()), [] {});
  return 1;
}

template <auto kHandler>
void scenario(Simulation& sim) {
  sim.function("work", kHandler);
  sim.run("work");
}

Verification verified(const durasim::Scenario& scenario,
                      ColdReplays cold_replays = ColdReplays::nominal) {
  durasim::VerifyOptions options{.max_faults = 1, .name = "cold"};
  options.simulation.cold_replays = cold_replays;
  return durasim::verify(scenario, options);
}

const Divergence& divergence_of(const Verification& found) {
  static const Divergence none;
  const bool there = !found.findings.empty() && found.findings.front().divergence;
  EXPECT_TRUE(there) << found;
  return there ? *found.findings.front().divergence : none;
}

TEST(ColdReplay, FindsWhatAStepHasLeftInAStatic) {
  const Verification found = verified(&scenario<&reads<For::a_step>>);
  ASSERT_EQ(found.verdict, Verdict::refuted) << found;
  const durasim::Finding& finding = found.findings.front();
  EXPECT_EQ(finding.oracle, Oracle::replay_agreement);
  EXPECT_TRUE(divergence_of(found).cold);
  EXPECT_EQ(divergence_of(found).kind, Divergence::Kind::another_operation);
  EXPECT_EQ(divergence_of(found).expected.call->name, "convert-at-7");
  EXPECT_EQ(divergence_of(found).actual.call->name, "convert-at-0");
  EXPECT_NE(finding.line, 0U);
  EXPECT_THAT(finding.what, HasSubstr("but on replay in a cold sandbox the handler made"));
  EXPECT_THAT(finding.what, Not(HasSubstr("keeps state between runs")));
  EXPECT_EQ(found.findings.size(), 1U) << found;
  const std::string report = found.report();
  EXPECT_THAT(report, HasSubstr(" of the replay in a cold sandbox after invocation 2; the last"));
  EXPECT_THAT(report, HasSubstr("\n  why      nothing that an invocation leaves in memory, as in"));
  EXPECT_THAT(report, HasSubstr("\n  remedy   use the results of steps for what a later"));
  EXPECT_THAT(report, testing::StartsWith(
                          "REFUTED  cold  by a run without faults, replayed in a cold sandbox\n"));
}

int waits(Context& ctx) {
  ctx.step("fetch", [] { kept<For::a_wait>() = 7; });
  ctx.wait("pause", 1h);
  ctx.wait("settle", std::chrono::seconds(3 + kept<For::a_wait>()));
  return 1;
}

TEST(ColdReplay, TellsWhichInputDiffers) {
  const Verification found = verified(&scenario<&waits>);
  EXPECT_EQ(divergence_of(found).kind, Divergence::Kind::another_input) << found;
  EXPECT_EQ(divergence_of(found).input, "duration");
  EXPECT_EQ(divergence_of(found).expected.input, "10 s");
  EXPECT_EQ(divergence_of(found).actual.input, "3 s");
}

int returns(Context& ctx) {
  ctx.step("fetch", [] { kept<For::a_result>() = 7; }, {.retry = durable::retry::fixed(3)});
  return kept<For::a_result>();
}

TEST(ColdReplay, FindsAnotherResult) {
  const Verification found = verified(&scenario<&returns>);
  EXPECT_EQ(divergence_of(found).kind, Divergence::Kind::another_end) << found;
  EXPECT_EQ(divergence_of(found).expected.end, "SUCCEEDED with 7");
  EXPECT_EQ(divergence_of(found).actual.end, "SUCCEEDED with 0");
}

int follows(Context& ctx) {
  static const int seven = 7;
  static const int* pointer = nullptr;
  ctx.step("fetch", [] { pointer = &seven; });
  ctx.wait("settle", 1h);
  if (pointer == nullptr) std::_Exit(3);  // as a crash would
  return *pointer;
}

TEST(ColdReplay, TellsOfAProcessThatDoesNotComeToItsEnd) {
  const Verification found = verified(&scenario<&follows>);
  EXPECT_TRUE(divergence_of(found).cold) << found;
  EXPECT_THAT(divergence_of(found).actual.end, HasSubstr("the process ended with status 3"));
  EXPECT_EQ(divergence_of(found).last_agreeing->name, "settle");
}

enum class Beside { nothing, a_thread };

/// With no end where the step's body has not run, at both invocations after it.
template <Beside>
int spins(Context& ctx) {
  static volatile bool ready = false;
  ctx.step("fill", [] { ready = true; });
  ctx.wait("settle", 1h);
  while (!ready) {
  }
  ctx.wait("rest", 1h);
  return 1;
}

durasim::VerifyOptions with_short_patience() {
  durasim::VerifyOptions options{.max_faults = 1, .name = "cold"};
  options.simulation.hang_after = 4;
  return options;
}

TEST(ColdReplay, TellsOfOneThatHasNoEndAndMakesNoMoreOfThem) {
  const Verification found =
      durasim::verify(&scenario<&spins<Beside::nothing>>, with_short_patience());
  ASSERT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_TRUE(divergence_of(found).cold) << found;
  EXPECT_THAT(divergence_of(found).actual.end, HasSubstr("does not come to an end"));
  EXPECT_TRUE(found.notes.empty()) << found;
}

TEST(ColdReplay, BlamesNobodyForOneThatHasNoEndWhereOtherThreadsMayHaveHeldALock) {
  std::promise<void> end;
  std::thread other([ended = end.get_future()] { ended.wait(); });
  const Verification found =
      durasim::verify(&scenario<&spins<Beside::a_thread>>, with_short_patience());
  end.set_value();
  other.join();
  EXPECT_EQ(found.verdict, Verdict::holds) << found;
  EXPECT_THAT(found.report(), HasSubstr("\n  cold     replays were not all judged: the replay does "
                                        "not come to an end; the process had other threads"));
}

template <auto kSignal>
int is_killed(Context& ctx) {
  static bool ready = false;
  ctx.step("fill", [] { ready = true; });
  ctx.wait("settle", 1h);
  if (!ready) ::kill(::getpid(), kSignal);
  return 1;
}

TEST(ColdReplay, BlamesNobodyForAProcessThatIsKilledFromOutside) {
  const Verification killed = verified(&scenario<&is_killed<SIGKILL>>);
  EXPECT_EQ(killed.verdict, Verdict::holds) << killed;
  EXPECT_THAT(killed.report(), HasSubstr("\n  cold     replays were not all judged: signal 9"));
  const Verification ended = verified(&scenario<&is_killed<SIGTERM>>);
  EXPECT_THAT(divergence_of(ended).actual.end, HasSubstr("signal 15 ended the process"));
}

const pid_t kTest = ::getpid();

void scenario_for_one_process(Simulation& sim) {
  if (::getpid() != kTest) std::_Exit(3);
  sim.function("work", [](Context& ctx) { ctx.step("work", [] {}); });
  sim.run("work");
}

TEST(ColdReplay, IsSpokenOfWhereTheProcessThatWasToMakeItDoesNotAnswer) {
  const Verification result =
      durasim::verify(&scenario_for_one_process,
                      {.jobs = 1, .isolation = durasim::Isolation::none, .name = "cold"});
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
  EXPECT_THAT(result.report(), HasSubstr("\n  cold     replays were not all judged: the process "
                                         "that was to make them ended without an answer"));
}

/// Another one in each process.
int leases(Context& ctx) {
  static const int number = ::getpid();
  ctx.step("lease-" + std::to_string(number), [] {});
  ctx.wait("settle", 1h);
  return 1;
}

TEST(ColdReplay, IsToldOfWithTheHistoryOfTheRunThatItDisagreesWith) {
  const Verification found = verified(&scenario<&leases>);
  ASSERT_TRUE(divergence_of(found).cold) << found;
  const std::string& expected = divergence_of(found).expected.call->name;
  EXPECT_NE(expected, "lease-" + std::to_string(::getpid()));
  EXPECT_THAT(found.history, HasSubstr(expected));
  EXPECT_THAT(found.history, Not(HasSubstr("lease-" + std::to_string(::getpid()))));
  const auto file = durasim::ScheduleFile::load(found.file);
  EXPECT_THAT(file.events, testing::Contains(testing::Field(&durasim::ScheduleFile::Event::what,
                                                            HasSubstr(expected))));
}

TEST(ColdReplay, IsMadeBySearchesAsWell) {
  const Verification found = durasim::search(&scenario<&reads<For::a_search>>, {.runs = 100});
  EXPECT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_TRUE(divergence_of(found).cold);
}

TEST(ColdReplay, IsNotMadeWhereNobodyWantsIt) {
  const Verification result = verified(&scenario<&reads<For::never>>, ColdReplays::never);
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

TEST(ColdReplay, IsMadeInEverySimulationThatAsksForIt) {
  durasim::SimulationOptions options;
  options.cold_replays = ColdReplays::always;
  Simulation sim(options);
  scenario<&reads<For::by_hand>>(sim);
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_TRUE(sim.findings().all().front().divergence->cold);
}

/// Reads only where a fault has led it.
int reads_after_a_failure(Context& ctx) {
  try {
    ctx.step("charge", [] {},
             {.retry = durable::retry::none(),
              .semantics = durable::StepSemantics::at_most_once_per_retry});
  } catch (const durable::StepInterruptedError&) {
    ctx.step("look-up", [] { kept<For::always>() = 7; });
    ctx.wait("settle", 1h);
    ctx.step("give-back-" + std::to_string(kept<For::always>()), [] {});
  }
  return 1;
}

TEST(ColdReplay, IsMadeInEveryRunOfAnExplorationThatAsksForIt) {
  const Verification found = verified(&scenario<&reads_after_a_failure>, ColdReplays::always);
  EXPECT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_TRUE(divergence_of(found).cold);
  EXPECT_EQ(found.counterexample_faults, 1U);
}

/// Leaves the heap as it was: in the same process, the next run finds the same addresses.
std::string returns_address(Context& ctx) {
  const auto book = std::make_unique<int>(1);
  ctx.step("count", [&] { return *book; });
  return std::to_string(reinterpret_cast<std::uintptr_t>(book.get()));
}

TEST(ColdReplay, OrTheShadowReplayBeforeItFindsAnAddress) {
  durasim::SimulationOptions options;
  options.cold_replays = ColdReplays::always;
  options.oracles = durasim::OracleSet::none().with(Oracle::replay_agreement);
  Simulation sim(options);
  scenario<&returns_address>(sim);
  ASSERT_EQ(sim.findings().all().size(), 1U);
  EXPECT_EQ(sim.findings().all().front().divergence->kind, Divergence::Kind::another_end);
}

/// Of a size that nothing else here has, so that allocators give it again and again.
std::string returns_address_of_block(Context& ctx) {
  const auto block = std::make_unique<std::array<char, 1000>>();
  ctx.step("count", [] {});
  return std::to_string(reinterpret_cast<std::uintptr_t>(block.get()));
}

#ifndef DURABLE_ASAN  // it gives no block twice, so that any replay finds the address
TEST(ColdReplay, HasBlocksElsewhereThatAShadowReplayInTheSameProcessFindsWhereTheyWere) {
  durasim::SimulationOptions options;
  options.oracles = durasim::OracleSet::none().with(Oracle::replay_agreement);
  for (const ColdReplays cold : {ColdReplays::never, ColdReplays::always}) {
    static_cast<void>(std::make_unique<std::array<char, 1000>>());  // free in the copy as well
    options.cold_replays = cold;
    Simulation sim(options);
    scenario<&returns_address_of_block>(sim);
    ASSERT_EQ(sim.findings().all().size(), cold == ColdReplays::never ? 0U : 1U);
    for (const durasim::Finding& finding : sim.findings().all())
      EXPECT_TRUE(finding.divergence->cold);
  }
}
#endif

int price = 0;

int prices(Context& ctx) {
  const int now = price;
  ctx.step("pay-" + std::to_string(now), [] {});
  ctx.wait("settle", 1h);
  return now;
}

TEST(ColdReplay, LeavesExecutionsAloneThatAScenarioHasSetUpLater) {
  const Verification result = verified([](Simulation& sim) {
    sim.function("prices", &prices);
    for (price = 1; price <= 3; ++price) sim.run("prices");
    price = 0;
  });
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

int version_1(Context& ctx) {
  return ctx.step("one", [] { return 1; });
}
int version_2(Context& ctx) {
  return ctx.step("two", [] { return 2; });
}

TEST(ColdReplay, LeavesFunctionsAloneThatAreDeployedLater) {
  const Verification result = verified([](Simulation& sim) {
    sim.function("work", &version_1);
    sim.run("work");
    sim.function("work", &version_2);
    sim.run("work");
  });
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

int has_constants(Context& ctx) {
  static const std::array<const char*, 3> names = {"one", "two", "three"};
  static const std::string prefix = "step-";
  for (const char* name : names) ctx.step(prefix + name, [] {});
  ctx.wait("settle", 1h);
  return 1;
}

TEST(ColdReplay, HasNothingToSayOfConstants) {
  const Verification result = verified(&scenario<&has_constants>);
  EXPECT_EQ(result.verdict, Verdict::holds) << result;
}

/// In a process of its own, so that statics stay cold in this one.
std::string elsewhere(const std::function<std::string()>& act) {
  const auto answer = durasim::ProcessSource::ask_child(
      [&](std::string_view, const durasim::ProcessSource::Tell& tell) { tell(act()); }, "", 60);
  return answer ? answer->said : "no process";
}

TEST(ColdReplay, IsMadeAgainWhenAScheduleIsReplayed) {
  const durasim::Scenario read = &scenario<&reads<For::a_replay>>;
  const std::string file = elsewhere([&] { return verified(read).file.string(); });
  ASSERT_THAT(file, testing::EndsWith(".json"));
  const std::string found = elsewhere([&] {
    return durasim::replay_file(read, {}, durasim::ScheduleFile::load(file), file).report();
  });
  EXPECT_THAT(found, testing::StartsWith("REFUTED  cold  by a run without faults, on replay\n"));
  EXPECT_THAT(found, HasSubstr("on replay in a cold sandbox"));
}

}  // namespace cold_replays_test
