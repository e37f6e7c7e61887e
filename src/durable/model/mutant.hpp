#pragma once

#include <string_view>

/// Planted bugs of the SDK and the service model, with which the tests show that the oracles and
/// properties would find such a bug. They exist only in the library that those tests link
/// (DURASIM_WITH_MUTANTS); everywhere else DURASIM_MUTANT is the constant false.
namespace durable::mutant {

enum class Mutant : unsigned char {
  none,
  // of the SDK
  runs_recorded_steps_again,        ///< a step whose success is recorded runs its body once more
  forgets_results_on_replay,        ///< a recorded result reaches the handler as the type's default text
  swallows_step_errors_on_replay,   ///< a recorded failure is replayed as the result null
  skips_awaiting_at_most_once_start,  ///< an at-most-once body runs before its START is acknowledged
  reruns_interrupted_at_most_once,  ///< an interrupted at-most-once body runs again within its attempt
  counts_no_attempts,               ///< every attempt calls itself the first
  random_idempotency_key,           ///< the key differs from invocation to invocation
  fresh_client_token_per_transmission,  ///< a repeated request is a new one to the service
  raises_failure_for_lost_answer,   ///< a request without an answer becomes a failure of the step
  returns_pending_without_cause,    ///< a handler that threw is reported as suspended
  // of the service
  wait_ends_early,                  ///< a wait is over one second too soon
  clock_runs_backwards,             ///< a retry becomes ready before the moment of its failure
  applies_client_token_twice,       ///< a repeated request is applied again
  drops_last_operation_from_state,  ///< a new invocation is not told of the newest operation
  accepts_stale_tokens,             ///< a superseded invocation may still write
  forgets_attempts                  ///< the count of finished attempts stays at zero
};

#ifdef DURASIM_WITH_MUTANTS
inline Mutant active = Mutant::none;
#define DURASIM_MUTANT(name) (::durable::mutant::active == ::durable::mutant::Mutant::name)

/// Plants one bug for the length of a scope.
class Planted {
 public:
  explicit Planted(Mutant mutant) { active = mutant; }
  ~Planted() { active = Mutant::none; }
  Planted(const Planted&) = delete;
  Planted& operator=(const Planted&) = delete;
};
#else
#define DURASIM_MUTANT(name) false
#endif

}  // namespace durable::mutant
