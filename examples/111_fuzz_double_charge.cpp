// The fuzz target of 110_fuzz_payment with a planted bug: a payment that is interrupted is charged again.
#include <durasim/fuzzer.hpp>

#include "handlers/bugs/double_charge.hpp"

static void pays_twice(durasim::Simulation& sim) {
  const payment::Order order = {
      "o-7", {"Ada", "ada@example.org"}, "EUR", {{"BK-1", "A book", 2, 1250}}, "ok"};
  double_charge::scenario<>(sim, order);
}

DURASIM_FUZZ(pays_twice, {.max_faults = 4});
