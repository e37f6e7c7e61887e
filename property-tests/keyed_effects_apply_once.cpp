#include "keyed_effects_apply_once.hpp"

#include "generators/cases.hpp"

namespace properties {

TEST(PropertyKeyedEffectsApplyOnce, WhateverBefallsTheHandler) {
  generated::expect_to_hold(&keyed_effects_apply_once);
}

}  // namespace properties
