#include "tools/durasim/triage.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/durasim/testing.hpp"

namespace durasim::program {
namespace triage_test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;
using testing_support::failure;

class Triage : public testing::Test {
 protected:
  /// Stores a failure that was met on that day of November 2026.
  void store(const std::string& name, const std::string& signature, std::size_t faults, int day) {
    const fs::path path = folder_ / (name + ".durasim.json");
    failure(signature, faults).save(path);
    const std::chrono::sys_seconds midnight =
        std::chrono::sys_days(std::chrono::year(2026) / 11 / day);
    fs::last_write_time(path, std::chrono::file_clock::from_sys(midnight));
  }

  Result run(std::vector<std::string> expected = {}, Command command = {}) const {
    return triage({folder_.path(), {}, std::move(expected), std::move(command), false});
  }

  const testing_support::Folder folder_{"triage"};
};

TEST_F(Triage, SaysWhenEachFailureWasSeenAndWhichScheduleIsTheSmallest) {
  store("a", "aaaaaaaa", 3, 2);
  store("b", "aaaaaaaa", 1, 5);
  store("c", "aaaaaaaa", 2, 4);
  const Result result = run();
  EXPECT_EQ(result.status, Status::finding);
  EXPECT_THAT(result.text, HasSubstr("new       aaaaaaaa  Fulfil.Holds effects for \"charge\"\n"
                                     "  seen     first 2026-11-02T00:00:00Z, last "
                                     "2026-11-05T00:00:00Z\n  smallest of 3: "));
  EXPECT_THAT(result.text, HasSubstr("/b.durasim.json (1 fault)\n"));
  EXPECT_THAT(run().text, HasSubstr("known     aaaaaaaa"));
}

TEST_F(Triage, RemembersWhatIsThereNoMore) {
  store("a", "aaaaaaaa", 1, 2);
  run();
  fs::remove(folder_ / "a.durasim.json");
  const Result empty = run();
  EXPECT_EQ(empty.status, Status::holds) << empty.text;
  store("a", "aaaaaaaa", 1, 9);
  EXPECT_THAT(run().text, HasSubstr("first 2026-11-02T00:00:00Z, last 2026-11-09T00:00:00Z"));
}

TEST_F(Triage, IsQuietAboutWhatIsExpectedUntilItIsThereNoMore) {
  store("a", "aaaaaaaa", 1, 2);
  EXPECT_EQ(run().status, Status::finding);
  const Result quiet = run({"aaaaaaaa=issue 12"});
  EXPECT_EQ(quiet.status, Status::holds);
  EXPECT_EQ(quiet.text, "1 signature, 1 of them expected\n");
  EXPECT_EQ(run().status, Status::holds);
  fs::remove(folder_ / "a.durasim.json");
  const Result gone = run();
  EXPECT_EQ(gone.status, Status::finding);
  EXPECT_THAT(gone.text, HasSubstr("gone      aaaaaaaa"));
  EXPECT_THAT(gone.text, HasSubstr("expected by issue 12, but it fails no more: remove that with "
                                   "--expected aaaaaaaa=\n"));
  EXPECT_EQ(run({"aaaaaaaa="}).status, Status::holds);
}

TEST_F(Triage, DoesNotLetAnExpectedFailureHideAnother) {
  store("a", "aaaaaaaa", 1, 2);
  run({"aaaaaaaa=issue 12"});
  store("b", "bbbbbbbb", 1, 3);
  const Result result = run();
  EXPECT_EQ(result.status, Status::finding);
  EXPECT_THAT(result.text, HasSubstr("new       bbbbbbbb"));
  EXPECT_THAT(result.text, Not(HasSubstr("aaaaaaaa")));
}

TEST_F(Triage, ReplaysWithTheProgramThatItIsGiven) {
  store("a", "aaaaaaaa", 1, 2);
  EXPECT_EQ(run({}, {"false"}).status, Status::finding);
  const Result fixed = run({}, {"true"});
  EXPECT_EQ(fixed.status, Status::holds);
  EXPECT_THAT(fixed.text, HasSubstr("fixed     aaaaaaaa"));
  const Result gone = run({"aaaaaaaa=issue 12"}, {"true"});
  EXPECT_EQ(gone.status, Status::finding);
  EXPECT_THAT(gone.text, HasSubstr("gone      aaaaaaaa"));
  EXPECT_EQ(run({}, {"false"}).status, Status::holds);
  EXPECT_EQ(run({"aaaaaaaa="}, {"sh", "-c", "exit 3"}).status, Status::incomplete);
}

TEST_F(Triage, DoesNotBlameARunWhoseProcessWasKilled) {
  ScheduleFile file = failure("cccccccc", 1);
  file.oracle = "";
  file.ended = "killed";
  file.save(folder_ / "k.durasim.json");
  EXPECT_EQ(run().status, Status::incomplete);
  EXPECT_EQ(run({}, {"true"}).status, Status::holds);
  EXPECT_EQ(run({}, {"false"}).status, Status::finding);
}

TEST_F(Triage, SaysWhatItCannotUse) {
  const auto expect = [&](const std::string& argument, const std::string& message) {
    EXPECT_THAT([&] { run({argument}); }, ThrowsMessage<UsageError>(HasSubstr(message)));
  };
  expect("aaaaaaaa", "SIGNATURE=REF was expected");
  expect("aaaaaaaa=x", "no failure of that signature is known");
  EXPECT_THAT([&] { triage({folder_ / "none", {}, {}, {}, false}); },
              ThrowsMessage<UsageError>(HasSubstr("there is no folder ")));
  std::ofstream(folder_ / "durasim-triage.json") << R"({"format": "durasim-triage"})";
  EXPECT_THAT([&] { run(); }, ThrowsMessage<UsageError>(HasSubstr("/version is not 1")));
  std::ofstream(folder_ / "durasim-triage.json")
      << R"({"format": "durasim-triage", "version": 1, "signatures": [{"scenario": 3}]})";
  EXPECT_THAT([&] { run(); },
              ThrowsMessage<UsageError>(HasSubstr("/signatures/0/scenario: a string")));
}

}  // namespace triage_test
}  // namespace durasim::program
