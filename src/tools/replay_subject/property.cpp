#include <durasim/gtest.hpp>
#include <durasim/rapidcheck.hpp>

#include <rapidcheck/gtest.h>

#include "tools/replay_subject/subject.hpp"

/// A property that fails, over generated orders and schedules.
namespace replay_subject {

RC_GTEST_PROP(SubjectProperty, ChargesOnce, (const durasim::Schedule& schedule)) {
  auto bought = order();
  bought.lines[0].quantity = *rc::gen::inRange(1U, 100U);
  durasim::check(durasim::scenario_for(bought, charges_twice), schedule);
}

}  // namespace replay_subject
