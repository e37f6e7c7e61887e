#include <durasim/margins.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

namespace margins_test {

using namespace std::chrono_literals;
using durasim::Margins;
using durasim::Simulation;
using testing::HasSubstr;
using testing::Not;

int three_steps(durable::Context& ctx) {
  for (const char* name : {"one", "two", "three"})
    ctx.step(name, [] { return std::string(98, 'x'); });
  ctx.wait("pause", 10s);
  return 12345;
}

durasim::SimulationOptions small_limits() {
  durasim::SimulationOptions options;
  options.service.operations_limit = 5;
  options.service.payload_limit_bytes = 1000;
  options.service.execution_timeout = 15s;
  options.invocations_limit = 4;
  return options;
}

TEST(Margins, SayHowMuchOfEachLimitWasUsed) {
  Simulation sim(small_limits());
  sim.function("work", &three_steps);
  const durasim::ExecutionResult run = sim.run("work");
  std::vector<std::string> told;
  for (const durasim::Margin& margin : run.margins()) {
    told.push_back(std::to_string(margin.used) + " of " + std::to_string(margin.limit) + " " +
                   std::string(margin.what));
  }
  EXPECT_THAT(told, testing::ElementsAre("4 of 5 operations", "100 of 1000 payload bytes",
                                         "5 of 6291456 result bytes", "2 of 4 invocations",
                                         "10 of 15 seconds"));
}

TEST(Margins, StandInTheTableWhereTheyAreNarrow) {
  Simulation sim(small_limits());
  sim.function("work", &three_steps);
  const std::string table = sim.run("work").table();
  EXPECT_THAT(table, HasSubstr("  limit  4 of 5 operations\n  limit  10 of 15 seconds\n"));
  EXPECT_THAT(table, Not(HasSubstr("of 4 invocations"))) << "half is not more than half";
  Simulation wide;
  wide.function("work", &three_steps);
  EXPECT_THAT(wide.run("work").table(), Not(HasSubstr("  limit")));
}

TEST(Margins, OfAnExplorationAreTheNarrowestOfItsRuns) {
  const auto scenario = [](Simulation& sim) {
    sim.function("work", &three_steps);
    sim.run("work");
  };
  const durasim::Verification result =
      durasim::verify(scenario, {.max_faults = 1, .simulation = small_limits()});
  ASSERT_EQ(result.verdict, durasim::Verdict::holds) << result;
  EXPECT_GT(result.margins[3].used, 2U) << "a crash costs an invocation";
  EXPECT_THAT(result.report(), HasSubstr("\n  limit    4 of 5 operations\n"));
  EXPECT_THAT(durasim::verify(scenario).report(), Not(HasSubstr("limit")));
}

}  // namespace margins_test
