#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

namespace simulation_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Simulation;
using testing::HasSubstr;

TEST(Simulation, AWaitTakesVirtualTimeOnly) {
  Simulation sim;
  sim.function("nap", [](Context& ctx) { ctx.wait("nap", 60s); });
  const auto run = sim.run("nap");
  EXPECT_THAT(run, durasim::Succeeded());
  EXPECT_EQ(run.elapsed(), 60s);
  EXPECT_THAT(run, durasim::Ran(2));
}

TEST(Simulation, AYearPassesAtOnce) {
  Simulation sim;
  sim.function("year", [](Context& ctx) {
    for (int month = 0; month < 12; ++month) ctx.wait("month", 30 * 24h);
    return 12;
  });
  const auto run = sim.run("year");
  EXPECT_THAT(run, durasim::SucceededWith(12));
  EXPECT_EQ(run.elapsed(), 360 * 24h);
  EXPECT_EQ(run.invocations(), 13U);
}

TEST(Simulation, MayStartInTheFirstSecondOfTimeAndInTheYear9999) {
  const durasim::Timestamp epoch{};
  const durasim::Timestamp end = epoch + std::chrono::milliseconds(253'370'764'800'000);
  for (const durasim::Timestamp start : {epoch, end}) {
    Simulation sim({.start = start});
    sim.function("nap", [](Context& ctx) { ctx.wait("nap", 24h); });
    const auto run = sim.run("nap");
    EXPECT_TRUE(run.succeeded());
    EXPECT_EQ(sim.now(), start + 24h);
  }
}

TEST(Simulation, TheLongestWaitIsAYearAndADay) {
  Simulation sim;
  sim.function("longest", [](Context& ctx) { ctx.wait("longest", durable::kLongestWait - 1s); });
  EXPECT_EQ(sim.run("longest").elapsed(), durable::kLongestWait - 1s);
}

TEST(Simulation, ABadWaitIsAnErrorOfTheHandlerThatNamesItsPlace) {
  for (const auto duration : {0s, -5s, durable::kLongestWait + 1s}) {
    Simulation sim;
    sim.function("bad", [&](Context& ctx) { ctx.wait("nap", duration); });
    const auto run = sim.run("bad");
    EXPECT_THAT(run, durasim::FailedWith("ValidationError", "simulation_test.cpp"));
    EXPECT_THAT(run.error().message, HasSubstr(std::to_string(duration.count())));
    EXPECT_TRUE(run.operations().empty());
  }
}

TEST(Simulation, ABadNameIsAnErrorOfTheHandler) {
  for (const std::string& name :
       {std::string(257, 'n'), std::string("tab\there"), std::string("\xC3\xA9")}) {
    Simulation sim;
    sim.function("bad", [&](Context& ctx) { ctx.step(name, [] { return 1; }); });
    EXPECT_THAT(sim.run("bad"), durasim::FailedWith("ValidationError", "name of the operation"));
  }
}

TEST(Simulation, AResultThatIsTooLargeFailsTheExecutionWithAdvice) {
  Simulation sim;
  sim.function("large",
               [](Context& ctx) { ctx.step("load", [] { return std::string(262'144, 'x'); }); });
  const auto run = sim.run("large");
  EXPECT_EQ(run.status(), durable::ExecutionStatus::failed);
  EXPECT_THAT(run.error().message, HasSubstr("\"load\""));
  EXPECT_THAT(run.error().message, HasSubstr("262144"));
  EXPECT_THAT(run.error().message, HasSubstr("simulation_test.cpp"));
}

TEST(Simulation, AResultOfTheLargestSizeIsRecorded) {
  Simulation sim;
  sim.function("large", [](Context& ctx) {
    return ctx.step("load", [] { return std::string(durable::kPayloadLimitBytes - 2, 'x'); })
        .size();
  });
  EXPECT_THAT(sim.run("large"), durasim::SucceededWith(durable::kPayloadLimitBytes - 2));
}

TEST(Simulation, AResultThatDoesNotSerialiseFailsTheExecution) {
  Simulation sim;
  sim.function("nan", [](Context& ctx) {
    ctx.step("measure",
             [] { return std::vector<double>{1.0, std::numeric_limits<double>::quiet_NaN()}; });
  });
  const auto run = sim.run("nan");
  EXPECT_THAT(run, durasim::FailedWith("SerDesError", "\"measure\""));
  EXPECT_THAT(run.error().message, HasSubstr("/1"));
}

TEST(Simulation, AnExceptionThatIsNoStdExceptionIsRecordedByItsType) {
  Simulation sim;
  sim.function("odd", [](Context&) { throw 42; });
  EXPECT_THAT(sim.run("odd"), durasim::FailedWith("int", "not a std::exception"));
}

TEST(Simulation, AnInputOfAnotherShapeFailsTheExecution) {
  Simulation sim;
  sim.function("count",
               [](Context&, const std::vector<std::uint8_t>& input) { return input.size(); });
  EXPECT_THAT(sim.run_json("count", "[1, 300]"), durasim::FailedWith("SerDesError", "/1"));
  EXPECT_THAT(sim.run_json("count", "[1, 2"), durasim::FailedWith("SerDesError", "not JSON"));
}

TEST(Simulation, AFunctionThatWasNotPublishedIsNamedWithThoseThatWere) {
  Simulation sim;
  sim.function("ship", [](Context&) {});
  try {
    sim.run("shop");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"shop\""));
    EXPECT_THAT(error.what(), HasSubstr("ship"));
  }
}

TEST(Simulation, MadeObjectsAreDestroyedInReverseOrder) {
  struct Noisy {
    std::vector<int>& log;
    int number;
    ~Noisy() { log.push_back(number); }
  };
  std::vector<int> log;
  {
    Simulation sim;
    sim.make<Noisy>(log, 1);
    sim.make<Noisy>(log, 2);
  }
  EXPECT_EQ(log, (std::vector<int>{2, 1}));
}

TEST(Simulation, RunForStopsInTheMiddleOfAWait) {
  Simulation sim;
  sim.function("nap", [](Context& ctx) { ctx.wait("nap", 30 * 24h); });
  const auto execution = sim.start("nap");
  sim.run_for(29 * 24h);
  EXPECT_EQ(sim.result(execution).status(), durable::ExecutionStatus::running);
  EXPECT_EQ(sim.result(execution).elapsed(), 29 * 24h);
  sim.run_for(24h);
  EXPECT_THAT(sim.result(execution), durasim::Succeeded());
}

TEST(Simulation, AnExecutionTimeoutEndsAnExecution) {
  durasim::SimulationOptions options;
  options.service.execution_timeout = 1h;
  Simulation sim(options);
  sim.function("slow", [](Context& ctx) { ctx.wait("nap", 2h); });
  const auto run = sim.run("slow");
  EXPECT_EQ(run.status(), durable::ExecutionStatus::timed_out);
  EXPECT_EQ(run.elapsed(), 1h);
}

TEST(Simulation, AFactoryMakesANewHandlerAtEveryColdStart) {
  int made = 0;
  durasim::SimulationOptions options;
  options.shadow_replay = false;
  Simulation sim(options);
  struct Handler {
    int operator()(Context& ctx) {
      ctx.wait("nap", 5s);
      return ++runs;
    }
    int runs = 0;
  };
  sim.function_factory("warm", [&] {
    ++made;
    return Handler{};
  });
  EXPECT_THAT(sim.run("warm"), durasim::SucceededWith(1));
  EXPECT_EQ(made, 1);  // the second invocation is warm
}

TEST(Simulation, TheNominalIdempotencyKeyIsTheSameForEveryAttempt) {
  Simulation sim;
  std::vector<std::string> keys;
  sim.function("keys", [&](Context& ctx) {
    ctx.step("first",
             [&](StepContext& step) {
               keys.push_back(step.idempotency_key());
               if (step.attempt() < 3) throw std::runtime_error("again");
             },
             {.retry = durable::retry::fixed(3, 1s)});
    ctx.step("second", [&](StepContext& step) { keys.push_back(step.idempotency_key()); });
  });
  sim.run("keys");
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[0], keys[2]);
  EXPECT_NE(keys[0], keys[3]);
}

TEST(Simulation, LogLinesOfTheHandlerAreWrittenOnce) {
  Simulation sim;
  sim.function("talk", [](Context& ctx) {
    ctx.logger().info("begin");
    ctx.wait("nap", 1s);
    ctx.logger().info("end");
  });
  const auto run = sim.run("talk");
  ASSERT_EQ(run.logs().size(), 2U);
  EXPECT_EQ(run.logs()[0].text, "begin");
  EXPECT_EQ(run.logs()[1].text, "end");
  EXPECT_EQ(run.logs()[0].invocation, 1U);
  EXPECT_EQ(run.logs()[1].invocation, 2U);
}

TEST(Simulation, LogLinesOfAStepAreWrittenOnceForEachAttempt) {
  Simulation sim;
  sim.function("talk", [](Context& ctx) {
    ctx.step("speak",
             [](durable::StepContext& step) {
               step.logger().warn("try");
               if (step.attempt() == 1) throw std::runtime_error("not yet");
             },
             {.retry = durable::retry::fixed(2, 1s)});
    ctx.wait("nap", 1s);
  });
  const auto run = sim.run("talk");
  ASSERT_EQ(run.logs().size(), 2U);
  for (std::uint32_t attempt : {1U, 2U}) {
    const durasim::LogLine& line = run.logs()[attempt - 1];
    EXPECT_EQ(line.name, "speak");
    EXPECT_EQ(line.attempt, attempt);
    EXPECT_EQ(line.invocation, attempt);
    EXPECT_EQ(line.path, durable::OperationPath().child(1));
  }
}

TEST(Simulation, AResultPrintsItselfAsATable) {
  Simulation sim;
  sim.function("greet", [](Context& ctx, const std::string& name) {
    const auto greeting = ctx.step("greet", [&] { return "hello " + name; });
    ctx.wait("nap", 90s);
    return greeting;
  });
  const auto run = sim.run("greet", std::string("Ada"));
  EXPECT_EQ(testing::PrintToString(run), run.table());
  for (const char* part :
       {"SUCCEEDED after 90s in 2 invocations", "greet", "STEP", "WAIT", "\"hello Ada\"", "+90s"}) {
    EXPECT_THAT(run.table(), HasSubstr(part));
  }
  EXPECT_EQ(run.history().size(), 8U);
}

TEST(Simulation, FindingsThatNobodyReadFailTheTest) {
  const auto simulate = [] {
    Simulation sim;
    sim.function("notify", [&sim](Context&) { sim.effects().record("mail"); });
    sim.run("notify");
  };
  EXPECT_NONFATAL_FAILURE(simulate(), "effects: ");
}

TEST(Simulation, StaleTimersDoNotMoveTheClock) {
  Simulation sim;
  sim.function("flaky", [](Context& ctx) {
    ctx.step("try",
             [](StepContext& step) {
               if (step.attempt() == 1) throw std::runtime_error("again");
             },
             {.retry = durable::retry::fixed(2, 5s)});
  });
  EXPECT_EQ(sim.run("flaky").elapsed(), 5s);
  const auto before = sim.now();
  sim.run_for(0s);
  EXPECT_EQ(sim.now(), before);
}

TEST(Simulation, AResultTooLargeForAResponseGoesThroughACheckpoint) {
  Simulation sim;
  const std::size_t size = 6 * 1024 * 1024 - 40;
  sim.function("huge", [&](Context&) { return std::string(size, 'x'); });
  const auto run = sim.run("huge");
  EXPECT_THAT(run, durasim::Succeeded());
  EXPECT_EQ(run.result().size(), size + 2);
  EXPECT_TRUE(sim.findings().empty());
}

TEST(Simulation, AResultOverSixMebibytesFailsTheExecution) {
  Simulation sim;
  sim.function("huge", [&](Context&) { return std::string(6 * 1024 * 1024, 'x'); });
  const auto run = sim.run("huge");
  EXPECT_EQ(run.status(), durable::ExecutionStatus::failed);
  EXPECT_THAT(run.error().message, HasSubstr("6291456"));
}

TEST(Simulation, AMonitorIsToldOfTheKindsThatItAskedForAndOfNoOther) {
  using Kind = durasim::TraceEvent::Kind;
  struct Kinds final : durasim::Monitor {
    durasim::EventKinds interests() const override { return {Kind::body_started, Kind::history}; }
    void on(const durasim::TraceEvent& event) override { told.push_back(event.kind); }
    std::vector<Kind> told;
  } kinds;
  Simulation sim;
  sim.watch(kinds);
  sim.function("work", [](Context& ctx) { return ctx.step("work", [] { return 1; }); });
  sim.run("work");
  EXPECT_THAT(kinds.told,  // the start of the execution, two of the step, two of the ends
              testing::ElementsAre(Kind::history, Kind::body_started, Kind::history, Kind::history,
                                   Kind::history, Kind::history));
}

/// What hygiene says.
std::string found_by_hygiene(const Simulation& sim) {
  std::string what;
  for (const durasim::Finding& finding : sim.findings().all()) {
    if (finding.oracle == durasim::Oracle::hygiene) what += finding.what;
  }
  return what;
}

TEST(KeptContext, OfAnEarlierInvocationEndsTheExecutionAndIsFound) {
  Simulation sim;
  Context* kept = nullptr;
  const int line = __LINE__ + 4;
  sim.function("order", [&](Context& ctx) {
    if (kept == nullptr) kept = &ctx;
    ctx.wait("settle", 1h);
    kept->step("late", [] { ADD_FAILURE() << "the body runs"; });
  });
  EXPECT_THAT(sim.run("order"), durasim::FailedWith("ContextMisuseError", "has ended"));
  EXPECT_THAT(found_by_hygiene(sim),
              testing::AllOf(
                  HasSubstr("durable call \"late\" at simulation_test.cpp:" + std::to_string(line)),
                  HasSubstr("after the invocation that it belongs to has ended")));
}

TEST(KeptContext, OfAnotherExecutionIsFoundInTheOneThatUsesIt) {
  Simulation sim;
  Context* kept = nullptr;
  sim.function("first", [&](Context& ctx) { kept = &ctx; });
  sim.function("second", [&](Context&) { kept->wait("late", 1h); });
  EXPECT_TRUE(sim.run("first").succeeded());
  EXPECT_THAT(sim.run("second"), durasim::FailedWith("ContextMisuseError", "\"late\""));
  EXPECT_THAT(found_by_hygiene(sim), HasSubstr("durable call \"late\""));
}

TEST(KeptLogger, OfAnEarlierInvocationIsFound) {
  Simulation sim;
  std::optional<durable::Logger> kept;
  sim.function("order", [&](Context& ctx) {
    if (!kept) kept = ctx.logger();
    ctx.wait("settle", 1h);
    kept->info("settled");
  });
  EXPECT_TRUE(sim.run("order").succeeded());
  EXPECT_THAT(found_by_hygiene(sim), HasSubstr("the log line \"settled\""));
}

}  // namespace simulation_test
