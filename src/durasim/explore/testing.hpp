#pragma once

#include <chrono>

#include <durasim/simulation.hpp>

namespace durasim::explore_testing {

/// Fails in two ways: each of two effects that are allowed once can happen twice.
inline void two_bugs(Simulation& sim) {
  sim.function("pay", [&sim](durable::Context& ctx) {
    ctx.step("charge", [&] { sim.effects().record("charge"); });
    ctx.wait("settle", std::chrono::seconds(1));
    ctx.step("mail", [&] { sim.effects().record("mail"); });
  });
  sim.effects().at_most(1, "charge");
  sim.effects().at_most(1, "mail");
  sim.run("pay");
}

}  // namespace durasim::explore_testing
