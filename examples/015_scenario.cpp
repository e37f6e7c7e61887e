// A scenario and its parts: fakes, functions, guarantees, executions with expectations.
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;

struct Booking {
  std::string guest;
  int nights = 1;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Booking, guest, nights)
};

// [fake]
/// A hotel that recognises repeated requests, and has no room for more than a week.
class FakeHotel {
 public:
  explicit FakeHotel(durasim::Effects& effects) : effects_(effects) {}

  std::string book(const Booking& booking, const std::string& key) {
    if (booking.nights > 7) throw std::runtime_error("no room");
    return effects_.apply("booking", key, "room of " + booking.guest);
  }

 private:
  durasim::Effects& effects_;
};
// [/fake]

std::string reserve(durable::Context& ctx, const Booking& booking, FakeHotel& hotel) {
  try {
    // [key]
    const auto room = ctx.step(
        "book",
        [&](durable::StepContext& step) { return hotel.book(booking, step.idempotency_key()); },
        {.retry = durable::retry::fixed(2, 10s)});
    // [/key]
    // [wait]
    ctx.wait("free-cancellation", std::chrono::days(1));
    // [/wait]
    return room;
  } catch (const durable::StepError&) {
    return "sorry";
  }
}

// [scenario]
void reserve_scenario(durasim::Simulation& sim, const Booking& booking) {
  // 1. Fakes of the outside world.
  auto& hotel = sim.make<FakeHotel>(sim.effects());
  // 2. The functions under test.
  sim.function("reserve", [&](durable::Context& ctx, const Booking& input) {
    return reserve(ctx, input, hotel);
  });
  // 3. What must be true whatever happens.
  const bool possible = booking.nights <= 7;
  sim.effects().exactly(possible ? 1 : 0, "booking");
  // 4. An execution, and what is expected of it.
  EXPECT_THAT(sim.run("reserve", booking),
              durasim::SucceededWith(possible ? "room of " + booking.guest : "sorry"));
}
// [/scenario]

// [inputs]
TEST(Reserve, SurvivesEveryFault) {
  EXPECT_THAT(durasim::verify(durasim::scenario_for(Booking{"Ada", 2}, reserve_scenario)),
              durasim::Holds());
}

TEST(Reserve, SurvivesEveryFaultWhenThereIsNoRoom) {
  EXPECT_THAT(durasim::verify(durasim::scenario_for(Booking{"Ada", 8}, reserve_scenario)),
              durasim::Holds());
}
// [/inputs]

// [kept]
TEST(Reserve, SurvivesACrashAfterTheBooking) {
  durasim::check(durasim::scenario_for(Booking{"Ada", 2}, reserve_scenario),
                 durasim::Script::parse("at \"book\": crash_after_body"));
}
// [/kept]
