#include "tools/durasim/triage.hpp"

#include <chrono>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/durasim/files.hpp"
#include "tools/durasim/testing.hpp"
#include "tools/durasim/verdict.hpp"

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

  void remove(const std::string& name) const { fs::remove(folder_ / (name + ".durasim.json")); }

  /// Looks, and remembers.
  Result run(std::vector<std::string> expected = {}, Command command = {}) const {
    return triage({.folder = folder_.path(),
                   .expected = std::move(expected),
                   .save = true,
                   .command = std::move(command)});
  }

  /// A program whose replay comes to that, and which ends with a status that says nothing of it.
  static Command program(const std::string& verdict, int status = 1) {
    return {"sh", "-c",
            "test -s \"$DURASIM_REPLAY\" && echo \"$$ BEGUN\" >> \"$DURASIM_VERDICT\"; echo \"$$ " +
                verdict + "\" >> \"$DURASIM_VERDICT\"; exit " + std::to_string(status)};
  }
  const Command fails_ = program("REFUTED effects aaaaaaaa", 0);
  const Command holds_ = program("HOLDS");

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

TEST_F(Triage, ChangesNothingUnlessItIsToSave) {
  store("a", "aaaaaaaa", 1, 2);
  const auto files = [&] {
    return std::distance(fs::recursive_directory_iterator(folder_.path()), {});
  };
  for (int look = 1; look <= 2; ++look) {
    const Result result = triage({.folder = folder_.path(), .command = fails_});
    EXPECT_THAT(result.text, HasSubstr("new       aaaaaaaa"));
    EXPECT_THAT(result.text, HasSubstr("with --save, "));
    EXPECT_EQ(files(), 1);
  }
  EXPECT_THAT(run().text, Not(HasSubstr("--save")));
  EXPECT_EQ(files(), 2);
}

TEST_F(Triage, IsQuietAboutWhatIsExpected) {
  store("a", "aaaaaaaa", 1, 2);
  EXPECT_EQ(run().status, Status::finding);
  const Result quiet = run({"aaaaaaaa=issue 12"});
  EXPECT_EQ(quiet.status, Status::holds);
  EXPECT_EQ(quiet.text, "1 signature, 1 of them expected\n");
  EXPECT_EQ(run().status, Status::holds);
}

TEST_F(Triage, StaysQuietInANightThatMissesWhatIsExpected) {
  store("a", "aaaaaaaa", 1, 2);
  run({"aaaaaaaa=issue 12"});
  remove("a");
  const Result missed = run();
  EXPECT_EQ(missed.status, Status::holds);
  EXPECT_EQ(missed.text, "1 signature, 1 of them expected\n");
  const Result replayed = run({}, fails_);
  EXPECT_EQ(replayed.status, Status::holds) << replayed.text;
  EXPECT_EQ(replayed.text, "1 signature, 1 of them expected\n");
}

TEST_F(Triage, SaysThatWhatIsExpectedIsGoneOnceTheScheduleOfTheLedgerHolds) {
  store("a", "aaaaaaaa", 1, 2);
  run({"aaaaaaaa=issue 12"});
  remove("a");
  for (int night = 1; night <= 2; ++night) {
    const Result gone = run({}, holds_);
    EXPECT_EQ(gone.status, Status::finding);
    EXPECT_THAT(gone.text, HasSubstr("gone      aaaaaaaa"));
    EXPECT_THAT(gone.text, HasSubstr("expected by issue 12: take that back with --expected "
                                     "aaaaaaaa=\n"));
  }
  const Result fixed = run({"aaaaaaaa="}, holds_);
  EXPECT_EQ(fixed.status, Status::holds);
  EXPECT_THAT(fixed.text, HasSubstr("fixed     aaaaaaaa"));
  EXPECT_EQ(run({}, holds_).text, "1 signature, 0 of them expected\n") << "told once";
}

TEST_F(Triage, IsToldByTheLedgerOfAFailureThatTheNightHasMissed) {
  store("a", "aaaaaaaa", 2, 2);
  run();
  store("b", "aaaaaaaa", 1, 3);
  run();
  store("c", "aaaaaaaa", 3, 4);
  run();
  for (const char* name : {"a", "b", "c"}) remove(name);
  const Result known =
      run({}, {"sh", "-c", "cp \"$DURASIM_REPLAY\" \"$0\"; " + fails_[2], folder_ / "copy"});
  EXPECT_EQ(known.status, Status::finding);
  EXPECT_THAT(known.text, HasSubstr("known     aaaaaaaa"));
  EXPECT_EQ(fault_count(load_schedule(folder_ / "copy")), 1U);
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

TEST_F(Triage, GoesByTheScheduleAndNotByTheStatusOfTheProgram) {
  store("a", "aaaaaaaa", 1, 2);
  const Result fails = run({}, fails_);
  EXPECT_EQ(fails.status, Status::finding);
  EXPECT_THAT(fails.text, HasSubstr("remark   its replay ended with status 0\n"));
  const Result fixed = run({}, holds_);
  EXPECT_EQ(fixed.status, Status::holds);
  EXPECT_THAT(fixed.text, HasSubstr("fixed     aaaaaaaa"));
  EXPECT_THAT(fixed.text, HasSubstr("ended with status 1, that is for something else"));
}

TEST_F(Triage, ReportsOneOfTwoFailuresFixedThoughTheProgramFails) {
  store("a", "aaaaaaaa", 1, 2);
  store("b", "bbbbbbbb", 1, 2);
  const Result result =
      run({}, {"sh", "-c",
               "echo \"$$ BEGUN\" >> \"$DURASIM_VERDICT\"; if grep -q aaaaaaaa "
               "\"$DURASIM_REPLAY\"; then echo \"$$ HOLDS\"; else echo \"$$ REFUTED effects "
               "bbbbbbbb\"; fi >> \"$DURASIM_VERDICT\"; exit 1"});
  EXPECT_EQ(result.status, Status::finding);
  EXPECT_THAT(result.text, HasSubstr("fixed     aaaaaaaa"));
  EXPECT_THAT(result.text, HasSubstr("new       bbbbbbbb"));
}

TEST_F(Triage, DoesNotTakeAScheduleThatWasNotReplayedForOneThatHolds) {
  store("a", "aaaaaaaa", 1, 2);
  const Result unreached = run({}, {"true"});
  EXPECT_EQ(unreached.status, Status::finding) << "it was found tonight";
  EXPECT_THAT(unreached.text, HasSubstr("new       aaaaaaaa"));
  EXPECT_THAT(unreached.text, HasSubstr("it did not come to that scenario: no verify, search or "
                                        "check of that name was run\n"));
  const Result expected = run({"aaaaaaaa=issue 12"}, {"true"});
  EXPECT_EQ(expected.status, Status::incomplete);
  EXPECT_THAT(expected.text, HasSubstr("expected  aaaaaaaa"));
  EXPECT_EQ(run({}, program("INCOMPLETE")).status, Status::incomplete);
  EXPECT_EQ(run({}, program("ERROR")).status, Status::incomplete);
}

TEST_F(Triage, SaysThatAReplayBreaksAnotherRule) {
  store("a", "aaaaaaaa", 1, 2);
  EXPECT_THAT(run({}, program("REFUTED timers 12121212")).text,
              HasSubstr("status 1, by timers with signature 12121212\n"));
}

TEST_F(Triage, DoesNotBlameARunWhoseProcessWasKilled) {
  ScheduleFile file = failure("cccccccc", 1);
  file.oracle = "";
  file.ended = "killed";
  file.save(folder_ / "k.durasim.json");
  EXPECT_EQ(run().status, Status::incomplete);
  EXPECT_EQ(run({}, holds_).status, Status::holds);
  EXPECT_EQ(run({}, fails_).status, Status::finding);
}

TEST(Verdict, IsTheWorstOfAllReplays) {
  EXPECT_FALSE(read_verdict(""));
  const auto end_of = [](const char* text) { return read_verdict(text)->end; };
  EXPECT_EQ(end_of("7 BEGUN\n7 HOLDS\n"), ReplayEnd::holds);
  EXPECT_EQ(end_of("7 BEGUN\n"), ReplayEnd::died);
  EXPECT_EQ(end_of("7 BEGUN\n8 BEGUN\n8 HOLDS\n"), ReplayEnd::died);
  EXPECT_EQ(end_of("7 BEGUN\n7 HOLDS\n7 BEGUN\n"), ReplayEnd::died);
  EXPECT_EQ(end_of("7 BEGUN\n7 ERROR\n7 BEGUN\n7 HOLDS\n"), ReplayEnd::incomplete);
  const auto refuted = read_verdict("7 BEGUN\n7 REFUTED effects aaaaaaaa\n7 BEGUN\n7 HOLDS\n");
  EXPECT_EQ(refuted->end, ReplayEnd::refuted);
  EXPECT_EQ(refuted->signature, "aaaaaaaa");
}

TEST_F(Triage, SaysWhatItCannotUse) {
  const auto expect = [&](const std::string& argument, const std::string& message) {
    EXPECT_THAT([&] { run({argument}); }, ThrowsMessage<UsageError>(HasSubstr(message)));
  };
  expect("aaaaaaaa", "SIGNATURE=REF was expected");
  expect("aaaaaaaa=x", "no failure of that signature is known");
  EXPECT_THAT([&] { triage({.folder = folder_ / "none"}); },
              ThrowsMessage<UsageError>(HasSubstr("there is no folder ")));
  std::ofstream(folder_ / "durasim-triage.json") << R"({"format": "durasim-triage"})";
  EXPECT_THAT([&] { run(); }, ThrowsMessage<UsageError>(HasSubstr("/version is not 1")));
  std::ofstream(folder_ / "durasim-triage.json")
      << R"({"format": "durasim-triage", "version": 1, "signatures": [{"scenario": 3}]})";
  EXPECT_THAT([&] { run(); },
              ThrowsMessage<UsageError>(HasSubstr("/signatures/0/scenario: a string")));
  std::ofstream(folder_ / "durasim-triage.json")
      << R"({"format": "durasim-triage", "version": 1, "signatures": [{"scenario": "S", "kind":
         "effects", "operation": "", "signature": "aaaaaaaa", "first_seen": "", "last_seen": "",
         "schedule": {"format": 3}}]})";
  EXPECT_THAT([&] { run(); }, ThrowsMessage<UsageError>(HasSubstr("/signatures/0/schedule")));
}

}  // namespace triage_test
}  // namespace durasim::program
