#include "completed_steps_never_run_twice.hpp"

#include "generators/cases.hpp"

namespace properties {

TEST(PropertyCompletedStepsNeverRunTwice, WhateverBefallsTheHandler) {
  generated::expect_to_hold(&completed_steps_never_run_twice);
}

}  // namespace properties
