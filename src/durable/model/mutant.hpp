#pragma once

#include <string_view>

/// Planted bugs of the SDK, the service model and the oracles, with which the tests show that they
/// would find such a bug. They exist only in the library durasim_mutated, which some tests link
/// (DURASIM_WITH_MUTANTS); everywhere else DURASIM_MUTANT is the constant false. Hooks stand in .cpp
/// files only, so that what is compiled without mutants can be linked with either library.
namespace durable::mutant {

// One row a mutant. Each is one hook in the code, and some test must catch it: .ci/mutants asks the
// ordinary tests, and src/tools/mutants says which oracle or property finds those of the first table.
// clang-format off
#define DURASIM_MUTANTS(row) \
  /* of the SDK */ \
  row(runs_recorded_steps_again, "the body of a step whose success is recorded runs once more on replay") \
  row(repeats_bodies_after_success, "a body runs once more after the service has acknowledged its success") \
  row(forgets_results_on_replay, "a recorded result reaches the handler as null on replay") \
  row(swallows_step_errors_on_replay, "a recorded failure is the result null on replay") \
  row(skips_awaiting_at_most_once_start, "an at-most-once body runs before its START is acknowledged") \
  row(reruns_interrupted_at_most_once, "an interrupted at-most-once body runs again within its attempt") \
  row(counts_no_attempts, "every attempt calls itself the first") \
  row(retries_without_limit, "a step is retried once more than its strategy allows") \
  row(random_idempotency_key, "the idempotency key differs from run to run of a body") \
  row(idempotency_key_by_attempt, "the idempotency key differs from attempt to attempt") \
  row(shared_idempotency_key, "all steps of an execution have one idempotency key") \
  row(fresh_client_token_per_transmission, "a repeated request is a new one to the service") \
  row(raises_failure_for_lost_answer, "a request without an answer becomes a failure of the step") \
  row(returns_pending_without_cause, "a handler that threw is reported as suspended") \
  row(hands_out_unrecorded_results, "a result reaches the handler before it is recorded") \
  row(hands_out_raw_results, "on its first run a result reaches the handler in other bytes than recorded") \
  row(runs_recorded_contexts_again, "the body of a child context whose success is recorded runs again") \
  row(shares_counters_with_children, "the operations of a child context are numbered on from those around it") \
  row(ignores_replay_children, "a child context whose result was too large to record returns nothing on replay") \
  row(swallows_context_errors_on_replay, "a recorded failure of a child context is the result null on replay") \
  row(draws_back_offs_anew, "the jitter of with_retry differs from replay to replay") \
  row(forgets_pages, "a handler starts with the first page of its record only") \
  row(creates_callbacks_again, "a recorded callback is started again on replay") \
  row(throws_timeouts_as_external, "a callback that timed out is thrown as a failure of the outside") \
  row(skips_submitters, "the submitter of a wait_for_callback is not run") \
  row(throws_contexts_for_callbacks, "a failed wait_for_callback throws ChildContextError") \
  row(invokes_again_after_failure, "a failed invoke is started again on replay") \
  row(forgets_the_state_of_conditions, "each check of a condition is given the initial state") \
  row(gives_up_conditions_that_are_met, "the last check of a condition fails it although it is met") \
  /* of the service */ \
  row(callback_times_out_early, "a callback times out one second too soon") \
  row(heartbeats_change_nothing, "a heartbeat leaves the heartbeat timeout running") \
  row(last_end_of_a_callback_counts, "a second end of a callback replaces the first") \
  row(drops_children_to_be_replayed, "a context whose children are to be replayed is handed out without them") \
  row(ends_of_invokes_wake_nobody, "the end of a chained invoke wakes nobody") \
  row(page_drops_its_last_operation, "a page of the record lacks its last operation") \
  row(callbacks_share_an_id, "all callbacks of an execution have one id") \
  row(callbacks_change_their_ids, "each invocation is told another id of a callback") \
  row(starts_invokes_twice, "a chained invoke starts two executions") \
  row(wait_ends_early, "a wait is over one second too soon") \
  row(wait_ends_late, "a wait is over one second too late") \
  row(fires_newest_timer_first, "of timers due at one instant the newest fires first") \
  row(times_out_early, "an execution times out one second too soon") \
  row(retries_at_once, "a retry starts without its delay") \
  row(clock_runs_backwards, "the clock goes back two seconds whenever a timer has fired") \
  row(loses_wake_up, "the end of a wait or of a retry delay wakes nobody") \
  row(invokes_again_at_once, "a suspended execution is invoked again although nothing has changed") \
  row(applies_client_token_twice, "a repeated request is applied again") \
  row(drops_last_operation_from_state, "a new invocation is not told of the newest operation") \
  row(accepts_stale_tokens, "a superseded invocation may still write") \
  row(forgets_attempts, "the count of finished attempts stays at zero") \
  row(writes_ends_of_steps_twice, "the end of a step stands in the history twice") \
  row(completes_invocation_last, "the end of the last invocation is written after that of the execution") \
  row(writes_no_end, "the end of an execution is missing from its history") \
  row(ignores_the_operations_limit, "an execution may have more operations than the limit")

// Found by the unit tests beside the code only: what they do, no oracle can tell from what is meant.
#define DURASIM_UNIT_MUTANTS(row) \
  row(records_virtual_contexts, "a virtual context writes a START") \
  row(allows_calls_on_other_contexts, "a durable call on the context around the running body is accepted") \
  row(logs_on_replay, "the lines of a handler are written again on every replay") \
  row(keeps_children_of_completed_contexts, "a completed context is handed out with its children")

#define DURASIM_ORACLE_MUTANTS(row) \
  row(completed_once_ignores_failures, "a body may run again after its failure was recorded") \
  row(completed_once_ignores_answers, "what an invocation is told by answers does not count") \
  row(completed_once_ignores_contexts, "the body of a context may run again after its end was recorded") \
  row(accepts_a_skipped_attempt, "attempts may leave numbers out") \
  row(accepts_attempts_beyond_the_limit, "a retry strategy's limit is not compared") \
  row(accepts_bodies_before_their_start, "an at-most-once body need not wait for its START") \
  row(accepts_a_second_run_at_most_once, "an at-most-once attempt may start twice") \
  row(forgets_open_attempts, "an attempt left open by a suspension may start again") \
  row(allows_effects_of_the_handler, "an effect outside a step is accepted") \
  row(allows_effects_while_unwinding, "an effect in a destructor is accepted") \
  row(allows_effects_after_the_end, "an effect of an execution that is known to be over is accepted") \
  row(forgets_the_first_declaration, "the first declaration of an effect is not checked") \
  row(forgets_what_is_missing_at_the_end, "an effect declared to happen may be left out") \
  row(idempotent_by_key_ignores_other_keys, "a body may ask with another key whenever it runs") \
  row(idempotent_by_key_ignores_other_operations, "two operations may ask with one key") \
  row(counts_calls_as_applied, "a call that the receiver recognised counts as an effect") \
  row(takes_unwinding_for_ordinary, "an effect in a destructor is taken for one of the handler") \
  row(lets_the_dead_act, "what a body does while its crash unwinds it reaches the ledger") \
  row(blames_what_a_crash_cannot_unwind, "a crash in a destructor of a body is reported as misuse") \
  row(audit_forgets_requests, "schedules with faults of requests are missing in an audit") \
  row(audit_forgets_other_processes, "what other jobs counted is missing in an audit") \
  row(replay_agreement_ignores_names, "a call may have another name on replay") \
  row(replay_agreement_ignores_turns, "a call may be made out of its turn") \
  row(replay_agreement_ignores_missing_calls, "a recorded call need not be made on replay") \
  row(replay_agreement_ignores_endings, "a handler may end otherwise on replay") \
  row(replay_agreement_ignores_inputs, "a wait may have another duration on replay, an invoke another payload") \
  row(replay_agreement_ignores_options, "a step may have another retry strategy or semantics on replay") \
  row(replay_agreement_ignores_ends_of_contexts, "a context may end before its recorded calls are made again") \
  row(result_agreement_ignores_results, "a fault may change a result") \
  row(result_agreement_ignores_errors, "a fault may change an error") \
  row(progress_takes_any_wait_for_a_wake_up, "a wait that is over counts as what will wake") \
  row(progress_never_ends, "an execution may fail in the same state for ever") \
  row(progress_ignores_lost_wake_ups, "a timer need not lead to an invocation") \
  row(progress_waits_for_the_outside_for_ever, "an execution may wait for a callback until it times out") \
  row(history_legal_takes_any_attempt, "attempts in a history need not be consecutive") \
  row(history_legal_knows_no_end, "events after the end of an execution are accepted") \
  row(history_legal_knows_no_end_of_contexts, "an operation may start in a context that has ended") \
  row(first_run_parity_ignores_errors, "an error of the first run need not come again") \
  row(timers_may_end_early, "a wait may end before it is due") \
  row(timers_may_end_late, "a wait may end after it is due") \
  row(timers_have_no_order, "the newest of two timers may fire first") \
  row(timers_ignore_callbacks, "a callback may time out at any time") \
  row(outside_once_ignores_ids, "a callback may change its id") \
  row(outside_once_ignores_results, "a handler may be given another result than the one recorded for its callback") \
  row(outside_once_ignores_invokes, "one chained invoke may start two executions") \
  row(repetition_stays_where_it_was, "a second run of a schedule has the addresses of the first") \
  row(hygiene_allows_nested_calls, "a durable call inside a body is accepted") \
  row(forgets_failed_expectations, "a failed EXPECT_* of a scenario is no finding")
// clang-format on

#ifdef DURASIM_WITH_MUTANTS
#define DURASIM_MUTANT_ENUMERATOR(name, description) name,
enum class Mutant : unsigned char {
  none,
  DURASIM_MUTANTS(DURASIM_MUTANT_ENUMERATOR) DURASIM_UNIT_MUTANTS(DURASIM_MUTANT_ENUMERATOR)
      DURASIM_ORACLE_MUTANTS(DURASIM_MUTANT_ENUMERATOR)
};
#undef DURASIM_MUTANT_ENUMERATOR

/// The one that is planted: at first the one that the environment names (active.cpp).
extern Mutant active;
#define DURASIM_MUTANT(name) (::durable::mutant::active == ::durable::mutant::Mutant::name)

/// Plants one bug for the length of a scope.
class Planted {
 public:
  explicit Planted(Mutant mutant) { active = mutant; }
  ~Planted() { active = Mutant::none; }
  Planted(const Planted&) = delete;
  Planted& operator=(const Planted&) = delete;
};

struct MutantRow {
  Mutant mutant;
  std::string_view name;
  std::string_view description;
};
#define DURASIM_MUTANT_ROW(name, description) MutantRow{Mutant::name, #name, description},
inline constexpr MutantRow kMutants[] = {DURASIM_MUTANTS(DURASIM_MUTANT_ROW)};
inline constexpr MutantRow kUnitMutants[] = {DURASIM_UNIT_MUTANTS(DURASIM_MUTANT_ROW)};
inline constexpr MutantRow kOracleMutants[] = {DURASIM_ORACLE_MUTANTS(DURASIM_MUTANT_ROW)};
#undef DURASIM_MUTANT_ROW
#else
#define DURASIM_MUTANT(name) false
#endif

}  // namespace durable::mutant
