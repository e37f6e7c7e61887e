// A subscription that lives for a year: twelve monthly charges, each dated by the clock of its own step. Months
// differ in length, machines die around midnight, and still nobody pays twice or skips a month.
#include <algorithm>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

struct Plan {
  std::string customer;
  int months = 12;
  DURABLE_JSON(Plan, customer, months)
};

std::string date_of(durable::Timestamp time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  const auto padded = [](unsigned number) {
    return (number < 10 ? "-0" : "-") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(date.year())) +
         padded(static_cast<unsigned>(date.month())) + padded(static_cast<unsigned>(date.day()));
}

// [calendar]
/// The same day and time so many months later; the last day where the month is too short.
durable::Timestamp months_after(durable::Timestamp start, int months) {
  const auto day = std::chrono::floor<std::chrono::days>(start);
  auto date = std::chrono::year_month_day(day) + std::chrono::months(months);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days(date) + (start - day);
}
// [/calendar]

/// A bank that charges once for each key, and answers with the time of that charge whenever it comes again.
class FakeBank {
 public:
  explicit FakeBank(durasim::Effects& effects) : effects_(effects) {}

  durable::Timestamp charge(const std::string& key, durable::Timestamp at) {
    return effects_.apply("charge", key, at);
  }

 private:
  durasim::Effects& effects_;
};

// [handler]
std::vector<std::string> subscribe(durable::Context& ctx, const Plan& plan, FakeBank& bank) {
  const auto start = ctx.execution().started_at;
  std::vector<std::string> dates;
  for (int month = 0; month < plan.months; ++month) {
    const auto charged = ctx.step("charge", [&](durable::StepContext& step) {
      return bank.charge(step.idempotency_key(), step.now());
    });
    dates.push_back(date_of(charged));
    if (month + 1 == plan.months) break;
    // From what is recorded, and from the start: a charge that came late does not delay all later ones.
    const auto until_next = months_after(start, month + 1) - charged;
    ctx.wait("next-month", std::max(1s, std::chrono::ceil<std::chrono::seconds>(until_next)));
  }
  return dates;
}
// [/handler]

// [scenario]
void subscribe_scenario(durasim::Simulation& sim, const Plan& plan) {
  auto& bank = sim.make<FakeBank>(sim.effects());
  sim.function("subscribe", [&](durable::Context& ctx, const Plan& input) {
    return subscribe(ctx, input, bank);
  });
  sim.effects().exactly(static_cast<std::size_t>(plan.months), "charge");
  // The clock began on 1 January, so it is ten to midnight on the 31st.
  sim.run_for(30 * 24h + 23h + 50min);
  const auto run = sim.run("subscribe", plan);
  ASSERT_THAT(run, durasim::Succeeded());
  const auto dates = run.value<std::vector<std::string>>();
  EXPECT_TRUE(std::is_sorted(dates.begin(), dates.end()));
}

TEST(Subscription, ChargesEachMonthOnceUnderEveryPairOfFaults) {
  const auto scenario = durasim::scenario_for(Plan{"Ada", 12}, subscribe_scenario);
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/scenario]

// [dates]
TEST(Subscription, ChargesOnTheLastDayWhereAMonthIsTooShort) {
  durasim::Simulation sim;
  auto& bank = sim.make<FakeBank>(sim.effects());
  sim.function("subscribe",
               [&](durable::Context& ctx, const Plan& plan) { return subscribe(ctx, plan, bank); });
  sim.run_for(30 * 24h);
  const auto run = sim.run("subscribe", Plan{"Ada", 12});
  EXPECT_THAT(run.value<std::vector<std::string>>(),
              ElementsAre("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
                          "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31",
                          "2026-11-30", "2026-12-31"));
  EXPECT_EQ(run.elapsed(), 334 * 24h);
}
// [/dates]

// [planted]
// The planted bug: the key is made of the date. If the machine hangs after the charge and is given up at a quarter
// past midnight, the body runs again on the next day, and its key is another one.
TEST(Subscription, IsFoundToChargeTwiceWhenTheKeyIsTheDate) {
  const auto scenario = [](durasim::Simulation& sim) {
    auto& bank = sim.make<FakeBank>(sim.effects());
    sim.function("subscribe", [&](durable::Context& ctx, const Plan& plan) {
      const auto charged = ctx.step("charge", [&](durable::StepContext& step) {
        return bank.charge(plan.customer + "/" + date_of(step.now()), step.now());
      });
      return date_of(charged);
    });
    sim.effects().exactly(1, "charge");
    sim.run_for(30 * 24h + 23h + 50min);
    sim.run("subscribe", Plan{"Ada", 1});
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::effects);
}
// [/planted]

}  // namespace
