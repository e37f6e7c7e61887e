#include "durasim/core/oddity.hpp"

namespace durasim {

std::uint32_t oddity(Fault fault) {
  switch (fault) {
    case Fault::crash_before_sending:
    case Fault::crash_after_applying:
    case Fault::crash_before_body:
    case Fault::crash_before_body_start_delivered:
    case Fault::crash_at_effect:
    case Fault::crash_after_body:
    case Fault::crash_after_body_start_delivered:
    case Fault::crash_before_response:
    case Fault::none:
      return 0;
    case Fault::request_lost:
    case Fault::request_lost_for_good:
    case Fault::answer_lost:
    case Fault::answer_lost_for_good:
    case Fault::throttled:
    case Fault::server_error:
    case Fault::server_error_applied:
    case Fault::response_lost:
    case Fault::full_jitter:
    case Fault::cold_start:
      return 1;
    case Fault::answer_delayed:
    case Fault::body_outlives_invocation:
    case Fault::late_delivery:
    case Fault::redelivery_after_end:
    case Fault::delivery_after_completion:
      return 2;
    case Fault::overtaken_before_body:
    case Fault::overtaken_after_body:
    case Fault::concurrent_delivery_older_first:
    case Fault::concurrent_delivery_newer_first:
      break;
  }
  return 3;
}

std::uint32_t harshness(Fault fault) {
  return oddity(fault) * static_cast<std::uint32_t>(kFaultCount) +
         static_cast<std::uint32_t>(fault);
}

}  // namespace durasim
