#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

#include "handlers/sound/expect_result.hpp"

/// Handlers that are right on most days. Their bodies read the machine's clock, as bodies do. The first of
/// them is the example of docs/reference/faults.md; what is found is fixtures/golden/guard_calendar.txt.
namespace calendar_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::FaultModel;
using durasim::Simulation;
using durasim::Verification;
using std::chrono::system_clock;
using testing::HasSubstr;

using Date = std::chrono::year_month_day;

std::string text(Date date) {
  return std::to_string(int{date.year()}) + "-" + std::to_string(unsigned{date.month()}) + "-" +
         std::to_string(unsigned{date.day()});
}

// [subscribe]
Date a_month_after(Date date) { return date + std::chrono::months(1); }  // BUG: 31 February

template <auto due_after = a_month_after>
std::string subscribe(Context& ctx) {
  const auto today = ctx.step("today", [] { return system_clock::now().time_since_epoch() / 24h; });
  const Date due = due_after(std::chrono::sys_days(std::chrono::days(today)));
  if (!due.ok()) throw std::runtime_error("There is no " + text(due));
  return text(due);
}
// [/subscribe]

Date at_most_a_month_after(Date date) {
  const Date after = date + std::chrono::months(1);
  return after.ok() ? after : Date(after.year() / after.month() / std::chrono::last);
}

Date a_year_after(Date date) { return date + std::chrono::years(1); }  // BUG: 29 February

template <auto due_after>
void scenario(Simulation& sim) {
  sim.function("subscribe", subscribe<due_after>);
  const auto run = sim.run("subscribe");
  if (!run.succeeded()) throw std::runtime_error(run.error().message);
}

Verification verified(const durasim::Scenario& scenario,
                      const FaultModel& dates = FaultModel::calendar()) {
  return durasim::verify(scenario, {.max_faults = 1, .faults = dates});
}

FaultModel only(durasim::Fault date) { return FaultModel::none().with({date}); }

TEST(CalendarWithGuard, FindsADateThatNextMonthDoesNotHave) {
  const Verification found = verified(&scenario<a_month_after>);
  std::cout << found << '\n';
  ASSERT_EQ(found.verdict, durasim::Verdict::refuted);
  EXPECT_EQ(found.counterexample_faults, 1U);
  EXPECT_THAT(found.report(), HasSubstr("There is no 2026-2-31"));
  EXPECT_THAT(found.report(), HasSubstr("  +0s       execution 1 of subscribe starts"));
}

TEST(CalendarWithGuard, FindsADateThatNextYearDoesNotHave) {
  const Verification found = verified(&scenario<a_year_after>);
  ASSERT_EQ(found.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(found.report(), HasSubstr("There is no 2029-2-29"));
}

TEST(CalendarWithGuard, HoldsForTheTwinThatTakesTheLastDay) {
  EXPECT_THAT(verified(&scenario<at_most_a_month_after>), durasim::Holds());
}

/// Counts an hour by the clock on the wall.
void night(Simulation& sim) {
  sim.function("night", [](Context& ctx) {
    const auto local = [] {
      const std::time_t now = system_clock::to_time_t(system_clock::now());
      tm parts{};
      ::localtime_r(&now, &parts);
      return parts.tm_hour;
    };
    const int begin = ctx.step("begin", local);
    ctx.wait("an hour", 1h);
    return (ctx.step("end", local) + 24 - begin) % 24;
  });
  sound::expect_result(sim.run("night"), 1);
}

/// For as long as it lives, the clocks on the wall are Europe's.
class InEurope {
 public:
  InEurope() {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  ~InEurope() {
    ::unsetenv("TZ");
    ::tzset();
  }
  InEurope(const InEurope&) = delete;
  InEurope& operator=(const InEurope&) = delete;
};

TEST(CalendarWithGuard, ChangesTheClocksOfEurope) {
  const InEurope europe;
  const Verification summer = verified(&night);
  ASSERT_EQ(summer.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(summer.report(), HasSubstr("before the change to daylight-saving time"));
  const Verification winter = verified(&night, only(durasim::Fault::starts_at_winter_time));
  ASSERT_EQ(winter.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(winter.report(), HasSubstr("before the change from daylight-saving time"));
  EXPECT_THAT(verified(&night, only(durasim::Fault::starts_at_year_end)), durasim::Holds());
}

/// Counts the days of a stay within one year.
void stay(Simulation& sim) {
  sim.function("stay", [](Context& ctx) {
    const auto day = [] {
      const std::time_t now = system_clock::to_time_t(system_clock::now());
      tm parts{};
      ::gmtime_r(&now, &parts);
      return parts.tm_yday;
    };
    const int arrival = ctx.step("arrival", day);
    ctx.wait("one night", 24h);
    return ctx.step("departure", day) - arrival;
  });
  sound::expect_result(sim.run("stay"), 1);
}

TEST(CalendarWithGuard, PassesTheEndOfTheYear) {
  const Verification found = verified(&stay);
  ASSERT_EQ(found.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(found.report(), HasSubstr("begins on 31 December"));
}

void answered_later(Simulation& sim) {
  sim.function("asks", [&sim](Context& ctx) {
    return ctx.wait_for_callback("approval", [&sim](const std::string& id) {
      sim.at(sim.elapsed() + 3h, [&sim, id] { sim.succeed_callback(id, "yes"); });
    });
  });
  const auto run = sim.run("asks");
  sound::expect_result<std::string>(run, "yes");
  if (run.elapsed() != 3h) throw std::runtime_error("it took another time");
}

TEST(CalendarWithGuard, LetsFakesAnswerLater) {
  EXPECT_THAT(verified(&answered_later), durasim::Holds());
}

void seconds_of_32_bits(Simulation& sim) {
  sim.function("stamp", [](Context& ctx) {
    ctx.wait("a minute", 1min);
    return ctx.step("stamp", [] { return static_cast<std::int32_t>(std::time(nullptr)) > 0; });
  });
  sound::expect_result(sim.run("stamp"), true);
}

TEST(CalendarWithGuard, PassesTheYear2038) {
  const Verification found = verified(&seconds_of_32_bits);
  ASSERT_EQ(found.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(found.report(), HasSubstr("before seconds need more than 32 bits"));
}

}  // namespace calendar_test
