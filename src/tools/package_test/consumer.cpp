// A program that knows only the installed package: one handler, run once in the simulator.
#include <iostream>

#include <durasim/durasim.hpp>

int main() {
  durasim::Simulation sim;
  sim.function("greet", [](durable::Context& ctx, const std::string& name) {
    return ctx.step("make-greeting", [&] { return "hello, " + name; });
  });
  const auto run = sim.run("greet", std::string("world"));
  std::cout << run << '\n';
  return run.succeeded() ? 0 : 1;
}
