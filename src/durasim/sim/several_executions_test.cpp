#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/gtest.hpp>

/// Several executions on one clock: the order of what they do, and that they do not touch each other.
namespace several_executions_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Fault;
using durasim::Simulation;
using durasim::SimulationOptions;
using testing::ElementsAre;
using testing::HasSubstr;

/// Takes one alternative at one site; says afterwards whether it came to it.
class OneFault final : public durasim::Chooser {
 public:
  OneFault(std::uint32_t execution, durasim::SiteKind kind, Fault fault)
      : execution_(execution), kind_(kind), fault_(fault) {}

  std::size_t choose(const durasim::Site& site, std::span<const Fault> menu) override {
    if (injected || site.execution != execution_ || site.kind != kind_) return 0;
    for (std::size_t i = 1; i < menu.size(); ++i) {
      if (menu[i] != fault_) continue;
      injected = true;
      return i;
    }
    return 0;
  }

  bool injected = false;

 private:
  std::uint32_t execution_;
  durasim::SiteKind kind_;
  Fault fault_;
};

/// Waits as many seconds as its input says, three times, and records each awakening.
void publish_naps(Simulation& sim) {
  sim.function("naps", [&sim](Context& ctx, const int& seconds) {
    for (const std::string nap : {"first", "second", "third"}) {
      ctx.wait(nap, std::chrono::seconds(seconds));
      ctx.step("wake-" + nap, [&sim](StepContext& step) {
        sim.effects().apply("awake", step.idempotency_key(), 1);
        return step.random();
      });
    }
    return seconds;
  });
}

TEST(SeveralExecutions, OverlappingWaitsEndInTheOrderOfTheirDeadlines) {
  Simulation sim;
  publish_naps(sim);
  for (const auto& [name, seconds] :
       std::map<std::string, int>{{"ada", 20}, {"bob", 30}, {"eve", 25}})
    sim.start("naps", seconds, {.name = name});
  sim.run_until_idle();
  EXPECT_THAT(sim.timeline().only({"WaitSucceeded"}).lines(),
              ElementsAre("+20s ada WaitSucceeded first", "+25s eve WaitSucceeded first",
                          "+30s bob WaitSucceeded first", "+40s ada WaitSucceeded second",
                          "+50s eve WaitSucceeded second", "+60s bob WaitSucceeded second",
                          "+60s ada WaitSucceeded third", "+75s eve WaitSucceeded third",
                          "+90s bob WaitSucceeded third"));
}

TEST(SeveralExecutions, WaitsThatEndAtOneInstantEndInTheOrderInWhichTheyBegan) {
  Simulation sim;
  sim.function("nap", [](Context& ctx, const int& seconds) {
    if (seconds == 5) ctx.wait("before", 5s);
    ctx.wait("nap", std::chrono::seconds(10 - seconds));
  });
  sim.start("nap", 5, {.name = "later"});  // its second wait begins after 5 s
  sim.start("nap", 0, {.name = "first"});
  sim.start("nap", 0, {.name = "second"});
  sim.run_until_idle();
  EXPECT_THAT(sim.timeline().only({"WaitSucceeded", "ExecutionSucceeded"}).lines(),
              ElementsAre("+5s later WaitSucceeded before", "+10s first WaitSucceeded nap",
                          "+10s second WaitSucceeded nap", "+10s later WaitSucceeded nap",
                          "+10s first ExecutionSucceeded", "+10s second ExecutionSucceeded",
                          "+10s later ExecutionSucceeded"));
}

TEST(SeveralExecutions, HaveOneWakeUpForAllTimersOfOneInstant) {
  Simulation sim;
  sim.function("nap", [](Context& ctx) { ctx.wait("nap", 10s); });
  const auto first = sim.start("nap");
  const auto second = sim.start("nap");
  sim.run_until_idle();
  EXPECT_THAT(sim.result(first), durasim::Ran(2));
  EXPECT_THAT(sim.result(second), durasim::Ran(2));
}

TEST(SeveralExecutions, EffectsStandInTheTimelineWhereTheyHappen) {
  Simulation sim;
  publish_naps(sim);
  sim.start("naps", 2, {.name = "ada"});
  sim.start("naps", 1, {.name = "bob"});
  sim.run_for(2s);
  const auto effects = sim.timeline().only({"Effect"});
  ASSERT_EQ(effects.size(), 3U);
  EXPECT_THAT(effects.lines()[0], testing::StartsWith("+1s bob Effect awake "));
  EXPECT_THAT(effects.lines()[1], testing::StartsWith("+2s ada Effect awake "));
  EXPECT_THAT(effects.lines()[2], testing::StartsWith("+2s bob Effect awake "));
  EXPECT_EQ(sim.timeline().only({"Effect"}).of({2}).size(), 2U);
}

/// The traces of three executions, of which one suffers a fault.
std::vector<std::string> traces_of_naps(durasim::Chooser& chooser) {
  SimulationOptions options;
  options.faults = durasim::FaultModel::hostile();
  Simulation sim(options, chooser);
  publish_naps(sim);
  std::vector<durasim::Trace> traces;
  for (std::uint32_t execution : {1U, 2U, 3U}) traces.push_back(durasim::Trace::of(execution));
  for (durasim::Trace& trace : traces) sim.watch(trace);
  for (const int seconds : {20, 30, 25}) sim.start("naps", seconds);
  sim.run_until_idle();
  EXPECT_TRUE(sim.findings().empty());
  std::vector<std::string> texts;
  for (const durasim::Trace& trace : traces) texts.push_back(trace.text());
  return texts;
}

TEST(SeveralExecutions, AFaultInOneLeavesTheTracesOfTheOthersAsTheyAre) {
  durasim::NominalChooser nominal;
  const auto undisturbed = traces_of_naps(nominal);
  const std::vector<std::pair<durasim::SiteKind, Fault>> faults = {
      {durasim::SiteKind::after_body, Fault::crash_after_body},
      {durasim::SiteKind::after_body, Fault::body_outlives_invocation},
      {durasim::SiteKind::before_body, Fault::overtaken_before_body},
      {durasim::SiteKind::request, Fault::answer_delayed},
      {durasim::SiteKind::request, Fault::request_lost},
      {durasim::SiteKind::invocation_start, Fault::late_delivery},
      {durasim::SiteKind::invocation_start, Fault::cold_start},
      {durasim::SiteKind::invocation_start, Fault::redelivery_after_end},
      {durasim::SiteKind::invocation_start, Fault::concurrent_delivery_newer_first},
      {durasim::SiteKind::invocation_end, Fault::crash_before_response},
      {durasim::SiteKind::invocation_end, Fault::response_lost},
      {durasim::SiteKind::execution_end, Fault::delivery_after_completion}};
  for (const auto& [site, fault] : faults) {
    for (std::uint32_t hit : {1U, 2U, 3U}) {
      OneFault chooser(hit, site, fault);
      const auto disturbed = traces_of_naps(chooser);
      ASSERT_TRUE(chooser.injected) << to_string(fault);
      for (std::uint32_t other : {1U, 2U, 3U}) {
        const bool same = undisturbed[other - 1] == disturbed[other - 1];
        EXPECT_EQ(same, other != hit)
            << to_string(fault) << " in execution " << hit << ", execution " << other << ": "
            << durasim::first_difference(undisturbed[other - 1], disturbed[other - 1]);
      }
    }
  }
}

TEST(SeveralExecutions, AnExecutionsTraceCountsItsOwnInvocations) {
  Simulation sim;
  sim.function("nap", [](Context& ctx) { ctx.wait("nap", 10s); });
  auto whole = durasim::Trace();
  auto second = durasim::Trace::of(2);
  sim.watch(whole);
  sim.watch(second);
  sim.start("nap");
  sim.start("nap");
  sim.run_until_idle();
  EXPECT_THAT(whole.text(), HasSubstr(" e2 i4 invocation_started"));
  EXPECT_THAT(second.text(), HasSubstr(" e2 i2 invocation_started"));
  EXPECT_THAT(second.text(), testing::Not(HasSubstr(" e1 ")));
  EXPECT_EQ(second.text().substr(0, 16), "durasim-trace 1\n");
}

TEST(SeveralExecutions, ABodyThatRunsAgainDrawsOtherNumbers) {
  std::vector<std::uint64_t> drawn;
  OneFault chooser(1, durasim::SiteKind::after_body, Fault::crash_after_body);
  SimulationOptions options;
  options.faults = durasim::FaultModel::standard();
  Simulation sim(options, chooser);
  sim.function("draw", [&](Context& ctx) {
    ctx.step("draw", [&](StepContext& step) {
      drawn.push_back(step.random());
      drawn.push_back(step.random());
    });
  });
  sim.run("draw");
  ASSERT_EQ(drawn.size(), 4U);
  EXPECT_EQ(std::set<std::uint64_t>(drawn.begin(), drawn.end()).size(), 4U);
}

TEST(SeveralExecutions, DrawTheNumbersThatTheyDrawAlone) {
  const auto draw = [](bool beside_another) {
    Simulation sim;
    sim.function("draw", [](Context& ctx) {
      ctx.wait("nap", 1s);
      return ctx.step("draw", [](StepContext& step) { return step.random(); });
    });
    const auto first = sim.start("draw");
    const auto second = beside_another ? sim.start("draw") : first;
    sim.run_until_idle();
    return std::pair(sim.result(first).value<std::uint64_t>(),
                     sim.result(second).value<std::uint64_t>());
  };
  EXPECT_EQ(draw(false).first, draw(true).first);
  EXPECT_NE(draw(true).first, draw(true).second);
}

TEST(SeveralExecutions, OfOneFunctionShareAWarmSandbox) {
  int made = 0;
  Simulation sim({.shadow_replay = false});
  sim.function_factory("count", [&] {
    ++made;
    return [runs = 0](Context& ctx) mutable {
      ++runs;
      ctx.wait("nap", 1s);
      return runs;
    };
  });
  const auto first = sim.start("count");
  const auto second = sim.start("count");
  sim.run_until_idle();
  EXPECT_EQ(made, 1);
  EXPECT_THAT(sim.result(first), durasim::SucceededWith(3));
  EXPECT_THAT(sim.result(second), durasim::SucceededWith(4));
}

TEST(SeveralExecutions, OfSeveralFunctionsRunSideBySide) {
  Simulation sim;
  sim.function("short", [](Context& ctx) { ctx.wait("nap", 1s); });
  sim.function("long", [](Context& ctx) { ctx.wait("nap", 1h); });
  const auto sleeper = sim.start("long");
  EXPECT_EQ(sim.run("short").elapsed(), 1s);
  EXPECT_EQ(sim.result(sleeper).status(), durable::ExecutionStatus::running);
  EXPECT_EQ(sim.run("long").elapsed(), 1h);  // meanwhile the other one ends
  EXPECT_THAT(sim.result(sleeper), durasim::Succeeded());
}

TEST(SeveralExecutions, MayBeStartedWhileOthersSleep) {
  Simulation sim;
  sim.function("nap", [](Context& ctx) { ctx.wait("nap", 10s); });
  const auto early = sim.start("nap");
  sim.run_for(4s);
  const auto late = sim.start("nap");
  sim.run_for(6s);
  EXPECT_THAT(sim.result(early), durasim::Succeeded());
  EXPECT_EQ(sim.result(late).status(), durable::ExecutionStatus::running);
  EXPECT_EQ(sim.result(late).elapsed(), 6s);
  sim.run_until_idle();
  EXPECT_EQ(sim.now(), SimulationOptions().start + 14s);
}

TEST(SeveralExecutions, BodiesMayStartFurtherOnes) {
  Simulation sim;
  sim.function("child", [](Context& ctx) { ctx.wait("nap", 1s); });
  sim.function("parent", [&](Context& ctx) {
    return ctx.step("start", [&] { return sim.start("child").number; });
  });
  EXPECT_THAT(sim.run("parent"), durasim::SucceededWith(2));
  sim.run_until_idle();
  EXPECT_THAT(sim.result({2}), durasim::Succeeded());
}

TEST(SeveralExecutions, HaveTheNamesThatTheyWereGiven) {
  Simulation sim;
  sim.function("name", [](Context& ctx) { return ctx.execution().name; });
  const auto named = sim.start("name", {.name = "order-7"});
  const auto unnamed = sim.start("name");
  sim.run_until_idle();
  EXPECT_THAT(sim.result(named), durasim::SucceededWith("order-7"));
  EXPECT_EQ(sim.result(named).name(), "order-7");
  EXPECT_EQ(sim.result(unnamed).name(), "execution-2");
  EXPECT_THROW(sim.start("name", {.name = "order-7"}), std::invalid_argument);
  EXPECT_THROW(sim.start("name", {.name = "order 8"}), std::invalid_argument);
  EXPECT_EQ(sim.executions(), 2U);  // what is refused leaves nothing behind
}

TEST(SeveralExecutions, AThousandHaveAThousandTimesTheEventsOfOne) {
  constexpr std::uint32_t kMany = 1'000;
  const auto events_of = [](std::uint32_t executions) {
    class Counter final : public durasim::Monitor {
     public:
      void on(const durasim::TraceEvent&) override { ++events; }
      std::size_t events = 0;
    } counter;
    Simulation sim;
    sim.watch(counter);
    sim.function("nap", [](Context& ctx) { ctx.wait("nap", 10s); });
    for (std::uint32_t i = 0; i < executions; ++i) sim.start("nap");
    sim.run_until_idle();
    for (std::uint32_t i = 1; i <= executions; ++i) EXPECT_TRUE(sim.result({i}).succeeded());
    return counter.events;
  };
  EXPECT_EQ(events_of(kMany), kMany * events_of(1));
}

}  // namespace several_executions_test
