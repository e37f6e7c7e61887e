#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace durasim {

/// Where in the protocol a choice is made.
enum class SiteKind : std::uint8_t {
  invocation_start,
  before_body,
  effect,
  after_body,
  request,
  invocation_end,
  execution_end,
  jitter,
  state,     ///< how an invocation is told of the record
  flush,     ///< an update that nobody waits for was made
  timer,     ///< a timer of the service is due
  clock,     ///< several timers of an execution are due at one instant
  callback,  ///< a scripted callback was created
  invoke,    ///< a chained invoke was made
  record,    ///< the result of a context is about to be recorded
  turn,      ///< something else can happen in the same instant
  start      ///< the first execution of a simulation is about to begin
};
inline constexpr std::size_t kSiteKindCount = static_cast<std::size_t>(SiteKind::start) + 1;

/// What a choice costs, each with a bound of its own.
enum class ChoiceKind : std::uint8_t {
  fault,        ///< bounded by max_faults
  order,        ///< what goes first; bounded by max_preemptions
  environment,  ///< what the outside answers, where a test says that it does; bounded by max_environment
  shape,        ///< the form in which something comes; counts as a fault
  data          ///< random draws; bounded by max_data
};

/// What the simulator may do to a run. Each is an alternative at one kind of choice site; the benign one
/// is `none`. fault_catalogue() says more of each.
enum class Fault : std::uint8_t {
  none,
  // a request to the service
  request_lost,           ///< not applied; the SDK sends again
  request_lost_for_good,  ///< not applied, and neither are the repetitions
  answer_lost,            ///< applied; the SDK sends again
  answer_lost_for_good,   ///< applied, but no repetition is answered
  throttled,              ///< 429, not applied; the SDK sends again
  server_error,           ///< 500, not applied; the SDK sends again
  server_error_applied,   ///< 500, although applied; the SDK sends again
  answer_delayed,         ///< applied; the answer comes after the next deadline
  crash_before_sending,
  crash_after_applying,
  throttled_for_good,        ///< 429, and so are the repetitions
  request_delayed,           ///< applied after the next deadline
  request_duplicated,        ///< the service gets it twice; the second one is answered
  answer_after_timeout,      ///< applied; the invocation times out before the answer comes
  answer_without_token,      ///< applied, but the answer is malformed
  token_refused,             ///< not applied: its token is refused, although it is the newest
  token_refused_applied,     ///< the same, although applied
  overtaken_before_sending,  ///< a later invocation runs meanwhile; then this request is sent
  request_rejected,          ///< 400, not applied: ends the execution
  stopped_before_applying,   ///< the execution is stopped while the request is under way
  // a step's body
  crash_before_body,  ///< the START, if still queued, is lost
  crash_before_body_start_delivered,
  crash_at_effect,   ///< just before an effect inside the body
  crash_after_body,  ///< before its result is recorded; a queued START is lost
  crash_after_body_start_delivered,
  body_outlives_invocation,  ///< killed at the invocation timeout, after its effects
  overtaken_before_body,     ///< a later invocation runs meanwhile; then this one goes on
  overtaken_after_body,
  crash_at_effect_start_delivered,
  body_fails,                ///< an error in place of the body
  body_fails_after_effects,  ///< an error in place of its result
  // the start of an invocation
  cold_start,
  late_delivery,                    ///< after the next deadline
  redelivery_after_end,             ///< the same event once more when the invocation has ended
  concurrent_delivery_older_first,  ///< two at once; the later one's token wins
  concurrent_delivery_newer_first,
  crash_at_start,    ///< before the handler runs
  stale_redelivery,  ///< the same event once more when the next invocation has ended
  clock_ahead,       ///< the function's clock, against that of the service
  clock_behind,
  clock_drifts,      ///< ever further ahead
  clock_steps_back,  ///< set back while the invocation runs
  // the state that it is given: shapes
  pages_of_one,
  pages_of_two,
  empty_first_page,
  operations_reversed,
  insides_told,       ///< of completed contexts too
  children_replayed,  ///< a context's result is left out of the record, as a large one is
  // the end of an invocation, and of the execution
  crash_before_response,
  response_lost,            ///< the service sees a timeout
  response_delayed,         ///< it arrives after the next deadline
  spurious_wake_up,         ///< invoked again although nothing has happened
  stopped_while_suspended,  ///< the execution is stopped
  delivery_after_completion,
  // what goes first
  flush_now,        ///< a START that travels with the next batch is sent at once
  request_yields,   ///< a request arrives after all else that can happen in this instant
  delivery_yields,  ///< an invocation starts after all else that can happen in this instant
  timer_deferred,   ///< of those due at one instant, this one fires last, in a wake-up of its own
  timer_late,       ///< the service wakes after the next deadline
  // what the outside answers
  callback_early,        ///< before the handler is told the callback's id
  callback_twice,        ///< the same answer twice
  callback_twice_other,  ///< then an answer of the other kind
  callback_at_timeout,   ///< in the very instant of its timeout
  callback_late,         ///< after its timeout
  callback_never,
  callback_fails,
  callback_malformed,  ///< with a result that is no JSON
  heartbeats_stop,
  invoke_early,  ///< the function has ended before the START is answered
  invoke_fails,
  invoke_times_out,
  invoke_stopped,
  invoke_throttled,
  // data: not a fault, but a choice
  full_jitter,  ///< a retry delay at its shortest
  // when the simulation begins: shapes, half a minute before the day or the hour ends
  starts_on_leap_day,
  starts_at_month_end,
  starts_at_summer_time,  ///< of Europe
  starts_at_winter_time,
  starts_at_year_end,
  starts_before_2038  ///< before the second that 32 bits do not hold
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::starts_before_2038) + 1;

/// The smallest of the models that contain a fault: each contains those before it.
enum class FaultTier : std::uint8_t {
  standard,
  hostile,
  thorough,
  all,
  calendar,  ///< only in FaultModel::calendar()
  always     ///< no fault: offered under every model
};

/// What there is to know of a fault.
struct FaultInfo {
  Fault fault = Fault::none;
  std::string_view id;      ///< stable, as in schedule files: "crash_after_body"
  std::string_view phrase;  ///< for people: "crash after the body, before its result is recorded"
  SiteKind site = SiteKind::request;
  ChoiceKind choice = ChoiceKind::fault;
  FaultTier tier = FaultTier::standard;
  bool crash =
      false;  ///< the process dies; where it is standard too, part of FaultModel::crashes()
  std::uint8_t oddity = 0;  ///< how far it is from the plainest one, a crash: docs/adr/0003
  std::string_view points;  ///< of the fault taxonomy that it stands for: "C09 C10"
  std::string_view
      same_as;            ///< the canonical spelling of its durable effect, if that is another one
  std::string_view test;  ///< that shows it to be effective
};

/// What faults have in common, for counts that are to be read by people.
enum class FaultClass : std::uint8_t {
  crashes,     ///< the process dies, or is killed when its time is over
  requests,    ///< a request to the service is lost, delayed, failed or repeated, or its answer is
  deliveries,  ///< an invocation comes late, cold or once more, or its end is not heard of
  overlaps,    ///< two invocations of one execution at a time
  timing,      ///< clocks, timers, random delays, and what goes first
  failures,    ///< a body fails, a request is rejected, an operator stops the execution
  answers      ///< the outside answers otherwise than the test says
};
inline constexpr std::size_t kFaultClassCount = static_cast<std::size_t>(FaultClass::answers) + 1;
/// "crashes".
std::string_view to_string(FaultClass fault_class);
/// Errors:  std::invalid_argument for Fault::none.
FaultClass class_of(Fault fault);

/// Every fault there is, in order; not `none`.
/// Source: docs/reference/faults.md
std::span<const FaultInfo> fault_catalogue();
/// Errors:  std::invalid_argument for Fault::none.
const FaultInfo& fault_info(Fault fault);

std::string_view to_string(SiteKind kind);
/// Errors:  std::invalid_argument for an unknown identifier.
SiteKind site_kind_from_string(std::string_view id);
std::string_view to_string(ChoiceKind kind);
std::string_view to_string(FaultTier tier);
/// The one kind of site that offers `fault`.
/// Errors:  std::invalid_argument for Fault::none.
SiteKind site_of(Fault fault);

/// Stable identifier, as in schedule files: "crash_after_body".
std::string_view to_string(Fault fault);
/// For people: "crash after the body, before its result is recorded".
std::string_view describe(Fault fault);
/// Errors:  std::invalid_argument for an unknown identifier.
Fault fault_from_string(std::string_view id);

/// Some of the faults, without `none`.
class FaultSet {
 public:
  constexpr bool contains(Fault fault) const { return (word(fault) & bit(fault)) != 0; }
  constexpr void insert(Fault fault) { words_[place(fault)] |= bit(fault); }
  constexpr void erase(Fault fault) { words_[place(fault)] &= ~bit(fault); }
  constexpr bool empty() const { return (words_[0] | words_[1]) == 0; }
  constexpr std::size_t size() const {
    return static_cast<std::size_t>(std::popcount(words_[0]) + std::popcount(words_[1]));
  }
  constexpr FaultSet& operator|=(const FaultSet& other) {
    words_[0] |= other.words_[0];
    words_[1] |= other.words_[1];
    return *this;
  }
  /// Calls `visit` with each, in the order of Fault.
  template <class Visit>
  constexpr void each(Visit visit) const {
    for (std::size_t place = 0; place < words_.size(); ++place) {
      for (std::uint64_t left = words_[place]; left != 0; left &= left - 1)
        visit(static_cast<Fault>(place * 64 + static_cast<std::size_t>(std::countr_zero(left))));
    }
  }
  /// The one with so many before it, in the order of Fault; there is one.
  constexpr Fault nth(std::size_t number) const {
    const auto first = static_cast<std::size_t>(std::popcount(words_[0]));
    const std::size_t place = number < first ? 0 : 1;
    std::uint64_t remaining = words_[place];
    for (number -= place * first; number > 0; --number) remaining &= remaining - 1;
    return static_cast<Fault>(place * 64 + static_cast<std::size_t>(std::countr_zero(remaining)));
  }

  /// A bit for each, in the order of Fault.
  constexpr const std::array<std::uint64_t, 2>& words() const { return words_; }
  static constexpr FaultSet from_words(const std::array<std::uint64_t, 2>& words) {
    FaultSet set;
    set.words_ = words;
    return set;
  }

  friend constexpr bool operator==(const FaultSet&, const FaultSet&) = default;

 private:
  static constexpr std::size_t place(Fault fault) { return static_cast<std::size_t>(fault) / 64; }
  static constexpr std::uint64_t bit(Fault fault) {
    return std::uint64_t{1} << (static_cast<unsigned>(fault) % 64);
  }
  constexpr std::uint64_t word(Fault fault) const { return words_[place(fault)]; }

  std::array<std::uint64_t, 2> words_{};
};
static_assert(kFaultCount <= 128);

/// Which faults an exploration may inject. Each of the models contains the one before it.
class FaultModel {
 public:
  /// What the service may do to any handler: crashes, lost, failed and delayed requests, timeouts, late
  /// deliveries, deliveries after the end of an invocation and after completion, cold starts.
  static FaultModel standard();
  /// Also what it promises not to do: two invocations of one execution at a time.
  static FaultModel hostile();
  /// Also the other spellings of the same: faults whose durable effect another one has, rare shapes of
  /// messages, clocks that differ. For tests of an SDK, and for long searches.
  static FaultModel thorough();
  /// Also what rightly changes how an execution ends: it is stopped, a request is rejected, a body fails,
  /// a callback is not answered.
  static FaultModel all();
  /// The process dies; the service and the network are sound.
  static FaultModel crashes();
  /// The same simulation begins at other times: on 29 February, at the end of a month and of a year, at a
  /// change to and from daylight-saving time, before the year 2038 overflows. No other model has these.
  static FaultModel calendar();
  static FaultModel none();

  FaultModel with(std::initializer_list<Fault> faults) const;
  FaultModel without(std::initializer_list<Fault> faults) const;

  bool offers(Fault fault) const { return set_.contains(fault); }
  bool empty() const { return set_.empty(); }
  /// In the order of their declaration.
  std::vector<Fault> faults() const;

  friend bool operator==(const FaultModel&, const FaultModel&) = default;

 private:
  static FaultModel up_to(FaultTier tier);

  FaultSet set_;
};

}  // namespace durasim
