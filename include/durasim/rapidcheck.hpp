#pragma once

#include <ostream>
#include <string>

#include <rapidcheck.h>

#include <durasim/environment.hpp>
#include <durasim/explore.hpp>

/// Schedules as RapidCheck values. Link durasim::rapidcheck, which compiles the adapter. With it, properties
/// follow $DURASIM_SEED, and $DURASIM_RUNS for the number of their cases, unless $RC_PARAMS says
/// otherwise.
namespace durasim {

/// A few faults at arbitrary choices; the nominal schedule at size 0. Shrinks toward fewer faults,
/// then earlier ones, then earlier alternatives. $DURASIM_MAX_FAULTS wins over `max_faults`.
rc::Gen<Schedule> arbitrary_schedule(std::uint32_t max_faults = 4,
                                     std::uint32_t max_position = 120);

namespace detail {
/// RapidCheck's RC_PARAMS, with what `settings` ask of properties where `said`, its value, does not
/// name it.
std::string rapidcheck_parameters(std::string said, const Settings& settings);
}  // namespace detail

/// For counterexamples: "alternative 2 at choice 5".
void showValue(const Schedule& schedule, std::ostream& out);

}  // namespace durasim

namespace rc {
template <>
struct Arbitrary<durasim::Schedule> {
  static Gen<durasim::Schedule> arbitrary() { return durasim::arbitrary_schedule(); }
};
}  // namespace rc
