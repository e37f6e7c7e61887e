#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#define DURASIM_FUZZ_NO_MAIN  // that of GoogleTest is in an archive
#include <durasim/durasim.hpp>
#include <durasim/fuzzer.hpp>
#include <durasim/gtest.hpp>

namespace fuzz_test {

namespace fs = std::filesystem;
using durable::Context;
using durasim::Fault;
using durasim::FaultModel;
using durasim::FuzzTarget;
using durasim::Oracle;
using durasim::Schedule;
using durasim::ScheduleFile;
using durasim::Simulation;
using durasim::Verdict;
using testing::Contains;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;
using Bytes = std::vector<std::uint8_t>;

/// Charges again after a crash.
void charges_twice(Simulation& sim) {
  sim.function("pay", [&sim](Context& ctx) {
    ctx.step("charge", [&sim] { sim.effects().record("charge", "o-1"); });
  });
  sim.effects().at_most(1, "charge");
  sim.run("pay");
}

/// Recognises a repeated charge.
void charges_once(Simulation& sim) {
  sim.function("pay", [&sim](Context& ctx) {
    ctx.step("charge", [&sim](durable::StepContext& step) {
      return sim.effects().apply("charge", step.idempotency_key(), 1);
    });
  });
  sim.run("pay");
}

const FaultModel kCrash = FaultModel::none().with({Fault::crash_after_body});

Bytes crash() { return durasim::bytes_of(Schedule{{{0, 1}}}); }

TEST(FuzzTarget, FindsNothingWhereTheBytesAskForNothing) {
  FuzzTarget target(charges_twice, "fuzz-nothing", {.faults = kCrash});
  EXPECT_FALSE(target.prepare());
  EXPECT_FALSE(target.run({}));
  EXPECT_FALSE(target.states().empty());
}

TEST(FuzzTarget, StoresWhatItFindsAsAScheduleThatCanBeRunAgain) {
  FuzzTarget target(charges_twice, "fuzz-finding", {.faults = kCrash});
  const auto found = target.run(crash());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->verdict, Verdict::refuted);
  EXPECT_EQ(found->findings.front().oracle, Oracle::effects);
  EXPECT_THAT(*found, durasim::Covers("step", "after_body", Fault::crash_after_body));
  EXPECT_THAT(found->report(), HasSubstr("DURASIM_REPLAY="));
  const ScheduleFile file = ScheduleFile::load(found->file);
  EXPECT_EQ(file.scenario, "fuzz-finding");
  EXPECT_EQ(durasim::bytes_of(file), crash());
  EXPECT_FALSE(durasim::trace_file(charges_twice, file).findings.empty());
}

TEST(FuzzTarget, MakesAFailureSmallerUnlessToldNotTo) {
  const Bytes two = durasim::bytes_of(Schedule{{{0, 1}, {1, 1}}});
  FuzzTarget shrinks(charges_twice, "fuzz-shrinks", {.faults = kCrash});
  EXPECT_EQ(shrinks.run(two)->counterexample_faults, 1U);
  FuzzTarget keeps(charges_twice, "fuzz-keeps", {.faults = kCrash, .shrink = false});
  EXPECT_EQ(keeps.run(two)->counterexample_faults, 2U);
}

TEST(FuzzTarget, HoldsToItsBounds) {
  FuzzTarget target(charges_twice, "fuzz-bounds", {.max_faults = 0, .faults = kCrash});
  EXPECT_FALSE(target.run(crash()));
}

TEST(FuzzTarget, HoldsToTheBoundOfTheEnvironmentFirst) {
  ::setenv("DURASIM_MAX_FAULTS", "0", 1);
  FuzzTarget target(charges_twice, "fuzz-environment", {.faults = kCrash});
  ::unsetenv("DURASIM_MAX_FAULTS");
  EXPECT_EQ(target.options().max_faults, 0U);
  EXPECT_FALSE(target.run(crash()));
}

TEST(FuzzTarget, LeavesNoTraceOfOneInputInTheNext) {
  FuzzTarget target(charges_twice, "fuzz-twice", {.faults = kCrash});
  EXPECT_TRUE(target.run(crash()));
  EXPECT_FALSE(target.run({}));
  EXPECT_TRUE(target.run(crash()));
}

TEST(FuzzTarget, TakesAScheduleFileAsAnInput) {
  FuzzTarget target(charges_twice, "fuzz-file", {.faults = kCrash});
  const auto found = target.run(crash());
  ASSERT_TRUE(found);
  const std::string text = ScheduleFile::load(found->file).to_json();
  EXPECT_TRUE(target.run(Bytes(text.begin(), text.end())));
  const std::string cut = text.substr(0, text.size() / 2);  // then its bytes are what they are
  EXPECT_NO_THROW(target.run(Bytes(cut.begin(), cut.end())));
}

TEST(FuzzTarget, RunsWhatWasMadeOfBytesAsTheBytesSay) {
  const Bytes bytes = {0, 7};  // more than there are alternatives
  const auto traced =
      durasim::trace_file(charges_twice, durasim::schedule_file_of(bytes, "fuzz-bytes", kCrash));
  ASSERT_FALSE(traced.findings.empty());
  EXPECT_EQ(traced.schedule, (Schedule{{{0, 1}}}));
}

TEST(FuzzTarget, SaysThatThereIsNothingToJudge) {
  FuzzTarget target([](Simulation&) {}, "fuzz-vacuous");
  const auto vacuous = target.prepare();
  ASSERT_TRUE(vacuous);
  EXPECT_EQ(vacuous->verdict, Verdict::vacuous);
}

TEST(FuzzTarget, SaysThatAScenarioDoesNotRepeatItself) {
  int runs = 0;
  FuzzTarget target(
      [&runs](Simulation& sim) {
        const std::string name = "run " + std::to_string(++runs);
        sim.function("pay", [name](Context& ctx) { ctx.step(name, [] {}); });
        sim.run("pay");
      },
      "fuzz-unsteady");
  const auto found = target.prepare();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->findings.front().oracle, Oracle::simulator);
}

TEST(FuzzTarget, ReplaysTheCorpusFirst) {
  FuzzTarget target(charges_twice, "fuzz-kept", {.faults = kCrash});
  const auto found = target.run(crash());
  ASSERT_TRUE(found);
  const fs::path folder =
      fs::temp_directory_path() / ("durasim-fuzz-corpus-" + std::to_string(::getpid()));
  fs::create_directories(folder / "fuzz-kept");
  fs::copy_file(found->file, folder / "fuzz-kept/twice.durasim.json");
  ::setenv("DURASIM_CORPUS", folder.c_str(), 1);
  const auto again = target.prepare();
  ::unsetenv("DURASIM_CORPUS");
  fs::remove_all(folder);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->report(), HasSubstr("twice.durasim.json fails again"));
}

TEST(FuzzMutants, AreSchedulesWithinTheBoundsAndDiffer) {
  FuzzTarget target(charges_once, "fuzz-mutants", {.max_faults = 2, .max_data = 0});
  ASSERT_FALSE(target.prepare());
  std::set<Bytes> made;
  Bytes input;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Bytes mutant = target.mutate(input, 64, seed);
    EXPECT_EQ(mutant, target.mutate(input, 64, seed));
    EXPECT_EQ(durasim::bytes_of(durasim::schedule_of(mutant)), mutant) << "no waste";
    EXPECT_THAT(durasim::schedule_of(mutant).choices, SizeIs(Le(4U)));
    made.insert(mutant);
    input = mutant;
  }
  EXPECT_GT(made.size(), 100U);
  EXPECT_THAT(target.mutate(input, 2, 1), SizeIs(Le(2U)));
  EXPECT_THAT(target.mutate({}, 0, 1), SizeIs(0U));
}

TEST(FuzzMutants, ReachEachSingleFault) {
  FuzzTarget target(charges_twice, "fuzz-singles", {.faults = kCrash});
  ASSERT_FALSE(target.prepare());
  std::set<Verdict> verdicts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto found = target.run(target.mutate({}, 8, seed));
    verdicts.insert(found ? found->verdict : Verdict::holds);
  }
  EXPECT_THAT(verdicts, Contains(Verdict::refuted));
}

TEST(FuzzMutants, CrossTheFaultsOfTwoInputsAtTheirChoices) {
  FuzzTarget target(charges_once, "fuzz-crossed", {.max_faults = 4});
  ASSERT_FALSE(target.prepare());
  const Bytes early = durasim::bytes_of(Schedule{{{0, 2}, {1, 2}}});
  const Bytes late = durasim::bytes_of(Schedule{{{2, 3}, {3, 3}}});
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Schedule both = durasim::schedule_of(target.cross(early, late, 64, seed));
    for (const Schedule::Choice& fault : both.choices)
      EXPECT_EQ(fault.alternative, fault.position < 2 ? 2U : 3U);
    sizes.insert(both.choices.size());
  }
  EXPECT_THAT(sizes, Contains(4U));
  EXPECT_THAT(sizes, Contains(3U));
}

}  // namespace fuzz_test

DURASIM_FUZZ(fuzz_test::charges_once, {.max_faults = 2});

namespace fuzz_test {

TEST(FuzzFunctions, AreThoseThatAFuzzerCalls) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(nullptr, 0), 0);
  Bytes buffer(64);
  const std::size_t size = LLVMFuzzerCustomMutator(buffer.data(), 0, buffer.size(), 5);
  ASSERT_GT(size, 0U);
  EXPECT_EQ(LLVMFuzzerTestOneInput(buffer.data(), size), 0);
  Bytes out(64);
  const std::size_t crossed = LLVMFuzzerCustomCrossOver(buffer.data(), size, buffer.data(), size,
                                                        out.data(), out.size(), 5);
  EXPECT_EQ(Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(crossed)),
            Bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)));
}

}  // namespace fuzz_test
