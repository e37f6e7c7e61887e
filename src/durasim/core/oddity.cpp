#include "durasim/core/oddity.hpp"

namespace durasim {

std::uint32_t oddity(Fault fault) { return fault == Fault::none ? 0 : fault_info(fault).oddity; }

std::uint32_t harshness(Fault fault) {
  return oddity(fault) * static_cast<std::uint32_t>(kFaultCount) +
         static_cast<std::uint32_t>(fault);
}

}  // namespace durasim
