#pragma once

#include <functional>
#include <span>
#include <string_view>

#include <durasim/durasim.hpp>

namespace conformance {

/// The name under which a handler is published.
inline constexpr const char* kFunction = "handler";

/// The handler of a requirement, with what its run needs.
struct Registration {
  std::string_view id;  ///< of the requirement
  /// Publishes the handler in a world of its own.
  std::function<void(durasim::Simulation&)> publish;
  /// Strikes once, where it is first offered.
  durasim::Fault fault = durasim::Fault::none;
};

/// A handler that needs nothing but its context and input.
template <class Handler>
std::function<void(durasim::Simulation&)> plain(Handler handler) {
  return [handler](durasim::Simulation& sim) { sim.function(kFunction, handler); };
}

std::span<const Registration> step_handlers();
std::span<const Registration> wait_handlers();
std::span<const Registration> child_handlers();
std::span<const Registration> callback_handlers();
std::span<const Registration> invoke_handlers();
std::span<const Registration> wait_for_condition_handlers();
std::span<const Registration> wait_for_callback_handlers();

/// nullptr where none is registered.
const Registration* find_handler(std::string_view id);

}  // namespace conformance
