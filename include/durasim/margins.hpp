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

inline constexpr std::size_t kMarginCount = 5;
/// What they are of, in their order. Payloads: the largest result but those of invokes.
inline constexpr std::array<std::string_view, kMarginCount> kMarginNames = {
    "operations", "payload bytes", "result bytes", "invocations", "seconds"};
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
