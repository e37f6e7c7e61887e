#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/callback.hpp>
#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// A handler that makes every kind of operation, given its state in pages of one.
namespace paged_operations_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;

int everything(Context& ctx) {
  int sum = ctx.run_in_child_context(
      "child", [](Context& child) { return child.step("step", [] { return 1; }); });
  auto callback = ctx.create_callback<int>("callback", {.timeout = 1h});
  sum += ctx.wait_for_callback<int>("submitted", [](const std::string&) {}, {.timeout = 1h});
  sum += callback.get();
  sum += ctx.invoke<int>("invoke", "ship", nullptr);
  sum += ctx.wait_for_condition("condition", 0, [](int seen) { return seen + 1; },
                                {.continue_while = [](const int& seen) { return seen < 2; },
                                 .polling = {.initial = 60s, .jitter = durable::Jitter::none}});
  ctx.wait("pause", 60s);
  return sum;
}

void scenario(Simulation& sim) {
  sim.function("everything", everything);
  sim.plain_function("ship", [] { return 1000; });
  sim.on_callback("callback").after(30s).succeed(10);
  sim.on_callback("submitted").after(60s).succeed(100);
  EXPECT_THAT(sim.run("everything"), durasim::SucceededWith(1113));
}

durasim::VerifyOptions in_pages_of_one(std::uint32_t max_faults, durasim::FaultModel faults,
                                       const char* name) {
  durasim::VerifyOptions options{.max_faults = max_faults, .faults = faults, .name = name};
  options.simulation.service.state_page_size = 1;
  return options;
}

TEST(StatePages, OfEveryOperationChangeNothingUnderAnyFault) {
  EXPECT_THAT(durasim::verify(&scenario, in_pages_of_one(1, durasim::FaultModel::standard(),
                                                         "every operation in pages")),
              durasim::Holds());
}

TEST(StatePages, OfEveryOperationChangeNothingUnderAnyPairOfCrashes) {
  EXPECT_THAT(durasim::verify(&scenario, in_pages_of_one(2, durasim::FaultModel::crashes(),
                                                         "every operation in pages, crashes")),
              durasim::Holds());
}

}  // namespace paged_operations_test
