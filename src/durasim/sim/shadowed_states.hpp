#pragma once

#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

namespace durasim {

/// The durable states whose shadow replay was made, so that each is made once.
class ShadowedStates {
 public:
  /// True if it was not known before.
  bool add(std::uint64_t state) {
    if (!known_.insert(state).second) return false;
    added_.push_back(state);
    return true;
  }

  /// Those added since the last call: what another process has to add.
  std::vector<std::uint64_t> take_added() { return std::exchange(added_, {}); }

  /// These are to be made again.
  void forget(const std::vector<std::uint64_t>& states) {
    for (const std::uint64_t state : states) known_.erase(state);
  }

 private:
  std::unordered_set<std::uint64_t> known_;
  std::vector<std::uint64_t> added_;
};

}  // namespace durasim
