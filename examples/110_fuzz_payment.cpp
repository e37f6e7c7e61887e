// A fuzz target: the payment workflow under faults that a fuzzer chooses. Linked with libFuzzer (preset fuzz) it is
// fuzzed; without, it runs the inputs that it is given, or searches a little.
#include <durasim/fuzzer.hpp>

#include "handlers/sound/payment.hpp"

// [target]
static void pays_once(durasim::Simulation& sim) {
  const payment::Order order = {
      "o-7", {"Ada", "ada@example.org"}, "EUR", {{"BK-1", "A book", 2, 1250}}, "flaky"};
  payment::scenario(sim, order);
}

DURASIM_FUZZ(pays_once, {.max_faults = 4});
// [/target]
