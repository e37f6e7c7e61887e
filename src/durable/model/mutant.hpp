#pragma once

#include <string_view>

/// Planted bugs of the SDK, the service model and the oracles, with which the tests show that they
/// would find such a bug. They exist only in the library durasim_mutated, which some tests link
/// (DURASIM_WITH_MUTANTS); everywhere else DURASIM_MUTANT is the constant false. Hooks stand in .cpp
/// files only, so that what is compiled without mutants can be linked with either library.
namespace durable::mutant {

// One row a mutant. Each is one hook in the code, and some test must catch it.
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
  /* of the service */ \
  row(wait_ends_early, "a wait is over one second too soon") \
  row(retries_at_once, "a retry starts without its delay") \
  row(clock_runs_backwards, "the clock goes back two seconds whenever a timer has fired") \
  row(loses_wake_up, "the end of a wait or of a retry delay wakes nobody") \
  row(invokes_again_at_once, "a suspended execution is invoked again although nothing has changed") \
  row(applies_client_token_twice, "a repeated request is applied again") \
  row(drops_last_operation_from_state, "a new invocation is not told of the newest operation") \
  row(accepts_stale_tokens, "a superseded invocation may still write") \
  row(forgets_attempts, "the count of finished attempts stays at zero")
// clang-format on

#ifdef DURASIM_WITH_MUTANTS
#define DURASIM_MUTANT_ENUMERATOR(name, description) name,
enum class Mutant : unsigned char { none, DURASIM_MUTANTS(DURASIM_MUTANT_ENUMERATOR) };
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
#undef DURASIM_MUTANT_ROW
#else
#define DURASIM_MUTANT(name) false
#endif

}  // namespace durable::mutant
