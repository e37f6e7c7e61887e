#pragma once

#include <cstdlib>
#include <string_view>

#include "handlers/sound/payment.hpp"

/// Planted bugs, in variants: $SUBJECT_VARIANT stands for a program that was changed after the
/// schedule was recorded.
namespace replay_subject {

inline bool variant(std::string_view name) {
  const char* chosen = std::getenv("SUBJECT_VARIANT");
  return chosen != nullptr && chosen == name;
}

/// Charges again when the body runs again.
inline void charges_twice(durasim::Simulation& sim, const payment::Order& order) {
  sim.function("charge-order", [&sim](durable::Context& ctx, const payment::Order& input) {
    if (variant("another-step")) ctx.step("audit", [] {});
    ctx.step("charge", [&](durable::StepContext& step) {
      const bool fixed = variant("fixed");
      sim.effects().apply("charge", fixed ? step.idempotency_key() : std::to_string(step.random()),
                          input.total());
    });
    ctx.wait("settle", std::chrono::seconds(60));
  });
  sim.effects().at_most(1, "charge");
  sim.run("charge-order", order);
}

inline payment::Order order() {
  return {"o-1", {"Ada", "ada@example.org"}, "EUR", {{"BK-1", "A book", 1, 1250}}, "ok", false};
}

}  // namespace replay_subject
