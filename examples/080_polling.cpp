// A job that runs elsewhere and does not call back: it is asked for its state again and again, with pauses in which no
// process lives. What one check has learnt is given to the next.
#include <map>

#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using durasim::SucceededWith;

namespace {

struct Query {
  std::string table;
  int minutes = 0;  // how long the warehouse will need for it
  DURABLE_JSON(Query, table, minutes)
};

// [state]
/// What is known of the job, from one check to the next.
struct Progress {
  std::string job;
  int checks = 0;
  bool done = false;
  DURABLE_JSON(Progress, job, checks, done)
};
// [/state]

/// Runs jobs. A request with a key is recognised when it comes again.
class FakeWarehouse {
 public:
  explicit FakeWarehouse(durasim::Effects& effects) : effects_(effects) {}

  std::string start(const Query& query, const std::string& key, durable::Timestamp now) {
    std::string job = "job-" + std::to_string(done_at_.size() + 1);
    if (key.empty()) {
      effects_.record("job");
    } else {
      job = effects_.apply("job", key, job);
    }
    done_at_.emplace(job, now + std::chrono::minutes(query.minutes));
    return job;
  }
  bool is_done(const std::string& job, durable::Timestamp now) const {
    return now >= done_at_.at(job);
  }

 private:
  durasim::Effects& effects_;
  std::map<std::string, durable::Timestamp> done_at_;
};

// [handler]
/// Half a minute later, then twice as long each time, up to ten minutes; twelve checks in all.
const durable::PollingOptions kPolling{.max_attempts = 12,
                                       .initial = 30s,
                                       .longest = 10min,
                                       .backoff_rate = 2,
                                       .jitter = durable::Jitter::none};

std::string run_query(durable::Context& ctx, const Query& query, FakeWarehouse& warehouse) {
  const auto job = ctx.step("start", [&](durable::StepContext& step) {
    return warehouse.start(query, step.idempotency_key(), step.now());
  });
  try {
    const auto progress = ctx.wait_for_condition(
        "finished", Progress{.job = job},
        [&](const Progress& before, durable::StepContext& step) {
          return Progress{.job = before.job,
                          .checks = before.checks + 1,
                          .done = warehouse.is_done(before.job, step.now())};
        },
        {.continue_while = [](const Progress& now) { return !now.done; }, .polling = kPolling});
    return progress.job + " after " + std::to_string(progress.checks) + " checks";
  } catch (const durable::WaitForConditionError&) {
    return "given up";
  }
}
// [/handler]

void publish(durasim::Simulation& sim) {
  auto& warehouse = sim.make<FakeWarehouse>(sim.effects());
  sim.function("run-query", [&](durable::Context& ctx, const Query& query) {
    return run_query(ctx, query, warehouse);
  });
  sim.effects().exactly(1, "job");
}

// [scenario]
TEST(Polling, StartsOneJobAndSeesItsEndUnderEveryPairOfFaults) {
  const auto scenario = [](durasim::Simulation& sim, const Query& query) {
    publish(sim);
    const auto run = sim.run("run-query", query);
    ASSERT_THAT(run, durasim::Succeeded());
    EXPECT_THAT(run.value<std::string>(), testing::StartsWith("job-1 after "));
  };
  const Query query{"sales", 2};
  EXPECT_THAT(durasim::verify(durasim::scenario_for(query, scenario), {.max_faults = 2}),
              durasim::Holds());
}
// [/scenario]

// [exact]
TEST(Polling, ChecksLessAndLessOften) {
  durasim::Simulation sim;
  publish(sim);
  const auto run = sim.run("run-query", Query{"sales", 45});
  EXPECT_THAT(run, SucceededWith("job-1 after 9 checks"));
  // 30 s, 1, 2, 4 and 8 min, and three times 10 min
  EXPECT_EQ(run.elapsed(), 45min + 30s);
}

TEST(Polling, GivesUpAfterTwelveChecks) {
  durasim::Simulation sim;
  publish(sim);
  EXPECT_THAT(sim.run("run-query", Query{"everything", 24 * 60}), SucceededWith("given up"));
}
// [/exact]

// [planted]
// The planted bug: the first check starts the job, without a key. A check is a step, so after a crash it runs again.
std::string start_in_the_check(durable::Context& ctx, const Query& query,
                               FakeWarehouse& warehouse) {
  const auto progress = ctx.wait_for_condition(
      "finished", Progress{},
      [&](const Progress& before, durable::StepContext& step) {
        if (before.job.empty()) return Progress{.job = warehouse.start(query, "", step.now())};
        return Progress{.job = before.job, .done = warehouse.is_done(before.job, step.now())};
      },
      {.continue_while = [](const Progress& now) { return !now.done; }, .polling = kPolling});
  return progress.job;
}

TEST(Polling, IsFoundToStartTwoJobsWhenTheCheckStartsThem) {
  const auto scenario = [](durasim::Simulation& sim) {
    auto& warehouse = sim.make<FakeWarehouse>(sim.effects());
    sim.function("run-query", [&](durable::Context& ctx, const Query& query) {
      return start_in_the_check(ctx, query, warehouse);
    });
    sim.effects().exactly(1, "job");
    sim.run("run-query", Query{"sales", 2});
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::effects);
}
// [/planted]

}  // namespace
