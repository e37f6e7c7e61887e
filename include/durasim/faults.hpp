#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace durasim {

/// What the simulator may do to a run. Each is an alternative at one kind of choice site; the benign one
/// is `none`.
enum class Fault : std::uint8_t {
  none,
  // a checkpoint request
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
  // a step's body
  crash_before_body,  ///< the START, if still queued, is lost
  crash_before_body_start_delivered,
  crash_at_effect,   ///< just before an effect inside the body
  crash_after_body,  ///< before its result is recorded; a queued START is lost
  crash_after_body_start_delivered,
  body_outlives_invocation,  ///< killed at the invocation timeout, after its effects
  overtaken_before_body,     ///< a later invocation runs meanwhile; then this one goes on
  overtaken_after_body,
  // the start of an invocation
  cold_start,
  late_delivery,                    ///< after the next deadline
  redelivery_after_end,             ///< the same event once more when the invocation has ended
  concurrent_delivery_older_first,  ///< two at once; the later one's token wins
  concurrent_delivery_newer_first,
  // the end of an invocation, and of the execution
  crash_before_response,
  response_lost,  ///< the service sees a timeout
  delivery_after_completion,
  // data: not a fault, but a choice
  full_jitter  ///< a retry delay at its shortest
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::full_jitter) + 1;

/// Stable identifier, as in schedule files: "crash_after_body".
std::string_view to_string(Fault fault);
/// For people: "crash after the body, before its result is recorded".
std::string_view describe(Fault fault);
/// Errors:  std::invalid_argument for an unknown identifier.
Fault fault_from_string(std::string_view id);

/// Which faults an exploration may inject.
class FaultModel {
 public:
  /// What the service may do to any handler: crashes, lost, failed and delayed requests, timeouts, late
  /// deliveries, deliveries after the end of an invocation and after completion, cold starts.
  static FaultModel standard();
  /// Also what it promises not to do: two invocations of one execution at a time.
  static FaultModel hostile();
  /// The process dies; the service and the network are sound.
  static FaultModel crashes();
  static FaultModel none();

  FaultModel with(std::initializer_list<Fault> faults) const;
  FaultModel without(std::initializer_list<Fault> faults) const;

  bool offers(Fault fault) const { return (bits_ >> static_cast<unsigned>(fault) & 1U) != 0; }
  bool empty() const { return bits_ == 0; }
  /// In the order of their declaration.
  std::vector<Fault> faults() const;

  friend bool operator==(const FaultModel&, const FaultModel&) = default;

 private:
  std::uint32_t bits_ = 0;
};
static_assert(kFaultCount <= 32);

}  // namespace durasim
