// A property over orders and schedules: whatever the order, and whatever happens while the workflow runs,
// the card is charged at most once. The workflow of the first property charges it twice after a crash.
// [includes]
#include <durasim/gtest.hpp>
#include <durasim/rapidcheck.hpp>

#include <rapidcheck/gtest.h>
// [/includes]

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/payment.hpp"

namespace rc {

template <>
struct Arbitrary<payment::Order> {
  static Gen<payment::Order> arbitrary() {
    const auto line =
        gen::build<payment::Line>(gen::set(&payment::Line::sku, gen::just<std::string>("BK-1")),
                                  gen::set(&payment::Line::quantity, gen::inRange(1U, 10U)),
                                  gen::set(&payment::Line::unit_price, gen::inRange(0L, 5000L)));
    return gen::build<payment::Order>(
        gen::set(&payment::Order::id, gen::just<std::string>("o-1")),
        gen::set(&payment::Order::currency, gen::element<std::string>("EUR", "JPY", "KWD")),
        gen::set(&payment::Order::lines, gen::container<std::vector<payment::Line>>(line)),
        gen::set(&payment::Order::card, gen::element<std::string>("ok", "flaky")));
  }
};

}  // namespace rc

namespace payment {
void showValue(const Order& order, std::ostream& out) { out << durable::serialize(order); }
}  // namespace payment

// [property]
RC_GTEST_PROP(DoubleCharge, ChargesTheCardOnce,
              (const payment::Order& order, const durasim::Schedule& schedule)) {
  durasim::check(durasim::scenario_for(order, double_charge::scenario<>), schedule);
}
// [/property]

// [fixed]
RC_GTEST_PROP(Payment, ChargesTheCardOnce,
              (const payment::Order& order, const durasim::Schedule& schedule)) {
  durasim::check(durasim::scenario_for(order, payment::scenario), schedule);
}
// [/fixed]

// [wider]
RC_GTEST_PROP(Payment, ChargesTheCardOnceUnderManyFaults, (const payment::Order& order)) {
  const auto schedule = *durasim::arbitrary_schedule(8, 300);
  durasim::check(durasim::scenario_for(order, payment::scenario), schedule,
                 {.faults = durasim::FaultModel::hostile()});
}
// [/wider]
