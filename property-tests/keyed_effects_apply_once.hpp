#pragma once

#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "generators/run.hpp"

namespace properties {

/// A receiver that deduplicates by key, and looks at who sends the key.
class Receiver final : public generated::Answering {
 public:
  using Answering::Answering;

  void effect(const std::string& step, const std::string& key) override {
    const std::string owner = simulation().effects().apply(
        "effect", key, step);  // whose request with this key was the first
    if (owner != step)
      mistaken = fmt::format("the effect of {} is taken for that of {}", step, owner);
    keys[step].insert(key);
  }

  std::map<std::string, std::set<std::string>> keys;  ///< by step: each of them was applied
  std::string mistaken;
};

/// What a step does to the outside under its idempotency key is done once, and is not mistaken for
/// what another step does.
inline void keyed_effects_apply_once(const generated::Case& generated_case) {
  generated::Run run(generated_case);
  Receiver receiver(run.simulation());
  run.go(receiver);
  if (!receiver.mistaken.empty()) run.breaks(receiver.mistaken);
  for (const auto& [step, keys] : receiver.keys) {
    if (keys.size() != 1)
      run.breaks(fmt::format("the effect of {} is applied {} times", step, keys.size()));
  }
}

}  // namespace properties
