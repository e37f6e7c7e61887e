// The adapters' sources come with the package and are compiled here, against this project's
// GoogleTest and RapidCheck.
#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>
#include <durasim/rapidcheck.hpp>

TEST(InstalledPackage, VerifiesAHandler) {
  const auto scenario = [](durasim::Simulation& sim) {
    sim.function("greet", [](durable::Context& ctx, const std::string& name) {
      return ctx.step("make-greeting", [&] { return "hello, " + name; });
    });
    EXPECT_THAT(sim.run("greet", std::string("world")), durasim::SucceededWith("hello, world"));
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 1}), durasim::Holds());
}
