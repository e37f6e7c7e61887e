#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "durasim/core/testing.hpp"

/// Schedules that are kept are replayed first, and told of when they no longer fit.
namespace corpus_test {

namespace fs = std::filesystem;
using durasim::Holds;
using durasim::ScheduleFile;
using durasim::Simulation;
using durasim::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;

/// Charges once more when the body runs once more.
durasim::Scenario buggy(const std::string& step) {
  return [step](Simulation& sim) {
    sim.function("shop", [&sim, step](durable::Context& ctx) {
      ctx.step(step, [&] { sim.effects().record("charge"); });
    });
    sim.effects().at_most(1, "charge");
    sim.run("shop");
  };
}

durasim::Scenario fixed(const std::string& step, bool sleeps_first = false) {
  return [step, sleeps_first](Simulation& sim) {
    sim.function("shop", [&sim, step, sleeps_first](durable::Context& ctx) {
      if (sleeps_first) ctx.wait("nap", std::chrono::seconds(1));
      ctx.step(step, [&](durable::StepContext& attempt) {
        sim.effects().apply("charge", attempt.idempotency_key(), 1);
      });
    });
    sim.effects().at_most(1, "charge");
    sim.run("shop");
  };
}

class Corpus : public testing::Test {
 protected:
  Corpus()
      : folder_(fs::temp_directory_path() / ("durasim-corpus-" + std::to_string(::getpid()))),
        corpus_("DURASIM_CORPUS", folder_.string()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "shop");
  }
  ~Corpus() override { fs::remove_all(folder_); }

  /// Keeps the failure of a scenario as `name`.
  fs::path keep(const durasim::Scenario& scenario, const std::string& name) {
    const auto refuted = durasim::verify(scenario, {.name = "shop"});
    EXPECT_EQ(refuted.verdict, Verdict::refuted);
    fs::path kept = folder_ / "shop" / name;
    fs::copy_file(refuted.file, kept);
    return kept;
  }

  static std::string warnings_of(const durasim::Scenario& scenario, std::uint32_t max_faults) {
    testing::internal::CaptureStderr();
    EXPECT_THAT(durasim::verify(scenario, {.max_faults = max_faults, .name = "shop"}), Holds());
    return testing::internal::GetCapturedStderr();
  }

  fs::path folder_;
  durasim::core_testing::Variable corpus_;
};

TEST_F(Corpus, IsReplayedBeforeTheFirstRunOfVerify) {
  const fs::path kept = keep(buggy("pay"), "twice.durasim.json");
  // No fault at all would be tried: the failure comes from the corpus.
  const auto refuted = durasim::verify(buggy("pay"), {.max_faults = 0, .name = "shop"});
  EXPECT_EQ(refuted.verdict, Verdict::refuted);
  EXPECT_EQ(refuted.runs, 1U);
  EXPECT_THAT(refuted.report(), HasSubstr("corpus   " + kept.string() + " fails again"));
}

TEST_F(Corpus, IsReplayedByTheFirstCheckOfAScenarioOnly) {
  keep(buggy("pay"), "twice.durasim.json");
  EXPECT_THROW(durasim::check(buggy("pay"), durasim::Schedule{}, {.name = "shop"}),
               durasim::CheckFailed);
  EXPECT_NO_THROW(durasim::check(buggy("pay"), durasim::Schedule{}, {.name = "shop"}));
}

TEST_F(Corpus, SaysNothingOfWhatHoldsByNow) {
  keep(buggy("pay"), "twice.durasim.json");
  EXPECT_THAT(warnings_of(fixed("pay"), 1), IsEmpty());
}

TEST_F(Corpus, WarnsOfALineThatTheRunNoLongerComesTo) {
  const fs::path kept = keep(buggy("pay"), "twice.durasim.json");
  EXPECT_THAT(warnings_of(fixed("charge-card", true), 1),
              testing::AllOf(HasSubstr("warning: stale in the corpus: " + kept.string() + ": "),
                             HasSubstr("pay")));
}

TEST_F(Corpus, WarnsOfAFileThatCannotBeUsed) {
  std::ofstream(folder_ / "shop" / "broken.json") << "{";
  EXPECT_THAT(warnings_of(fixed("pay"), 1), HasSubstr("broken.json: not JSON"));
  fs::remove(folder_ / "shop" / "broken.json");
  const fs::path kept = keep(buggy("pay"), "other.durasim.json");
  ScheduleFile file = ScheduleFile::load(kept);
  file.scenario = "warehouse";
  file.save(kept);
  EXPECT_THAT(warnings_of(fixed("pay"), 1),
              HasSubstr("it is for the scenario warehouse, not for shop"));
}

TEST_F(Corpus, WarnsOfAFileWhoseProcessWasKilled) {
  const fs::path kept = keep(buggy("pay"), "killed.durasim.json");
  ScheduleFile file = ScheduleFile::load(kept);
  file.ended = "killed";
  file.save(kept);
  EXPECT_THAT(warnings_of(fixed("pay"), 1),
              testing::AllOf(HasSubstr("warning: stale in the corpus: " + kept.string() + ": "),
                             HasSubstr("`durasim replay`, and keep what that finds")));
  EXPECT_EQ(durasim::verify(buggy("pay"), {.max_faults = 0, .name = "shop"}).verdict,
            Verdict::refuted)
      << "its choices are known";
  file.drawn = {1, 2};
  file.choices.clear();
  file.script = {};
  file.save(kept);
  EXPECT_THAT(warnings_of(buggy("pay"), 0), HasSubstr("its process was killed"));
}

TEST_F(Corpus, ThatIsNamedAndNotThereIsAnError) {
  const std::string missing = folder_.string() + "-misspelt";
  ::setenv("DURASIM_CORPUS", missing.c_str(), 1);
  const auto message = testing::AllOf(HasSubstr("DURASIM_CORPUS is \"" + missing + "\""),
                                      HasSubstr("no such folder; correct it, make the folder"));
  EXPECT_THAT([] { durasim::verify(fixed("pay"), {.name = "shop"}); },
              testing::ThrowsMessage<durasim::EnvironmentError>(message));
  EXPECT_THAT([] { durasim::check(fixed("pay"), durasim::Schedule{}, {.name = "absent"}); },
              testing::ThrowsMessage<durasim::EnvironmentError>(message));
}

TEST_F(Corpus, MayHoldNothingOfAScenario) {
  fs::remove(folder_ / "shop");
  EXPECT_THAT(warnings_of(fixed("pay"), 1), IsEmpty());
  std::ofstream(folder_ / "shop") << "no folder";
  EXPECT_THAT(warnings_of(fixed("pay"), 1),
              HasSubstr("warning: cannot read the corpus " + (folder_ / "shop").string()));
}

}  // namespace corpus_test
