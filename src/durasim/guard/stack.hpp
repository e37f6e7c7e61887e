#pragma once

#include "durasim/sim/guarded.hpp"

namespace durasim::guard {

/// Where the call of `function` that returns to `back` comes from, as the stack of this thread shows it.
/// Shape:   `function` lives as long as the program.
guarded::Place locate(const char* function, const void* back);

}  // namespace durasim::guard
