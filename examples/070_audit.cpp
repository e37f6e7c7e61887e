// What can happen to a payment handler, and to its twin with a planted bug: tables for a design review.
#include <cstdio>

#include <durasim/durasim.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/sound/at_most_once.hpp"
#include "handlers/sound/payment.hpp"

namespace {

payment::Order order() {
  payment::Order order;
  order.id = "order-7";
  order.card = "ok";
  return order;
}

void print(const durasim::Audit& audit) { std::printf("%s\n", audit.table().c_str()); }

}  // namespace

int main() {
  // [audit]
  const auto sound = durasim::audit(durasim::scenario_for(order(), payment::scenario),
                                    {.max_faults = 2, .name = "payment"});
  print(sound);
  // [/audit]
  const auto wrong = durasim::audit(durasim::scenario_for(order(), double_charge::scenario),
                                    {.max_faults = 2, .name = "a fresh key for each run"});
  print(wrong);
  const auto once =
      durasim::audit(at_most_once::scenario, {.max_faults = 2, .name = "at most once"});
  std::printf("%s", once.text().c_str());  // how to read them is said once
  // [hold]
  const bool as_reviewed = sound.is_complete() && sound.effect("charge").applied.in_all.most == 1 &&
                           !sound.step("process-payment").result_differs();
  // [/hold]
  return as_reviewed && wrong.effect("charge").applied.in_all.most > 1 ? 0 : 1;
}
