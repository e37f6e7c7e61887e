#include <durasim/chooser.hpp>

#include <array>
#include <stdexcept>
#include <string>

namespace durasim {
namespace {

constexpr std::array<std::string_view, kOperationKindCount> kOperationKindNames = {
    "execution",
    "step",
    "wait",
    "callback",
    "invoke",
    "child",
    "wait_for_callback",
    "wait_for_condition",
    "with_retry",
    "unrecorded"};

}  // namespace

std::string_view to_string(OperationKind kind) {
  return kOperationKindNames.at(static_cast<std::size_t>(kind));
}

OperationKind operation_kind_from_string(std::string_view name) {
  std::string names;
  for (std::size_t i = 0; i < kOperationKindNames.size(); ++i) {
    if (kOperationKindNames[i] == name) return static_cast<OperationKind>(i);
    names += (i == 0 ? "" : ", ") + std::string(kOperationKindNames[i]);
  }
  throw std::invalid_argument("there is no kind of operation \"" + std::string(name) +
                              "\"; there are: " + names);
}

Fault Decision::alternative(std::uint32_t number) const {
  return number == 0 ? Fault::none : offered.nth(number - 1);
}

}  // namespace durasim
