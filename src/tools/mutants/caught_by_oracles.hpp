#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <durasim/durasim.hpp>

#include "durable/model/mutant.hpp"
#include "handlers/sound/all.hpp"

/// Which planted bug of the SDK or the service which oracle finds, and on which sound handler it is
/// the only one.
namespace oracle_mutants {

using durable::mutant::Mutant;
using durasim::Fault;
using durasim::FaultModel;
using durasim::Oracle;

struct Row {
  Mutant mutant;
  Oracle oracle;
  std::string handler;
  durasim::Scenario scenario;
  FaultModel faults = FaultModel::hostile();
  bool shadow_replay = true;
  std::vector<Oracle> also = {};  ///< find its consequences in the same run
  durasim::ServiceConfig service = {};
};

/// Two executions whose waits end at the same instant.
inline void wait_side_by_side(durasim::Simulation& sim) {
  sim.function("pause", [](durable::Context& ctx) { ctx.wait("pause", std::chrono::minutes(1)); });
  sim.start("pause");
  sim.start("pause");
  sim.run_for(std::chrono::hours(1));
}

/// Has one operation more than it may, and so fails.
inline void exceeds_the_limit(durasim::Simulation& sim) {
  sim.function("two-steps", [](durable::Context& ctx) {
    ctx.step("first", [] { return 1; });
    return ctx.step("second", [] { return 2; });
  });
  sim.run("two-steps");
}
inline durasim::ServiceConfig one_operation() {
  durasim::ServiceConfig config;
  config.operations_limit = 1;
  return config;
}

/// Ends by its timeout, in the middle of a wait.
inline void times_out(durasim::Simulation& sim) {
  sim.function("pause", [](durable::Context& ctx) { ctx.wait("pause", std::chrono::hours(2)); });
  sim.run("pause");
}
inline durasim::ServiceConfig one_hour() {
  durasim::ServiceConfig config;
  config.execution_timeout = std::chrono::hours(1);
  return config;
}

/// What is lost on the way is sent again, and costs no invocation.
inline void needs_one_invocation(durasim::Simulation& sim) {
  sim.function("one-step",
               [](durable::Context& ctx) { return ctx.step("only", [] { return 1; }); });
  if (sim.run("one-step").invocations() != 1)
    throw std::runtime_error("it took more than one invocation");
}

/// Pages of one operation.
inline durasim::ServiceConfig small_pages() {
  durasim::ServiceConfig config;
  config.state_page_size = 1;
  return config;
}

/// Of child contexts, callbacks, chained invokes and conditions. Most of their handlers say what their
/// result is, so that the scenario notices a wrong end as well.
inline std::vector<Row> caught_in_new_operations() {
  using enum Mutant;
  const auto poll = durasim::scenario_for(5U, polling::scenario);
  const std::vector<Oracle> wrong_end = {Oracle::expectation};
  return {
      {.mutant = runs_recorded_contexts_again,
       .oracle = Oracle::completed_once,
       .handler = "nested_contexts",
       .scenario = &nested_contexts::scenario,
       .shadow_replay = false,
       .also = wrong_end},
      {shares_counters_with_children, Oracle::replay_agreement, "nested_contexts",
       &nested_contexts::scenario},
      {ignores_replay_children, Oracle::expectation, "large_contexts", &large_contexts::scenario},
      {swallows_context_errors_on_replay, Oracle::replay_agreement, "saga", &saga::scenario},
      {draws_back_offs_anew, Oracle::replay_agreement, "retried_invoke", &retried_invoke::scenario},
      {.mutant = forgets_pages,
       .oracle = Oracle::result_agreement,
       .handler = "never_waits",
       .scenario = &never_waits::scenario,
       .service = small_pages()},
      {.mutant = creates_callbacks_again,
       .oracle = Oracle::replay_agreement,
       .handler = "callbacks_before_a_wait",
       .scenario = &callbacks_before_a_wait::scenario,
       .also = wrong_end},
      {throws_timeouts_as_external, Oracle::expectation, "unanswered", &unanswered::scenario},
      {skips_submitters, Oracle::expectation, "approval", &approval::scenario},
      {throws_contexts_for_callbacks, Oracle::expectation, "unanswered", &unanswered::scenario},
      {.mutant = invokes_again_after_failure,
       .oracle = Oracle::replay_agreement,
       .handler = "failing_invokes",
       .scenario = &failing_invokes::scenario,
       .also = wrong_end},
      {forgets_the_state_of_conditions, Oracle::expectation, "polling", poll},
      {gives_up_conditions_that_are_met, Oracle::expectation, "polling", poll},

      {callback_times_out_early, Oracle::timers, "unanswered", &unanswered::scenario},
      {.mutant = heartbeats_change_nothing,
       .oracle = Oracle::timers,
       .handler = "approval",
       .scenario = &approval::scenario,
       .also = wrong_end},
      {.mutant = last_end_of_a_callback_counts,
       .oracle = Oracle::history_legal,
       .handler = "callbacks_before_a_wait",
       .scenario = &callbacks_before_a_wait::scenario,
       .also = {Oracle::outside_once}},
      {.mutant = callbacks_share_an_id,
       .oracle = Oracle::outside_once,
       .handler = "callbacks_before_a_wait",
       .scenario = &callbacks_before_a_wait::scenario,
       .also = wrong_end},
      {callbacks_change_their_ids, Oracle::outside_once, "callbacks_before_a_wait",
       &callbacks_before_a_wait::scenario},
      {starts_invokes_twice, Oracle::outside_once, "retried_invoke", &retried_invoke::scenario},
      {.mutant = drops_children_to_be_replayed,
       .oracle = Oracle::replay_agreement,
       .handler = "large_contexts",
       .scenario = &large_contexts::scenario,
       .also = wrong_end},
      {.mutant = ends_of_invokes_wake_nobody,
       .oracle = Oracle::progress,
       .handler = "retried_invoke",
       .scenario = &retried_invoke::scenario,
       .also = wrong_end},
      {.mutant = page_drops_its_last_operation,
       .oracle = Oracle::result_agreement,
       .handler = "never_waits",
       .scenario = &never_waits::scenario,
       .service = small_pages()},
  };
}

inline std::vector<Row> caught_in_steps_and_waits() {
  const auto declined = durasim::scenario_for(sound::small_order("declined"), payment::scenario);
  const auto flaky = durasim::scenario_for(sound::small_order("flaky"), payment::scenario);
  const auto paid = durasim::scenario_for(sound::small_order(), payment::scenario);
  const auto repeated =
      FaultModel::none().with({Fault::request_lost, Fault::answer_lost, Fault::throttled,
                               Fault::server_error, Fault::server_error_applied});
  return {
      {Mutant::repeats_bodies_after_success, Oracle::completed_once, "never_waits",
       &never_waits::scenario},
      // A shadow replay stops in the body that it must not run, and so makes fewer calls.
      {Mutant::runs_recorded_steps_again, Oracle::completed_once, "random_id", &random_id::scenario,
       FaultModel::hostile(), false},

      {Mutant::skips_awaiting_at_most_once_start, Oracle::attempt_semantics, "at_most_once",
       &at_most_once::scenario},
      {Mutant::reruns_interrupted_at_most_once, Oracle::attempt_semantics, "at_most_once",
       &at_most_once::scenario},
      {Mutant::counts_no_attempts, Oracle::attempt_semantics, "payment_flaky", flaky},
      {.mutant = Mutant::forgets_attempts,
       .oracle = Oracle::attempt_semantics,
       .handler = "payment_flaky",
       .scenario = flaky,
       .also = {Oracle::history_legal}},
      {Mutant::retries_without_limit, Oracle::attempt_semantics, "fallback", &fallback::scenario},

      {Mutant::returns_pending_without_cause, Oracle::progress, "throws", &throws::scenario},
      {Mutant::loses_wake_up, Oracle::progress, "cleanup", &cleanup::scenario},
      {Mutant::invokes_again_at_once, Oracle::progress, "random_id", &random_id::scenario},

      {Mutant::raises_failure_for_lost_answer, Oracle::replay_agreement, "payment", paid},

      {Mutant::drops_last_operation_from_state, Oracle::result_agreement, "never_waits",
       &never_waits::scenario},
      {Mutant::accepts_stale_tokens, Oracle::result_agreement, "never_waits",
       &never_waits::scenario},

      {Mutant::writes_ends_of_steps_twice, Oracle::history_legal, "never_waits",
       &never_waits::scenario},
      {Mutant::completes_invocation_last, Oracle::history_legal, "never_waits",
       &never_waits::scenario},
      {Mutant::writes_no_end, Oracle::history_legal, "never_waits", &never_waits::scenario},

      {.mutant = Mutant::forgets_results_on_replay,
       .oracle = Oracle::first_run_parity,
       .handler = "loop_over_input",
       .scenario = &loop_over_input::scenario,
       .also = {Oracle::replay_agreement}},
      {.mutant = Mutant::swallows_step_errors_on_replay,
       .oracle = Oracle::first_run_parity,
       .handler = "fallback",
       .scenario = &fallback::scenario,
       .also = {Oracle::replay_agreement}},
      {Mutant::hands_out_unrecorded_results, Oracle::first_run_parity, "random_id",
       &random_id::scenario},
      {Mutant::hands_out_raw_results, Oracle::first_run_parity, "never_waits",
       &never_waits::scenario},

      {Mutant::wait_ends_early, Oracle::timers, "cleanup", &cleanup::scenario},
      {Mutant::wait_ends_late, Oracle::timers, "cleanup", &cleanup::scenario},
      {Mutant::retries_at_once, Oracle::timers, "fails_twice", &fails_twice::scenario},
      {Mutant::clock_runs_backwards, Oracle::timers, "cleanup", &cleanup::scenario},
      {Mutant::fires_newest_timer_first, Oracle::timers, "wait_side_by_side", &wait_side_by_side},
      {.mutant = Mutant::applies_client_token_twice,
       .oracle = Oracle::timers,
       .handler = "payment_declined",
       .scenario = declined,
       .also = {Oracle::attempt_semantics}},
      {.mutant = Mutant::times_out_early,
       .oracle = Oracle::timers,
       .handler = "times_out",
       .scenario = &times_out,
       .service = one_hour()},

      {.mutant = Mutant::ignores_the_operations_limit,
       .oracle = Oracle::hygiene,
       .handler = "exceeds_the_limit",
       .scenario = &exceeds_the_limit,
       .service = one_operation()},

      {Mutant::random_idempotency_key, Oracle::effects, "payment", paid},

      {Mutant::fresh_client_token_per_transmission, Oracle::expectation, "needs_one_invocation",
       &needs_one_invocation, repeated},
  };
}

inline std::vector<Row> caught_by_oracles() {
  std::vector<Row> rows = caught_in_steps_and_waits();
  for (Row& row : caught_in_new_operations()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace oracle_mutants
