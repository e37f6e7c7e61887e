#pragma once

#include <ostream>

#include <rapidcheck.h>

#include <durasim/explore.hpp>

/// Schedules as RapidCheck values. Link durasim::rapidcheck, which compiles the adapter.
namespace durasim {

/// A few faults at arbitrary choices; the nominal schedule at size 0. Shrinks toward fewer faults,
/// then earlier ones, then earlier alternatives.
rc::Gen<Schedule> arbitrary_schedule(std::uint32_t max_faults = 4,
                                     std::uint32_t max_position = 120);

/// For counterexamples: "alternative 2 at choice 5".
void showValue(const Schedule& schedule, std::ostream& out);

}  // namespace durasim

namespace rc {
template <>
struct Arbitrary<durasim::Schedule> {
  static Gen<durasim::Schedule> arbitrary() { return durasim::arbitrary_schedule(); }
};
}  // namespace rc
