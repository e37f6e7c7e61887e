#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <durable/model.hpp>
#include <durasim/faults.hpp>

namespace durasim {

/// What a choice concerns: an operation, by what the handler called, or the execution itself.
enum class OperationKind : std::uint8_t {
  execution,
  step,
  wait,
  callback,  ///< create_callback, also the one inside wait_for_callback
  invoke,
  child,  ///< run_in_child_context
  wait_for_callback,
  wait_for_condition,
  with_retry,
  unrecorded  ///< an operation that the run has not recorded
};
inline constexpr std::size_t kOperationKindCount =
    static_cast<std::size_t>(OperationKind::unrecorded) + 1;
/// "wait_for_callback".
std::string_view to_string(OperationKind kind);
/// Errors:  std::invalid_argument for an unknown name.
OperationKind operation_kind_from_string(std::string_view name);

/// One place where the simulator decides. Two runs that agree up to a site offer the same site.
struct Site {
  SiteKind kind = SiteKind::invocation_start;
  ChoiceKind choice = ChoiceKind::fault;
  std::uint32_t execution = 0;
  /// The operation concerned; the execution itself for invocations.
  durable::OperationPath path;
  /// Bodies and what they queue: the attempt. Requests: the transmission. Invocations, effects: which one.
  std::uint32_t occurrence = 0;

  friend bool operator==(const Site&, const Site&) = default;
};

/// A choice as it was made.
struct Decision {
  Site site;
  std::uint16_t bound = 1;   ///< how many alternatives there were
  std::uint16_t answer = 0;  ///< which one was taken; 0 is the benign one
  Fault fault = Fault::none;
  FaultSet offered = {};  ///< the menu without `none`: menus are in the order of Fault
  OperationKind operation = OperationKind::execution;  ///< known when the run is over

  /// The fault behind an answer.
  Fault alternative(std::uint32_t number) const;
};

/// The one source of nondeterminism of a simulation.
class Chooser {
 public:
  virtual ~Chooser() = default;

  /// The index of the alternative to take. `menu[0]` is benign; a menu has at least two entries.
  virtual std::size_t choose(const Site& site, std::span<const Fault> menu) = 0;
};

/// Always the benign alternative.
class NominalChooser final : public Chooser {
 public:
  std::size_t choose(const Site&, std::span<const Fault>) override { return 0; }
};

}  // namespace durasim
