#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <durable/model.hpp>
#include <durasim/faults.hpp>

namespace durasim {

/// Where in the protocol a choice is made.
enum class SiteKind : std::uint8_t {
  invocation_start,
  before_body,
  effect,
  after_body,
  request,
  invocation_end,
  execution_end,
  jitter
};

std::string_view to_string(SiteKind kind);
/// Errors:  std::invalid_argument for an unknown identifier.
SiteKind site_kind_from_string(std::string_view id);
/// The one kind of site that offers `fault`.
/// Errors:  std::invalid_argument for Fault::none.
SiteKind site_of(Fault fault);

/// What a choice costs, each with a bound of its own.
enum class ChoiceKind : std::uint8_t {
  fault,  ///< bounded by max_faults
  data    ///< random draws; bounded by max_data
};

/// One place where the simulator decides. Two runs that agree up to a site offer the same site.
struct Site {
  SiteKind kind = SiteKind::invocation_start;
  ChoiceKind choice = ChoiceKind::fault;
  std::uint32_t execution = 0;
  /// The operation concerned; the execution itself for invocations.
  durable::OperationPath path;
  /// Bodies: the attempt. Requests: the transmission. Invocations: which one. Effects: which one.
  std::uint32_t occurrence = 0;

  friend bool operator==(const Site&, const Site&) = default;
};

/// A choice as it was made.
struct Decision {
  Site site;
  std::uint16_t bound = 1;   ///< how many alternatives there were
  std::uint16_t answer = 0;  ///< which one was taken; 0 is the benign one
  Fault fault = Fault::none;
  std::uint32_t offered = 0;  ///< the menu, a bit for each fault: menus are in the order of Fault

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
