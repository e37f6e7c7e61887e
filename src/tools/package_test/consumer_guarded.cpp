#include <chrono>
#include <ctime>
#include <iostream>

#include <durasim/durasim.hpp>
#include <durasim/guard.hpp>

/// Calls come to the guard where it is linked from a package too.
int main() {
  durasim::Simulation sim;
  sim.function("handler", [](durable::Context& ctx) {
    const auto begun = std::time(nullptr);
    ctx.wait("a while", std::chrono::seconds(60));
    return begun;
  });
  sim.run("handler");
  for (const auto& finding : sim.findings().all()) std::cout << finding.what << '\n';
  const bool found = sim.findings().all().size() == 2;  // what is read, and what follows
  return found && durasim::guard_is_active() ? 0 : 1;
}
