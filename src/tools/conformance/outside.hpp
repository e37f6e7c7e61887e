#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <durasim/durasim.hpp>

#include "tools/conformance/requirement.hpp"

namespace conformance {

/// Whoever answers the callbacks of an execution, as a requirement says, on the virtual clock. One after
/// the other: each callback, in the order of their starts, is met by the first action not yet taken
/// whose name is its own, is `*`, or is a pattern found in it; then the action's delay passes.
/// Shape:   a callback that had a heartbeat is met by another action; one that was ended is not.
/// Source:  docs/reference/conformance.md, callback actions
class Outside {
 public:
  Outside(durasim::Simulation& sim, durasim::ExecutionHandle execution,
          std::span<const CallbackAction> actions);

  /// Drives the execution until it is over, or nothing happens to it any more.
  /// Errors:  PatternError for a name that is neither equal nor a pattern.
  void drive();

  /// What the service said to actions that it refused.
  const std::vector<std::string>& refused() const { return refused_; }

 private:
  bool answer();
  bool go_on();
  const CallbackAction* next_action(const std::string& name);
  std::optional<durable::ServiceError> send(const CallbackAction& action,
                                            const std::string& callback);
  void take(const CallbackAction& action, const std::string& callback);

  durasim::Simulation& sim_;
  durasim::ExecutionHandle execution_;
  std::span<const CallbackAction> actions_;
  std::vector<bool> taken_;
  std::set<std::string> ended_;  ///< callbacks, by their ids
  std::vector<std::string> refused_;
};

}  // namespace conformance
