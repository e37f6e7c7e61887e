#pragma once

#include <string>
#include <vector>

#include "completed_steps_never_run_twice.hpp"
#include "durable/model/mutant.hpp"
#include "keyed_effects_apply_once.hpp"
#include "replay_gives_the_same_result.hpp"
#include "time_moves_forward.hpp"

/// Which planted bugs which property catches.
namespace properties {

struct Property {
  std::string name;
  void (*holds)(const generated::Case&);
  std::vector<durable::mutant::Mutant> catches;
};

inline std::vector<Property> all_properties() {
  using enum durable::mutant::Mutant;
  return {{"EveryOracleIsSilent",
           &every_oracle_is_silent,
           {forgets_results_on_replay,
            swallows_step_errors_on_replay,
            raises_failure_for_lost_answer,
            runs_recorded_steps_again,
            reruns_interrupted_at_most_once,
            skips_awaiting_at_most_once_start,
            counts_no_attempts,
            retries_without_limit,
            random_idempotency_key,
            idempotency_key_by_attempt,
            returns_pending_without_cause,
            invokes_again_at_once,
            loses_wake_up,
            accepts_stale_tokens,
            forgets_attempts,
            writes_ends_of_steps_twice,
            completes_invocation_last,
            writes_no_end,
            wait_ends_early,
            wait_ends_late,
            retries_at_once,
            clock_runs_backwards,
            hands_out_raw_results}},
          {"ReplayGivesTheSameResult",
           &replay_gives_the_same_result,
           {forgets_results_on_replay, swallows_step_errors_on_replay, runs_recorded_steps_again,
            raises_failure_for_lost_answer, drops_last_operation_from_state, loses_wake_up,
            accepts_stale_tokens}},
          {"CompletedStepsNeverRunTwice",
           &completed_steps_never_run_twice,
           {runs_recorded_steps_again, repeats_bodies_after_success,
            drops_last_operation_from_state, applies_client_token_twice}},
          {"KeyedEffectsApplyOnce",
           &keyed_effects_apply_once,
           {random_idempotency_key, idempotency_key_by_attempt, shared_idempotency_key}},
          {"TimeMovesForward",
           &time_moves_forward,
           {wait_ends_early, retries_at_once, clock_runs_backwards}}};
}

}  // namespace properties
