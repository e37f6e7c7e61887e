#include <durasim/rapidcheck.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

#include "durasim/core/testing.hpp"

/// Schedules as RapidCheck values, and RapidCheck's way to end a test case inside handlers.
namespace rapidcheck_adapter_test {

using namespace std::chrono_literals;
using durasim::Schedule;
using durasim::Simulation;
using rc::detail::FailureResult;
using rc::detail::GaveUpResult;
using rc::detail::SuccessResult;
using testing::HasSubstr;

/// What RapidCheck makes of a property, with always the same seed.
template <class Property>
rc::detail::TestResult result_of(Property property) {
  rc::detail::TestParams parameters;
  parameters.seed = 7;
  return rc::detail::checkTestable(std::move(property), rc::detail::TestMetadata(), parameters);
}

std::string text_of(const rc::detail::TestResult& result) {
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  return text.str();
}

template <class Kind, class Property>
void expect_result(Property property, const std::string& said) {
  const rc::detail::TestResult result = result_of(std::move(property));
  EXPECT_TRUE(result.is<Kind>()) << text_of(result);
  EXPECT_THAT(text_of(result), HasSubstr(said));
}

/// A retried step whose body ends the test case.
void in_a_body(Simulation& sim, const std::function<void()>& ending) {
  sim.function("work", [&](durable::Context& ctx) {
    try {
      ctx.step("work", [&] { ending(); }, {.retry = durable::retry::fixed(5, 1s)});
    } catch (const durable::StepError&) {  // what the handler makes of failures of its steps
    }
  });
  sim.run("work");
}

void in_the_handler(Simulation& sim, const std::function<void()>& ending) {
  sim.function("work", [&](durable::Context& ctx) {
    ctx.wait("pause", 5s);
    ending();
  });
  sim.run("work");
}

void in_the_scenario(Simulation& sim, const std::function<void()>& ending) {
  std::string local = "of a frame that the exception leaves";
  sim.function("work",
               [&](durable::Context& ctx) { return ctx.step("work", [&] { return local; }); });
  sim.start("work");
  sim.run_for(0s);
  ending();
}

std::string place_name(std::size_t index) {
  return std::array{"InABody", "InTheHandler", "InTheScenario"}.at(index);
}

using Place = void (*)(Simulation&, const std::function<void()>&);
class RapidCheckAbort : public testing::TestWithParam<Place> {};

TEST_P(RapidCheckAbort, FailsThePropertyByRcAssert) {
  const auto ending = [] { RC_ASSERT(1 + 1 == 3); };
  expect_result<FailureResult>(
      [&] {
        Simulation sim;
        GetParam()(sim, ending);
      },
      "1 + 1 == 3");
  expect_result<FailureResult>(
      [&](const Schedule& schedule) {
        durasim::check([&](Simulation& sim) { GetParam()(sim, ending); }, schedule);
      },
      "1 + 1 == 3");
  expect_result<FailureResult>(
      [&] { durasim::verify([&](Simulation& sim) { GetParam()(sim, ending); }); }, "1 + 1 == 3");
}

TEST_P(RapidCheckAbort, DiscardsTheCaseByRcPre) {
  const auto ending = [] { RC_PRE(false); };
  expect_result<GaveUpResult>(
      [&] {
        Simulation sim;
        GetParam()(sim, ending);
      },
      "Gave up");
  expect_result<GaveUpResult>(
      [&](const Schedule& schedule) {
        durasim::check([&](Simulation& sim) { GetParam()(sim, ending); }, schedule);
      },
      "Gave up");
}

TEST_P(RapidCheckAbort, EndsTheBodyAtItsFirstAttempt) {
  int attempts = 0;
  expect_result<FailureResult>(
      [&] {
        attempts = 0;
        durasim::check(
            [&](Simulation& sim) {
              GetParam()(sim, [&] {
                ++attempts;
                RC_FAIL("at once");
              });
            },
            {});
      },
      "at once");
  EXPECT_EQ(attempts, 1);
}

TEST_P(RapidCheckAbort, LeavesTheNextRunAlone) {
  expect_result<FailureResult>(
      [&] {
        Simulation sim;
        GetParam()(sim, [] { RC_FAIL("first"); });
      },
      "first");
  expect_result<SuccessResult>(
      [&] {
        Simulation sim;
        GetParam()(sim, [] {});
      },
      "OK");
}

INSTANTIATE_TEST_SUITE_P(Raised, RapidCheckAbort,
                         testing::Values(&in_a_body, &in_the_handler, &in_the_scenario),
                         [](const auto& place) { return place_name(place.index); });

TEST(ArbitrarySchedule, IsNominalAtSizeZero) {
  const auto generate = rc::gen::arbitrary<Schedule>();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_TRUE(generate(rc::Random(seed), 0).value().choices.empty());
  }
}

TEST(ArbitrarySchedule, HasItsFaultsInOrderAndWithinBounds) {
  const auto generate = durasim::arbitrary_schedule(3, 20);
  std::size_t most = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Schedule schedule = generate(rc::Random(seed), 50).value();
    most = std::max(most, schedule.choices.size());
    for (std::size_t i = 0; i < schedule.choices.size(); ++i) {
      EXPECT_LT(schedule.choices[i].position, 20U);
      EXPECT_GT(schedule.choices[i].alternative, 0U);
      if (i > 0) {
        EXPECT_GT(schedule.choices[i].position, schedule.choices[i - 1].position);
      }
    }
  }
  EXPECT_EQ(most, 3U);
}

TEST(ArbitrarySchedule, ReachesEveryAlternativeOfTheLargestMenu) {
  std::vector<durasim::Decision> decisions;
  durasim::check(
      [&](Simulation& sim) {
        sim.function("work", [](durable::Context& ctx) { ctx.step("work", [] {}); });
        sim.run("work");
        decisions = sim.decisions();
      },
      {}, {.faults = durasim::FaultModel::all()});
  const std::uint32_t largest =
      std::max_element(decisions.begin(), decisions.end(), [](const auto& a, const auto& b) {
        return a.bound < b.bound;
      })->bound;
  ASSERT_GT(largest, 16U) << "no site of this run offers many";
  const auto generate = rc::gen::arbitrary<Schedule>();
  std::set<std::uint32_t> reached;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    for (const auto& fault : generate(rc::Random(seed), 50).value().choices)
      reached.insert(fault.alternative % largest);
  }
  EXPECT_EQ(reached.size(), largest);
}

/// Follows the first shrink for which `fails`, until there is none.
Schedule shrunk(rc::Shrinkable<Schedule> start, const std::function<bool(const Schedule&)>& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    auto shrinks = start.shrinks();
    while (auto next = shrinks.next()) {
      if (!fails(next->value())) continue;
      start = *next;
      smaller = true;
      break;
    }
  }
  return start.value();
}

TEST(ArbitrarySchedule, ShrinksToTheFewestAndEarliestFaultsWhichEverTheyAre) {
  const auto generate = rc::gen::arbitrary<Schedule>();
  int tried = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    // Two faults are to blame, wherever they stand among others: one at 3 or later, a third
    // alternative after it.
    const auto fails = [](const Schedule& schedule) {
      const auto first = std::find_if(schedule.choices.begin(), schedule.choices.end(),
                                      [](const auto& fault) { return fault.position >= 3; });
      return first != schedule.choices.end() &&
             std::any_of(std::next(first), schedule.choices.end(),
                         [](const auto& fault) { return fault.alternative >= 3; });
    };
    auto start = generate(rc::Random(seed), 100);
    if (!fails(start.value())) continue;
    ++tried;
    EXPECT_EQ(shrunk(start, fails), (Schedule{{{3, 1}, {4, 3}}}));
  }
  EXPECT_GT(tried, 10);
}

TEST(ArbitrarySchedule, ShrinksAFailureOfTheSimulatorToOneFault) {
  const auto property = [](const Schedule& schedule) {
    durasim::check(
        [](Simulation& sim) {
          sim.function("charge", [&](durable::Context& ctx) {
            ctx.step("quote", [] { return 1; });
            ctx.step("charge", [&] { sim.effects().record("charge"); });
          });
          sim.effects().at_most(1, "charge");
          sim.run("charge");
        },
        schedule, {.faults = durasim::FaultModel::crashes()});
  };
  const auto result = result_of(property);
  ASSERT_TRUE(result.is<FailureResult>()) << text_of(result);
  const auto failure = result.get<FailureResult>();
  ASSERT_EQ(failure.counterExample.size(), 1U);
  EXPECT_THAT(failure.counterExample[0].second,
              testing::MatchesRegex("\\(alternative 1 at choice [0-9]+\\)"));
  EXPECT_THAT(failure.description, HasSubstr("by 1 fault"));
}

TEST(ArbitrarySchedule, IsShownInWords) {
  std::ostringstream text;
  durasim::showValue(Schedule{}, text);
  text << "; ";
  durasim::showValue(Schedule{{{2, 1}, {5, 3}}}, text);
  EXPECT_EQ(text.str(), "no faults; alternative 1 at choice 2, alternative 3 at choice 5");
}

void charges_twice_for(Simulation& sim, const int& cents) {
  sim.function("charge", [&sim](durable::Context& ctx, int amount) {
    ctx.step("charge", [&] { sim.effects().record("charge", std::to_string(amount)); });
  });
  sim.effects().at_most(1, "charge");
  sim.run("charge", cents);
}

TEST(Check, PrintsInputAndScheduleTogether) {
  const auto result = result_of([](const Schedule& schedule) {
    const int cents = *rc::gen::inRange(100, 200).as("cents");
    durasim::check(durasim::scenario_for(cents, charges_twice_for), schedule);
  });
  ASSERT_TRUE(result.is<FailureResult>());
  const std::string text = text_of(result);
  EXPECT_THAT(text, testing::ContainsRegex("alternative [0-9]+ at choice [0-9]+"));
  EXPECT_THAT(text, HasSubstr("cents:\n100"));
  EXPECT_THAT(text, HasSubstr("  input    100\n"));
  EXPECT_THAT(text, HasSubstr("oracle   effects: \"charge\" took effect 2 times"));
  EXPECT_THAT(text, HasSubstr("\n  replay   cd "));
}

TEST(Check, ThrowsWhatItFoundAndLeavesItOnDisk) {
  const durasim::Scenario scenario = durasim::scenario_for(1, charges_twice_for);
  EXPECT_NO_THROW(durasim::check(scenario, {}));
  const auto minimal = durasim::verify(scenario, {.name = "for its schedule"});
  try {
    durasim::check(scenario, minimal.counterexample);
    FAIL() << "nothing was thrown";
  } catch (const durasim::CheckFailed& failed) {
    const durasim::Verification& found = failed.verification();
    EXPECT_EQ(failed.what(), found.report());
    EXPECT_EQ(found.verdict, durasim::Verdict::refuted);
    EXPECT_FALSE(found.minimal);
    EXPECT_EQ(found.scenario, "Check.ThrowsWhatItFoundAndLeavesItOnDisk");
    EXPECT_EQ(found.counterexample_faults, 1U);
    EXPECT_EQ(found.trace_hash, minimal.trace_hash);
    EXPECT_EQ(durasim::ScheduleFile::load(found.file).choices,
              durasim::ScheduleFile::load(minimal.file).choices);
  }
}

TEST(RapidCheckParameters, AreWhatTheEnvironmentAsksOfPropertiesUnlessTheyAreNamed) {
  durasim::Settings settings;
  using durasim::detail::rapidcheck_parameters;
  EXPECT_EQ(rapidcheck_parameters("", settings), "");
  EXPECT_EQ(rapidcheck_parameters("max_size=3", settings), "max_size=3");
  settings.seed = 18'446'744'073'709'551'615U;
  settings.runs = 5'000'000'000;
  EXPECT_EQ(rapidcheck_parameters("", settings),
            "seed=18446744073709551615 max_success=2147483647");
  EXPECT_EQ(rapidcheck_parameters("noshrink=1 seed=4", settings),
            "noshrink=1 seed=4 max_success=2147483647");
  EXPECT_EQ(rapidcheck_parameters("max_success=7", settings),
            "max_success=7 seed=18446744073709551615");
}

TEST(ArbitrarySchedule, HasAtMostSoManyFaultsAsTheEnvironmentSays) {
  const durasim::core_testing::Variable faults("DURASIM_MAX_FAULTS", "1");
  const rc::Gen<Schedule> generator = durasim::arbitrary_schedule(4);
  std::size_t most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    most = std::max(most, generator(rc::Random(seed), 100).value().choices.size());
  EXPECT_EQ(most, 1U);
}

}  // namespace rapidcheck_adapter_test
