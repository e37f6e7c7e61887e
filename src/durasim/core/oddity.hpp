#pragma once

#include <cstdint>

#include <durasim/faults.hpp>

namespace durasim {

/// How far a fault is from the plainest one, a crash.
/// Source: docs/adr/0003-plain-faults-first.md
std::uint32_t oddity(Fault fault);

/// A total order: the milder fault has the smaller number. By oddity, then in the order of their
/// declaration.
std::uint32_t harshness(Fault fault);

}  // namespace durasim
