#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <durable/model.hpp>
#include <durasim/faults.hpp>

namespace durasim {

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
