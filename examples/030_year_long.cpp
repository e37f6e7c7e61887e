// A handler that sleeps for most of a year, for several customers at once: on a virtual clock their year is
// over in an instant, every date is exact, and what would go wrong after months in production shows here.
#include <iostream>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

struct Purchase {
  std::string customer;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Purchase, customer)
};

std::string date_of(durable::Timestamp time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  const auto padded = [](unsigned number) {
    return (number < 10 ? "-0" : "-") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(date.year())) +
         padded(static_cast<unsigned>(date.month())) + padded(static_cast<unsigned>(date.day()));
}

// [handler]
// Reminds a customer twice before a warranty of one year ends. Dates are read inside steps: there they are
// recorded, while outside a replay would read another one. The sleeps leave some days, as an execution may
// live for 366: if they added up to 365, two faults could cost the last letter, as verify would find.
std::string warranty(durable::Context& ctx, const Purchase& purchase, durasim::Effects& mail) {
  const auto write = [&](const std::string& letter) {
    return ctx.step(letter, [&](durable::StepContext& step) {
      const std::string text = date_of(step.now()) + " " + purchase.customer + ": " + letter;
      return mail.apply<std::string>("letter", step.idempotency_key(), text);
    });
  };
  write("thank-you");
  ctx.wait("most-of-the-year", 335 * 24h);
  const std::string reminder = write("renew-soon");
  ctx.wait("last-weeks", 28 * 24h);
  write("last-call");
  return reminder;
}
// [/handler]

void publish(durasim::Simulation& sim) {
  sim.function("warranty", [&sim](durable::Context& ctx, const Purchase& purchase) {
    return warranty(ctx, purchase, sim.effects());
  });
}

// [several]
TEST(Warranty, RemindsEachCustomerOnTheirDay) {
  durasim::Simulation sim;  // its clock begins on 2026-01-01
  publish(sim);
  const auto ada = sim.start("warranty", Purchase{"Ada"}, {.name = "ada"});
  sim.run_for(14 * 24h);
  const auto grace = sim.start("warranty", Purchase{"Grace"}, {.name = "grace"});
  const auto asleep = sim.run_until_suspended(grace);
  EXPECT_EQ(date_of(asleep.wakes_at().value()), "2026-12-16");
  sim.run_for(31 * 24h);
  const auto alan = sim.start("warranty", Purchase{"Alan"}, {.name = "alan"});
  sim.run_until_idle();

  EXPECT_THAT(sim.result(ada), durasim::SucceededWith("2026-12-02 Ada: renew-soon"));
  EXPECT_THAT(sim.result(grace), durasim::SucceededWith("2026-12-16 Grace: renew-soon"));
  EXPECT_THAT(sim.result(alan), durasim::SucceededWith("2027-01-16 Alan: renew-soon"));
  const auto sleeps_that_ended = sim.timeline().only({"WaitSucceeded"});
  EXPECT_THAT(sleeps_that_ended.lines(),
              ElementsAre("+335d 00h 00m 00s ada WaitSucceeded most-of-the-year",
                          "+349d 00h 00m 00s grace WaitSucceeded most-of-the-year",
                          "+363d 00h 00m 00s ada WaitSucceeded last-weeks",
                          "+377d 00h 00m 00s grace WaitSucceeded last-weeks",
                          "+380d 00h 00m 00s alan WaitSucceeded most-of-the-year",
                          "+408d 00h 00m 00s alan WaitSucceeded last-weeks"));
  std::cout << "The sleeps of three customers\n" << sleeps_that_ended << sim.result(alan);
}
// [/several]

// [limit]
TEST(Warranty, CannotSleepForLongerThanAYearAndADay) {
  durasim::Simulation sim;
  sim.function("lifelong", [](durable::Context& ctx) { ctx.wait("ten-years", 3650 * 24h); });
  EXPECT_THAT(sim.run("lifelong"), durasim::FailedWith("ValidationError", "ten-years"));
}
// [/limit]

// [faults]
TEST(Warranty, SurvivesEveryPairOfFaults) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim);
    sim.effects().exactly(3, "letter");
    EXPECT_THAT(sim.run("warranty", Purchase{"Ada"}), durasim::Succeeded());
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/faults]

}  // namespace
