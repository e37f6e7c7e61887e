#include <durasim/chooser.hpp>

#include <array>
#include <bit>
#include <stdexcept>

namespace durasim {
namespace {

// In the order of their declaration.
constexpr std::array<std::string_view, 8> kSiteKindIds = {
    "invocation_start", "before_body",    "effect",        "after_body",
    "request",          "invocation_end", "execution_end", "jitter"};
static_assert(kSiteKindIds.size() == static_cast<std::size_t>(SiteKind::jitter) + 1);

}  // namespace

std::string_view to_string(SiteKind kind) {
  return kSiteKindIds.at(static_cast<std::size_t>(kind));
}

SiteKind site_kind_from_string(std::string_view id) {
  for (std::size_t i = 0; i < kSiteKindIds.size(); ++i) {
    if (kSiteKindIds[i] == id) return static_cast<SiteKind>(i);
  }
  throw std::invalid_argument("unknown kind of choice site \"" + std::string(id) + "\"");
}

SiteKind site_of(Fault fault) {
  switch (fault) {
    case Fault::request_lost:
    case Fault::request_lost_for_good:
    case Fault::answer_lost:
    case Fault::answer_lost_for_good:
    case Fault::throttled:
    case Fault::server_error:
    case Fault::server_error_applied:
    case Fault::answer_delayed:
    case Fault::crash_before_sending:
    case Fault::crash_after_applying:
      return SiteKind::request;
    case Fault::crash_before_body:
    case Fault::crash_before_body_start_delivered:
    case Fault::overtaken_before_body:
      return SiteKind::before_body;
    case Fault::crash_at_effect:
      return SiteKind::effect;
    case Fault::crash_after_body:
    case Fault::crash_after_body_start_delivered:
    case Fault::body_outlives_invocation:
    case Fault::overtaken_after_body:
      return SiteKind::after_body;
    case Fault::cold_start:
    case Fault::late_delivery:
    case Fault::redelivery_after_end:
    case Fault::concurrent_delivery_older_first:
    case Fault::concurrent_delivery_newer_first:
      return SiteKind::invocation_start;
    case Fault::crash_before_response:
    case Fault::response_lost:
      return SiteKind::invocation_end;
    case Fault::delivery_after_completion:
      return SiteKind::execution_end;
    case Fault::full_jitter:
      return SiteKind::jitter;
    case Fault::none:
      break;
  }
  throw std::invalid_argument("no fault: every site offers that");
}

Fault Decision::alternative(std::uint32_t number) const {
  if (number == 0) return Fault::none;
  std::uint32_t remaining = offered;
  for (; number > 1; --number) remaining &= remaining - 1;
  return static_cast<Fault>(std::countr_zero(remaining));
}

}  // namespace durasim
