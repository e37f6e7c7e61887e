#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durasim/core/testing.hpp"
#include "durasim/explore/replay.hpp"
#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

/// Replays inside this process, and what verify does in which order when it fails.
namespace replay_test {

namespace fs = std::filesystem;
using durasim::Failure;
using durasim::Oracle;
using durasim::ScheduleFile;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using testing::ElementsAre;
using testing::HasSubstr;

durasim::Scenario double_charge_scenario() {
  return durasim::scenario_for(sound::small_order(), double_charge::scenario<>);
}

/// What a replay prints is not for the log of these tests.
Verification replay(const durasim::Scenario& scenario, const ScheduleFile& file) {
  testing::internal::CaptureStdout();
  Verification result = durasim::replay_file(scenario, {}, file);
  testing::internal::GetCapturedStdout();
  return result;
}

ScheduleFile recorded(const durasim::Scenario& scenario) {
  const Verification found = durasim::verify(scenario, {.faults = durasim::FaultModel::hostile()});
  EXPECT_EQ(found.verdict, Verdict::refuted) << found;
  return ScheduleFile::load(found.file);
}

TEST(ReplayFile, FindsTheSameWithTheSameTrace) {
  const ScheduleFile file = recorded(double_charge_scenario());
  const Verification again = replay(double_charge_scenario(), file);
  EXPECT_EQ(again.verdict, Verdict::refuted);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.trace_hash, file.trace_hash);
  EXPECT_EQ(again.counterexample_faults, 1U);
  ASSERT_EQ(again.findings.size(), 1U);
  EXPECT_EQ(to_string(again.findings[0].oracle), file.oracle);
  EXPECT_EQ(again.findings[0].operation, file.operation);
  EXPECT_EQ(again.findings[0].signature(), file.signature);
}

TEST(ReplayFile, TakesTheInputsFromTheFile) {
  const ScheduleFile file = recorded(double_charge_scenario());
  const auto other =
      durasim::scenario_for(sound::small_order("declined"), double_charge::scenario<>);
  const Verification again = replay(other, file);
  EXPECT_EQ(again.trace_hash, file.trace_hash);
  EXPECT_EQ(again.inputs, double_charge_scenario().inputs());
}

TEST(ReplayFile, JudgesResultAgreementToo) {
  const durasim::Scenario scenario = [](Simulation& sim) {
    sim.function("count", [&sim](durable::Context& ctx) {
      ctx.step("reserve", [&] { sim.effects().record("reservation"); });
      return sim.effects().count("reservation");
    });
    sim.run("count");
  };
  const ScheduleFile file = recorded(scenario);
  ASSERT_EQ(file.oracle, "result-agreement");
  const Verification again = replay(scenario, file);
  ASSERT_EQ(again.verdict, Verdict::refuted);
  EXPECT_EQ(again.findings.front().oracle, Oracle::result_agreement);
}

/// As version 1 has it: no form to go by when the dense one diverges.
ScheduleFile without_script(ScheduleFile file) {
  file.script = {};
  return file;
}

TEST(ReplayFile, DivergesWhenARecordedChoiceIsNotMet) {
  ScheduleFile file = without_script(recorded(double_charge_scenario()));
  file.choices.push_back(file.choices.back());
  const Verification again = replay(double_charge_scenario(), file);
  ASSERT_EQ(again.verdict, Verdict::refuted);
  EXPECT_EQ(again.findings.front().oracle, Oracle::simulator);
  EXPECT_THAT(again.findings.front().what, HasSubstr("DIVERGED"));
  EXPECT_THAT(again.findings.front().what, HasSubstr("met was the end of the run"));
}

/// Charges twice if its only step is interrupted; `before` is what an edit has put before that.
durasim::Scenario charges(std::function<void(durable::Context&)> before,
                          const std::string& name = "charge") {
  return [before = std::move(before), name](Simulation& sim) {
    sim.function("charge", [&](durable::Context& ctx) {
      before(ctx);
      ctx.step(name, [&] { sim.effects().record("charge"); });
    });
    sim.effects().at_most(1, "charge");
    sim.run("charge");
  };
}

TEST(ReplayFile, GoesByItsScriptWhenTheHandlerWasEdited) {
  const ScheduleFile file = recorded(charges([](durable::Context&) {}));
  const Verification again = replay(charges([](durable::Context& ctx) {
                                      ctx.step("reserve", [] {});
                                      ctx.wait("pause", std::chrono::seconds(5));
                                    }),
                                    file);
  ASSERT_EQ(again.verdict, Verdict::refuted);
  EXPECT_EQ(again.findings.front().oracle, Oracle::effects);
  EXPECT_EQ(again.counterexample_faults, 1U);
  EXPECT_THAT(again.report(), HasSubstr("\n  DIVERGED the replay diverged at choice "));
  EXPECT_THAT(again.report(),
              HasSubstr("\n  script   replayed by its script: 1 of 1 fault reached"));
}

TEST(ReplayFile, HoldsIfItsScriptBreaksNoRuleAnyMore) {
  ScheduleFile file = recorded(charges([](durable::Context&) {}));
  const durasim::Scenario fixed = [](Simulation& sim) {
    sim.function("charge", [&](durable::Context& ctx) {
      ctx.step("reserve", [] {});
      ctx.step("charge", [&](durable::StepContext& step) {
        sim.effects().apply("charge", step.idempotency_key(), 1);
      });
    });
    sim.run("charge");
  };
  EXPECT_EQ(replay(fixed, file).verdict, Verdict::holds);
}

TEST(ReplayFile, IsIncompleteIfItsScriptIsReachedInPartOnly) {
  const ScheduleFile file = recorded(charges([](durable::Context&) {}));
  const Verification again = replay(
      charges([](durable::Context& ctx) { ctx.step("reserve", [] {}); }, "charge-card"), file);
  EXPECT_EQ(again.verdict, Verdict::incomplete);
  const std::string report = again.report();
  EXPECT_THAT(report, testing::StartsWith("INCOMPLETE  "));
  EXPECT_THAT(report, HasSubstr("replayed by its script: 0 of 1 fault reached"));
  EXPECT_THAT(report, HasSubstr("it has \"charge-card\""));
}

TEST(ReplayFile, DivergesWhereverTheChoiceStandsAndPastAnyHandlerOfExceptions) {
  const durasim::Scenario scenario = [](Simulation& sim) {
    sim.function("stubborn", [&sim](durable::Context& ctx) {
      try {
        ctx.step("charge", [&] {
          try {
            sim.effects().record("charge");
          } catch (const std::exception&) {
            ADD_FAILURE() << "what the chooser threw came through the body";
          }
        });
      } catch (const std::exception&) {
        ADD_FAILURE() << "what the chooser threw came through the handler";
      }
    });
    sim.effects().at_most(1, "charge");
    sim.run("stubborn");
  };
  const ScheduleFile file = without_script(recorded(scenario));
  for (std::size_t i = 0; i < file.choices.size(); ++i) {
    ScheduleFile changed = file;
    changed.choices[i].site += " of another program";
    const Verification again = replay(scenario, changed);
    ASSERT_EQ(again.findings.size(), 1U) << again;
    EXPECT_THAT(again.findings[0].what,
                HasSubstr("DIVERGED: the replay diverged at choice " + std::to_string(i + 1)));
    EXPECT_THAT(again.findings[0].what, HasSubstr("met was \"" + file.choices[i].site));
  }
}

/// Throws, or answers with nonsense, at its n-th choice.
class BadChooser final : public durasim::Chooser {
 public:
  BadChooser(std::size_t at, bool throws) : at_(at), throws_(throws) {}
  std::size_t choose(const durasim::Site&, std::span<const durasim::Fault> menu) override {
    if (count_++ != at_) return 0;
    if (throws_) throw std::range_error("out of answers");
    return menu.size();
  }

 private:
  std::size_t at_;
  bool throws_;
  std::size_t count_ = 0;
};

TEST(ChooserThatFails, EndsTheDrivingCallAndIsNotAskedAgain) {
  for (std::size_t at = 0; at < 6; ++at) {
    for (const bool throws : {true, false}) {
      BadChooser chooser(at, throws);
      Simulation sim({.faults = durasim::FaultModel::hostile()}, chooser);
      int caught = 0;
      sim.function("stubborn", [&](durable::Context& ctx) {
        try {
          ctx.step("charge", [&] { sim.effects().record("charge"); });
        } catch (const std::exception&) {
          ++caught;
        }
      });
      if (throws) {
        EXPECT_THROW(sim.run("stubborn"), std::range_error) << "at choice " << at;
      } else {
        EXPECT_THROW(sim.run("stubborn"), std::logic_error) << "at choice " << at;
      }
      EXPECT_EQ(caught, 0);
      EXPECT_EQ(sim.decisions().size(), at);
    }
  }
}

/// A framework whose expectations fail when the scenario says so, and which writes down what it is
/// told.
class FakeFramework final : public durasim::TestFramework {
 public:
  FakeFramework() : real_(durasim::test_framework()) { durasim::install_test_framework(this); }
  ~FakeFramework() override { durasim::install_test_framework(real_); }

  void begin_run() override { open.emplace_back(); }
  std::vector<Failure> end_run() override {
    std::vector<Failure> failures = std::move(open.back());
    open.pop_back();
    return failures;
  }
  void report(const Failure& failure) override {
    reported.push_back(failure.file + ":" + std::to_string(failure.line) + ": " + failure.message);
    for (const auto& entry : fs::directory_iterator(durasim::output_folder())) {
      if (entry.path().extension() == ".json")
        on_disk_when_reported.push_back(entry.path().filename().string());
    }
  }
  void leave_test(const Failure&) override {}
  std::string current_test() const override { return test; }
  std::uint64_t test_run() const override { return run; }
  std::vector<std::string> arguments_for(const std::string& name,
                                         const std::vector<std::string>&) const override {
    return {"--only", name};
  }

  std::string test = "Fake.Test";
  std::uint64_t run = ++last_run;
  std::vector<std::vector<Failure>> open;
  std::vector<std::string> reported;
  std::vector<std::string> on_disk_when_reported;

 private:
  static inline std::uint64_t last_run = 0;
  durasim::TestFramework* real_;
};

/// One invocation is expected; a crash makes it two.
void expects_one_invocation(Simulation& sim, FakeFramework& framework) {
  sim.function("work", [](durable::Context& ctx) { return ctx.step("work", [] { return 1; }); });
  if (sim.run("work").invocations() != 1)
    framework.open.back().push_back({"a_test.cpp", 12, "one run only", false});
}

class ReplayIdentity : public testing::Test {
 protected:
  ReplayIdentity()
      : folder_(durasim::output_folder() / ("identity-" + std::to_string(::getpid()))),
        out_("DURASIM_OUT", folder_.string()) {
    fs::remove_all(folder_);
  }
  ~ReplayIdentity() override { fs::remove_all(folder_); }

  Verification verify(const std::string& name = "") {
    return durasim::verify([this](Simulation& sim) { expects_one_invocation(sim, framework_); },
                           {.name = name});
  }

  fs::path folder_;
  durasim::core_testing::Variable out_;
  FakeFramework framework_;
};

TEST_F(ReplayIdentity, TheScheduleIsOnDiskBeforeTheFailureIsReported) {
  const Verification result = verify();
  ASSERT_EQ(result.verdict, Verdict::refuted);
  EXPECT_THAT(framework_.reported, ElementsAre("a_test.cpp:12: one run only"));
  EXPECT_THAT(framework_.on_disk_when_reported, testing::Contains(result.file.filename().string()));
  EXPECT_TRUE(framework_.open.empty());
}

TEST_F(ReplayIdentity, IsTheRunningTestAndTheOrdinalOfTheCallInIt) {
  EXPECT_EQ(verify().scenario, "Fake.Test");
  EXPECT_EQ(verify().scenario, "Fake.Test#2");
  EXPECT_EQ(verify("by hand").scenario, "by hand");
  EXPECT_EQ(verify().scenario, "Fake.Test#3");
  framework_.test = "Fake.Other";
  EXPECT_EQ(verify().scenario, "Fake.Other");
  ++framework_.run;  // the same test once more, as with --gtest_repeat
  EXPECT_EQ(verify().scenario, "Fake.Other");
  framework_.test = "";
  EXPECT_EQ(verify().scenario, "scenario");
}

TEST_F(ReplayIdentity, NamesTheFileByScenarioOracleAndSignature) {
  const Verification result = verify("a/b c: ü");
  const std::string signature = result.findings.front().signature();
  EXPECT_EQ(result.file, folder_ / ("a_b_c____-expectation-" + signature + ".durasim.json"));
  EXPECT_EQ(ScheduleFile::load(result.file).scenario, "a/b c: ü");
  const Verification longest = verify(std::string(3000, 'x'));
  EXPECT_LT(longest.file.filename().string().size(), 255U);
  EXPECT_EQ(ScheduleFile::load(longest.file).scenario, std::string(3000, 'x'));
}

TEST_F(ReplayIdentity, TheCommandRunsThatTestAlone) {
  framework_.test = "Fake.Test's";
  const std::string command = verify().reproduce;
  EXPECT_THAT(command, HasSubstr("cd " + durasim::shell_quoted(fs::current_path().string()) +
                                 " && DURASIM_REPLAY="));
  EXPECT_THAT(command, testing::EndsWith(" --only 'Fake.Test'\\''s'"));
}

TEST_F(ReplayIdentity, AFolderThatCannotBeWrittenIsAnError) {
  fs::create_directories(folder_.parent_path());
  std::ofstream(folder_ += "-file") << "not a folder";
  const durasim::core_testing::Variable out("DURASIM_OUT", folder_.string());
  EXPECT_THAT([&] { verify(); }, testing::ThrowsMessage<std::runtime_error>(
                                     HasSubstr("cannot write " + folder_.string())));
  EXPECT_TRUE(framework_.open.empty());
  fs::remove(folder_);
}

}  // namespace replay_test
