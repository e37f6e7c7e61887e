// A saga: flight, hotel and car are booked one after the other, and if one cannot be had, those before it are given
// back in reverse order. The compensation is ordinary code in a `catch` block; its steps are durable as all others.
#include <gtest/gtest-spi.h>

#include <algorithm>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct Trip {
  std::string id;
  std::string city;
  DURABLE_JSON(Trip, id, city)
};

// [agency]
/// Flights and rooms are booked by the trip's id: once more is the same booking. A car is another car each time.
/// What was never booked can be cancelled too. There are no cars on Skye, and no hotels in Eden.
class FakeAgency {
 public:
  explicit FakeAgency(durasim::Effects& effects) : effects_(effects) {}

  std::string book(const std::string& what, const Trip& trip) {
    if (what == "car" && trip.city == "Skye") throw std::runtime_error("no car left");
    if (what == "hotel" && trip.city == "Eden") throw std::runtime_error("no room left");
    const std::string reference = what + "/" + trip.id;
    if (what == "car") {
      effects_.record("car");
    } else if (effects_.count("booking", reference) > 0) {
      return reference;  // that one is known
    } else {
      effects_.apply("booking", reference, 1);
    }
    held.push_back(what);
    return reference;
  }

  void cancel(const std::string& what, const Trip& trip) {
    effects_.apply("cancel", what + "/" + trip.id, 1);
    if (std::erase(held, what) > 0) given_back.push_back(what);
  }

  std::vector<std::string> held;
  std::vector<std::string> given_back;

 private:
  durasim::Effects& effects_;
};
// [/agency]

// [configs]
// A car is asked for at most once, as a second request would be a second car.
const durable::StepConfig kPatient{.retry = durable::retry::fixed(2, 10s)};
const durable::StepConfig kOnce{.retry = durable::retry::none(),
                                .semantics = durable::StepSemantics::at_most_once_per_retry};
// [/configs]

// [handler]
std::vector<std::string> book_trip(durable::Context& ctx, const Trip& trip, FakeAgency& agency) {
  std::vector<std::string> to_undo;
  std::vector<std::string> numbers;
  try {
    for (const std::string what : {"flight", "hotel", "car"}) {
      // Noted before it is booked: a booking that fails may have been made all the same.
      to_undo.push_back(what);
      numbers.push_back(ctx.step(
          "book-" + what, [&] { return agency.book(what, trip); },
          what == "car" ? kOnce : kPatient));
    }
    return numbers;
  } catch (const durable::StepError&) {  // not (...): what suspends a handler must pass
    for (auto what = to_undo.rbegin(); what != to_undo.rend(); ++what) {
      ctx.step("cancel-" + *what, [&] { agency.cancel(*what, trip); },
               {.retry = durable::retry::critical()});
    }
    return {};
  }
}
// [/handler]

// [scenario]
void trip_scenario(durasim::Simulation& sim, const Trip& trip) {
  auto& agency = sim.make<FakeAgency>(sim.effects());
  sim.function("book-trip", [&](durable::Context& ctx, const Trip& input) {
    return book_trip(ctx, input, agency);
  });
  sim.effects().at_most(1, "car");
  const auto run = sim.run("book-trip", trip);
  ASSERT_THAT(run, durasim::Succeeded());
  // All or nothing, whatever happened on the way.
  if (run.value<std::vector<std::string>>().empty()) {
    EXPECT_THAT(agency.held, IsEmpty());
  } else {
    EXPECT_THAT(agency.held, ElementsAre("flight", "hotel", "car"));
  }
}

TEST(Saga, BooksAllOrNothingUnderEveryPairOfFaults) {
  const auto scenario = durasim::scenario_for(Trip{"t-1", "Oslo"}, trip_scenario);
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}

TEST(Saga, GivesBackWhatItHasWhenThereIsNoCar) {
  const auto scenario = durasim::scenario_for(Trip{"t-2", "Skye"}, trip_scenario);
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/scenario]

// [order]
TEST(Saga, GivesBackInReverseOrder) {
  durasim::Simulation sim;
  auto& agency = sim.make<FakeAgency>(sim.effects());
  sim.function("book-trip", [&](durable::Context& ctx, const Trip& trip) {
    return book_trip(ctx, trip, agency);
  });
  EXPECT_THAT(sim.run("book-trip", Trip{"t-2", "Skye"}),
              durasim::SucceededWith(std::vector<std::string>{}));
  EXPECT_THAT(agency.given_back, ElementsAre("hotel", "flight"));

  agency.given_back.clear();
  sim.run("book-trip", Trip{"t-3", "Eden"});
  EXPECT_THAT(agency.given_back, ElementsAre("flight"));
}
// [/order]

// [planted]
// The planted bug: what is to be undone is noted when the booking has succeeded. A crash right after the car was
// booked leaves it unknown whether it was, and this handler gives back all but the car.
std::string forgetful(durable::Context& ctx, const Trip& trip, FakeAgency& agency) {
  std::vector<std::string> to_undo;
  try {
    for (const std::string what : {"flight", "hotel", "car"}) {
      ctx.step(
          "book-" + what, [&] { return agency.book(what, trip); },
          what == "car" ? kOnce : kPatient);
      to_undo.push_back(what);
    }
    return "booked";
  } catch (const durable::StepError&) {
    for (auto what = to_undo.rbegin(); what != to_undo.rend(); ++what)
      ctx.step("cancel-" + *what, [&] { agency.cancel(*what, trip); });
    return "sorry";
  }
}

TEST(Saga, IsFoundToKeepTheCarWhenItsFailureIsTakenForNoBooking) {
  const auto scenario = [](durasim::Simulation& sim) {
    auto& agency = sim.make<FakeAgency>(sim.effects());
    sim.function("book-trip", [&](durable::Context& ctx, const Trip& trip) {
      return forgetful(ctx, trip, agency);
    });
    const auto run = sim.run("book-trip", Trip{"t-1", "Oslo"});
    ASSERT_THAT(run, durasim::Succeeded());
    if (run.value<std::string>() == "sorry") {
      EXPECT_THAT(agency.held, IsEmpty());
    }
  };
  durasim::Verification verification;
  EXPECT_NONFATAL_FAILURE_ON_ALL_THREADS(
      verification = durasim::verify(scenario, {.max_faults = 2}), "{ \"car\" }");
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
}
// [/planted]

}  // namespace
