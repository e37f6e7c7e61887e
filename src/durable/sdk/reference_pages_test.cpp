#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

/// The examples of docs/reference/child-context.md and with-retry.md.
namespace durable::reference_pages_test {

using fake::World;
using namespace std::chrono_literals;

struct Parcel {
  std::string label;
  int cents = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Parcel, label, cents)
};

struct Shipper {
  int refusals = 0;
  std::string reserve() const { return "van-7"; }
  int load(const std::string& van) const { return van == "van-7" ? 450 : 0; }
  std::string collect() {
    if (refusals-- > 0) throw std::runtime_error("nobody there");
    return "collected";
  }
};

Parcel ship(Context& ctx, Shipper& shipper) {
  // [child]
  const Parcel parcel = ctx.run_in_child_context("ship", [&](durable::Context& ship) -> Parcel {
    const auto van = ship.step("reserve", [&] { return shipper.reserve(); });
    const auto cents = ship.step("load", [&] { return shipper.load(van); });
    ship.wait("drive", 1h);
    return {van, cents};
  });
  // [/child]
  return parcel;
}

std::string collect(Context& ctx, Shipper& shipper) {
  // [retry]
  const std::string answer =
      ctx.with_retry("collect",
                     [&](durable::Context& attempt) {
                       attempt.wait("opening-hours", 24h);
                       return attempt.step("ring", [&] { return shipper.collect(); },
                                           {.retry = durable::retry::none()});
                     },
                     {.retry = durable::retry::fixed(3, 7 * 24h)});
  // [/retry]
  return answer;
}

TEST(ReferencePages, ShowAChildContextThatWorks) {
  World world;
  Shipper shipper;
  const auto outcome = world.run([&](Context& ctx) { return ship(ctx, shipper); });
  EXPECT_EQ(outcome.result.view(), R"({"cents":450,"label":"van-7"})");
}

TEST(ReferencePages, ShowARetryThatWorks) {
  World world;
  Shipper shipper{2};
  const auto outcome = world.run([&](Context& ctx) { return collect(ctx, shipper); });
  EXPECT_EQ(outcome.result.view(), "\"collected\"");
}

}  // namespace durable::reference_pages_test
