#include <durasim/choosers.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace durasim {
namespace choosers_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::array<Fault, 3> kMenu = {Fault::none, Fault::crash_after_body,
                                        Fault::body_outlives_invocation};

Site site(std::uint32_t number, ChoiceKind kind = ChoiceKind::fault) {
  return {SiteKind::after_body, kind, 1, durable::OperationPath().child(number), 1};
}

/// The choices of a run without faults.
std::vector<Decision> nominal(std::uint32_t count) {
  std::vector<Decision> decisions(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    decisions[i] = {site(i + 1), kMenu.size(), 0, Fault::none};
    for (const Fault fault : {kMenu[1], kMenu[2]}) decisions[i].offered.insert(fault);
  }
  return decisions;
}

std::vector<std::size_t> answers(Chooser& chooser, std::uint32_t count,
                                 ChoiceKind kind = ChoiceKind::fault) {
  std::vector<std::size_t> given;
  for (std::uint32_t i = 1; i <= count; ++i) given.push_back(chooser.choose(site(i, kind), kMenu));
  return given;
}

std::size_t faults_in(const std::vector<std::size_t>& answers) {
  return answers.size() -
         static_cast<std::size_t>(std::count(answers.begin(), answers.end(), std::size_t{0}));
}

TEST(SwarmChooser, GivesTheSameAnswersForTheSameSeedAndRunAndOthersForOthers) {
  std::set<std::vector<std::size_t>> different;
  for (std::uint64_t run = 0; run < 20; ++run) {
    SwarmChooser first(7, run);
    SwarmChooser second(7, run);
    SwarmChooser other(8, run);
    const auto given = answers(first, 200);
    EXPECT_EQ(given, answers(second, 200));
    different.insert(given);
    different.insert(answers(other, 200));
  }
  EXPECT_GT(different.size(), 30U);
}

// Numbers that were seen once: another machine or compiler must give the same.
TEST(SwarmChooser, GivesTheseAnswersOnEveryMachine) {
  SwarmChooser chooser(1, 3, nominal(12));
  std::string text;
  for (const std::size_t answer : answers(chooser, 24)) text += std::to_string(answer);
  EXPECT_EQ(text, "021200112001101102010020");
}

TEST(SwarmChooser, KeepsItsOtherAnswersWhenAChoiceIsAdded) {
  for (std::uint64_t run = 0; run < 100; ++run) {
    SwarmChooser with(3, run, nominal(12));
    SwarmChooser without(3, run, nominal(12));
    with.choose(site(1), kMenu);
    without.choose(site(1), kMenu);
    with.choose(site(999), kMenu);
    for (std::uint32_t i = 2; i < 40; ++i)
      EXPECT_EQ(with.choose(site(i), kMenu), without.choose(site(i), kMenu)) << run;
  }
}

TEST(SwarmChooser, AnswersAnewEachTimeThatItMeetsASite) {
  std::set<std::size_t> given;
  for (std::uint64_t run = 0; run < 10; ++run) {
    SwarmChooser chooser(1, run);
    for (int time = 0; time < 100; ++time) given.insert(chooser.choose(site(1), kMenu));
  }
  EXPECT_THAT(given, ElementsAre(0, 1, 2));
}

TEST(SwarmChooser, TakesAFaultInEachRunThatOffersOneOfItsKinds) {
  for (std::uint64_t run = 0; run < 200; ++run) {
    SwarmChooser chooser(1, run, nominal(10));
    const bool offered =
        chooser.swarm().faults.contains(kMenu[1]) || chooser.swarm().faults.contains(kMenu[2]);
    EXPECT_EQ(faults_in(answers(chooser, 10)) > 0, offered) << run;
  }
}

TEST(SwarmChooser, IsCertainOfOneMeetingOfASiteAndOnlyWhereAFaultOfTheSwarmIsOffered) {
  std::vector<Decision> decisions = nominal(3);
  decisions[0].offered = {};                    // offers what no swarm has
  decisions[1].site.choice = ChoiceKind::data;  // a draw is no fault
  decisions.push_back(decisions[2]);            // met a second time
  std::set<std::vector<bool>> struck;
  for (std::uint64_t run = 0; run < 400; ++run) {
    SwarmChooser chooser(1, run, decisions);
    SwarmChooser uncertain(1, run);
    std::vector<bool> differs;
    for (const Decision& decision : decisions)
      differs.push_back(chooser.choose(decision.site, kMenu) !=
                        uncertain.choose(decision.site, kMenu));
    struck.insert(differs);
  }
  EXPECT_THAT(struck, ElementsAre(std::vector<bool>{false, false, false, false},
                                  std::vector<bool>{false, false, false, true},
                                  std::vector<bool>{false, false, true, false}));
}

TEST(PlacementChooser, PlacesSoManyFaultsAmongTheChoicesOfARun) {
  for (std::uint32_t count = 1; count <= 3; ++count) {
    for (std::uint64_t run = 0; run < 100; ++run) {
      PlacementChooser chooser(1, run, count, 20);
      EXPECT_EQ(faults_in(answers(chooser, 200)), count);
    }
  }
}

TEST(PlacementChooser, ReachesEveryPlaceAndEveryAlternative) {
  std::set<std::pair<std::size_t, std::size_t>> reached;
  for (std::uint64_t run = 0; run < 500; ++run) {
    PlacementChooser chooser(1, run, 1, 20);
    const auto given = answers(chooser, 20);
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] != 0) reached.emplace(i, given[i]);
    }
  }
  EXPECT_EQ(reached.size(), 20 * 2U);
}

TEST(PlacementChooser, LeavesRandomDrawsAlone) {
  PlacementChooser chooser(1, 1, 3, 20);
  EXPECT_EQ(faults_in(answers(chooser, 100, ChoiceKind::data)), 0U);
}

TEST(BytesChooser, SkipsAndTakesByTurns) {
  const std::vector<std::uint8_t> bytes = {2, 0, 0, 1, 1, 254};
  BytesChooser chooser(bytes);
  EXPECT_THAT(answers(chooser, 8), ElementsAre(0, 0, 1, 2, 0, 1, 0, 0));
}

TEST(BytesChooser, AnswersBenignlyWhereTheBytesEndWithinARecord) {
  for (const std::vector<std::uint8_t>& bytes :
       {std::vector<std::uint8_t>{}, {3}, {0x80}, {0x80, 0x80, 0x80, 0x80, 0x80}}) {
    BytesChooser chooser(bytes);
    EXPECT_EQ(faults_in(answers(chooser, 300)), 0U);
  }
}

TEST(BytesChooser, AnswersAsTheScheduleThatTheBytesWereMadeOf) {
  const Schedule schedule{{{0, 2}, {1, 1}, {150, 2}, {20'000, 1}}};
  const auto bytes = bytes_of(schedule);
  EXPECT_EQ(schedule_of(bytes), schedule);
  BytesChooser from_bytes(bytes);
  ScheduleChooser from_schedule(schedule);
  EXPECT_EQ(answers(from_bytes, 21'000), answers(from_schedule, 21'000));
}

TEST(BytesChooser, HasNoBytesForWhatIsNoScheduleOfThem) {
  EXPECT_THROW(bytes_of(Schedule{{{0, 257}}}), std::invalid_argument);
  EXPECT_THROW(bytes_of(Schedule{{{5, 1}, {4, 1}}}), std::invalid_argument);
}

ScheduleFile file_with(std::vector<ScheduleFile::Choice> choices) {
  ScheduleFile file;
  file.choices = std::move(choices);
  return file;
}

TEST(LenientReplayChooser, FindsItsSitesAgainAmongOthers) {
  LenientReplayChooser chooser(file_with(
      {{identify(site(1)), 3, 0, "none"}, {identify(site(2)), 3, 2, "body_outlives_invocation"}}));
  EXPECT_THAT(answers(chooser, 4), ElementsAre(0, 2, 0, 0));
  EXPECT_THAT(chooser.unreached(), IsEmpty());
}

TEST(LenientReplayChooser, CountsTheTimesAtASite) {
  LenientReplayChooser chooser(file_with(
      {{identify(site(1)), 3, 0, "none"}, {identify(site(1)), 3, 1, "crash_after_body"}}));
  EXPECT_EQ(chooser.choose(site(1), kMenu), 0U);
  EXPECT_EQ(chooser.choose(site(1), kMenu), 1U);
  EXPECT_EQ(chooser.choose(site(1), kMenu), 0U);
}

TEST(LenientReplayChooser, SaysWhatItHasNotReached) {
  LenientReplayChooser chooser(file_with(
      {{identify(site(1)), 3, 1, "cold_start"}, {identify(site(99)), 3, 1, "crash_after_body"}}));
  EXPECT_EQ(faults_in(answers(chooser, 4)), 0U);
  EXPECT_THAT(
      chooser.unreached(),
      ElementsAre(HasSubstr("cold_start at execution 1, after_body 1, occurrence 1, time 1: "
                            "offers it no more"),
                  HasSubstr("met 0 times")));
}

TEST(RecordingChooser, KeepsEachDecisionWithItsMenu) {
  ScheduleChooser inner(Schedule{{{1, 2}}});
  RecordingChooser chooser(inner);
  EXPECT_THAT(answers(chooser, 3), ElementsAre(0, 2, 0));
  ASSERT_EQ(chooser.decisions().size(), 3U);
  EXPECT_EQ(chooser.decisions()[1].fault, Fault::body_outlives_invocation);
  EXPECT_EQ(chooser.decisions()[1].alternative(1), Fault::crash_after_body);
  EXPECT_EQ(chooser.schedule(), (Schedule{{{1, 2}}}));
}

TEST(MetricsChooser, CountsWhatIsOfferedAndTaken) {
  ScheduleChooser inner(Schedule{{{0, 1}, {1, 2}, {2, 2}}});
  MetricsChooser chooser(inner);
  answers(chooser, 5);
  EXPECT_EQ(chooser.choices(), 5U);
  EXPECT_EQ(chooser.of(Fault::none).taken, 2U);
  EXPECT_EQ(chooser.of(Fault::crash_after_body).offered, 5U);
  EXPECT_EQ(chooser.of(Fault::body_outlives_invocation).taken, 2U);
  EXPECT_EQ(chooser.of(Fault::cold_start).offered, 0U);
}

TEST(BudgetChooser, LetsARunHealOnceItsFaultsAreTaken) {
  ScheduleChooser inner(Schedule{{{1, 1}, {3, 2}, {4, 1}, {6, 1}}});
  BudgetChooser chooser(inner, {.max_faults = 2, .max_data = 1});
  EXPECT_THAT(answers(chooser, 8), ElementsAre(0, 1, 0, 2, 0, 0, 0, 0));
}

TEST(BudgetChooser, CountsRandomDrawsByThemselves) {
  ScheduleChooser inner(Schedule{{{0, 1}, {1, 1}, {2, 1}}});
  BudgetChooser chooser(inner, {.max_faults = 1, .max_data = 1});
  EXPECT_EQ(chooser.choose(site(1, ChoiceKind::data), kMenu), 1U);
  EXPECT_EQ(chooser.choose(site(2, ChoiceKind::data), kMenu), 0U);
  EXPECT_EQ(chooser.choose(site(3), kMenu), 1U);
}

TEST(DeterminismChooser, RepeatsTheAnswersOfTheFirstRun) {
  SwarmChooser inner(1, 2);
  DeterminismChooser chooser(inner);
  const auto first = answers(chooser, 50);
  chooser.next_run();
  EXPECT_EQ(answers(chooser, 50), first);
  EXPECT_NO_THROW(chooser.next_run());
}

std::string difference(const std::function<void(DeterminismChooser&)>& second_run) {
  NominalChooser inner;
  DeterminismChooser chooser(inner);
  answers(chooser, 3);
  chooser.next_run();
  try {
    second_run(chooser);
    chooser.next_run();
  } catch (const NondeterminismError& error) {
    return error.what();
  }
  return "";
}

TEST(DeterminismChooser, SaysWhichChoiceDiffersFirst) {
  EXPECT_EQ(difference([](auto& chooser) { answers(chooser, 3); }), "");
  EXPECT_THAT(difference([](auto& chooser) { chooser.choose(site(2), kMenu); }),
              HasSubstr("differ at choice 1: the first run met \"execution 1, after_body 1, "
                        "occurrence 1\" with 3 alternatives, the second one \"execution 1, "
                        "after_body 2"));
  EXPECT_THAT(difference([](auto& chooser) { answers(chooser, 4); }),
              HasSubstr("differ at choice 4: the first run met the end of the run"));
  EXPECT_THAT(difference([](auto& chooser) { answers(chooser, 2); }),
              HasSubstr("differ at choice 3"));
}

}  // namespace choosers_test
}  // namespace durasim
