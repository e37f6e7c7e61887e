#pragma once

#include <ostream>

#include <durasim/rapidcheck.hpp>

#include "generators/program.hpp"

namespace generated {

/// What every property here is about: a handler, what it is started with, and what befalls it.
/// One value, so that the three are shrunk and printed together.
struct Case {
  Program program;
  Input input;
  durasim::Schedule schedule;
};

void showValue(const Case& generated_case, std::ostream& out);

}  // namespace generated

namespace rc {
template <>
struct Arbitrary<generated::Case> {
  static Gen<generated::Case> arbitrary();
};
}  // namespace rc
