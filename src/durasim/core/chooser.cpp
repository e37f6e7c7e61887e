#include <durasim/chooser.hpp>

namespace durasim {

Fault Decision::alternative(std::uint32_t number) const {
  return number == 0 ? Fault::none : offered.nth(number - 1);
}

}  // namespace durasim
