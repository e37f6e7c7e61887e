#include "durasim/explore/repetition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/sim/other_addresses.hpp"
#include "handlers/bugs/names_step_by_address.hpp"
#include "handlers/bugs/returns_address.hpp"
#include "handlers/sound/all.hpp"

namespace repetition_test {

using durasim::FaultModel;
using durasim::Oracle;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using testing::HasSubstr;

TEST(Repetition, IsOfFewSchedules) {
  EXPECT_FALSE(durasim::is_repeated(1));
  EXPECT_TRUE(durasim::is_repeated(64));
  EXPECT_FALSE(durasim::is_repeated(65));
  std::uint64_t repeated = 0;
  for (std::uint64_t number = 1; number <= 10'000; ++number) {
    repeated += durasim::is_repeated(number) ? 1 : 0;
    EXPECT_LE(repeated * 50, number);
  }
}

TEST(OtherAddresses, MoveWhatIsMade) {
  const auto address = [] {
    const auto object = std::make_unique<std::string>("somewhere");
    const auto place = reinterpret_cast<std::uintptr_t>(object.get());
    return place;
  };
  const std::uintptr_t before = address();
  const durasim::OtherAddresses other_addresses;
  EXPECT_NE(address(), before);
}

TEST(Repetition, FindsAHandlerThatDependsOnTheAddressOfAFake) {
  const Verification found = durasim::verify(&names_step_by_address::scenario<>);
  ASSERT_EQ(found.verdict, Verdict::refuted);
  for (const auto& finding : found.findings) EXPECT_EQ(finding.oracle, Oracle::simulator);
  EXPECT_THAT(found.findings.front().what, HasSubstr("not repeatable: two runs without faults"));
  EXPECT_THAT(found.findings.front().what, HasSubstr("audit-"));
  EXPECT_THAT(found.findings.front().remedy, HasSubstr("address"));
}

TEST(Repetition, OrAReplayFindsAHandlerThatDependsOnAddressesOfItsOwn) {
  const Verification found = durasim::verify(&returns_address::scenario<>);
  ASSERT_EQ(found.verdict, Verdict::refuted);
  for (const auto& finding : found.findings)
    EXPECT_THAT(finding.oracle, testing::AnyOf(Oracle::simulator, Oracle::replay_agreement));
}

/// After a fault that costs an invocation, something is run that depends on an address.
void trouble_by_address(Simulation& sim) {
  const auto& account = sim.make<names_step_by_address::Account>();
  sim.function("audit", [&account](durable::Context& ctx) {
    return names_step_by_address::buggy(ctx, account);
  });
  sim.function("work", [](durable::Context& ctx) {
    for (const char* name : {"one", "two", "three", "four", "five"}) ctx.step(name, [] {});
  });
  if (sim.run("work").invocations() > 1) sim.run("audit");
}

TEST(Repetition, IsSampledWhileTheExplorationGoesOn) {
  const Verification found = durasim::verify(
      &trouble_by_address, {.max_faults = 2,
                            .faults = FaultModel::none().with({durasim::Fault::crash_before_body,
                                                               durasim::Fault::crash_after_body})});
  ASSERT_EQ(found.verdict, Verdict::refuted) << found;
  EXPECT_EQ(found.findings.front().oracle, Oracle::simulator);
  EXPECT_THAT(found.findings.front().what, HasSubstr("two runs of this schedule"));
  EXPECT_EQ(found.runs, 64U);
  EXPECT_GE(found.counterexample_faults, 1U);
  EXPECT_FALSE(found.minimal);
}

TEST(Repetition, IsNotJudgedWhereTheOracleIsOff) {
  durasim::SimulationOptions options;
  options.oracles = durasim::OracleSet::all().without(Oracle::simulator);
  EXPECT_EQ(durasim::verify(&names_step_by_address::scenario<>, {.simulation = options}).verdict,
            Verdict::holds);
}

}  // namespace repetition_test
