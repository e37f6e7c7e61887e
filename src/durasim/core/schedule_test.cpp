#include <durasim/schedule.hpp>

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace durasim {
namespace schedule_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::array kMenu = {Fault::none, Fault::crash_after_body,
                              Fault::crash_after_body_start_delivered};

Site after_body(std::uint32_t number) {
  return {.kind = SiteKind::after_body,
          .execution = 1,
          .path = durable::OperationPath().child(number),
          .occurrence = 1};
}

ScheduleFile recording() {
  ScheduleFile file;
  file.choices = {{"execution 1, after_body 1, occurrence 1", 3, 0, "none"},
                  {"execution 1, after_body 2, occurrence 1", 3, 1, "crash_after_body"}};
  return file;
}

std::vector<std::size_t> answers(const Schedule& schedule, std::size_t choices) {
  ScheduleChooser chooser(schedule);
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < choices; ++i) result.push_back(chooser.choose(after_body(1), kMenu));
  return result;
}

TEST(Site, IsIdentifiedByExecutionKindPlaceAndOccurrence) {
  EXPECT_EQ(identify(after_body(2)), "execution 1, after_body 2, occurrence 1");
  const Site nested{.kind = SiteKind::request,
                    .execution = 3,
                    .path = durable::OperationPath().child(2).child(14),
                    .occurrence = 5};
  EXPECT_EQ(identify(nested), "execution 3, request 2.14, occurrence 5");
  EXPECT_EQ(identify({.execution = 1, .path = {}, .occurrence = 2}),
            "execution 1, invocation_start -, occurrence 2");
}

TEST(ScheduleChooser, IsBenignWithoutFaults) {
  EXPECT_EQ(answers({}, 3), (std::vector<std::size_t>{0, 0, 0}));
}

TEST(ScheduleChooser, AnswersAtThePositionsOfItsFaults) {
  const Schedule schedule{{{.position = 1, .alternative = 2}, {.position = 3, .alternative = 1}}};
  EXPECT_EQ(answers(schedule, 5), (std::vector<std::size_t>{0, 2, 0, 1, 0}));
}

TEST(ScheduleChooser, TakesAlternativesModuloTheMenu) {
  const Schedule schedule{{{.position = 0, .alternative = 4}, {.position = 1, .alternative = 3}}};
  EXPECT_EQ(answers(schedule, 2), (std::vector<std::size_t>{1, 0}));
}

TEST(ScheduleChooser, TakesTheFirstOfTwoFaultsAtOnePosition) {
  const Schedule schedule{{{.position = 0, .alternative = 2},
                           {.position = 0, .alternative = 1},
                           {.position = 1, .alternative = 1}}};
  EXPECT_EQ(answers(schedule, 3), (std::vector<std::size_t>{2, 1, 0}));
}

TEST(ScheduleChooser, LeavesFaultsBeyondTheRunAlone) {
  EXPECT_EQ(answers({{{.position = 9, .alternative = 1}}}, 2), (std::vector<std::size_t>{0, 0}));
}

TEST(ReplayChooser, GivesTheRecordedAnswers) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  EXPECT_EQ(chooser.choose(after_body(1), kMenu), 0U);
  EXPECT_EQ(chooser.choose(after_body(2), kMenu), 1U);
  EXPECT_NO_THROW(chooser.expect_exhausted());
}

TEST(ReplayChooser, RefusesAnotherSite) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  chooser.choose(after_body(1), kMenu);
  EXPECT_THAT([&] { chooser.choose(after_body(3), kMenu); },
              ThrowsMessage<DivergedError>(
                  AllOf(HasSubstr("choice 2"),
                        HasSubstr("recorded was \"execution 1, after_body 2, occurrence 1\""),
                        HasSubstr("met was \"execution 1, after_body 3, occurrence 1\""),
                        HasSubstr("The program or the scenario has changed since the recording"))));
}

TEST(ReplayChooser, RefusesAnotherNumberOfAlternatives) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  EXPECT_THAT(
      [&] { chooser.choose(after_body(1), std::span(kMenu).first(2)); },
      ThrowsMessage<DivergedError>(AllOf(HasSubstr("choice 1"), HasSubstr("with 3 alternatives"),
                                         HasSubstr("with 2 alternatives"))));
}

TEST(ReplayChooser, RefusesAnotherFaultInTheSamePlaceOfTheMenu) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  chooser.choose(after_body(1), kMenu);
  constexpr std::array kOther = {Fault::none, Fault::overtaken_after_body, Fault::crash_after_body};
  EXPECT_THAT([&] { chooser.choose(after_body(2), kOther); },
              ThrowsMessage<DivergedError>(AllOf(HasSubstr("choice 2"),
                                                 HasSubstr("\"crash_after_body\" as alternative 1"),
                                                 HasSubstr("met was \"overtaken_after_body\""))));
}

TEST(ReplayChooser, RefusesMoreChoicesThanRecorded) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  chooser.choose(after_body(1), kMenu);
  chooser.choose(after_body(2), kMenu);
  EXPECT_THAT(
      [&] { chooser.choose(after_body(3), kMenu); },
      ThrowsMessage<DivergedError>(AllOf(HasSubstr("choice 3"), HasSubstr("the end of the run"))));
}

TEST(ReplayChooser, MissesRecordedChoicesThatTheRunDidNotOffer) {
  const ScheduleFile file = recording();
  ReplayChooser chooser(file);
  chooser.choose(after_body(1), kMenu);
  EXPECT_THAT([&] { chooser.expect_exhausted(); },
              ThrowsMessage<DivergedError>(AllOf(HasSubstr("choice 2"), HasSubstr("after_body 2"),
                                                 HasSubstr("met was the end of the run"))));
}

}  // namespace schedule_test
}  // namespace durasim
