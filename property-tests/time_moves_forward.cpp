#include "time_moves_forward.hpp"

#include "generators/cases.hpp"

namespace properties {

TEST(PropertyTimeMovesForward, WhateverBefallsTheHandler) {
  generated::expect_to_hold(&time_moves_forward);
}

}  // namespace properties
