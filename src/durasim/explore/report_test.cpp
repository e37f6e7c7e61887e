#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

/// How verdicts are told.
namespace report_test {

using durasim::Verdict;
using durasim::Verification;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

Verification double_charge_found() {
  return durasim::verify(durasim::scenario_for(sound::small_order(), double_charge::scenario<>),
                         {.name = "double charge"});
}

TEST(Report, OfAVerdictThatHoldsIsALineAndWhatWasTried) {
  const std::string report =
      durasim::verify(&never_waits::scenario, {.max_faults = 1, .name = "greeting"}).report();
  EXPECT_EQ(lines(report), 2U);
  EXPECT_THAT(
      report,
      ContainsRegex(
          "^HOLDS  greeting: all [0-9]+ schedules of at most 1 fault, [0-9]+ executions, "
          "[0-9]+ durable states, certificate [0-9a-f]+\n  coverage [0-9]+ of [0-9]+ faults "
          "injected where they were offered, [0-9]+ effective; never exercised: "
          "timers, outside-once, effects\n$"));
}

TEST(Report, OfARefutationTellsTheWholeStory) {
  const std::string report = double_charge_found().report();
  EXPECT_THAT(report, testing::StartsWith(
                          "REFUTED  double charge  by 1 fault, the fewest that do it; schedule "));
  EXPECT_THAT(report,
              HasSubstr("\n  oracle   effects: \"charge\" took effect 2 times, but is "
                        "declared to do so at most once: step \"process-payment\" (operation 1) "));
  EXPECT_THAT(report, ContainsRegex(
                          "\n  where    \"process-payment\" at [^\n]*double_charge.hpp:[0-9]+\n"));
  EXPECT_THAT(report, HasSubstr("\n  input    {\"card\":\"ok\""));
  EXPECT_THAT(
      report,
      ContainsRegex("\n  >> +\\+0s +FAULT: crash after the body, before its result is recorded\n"));
  EXPECT_THAT(report, ContainsRegex("\n  !! [^\n]*effects[^\n]*violated\n"));
  EXPECT_THAT(report, HasSubstr("\n  script   at \"process-payment\": crash_after_body\n"));
  EXPECT_THAT(report, HasSubstr("\n  remedy   a step's body runs again when it is interrupted"));
  EXPECT_THAT(report, HasSubstr("\n  details  docs/reference/oracles.md#effects\n"));
  EXPECT_THAT(report,
              ContainsRegex("\n  replay   cd [^\n]* && "
                            "DURASIM_REPLAY=[^\n]*--gtest_filter=Report.OfARefutation[^\n]*\n$"));
}

TEST(Report, NamesTheMachineInItsReplayLineOnly) {
  const Verification found = double_charge_found();
  std::istringstream report(found.report());
  for (std::string line; std::getline(report, line);) {
    if (line.starts_with("  replay   ")) continue;
    EXPECT_THAT(line, Not(HasSubstr(found.file.parent_path().string())));
    EXPECT_THAT(line, Not(HasSubstr("/proc/")));
    EXPECT_THAT(line, Not(ContainsRegex("0x[0-9a-f]{4}")));
  }
  EXPECT_EQ(found.report(), double_charge_found().report());
  EXPECT_THAT(found.report(), Not(HasSubstr("  coverage "))) << "it ended at the failure";
}

TEST(Report, IndentsMessagesOfSeveralLines) {
  const auto found =
      durasim::verify([](durasim::Simulation&) { throw std::runtime_error("one\ntwo\nthree"); });
  EXPECT_THAT(
      found.report(),
      HasSubstr(
          "  oracle   expectation: the scenario threw: one\n           two\n           three\n"));
  EXPECT_THAT(found.report(), Not(HasSubstr("  where ")));
}

TEST(Report, NamesOtherFindingsToo) {
  const auto found = durasim::verify([](durasim::Simulation& sim) {
    sim.effects().exactly(1, "mail");
    throw std::runtime_error("gave up");
  });
  EXPECT_THAT(found.report(), HasSubstr("\n  also     effects: \"mail\" took effect 0 times"));
}

TEST(Report, ShortensLongInputs) {
  const auto found = durasim::verify(durasim::scenario_for(
      std::string(500, 'x'),
      [](durasim::Simulation&, const std::string&) { throw std::runtime_error("no"); }));
  EXPECT_THAT(found.report(), ContainsRegex("\n  input    \"x{196}\\.\\.\\.\n"));
}

TEST(Report, IsWhatAVerificationPrints) {
  const Verification found = double_charge_found();
  std::ostringstream printed;
  printed << found;
  EXPECT_EQ(printed.str(), found.report());
}

TEST(Report, OfASkippedOrReplayedScenarioDoesNotSpeakOfASearch) {
  Verification result;
  result.scenario = "Suite.Case";
  result.verdict = Verdict::incomplete;
  EXPECT_EQ(result.report(),
            "INCOMPLETE  Suite.Case: the scenario asked for its test to be skipped\n");
  result.replayed = true;
  EXPECT_EQ(result.report(),
            "INCOMPLETE  Suite.Case: nothing found, but not all of the schedule was replayed\n");
  result.verdict = Verdict::holds;
  EXPECT_EQ(result.report(), "HOLDS  Suite.Case: the replayed schedule breaks no rule\n");
}

}  // namespace report_test
