#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <durasim/choosers.hpp>

/// A fuzzer's bytes, sparse schedules and schedule files say the same to each other.
namespace schedule_bytes_test {

using durasim::Fault;
using durasim::FaultModel;
using durasim::Schedule;
using durasim::ScheduleFile;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChoices = 400;

/// Any bytes whose faults are within reach of a file.
rc::Gen<Bytes> inputs() {
  return rc::gen::suchThat(rc::gen::arbitrary<Bytes>(), [](const Bytes& bytes) {
    const Schedule schedule = durasim::schedule_of(bytes);
    return schedule.choices.empty() ||
           schedule.choices.back().position < durasim::kLongestFromBytes;
  });
}

/// Answers to menus of two to nine entries, which differ from choice to choice.
std::vector<std::size_t> answers(durasim::Chooser& chooser) {
  const std::vector<Fault> faults(9, Fault::none);
  std::vector<std::size_t> given;
  for (std::size_t i = 0; i < kChoices; ++i)
    given.push_back(chooser.choose({}, std::span(faults).first(2 + i * 7 % 8)));
  return given;
}

RC_GTEST_PROP(ScheduleBytes, AnswerAsTheFileThatIsMadeOfThem, ()) {
  const Bytes bytes = *inputs();
  const ScheduleFile file = durasim::schedule_file_of(bytes, "any");
  durasim::BytesChooser from_bytes(bytes);
  durasim::ReplayChooser from_file(file);
  RC_ASSERT(answers(from_bytes) == answers(from_file));
}

RC_GTEST_PROP(ScheduleBytes, ComeBackFromAFileInTheirShortestForm, ()) {
  const Bytes bytes = *inputs();
  const ScheduleFile stored = ScheduleFile::from_json(
      durasim::schedule_file_of(bytes, "any", FaultModel::hostile()).to_json(), "here");
  const Bytes back = durasim::bytes_of(stored);
  RC_ASSERT(back.size() <= bytes.size());
  RC_ASSERT(durasim::schedule_of(back) == durasim::schedule_of(bytes));
  RC_ASSERT(durasim::bytes_of(durasim::schedule_file_of(back, "any")) == back);
}

RC_GTEST_PROP(ScheduleBytes, LoseFaultsAtTheEndWhenTheyAreCut, ()) {
  const Bytes bytes = *inputs();
  const auto whole = durasim::schedule_of(bytes).choices;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = durasim::schedule_of(std::span(bytes).first(size)).choices;
    RC_ASSERT(cut.size() <= whole.size());
    RC_ASSERT(std::equal(cut.begin(), cut.end(), whole.begin()));
  }
}

TEST(ScheduleBytes, GiveAFileOfWhatIsKnownOfThem) {
  const Bytes bytes = {1, 0, 0, 255};
  const ScheduleFile file =
      durasim::schedule_file_of(bytes, "pay", FaultModel::none().with({Fault::crash_after_body}));
  EXPECT_EQ(file.scenario, "pay");
  EXPECT_EQ(file.ended, ScheduleFile::kNotRun);
  EXPECT_THAT(file.faults_offered, testing::ElementsAre("crash_after_body"));
  const std::vector<ScheduleFile::Choice> expected = {
      {"", 1, 0, "none"}, {"", 2, 1, "none"}, {"", 257, 256, "none"}};
  EXPECT_EQ(file.choices, expected);
}

TEST(ScheduleBytes, OfAnAbsurdlyLongRunGiveNoFile) {
  const Bytes bytes = durasim::bytes_of(Schedule{{{2'000'000, 1}}});
  EXPECT_THAT([&] { durasim::schedule_file_of(bytes, "pay"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("answer choice 2000001")));
}

TEST(ScheduleBytes, OfAFileThatAsksForTooMuchAreRefused) {
  ScheduleFile file;
  file.choices.push_back({"", 300, 299, "none"});
  EXPECT_THROW(durasim::bytes_of(file), std::invalid_argument);
}

TEST(ScheduleBytes, AreToldFromTheTextOfAFile) {
  const auto looks = [](const std::string& text) {
    return durasim::is_schedule_file(Bytes(text.begin(), text.end()));
  };
  EXPECT_TRUE(looks(ScheduleFile{}.to_json()));
  EXPECT_TRUE(looks("{\"format\":\"durasim-schedule\""));
  EXPECT_FALSE(looks(""));
  EXPECT_FALSE(looks("{"));
  EXPECT_FALSE(looks("{\"format\":\"durasim-shard\"}"));
  EXPECT_FALSE(looks(" {\"format\":\"durasim-schedule\"}"));
  EXPECT_FALSE(looks("{" + std::string(200, ' ') + "\"durasim-schedule\""));
}

}  // namespace schedule_bytes_test
