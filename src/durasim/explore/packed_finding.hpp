#pragma once

#include <durasim/oracles.hpp>

#include "durasim/core/packed.hpp"

/// Findings between processes of one program. Their paths are left out.
namespace durasim {

void pack(PackedWriter& out, const Finding& finding);
Finding unpack_finding(PackedReader& in);

}  // namespace durasim
