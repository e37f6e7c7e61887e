#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/all.hpp"

/// Runs that are made in processes of their own: the same results, and none ends the exploration.
namespace isolation_test {

using durasim::FaultModel;
using durasim::Isolation;
using durasim::Oracle;
using durasim::Scenario;
using durasim::SearchOptions;
using durasim::Simulation;
using durasim::Verdict;
using durasim::Verification;
using durasim::VerifyOptions;
using testing::IsEmpty;

std::string everything(const Verification& result) {
  std::string text =
      fmt::format("{}\n{} of {}, {} states, certificate {}, trace {}, {}\n", result.report(),
                  result.counterexample_faults, result.runs, result.durable_states,
                  result.certificate, result.trace_hash, result.stopped);
  for (const auto& found : result.failures)
    text += fmt::format("{} {} {} {}\n", found.signature, found.run, found.faults, found.what);
  return text;
}

class IsolationOverSoundHandlers : public testing::TestWithParam<sound::Entry> {};

TEST_P(IsolationOverSoundHandlers, MakesNoDifference) {
  VerifyOptions options{.faults = FaultModel::hostile(), .name = "isolated"};
  const Verification together = durasim::verify(GetParam().scenario, options);
  EXPECT_EQ(together.verdict, Verdict::holds) << together;
  options.isolation = Isolation::fork;
  EXPECT_EQ(everything(durasim::verify(GetParam().scenario, options)), everything(together));

  SearchOptions search{.runs = 40, .name = "isolated"};
  const Verification drawn = durasim::search(GetParam().scenario, search);
  search.isolation = Isolation::fork;
  EXPECT_EQ(everything(durasim::search(GetParam().scenario, search)), everything(drawn));
}

INSTANTIATE_TEST_SUITE_P(Every, IsolationOverSoundHandlers, testing::ValuesIn(sound::all()),
                         [](const auto& entry) { return entry.param.name; });

TEST(Isolation, MakesNoDifferenceForWhatIsFound) {
  const Scenario scenario = durasim::scenario_for(sound::small_order(), double_charge::scenario<>);
  VerifyOptions options{.max_faults = 2, .name = "isolated bug"};
  const Verification together = durasim::verify(scenario, options);
  EXPECT_EQ(together.verdict, Verdict::refuted);
  options.isolation = Isolation::fork;
  EXPECT_EQ(everything(durasim::verify(scenario, options)), everything(together));
}

/// Bodies that count how often they have begun in this run.
using Starts = std::map<std::string, int>;

/// A shop of three steps; `body` is told which one runs, and how often it did.
Scenario shop(std::function<void(Simulation&, const std::string&, int)> body) {
  return [body](Simulation& sim) {
    auto& starts = sim.make<Starts>();
    sim.function("shop", [&](durable::Context& ctx) {
      for (const char* name : {"reserve", "charge", "ship"})
        ctx.step(name, [&, name] { body(sim, name, ++starts[name]); });
    });
    sim.effects().at_most(1, "shipped");
    sim.run("shop");
  };
}

/// Of each way in which a handler may end its process.
class Isolated : public testing::TestWithParam<std::pair<const char*, void (*)()>> {
 protected:
  static Scenario dies_at_charge() {
    return shop([](Simulation&, const std::string& name, int start) {
      if (name == "charge" && start == 2) GetParam().second();
    });
  }
};

TEST_P(Isolated, VerifyFindsIt) {
  std::string told;
  for (const std::uint32_t jobs : {1U, 2U}) {
    const Verification result =
        durasim::verify(dies_at_charge(), {.max_faults = 2,
                                           .jobs = jobs,
                                           .isolation = Isolation::fork,
                                           .name = std::string("isolated/") + GetParam().first});
    ASSERT_EQ(result.verdict, Verdict::refuted);
    EXPECT_EQ(result.findings.front().oracle, Oracle::survival) << result;
    EXPECT_EQ(result.findings.front().operation, "charge");
    EXPECT_EQ(result.counterexample_faults, 1U);
    EXPECT_TRUE(result.minimal);
    EXPECT_EQ(durasim::ScheduleFile::load(result.file).script.lines.size(), 1U);
    if (told.empty()) told = everything(result);
    EXPECT_EQ(everything(result), told);
  }
}

INSTANTIATE_TEST_SUITE_P(By, Isolated,
                         testing::Values(std::pair(
                                             "abort", +[] { std::abort(); }),
                                         std::pair(
                                             "segfault", +[] { std::raise(SIGSEGV); }),
                                         std::pair(
                                             "exit", +[] { std::exit(0); }),
                                         std::pair(
                                             "immediate_exit", +[] { std::_Exit(0); })),
                         [](const auto& way) { return way.param.first; });

TEST(Isolation, LetsASearchGoOnAfterRunsThatEndTheirProcess) {
  const Scenario scenario = shop([](Simulation& sim, const std::string& name, int start) {
    if (name == "charge" && start == 2) std::abort();
    if (name == "ship") sim.effects().record("shipped");
  });
  std::string told;
  for (const std::uint32_t jobs : {1U, 3U}) {
    SCOPED_TRACE(jobs);
    const Verification result = durasim::search(scenario, {.runs = 120,
                                                           .keep_going = true,
                                                           .jobs = jobs,
                                                           .isolation = Isolation::fork,
                                                           .name = "isolated search"});
    ASSERT_EQ(result.verdict, Verdict::refuted);
    EXPECT_EQ(result.runs, 120U);
    EXPECT_EQ(result.stopped, "after the runs asked for");
    std::map<Oracle, int> oracles;
    for (const auto& found : result.failures) ++oracles[found.oracle];
    EXPECT_EQ(oracles, (std::map<Oracle, int>{{Oracle::survival, 1}, {Oracle::effects, 1}}));
    if (told.empty()) told = everything(result);
    EXPECT_EQ(everything(result), told);
  }
  EXPECT_THAT(durasim::recover(), IsEmpty());
}

TEST(Isolation, LeavesOutTheFaultsThatADeathDoesNotTake) {
  const Scenario scenario = shop([](Simulation&, const std::string& name, int start) {
    if (name == "charge" && start == 3) std::abort();
  });
  std::uint32_t most = 0;
  for (std::uint64_t seed = 1; seed <= 8 && most <= 2; ++seed) {
    const Verification result =
        durasim::search(scenario, {.seed = seed,
                                   .runs = 2000,
                                   .max_faults = 6,
                                   .isolation = Isolation::fork,
                                   .name = "isolated search of two faults"});
    ASSERT_EQ(result.verdict, Verdict::refuted);
    EXPECT_EQ(result.findings.front().oracle, Oracle::survival) << result;
    EXPECT_EQ(result.counterexample_faults, 2U) << result;
    EXPECT_EQ(durasim::ScheduleFile::load(result.file).script.lines.size(), 2U);
    most = std::max(most, result.shrunk_from);
  }
  EXPECT_GT(most, 2U) << "no seed has shown anything";
}

TEST(Isolation, EndsASearchInWhichTooManyRunsEndTheirProcess) {
  const Verification result = durasim::search(
      shop([](Simulation&, const std::string&, int start) {
        if (start == 2) std::_Exit(1);
      }),
      {.runs = 4000, .keep_going = true, .isolation = Isolation::fork, .name = "isolated deaths"});
  EXPECT_EQ(result.stopped, "after 100 runs that ended their process");
  EXPECT_EQ(result.failures.size(), 3U) << "one for each step";
}

TEST(Isolation, LetsARunWithoutFaultsEndItsProcess) {
  const Scenario dies = shop([](Simulation&, const std::string&, int) { std::abort(); });
  const Verification verified =
      durasim::verify(dies, {.isolation = Isolation::fork, .name = "isolated at once"});
  EXPECT_EQ(verified.findings.front().oracle, Oracle::survival) << verified;
  EXPECT_EQ(verified.counterexample_faults, 0U);
  const Verification searched =
      durasim::search(dies, {.isolation = Isolation::fork, .name = "isolated at once"});
  EXPECT_EQ(searched.findings.front().oracle, Oracle::survival) << searched;
  EXPECT_EQ(searched.counterexample_faults, 0U);
}

TEST(Isolation, IsChosenInTheOptions) {
  const Scenario scenario = durasim::scenario_for(sound::small_order(), payment::scenario);
  // [isolation]
  EXPECT_THAT(durasim::verify(scenario, {.isolation = durasim::Isolation::fork}), durasim::Holds());
  // [/isolation]
}

TEST(Isolation, LeavesNoProcessBehind) {
  durasim::verify(shop([](Simulation&, const std::string&, int) {}),
                  {.isolation = Isolation::fork, .name = "isolated and gone"});
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace isolation_test
