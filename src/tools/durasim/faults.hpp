#pragma once

#include "tools/durasim/result.hpp"

namespace durasim::program {

/// The catalogue of faults, as a table or as a JSON array.
Result list_faults(bool json);

}  // namespace durasim::program
