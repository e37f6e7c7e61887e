#include <durasim/schedule.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace durasim {
namespace schedule_file_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ScheduleFile example() {
  ScheduleFile file;
  file.scenario = "Fulfil.SurvivesCrashes";
  file.inputs = R"({"id":"o-1","cents":4200})";
  file.faults_offered = {"crash_after_body", "response_lost"};
  file.oracle = "at_most";
  file.operation = "charge";
  file.signature = "0123abcd";
  file.trace_hash = "0123456789abcdef";
  file.minimal = true;
  file.script = Script::parse("at \"charge\": crash_after_body\nat invocation 2: cold_start");
  file.choices = {{"execution 1, invocation_start -, occurrence 1", 2, 0, "none"},
                  {"execution 1, after_body 1, occurrence 1", 3, 1, "crash_after_body"}};
  file.events = {{0, 1, 0, "", false, "execution 1 of fulfil starts"},
                 {1500, 1, 1, "fault", false, "FAULT: crash after the body"},
                 {1500, 0, 0, "", true, "service: \"quoted\""}};
  return file;
}

constexpr const char* kExampleText = R"({
  "format": "durasim-schedule",
  "version": 3,
  "scenario": "Fulfil.SurvivesCrashes",
  "inputs": {"id":"o-1","cents":4200},
  "faults_offered": ["crash_after_body","response_lost"],
  "oracle": "at_most",
  "operation": "charge",
  "signature": "0123abcd",
  "trace_hash": "0123456789abcdef",
  "minimal": true,
  "script": [
    "at \"charge\": crash_after_body",
    "at invocation 2: cold_start"
  ],
  "choices": [
    {"site": "execution 1, invocation_start -, occurrence 1", "of": 2, "take": 0, "fault": "none"},
    {"site": "execution 1, after_body 1, occurrence 1", "of": 3, "take": 1, "fault": "crash_after_body"}
  ],
  "events": [
    {"at": 0, "execution": 1, "what": "execution 1 of fulfil starts"},
    {"at": 1500, "execution": 1, "invocation": 1, "mark": "fault", "what": "FAULT: crash after the body"},
    {"at": 1500, "detail": true, "what": "service: \"quoted\""}
  ]
}
)";

/// The example with one piece of its text replaced.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = kExampleText;
  const std::size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return text.replace(position, from.size(), to);
}

void expect_error(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { ScheduleFile::from_json(text, "a.json"); },
              ThrowsMessage<ScheduleError>(AllOf(HasSubstr("a.json: "), HasSubstr(message))));
}

/// A folder of this process alone, removed at the end.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("durasim-schedule-file-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  return names;
}

TEST(ScheduleFile, IsWrittenWithOneChoiceALine) { EXPECT_EQ(example().to_json(), kExampleText); }

TEST(ScheduleFile, IsReadAsItWasWritten) {
  const auto file = ScheduleFile::from_json(kExampleText, "a.json");
  EXPECT_EQ(file.scenario, example().scenario);
  EXPECT_EQ(file.inputs, example().inputs);
  EXPECT_EQ(file.faults_offered, example().faults_offered);
  EXPECT_EQ(file.oracle, example().oracle);
  EXPECT_EQ(file.operation, example().operation);
  EXPECT_EQ(file.signature, example().signature);
  EXPECT_EQ(file.trace_hash, example().trace_hash);
  EXPECT_EQ(file.minimal, example().minimal);
  EXPECT_EQ(file.script, example().script);
  EXPECT_EQ(file.choices, example().choices);
  EXPECT_EQ(file.events, example().events);
}

TEST(ScheduleFile, OfVersion2HasNoEvents) {
  const std::string text = edited("\"version\": 3", "\"version\": 2");
  const std::size_t begin = text.find(",\n  \"events\"");
  const auto file = ScheduleFile::from_json(std::string(text).erase(begin) + "\n}\n", "a.json");
  EXPECT_EQ(file.choices, example().choices);
  EXPECT_EQ(file.script, example().script);
  EXPECT_TRUE(file.events.empty());
}

TEST(ScheduleFile, SaysWhatIsWrongWithItsEvents) {
  expect_error(edited("\"at\": 0", "\"at\": -1"), "/events/0/at: a whole number of 64 bits");
  expect_error(edited("\"mark\": \"fault\"", "\"mark\": 1"), "/events/1/mark: a string was");
  expect_error(edited("\"detail\": true", "\"detail\": 1"), "/events/2/detail: true or false");
  expect_error(edited("\"events\": [", "\"events\": [7,"), "/events/0: an object was expected");
  expect_error(edited("\"what\"", "\"other\""), "/events/0/what is missing");
}

TEST(ScheduleFile, OfVersion1HasNoScript) {
  const std::string text = edited("\"version\": 3", "\"version\": 1");
  const std::size_t begin = text.find("  \"minimal\"");
  const auto file = ScheduleFile::from_json(
      std::string(text).erase(begin, text.find("  \"choices\"") - begin), "a.json");
  EXPECT_TRUE(file.events.empty());
  EXPECT_EQ(file.choices, example().choices);
  EXPECT_EQ(file.trace_hash, example().trace_hash);
  EXPECT_FALSE(file.minimal);
  EXPECT_TRUE(file.script.lines.empty());
}

TEST(ScheduleFile, SaysWhatIsWrongWithItsScript) {
  expect_error(
      edited("at invocation 2: cold_start", "at invocation 2: cold"),
      "/script/1: script, line 1, column 18: unknown fault \"cold\"; known are: cold_start");
  expect_error(edited("\"at invocation 2: cold_start\"", "2"),
               "/script/1: a string was expected, not 2");
  expect_error(edited("\"minimal\": true", "\"minimal\": 1"),
               "/minimal: true or false was expected, not 1");
}

TEST(ScheduleFile, MayBeEmpty) {
  const std::string text = ScheduleFile().to_json();
  EXPECT_THAT(text, HasSubstr("\"inputs\": null"));
  const auto file = ScheduleFile::from_json(text, "a.json");
  EXPECT_TRUE(file.inputs.empty());
  EXPECT_TRUE(file.choices.empty());
  EXPECT_EQ(file.to_json(), text);
}

TEST(ScheduleFile, IsWrittenWhateverItsTextsAre) {
  ScheduleFile file;
  file.scenario = "quote \" newline \n not UTF-8 \xff";
  file.inputs = "not JSON";
  const auto read = ScheduleFile::from_json(file.to_json(), "a.json");
  EXPECT_EQ(read.scenario, "quote \" newline \n not UTF-8 \xef\xbf\xbd");
  EXPECT_EQ(read.inputs, "\"not JSON\"");
}

TEST(ScheduleFile, SaysWhereATruncatedFileEnds) {
  const std::string whole = kExampleText;
  expect_error(whole.substr(0, 100), "not JSON at byte 100 of 100: is the file complete?");
  expect_error("", "not JSON at byte 0 of 0: is the file complete?");
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    EXPECT_THROW(ScheduleFile::from_json(whole.substr(0, length), "a.json"), ScheduleError)
        << length;
  }
}

TEST(ScheduleFile, RefusesNumbersThatNothingHolds) {
  expect_error(edited("4200", "1e999"), "not JSON that this program");
}

TEST(ScheduleFile, RefusesOtherFormats) {
  expect_error("[]", "not a schedule of durasim");
  expect_error("{}", "not a schedule of durasim");
  expect_error(edited("durasim-schedule", "durasim-trace"), "/format is not \"durasim-schedule\"");
}

TEST(ScheduleFile, RefusesOtherVersionsAndSaysWhatToDo) {
  expect_error(edited("\"version\": 3", "\"version\": 7"),
               "version 7; this program reads versions 1 to 3: record the schedule again with this "
               "version of durasim, or replay it with the one that wrote it");
  expect_error(edited("\"version\": 3", "\"version\": 0"),
               "version 0; this program reads versions 1 to 3");
  expect_error(edited("\"version\": 3", "\"version\": \"1\""),
               "/version: a whole number was expected, not \"1\"");
  expect_error(edited("\"version\": 3,", ""), "/version is missing");
}

TEST(ScheduleFile, NamesMissingFields) {
  for (const char* name : {"scenario", "inputs", "faults_offered", "oracle", "operation",
                           "signature", "trace_hash", "minimal", "script", "choices", "events"}) {
    expect_error(edited(std::string("\"") + name + "\"", "\"other\""),
                 std::string("/") + name + " is missing");
  }
  for (const char* name : {"site", "of", "take", "fault"}) {
    expect_error(edited(std::string("\"") + name + "\"", "\"other\""),
                 std::string("/choices/0/") + name + " is missing");
  }
}

TEST(ScheduleFile, NamesFieldsOfAnotherType) {
  expect_error(edited("\"at_most\"", "3"), "/oracle: a string was expected, not 3");
  expect_error(edited("[\"crash_after_body\",\"response_lost\"]", "{}"),
               "/faults_offered: an array was expected, not {}");
  expect_error(edited("\"response_lost\"", "null"),
               "/faults_offered/1: a string was expected, not null");
  expect_error(edited("\"of\": 3", "\"of\": \"3\""), "/choices/1/of: a whole number");
  expect_error(edited("\"take\": 1", "\"take\": -1"), "/choices/1/take: a whole number");
  expect_error(edited("\"take\": 1", "\"take\": 4294967297"), "/choices/1/take: a whole number");
  expect_error(edited("\"choices\": [", "\"choices\": [5,"),
               "/choices/0: an object was expected, not 5");
}

TEST(ScheduleFile, RefusesAlternativesThatDoNotExist) {
  expect_error(edited("\"take\": 1", "\"take\": 3"),
               "/choices/1/take: alternative 3 does not exist, there are 3");
}

TEST(ScheduleFile, RefusesUnknownFaults) {
  expect_error(edited("\"response_lost\"", "\"meteorite\""),
               "/faults_offered/1: unknown fault \"meteorite\"");
  expect_error(edited("\"fault\": \"none\"", "\"fault\": \"\""),
               "/choices/0/fault: unknown fault \"\"");
}

TEST(ScheduleFile, IsSavedInFoldersThatItMakes) {
  const Folder folder;
  const auto path = folder / "made/on/demand/x.durasim.json";
  example().save(path);
  EXPECT_EQ(ScheduleFile::load(path).to_json(), kExampleText);
  example().save(path);
  EXPECT_THAT(names_in(path.parent_path()), ElementsAre("x.durasim.json"));
}

TEST(ScheduleFile, SaysWhyItCannotBeSaved) {
  const Folder folder;
  std::ofstream(folder / "file") << "in the way";
  EXPECT_THAT([&] { example().save(folder / "file/x.json"); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("cannot write "), HasSubstr("file/x.json: Not a directory"))));
  std::filesystem::create_directories(folder / "taken/inside");
  EXPECT_THAT([&] { example().save(folder / "taken"); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("cannot write "), HasSubstr("taken: Is a directory"))));
  EXPECT_EQ(names_in(folder / ".").size(), 2U);  // and no temporary file
}

TEST(ScheduleFile, SaysWhyItCannotBeLoaded) {
  const Folder folder;
  EXPECT_THAT([&] { ScheduleFile::load(folder / "x.json"); },
              ThrowsMessage<ScheduleError>(AllOf(HasSubstr("cannot read "),
                                                 HasSubstr("x.json: No such file or directory"))));
  EXPECT_THAT([&] { ScheduleFile::load(folder / "."); },
              ThrowsMessage<ScheduleError>(HasSubstr("Is a directory")));
  std::ofstream(folder / "cut.json") << "{\"format\":";
  EXPECT_THAT([&] { ScheduleFile::load(folder / "cut.json"); },
              ThrowsMessage<ScheduleError>(
                  AllOf(HasSubstr("cut.json: "), HasSubstr("is the file complete?"))));
}

}  // namespace schedule_file_test
}  // namespace durasim
