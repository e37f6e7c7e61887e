#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <durasim/service.hpp>

/// How close executions come to the limits of the service.
namespace durasim {

/// The most that was used of something that is limited.
struct Margin {
  std::string_view what;  ///< such as "operations"
  std::uint64_t used = 0;
  std::uint64_t limit = 0;

  /// More than half is used: worth a word in a report.
  bool is_narrow() const { return used * 2 > limit; }
  bool is_exceeded() const { return used > limit; }
};

/// operations, payload bytes (of the largest result but those of invokes), result bytes, invocations,
/// seconds: in this order.
inline constexpr std::size_t kMarginCount = 5;
using Margins = std::array<Margin, kMarginCount>;

/// Of one execution, at `now` if it is not over.
/// Shape:   `invocations_limit` is the simulation's: the service has none.
Margins margins_of(const Execution& execution, const ServiceConfig& config,
                   std::uint32_t invocations_limit, Timestamp now);

/// Takes the larger use of each.
void widen(Margins& margins, const Margins& others);

/// One line for each narrow one, after `indent`: "limit    2000 of 3000 operations".
std::string describe_narrow(const Margins& margins, std::string_view indent);

}  // namespace durasim
