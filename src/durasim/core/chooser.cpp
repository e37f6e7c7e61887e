#include <durasim/chooser.hpp>

#include <bit>

#include <array>
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

Fault Decision::alternative(std::uint32_t number) const {
  if (number == 0) return Fault::none;
  std::uint32_t remaining = offered;
  for (; number > 1; --number) remaining &= remaining - 1;
  return static_cast<Fault>(std::countr_zero(remaining));
}

}  // namespace durasim
