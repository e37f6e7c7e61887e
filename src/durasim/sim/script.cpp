#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "durasim/sim/world.hpp"

/// Simulations that follow a script.
namespace durasim {
namespace {

constexpr const char* kScriptRemedy =
    "the script names what the handler has to come to: adapt its line, or give Unreached::warns to "
    "a script that is to outlive edits of the handler";

constexpr const char* kOutsideRemedy =
    "what is scripted of the outside has to happen: adapt the script or the handler, drive the "
    "simulation further, or give SimulationOptions::unreached = Unreached::warns";

/// Warns of them instead, if the test has asked for that.
std::vector<Finding> findings_of(std::vector<std::string> reasons, Unreached unreached,
                                 const char* remedy) {
  std::vector<Finding> findings;
  for (std::string& what : reasons) {
    if (unreached == Unreached::warns) {
      std::fprintf(stderr, "durasim: warning: %s\n", what.c_str());
      continue;
    }
    Finding finding;
    finding.what = std::move(what);
    finding.remedy = remedy;
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

void World::follow(Script script, Unreached unreached) {
  if (service_.executions() != 0 || script_) {
    throw std::logic_error(
        "durasim: give a simulation one script, before its first execution is started");
  }
  if (dynamic_cast<NominalChooser*>(chooser_) == nullptr) {
    throw std::logic_error(
        "durasim: this simulation's choices are those of an exploration; a script is for a "
        "Simulation of its own, or for durasim::check");
  }
  options_.faults = script.widen(FaultModel::hostile());
  unreached_ = unreached;
  script_ = std::make_unique<ScriptChooser>(std::move(script));
  chooser_ = script_.get();
  watch(*script_);
}

std::vector<std::string> World::unreached() const {
  std::vector<std::string> reasons = script_ ? script_->unreached() : std::vector<std::string>{};
  for (std::string& reason : outside_.unreached()) reasons.push_back(std::move(reason));
  return reasons;
}

std::vector<Finding> World::check_script() const {
  if (!script_) return {};
  return findings_of(script_->unreached(), unreached_, kScriptRemedy);
}

std::vector<Finding> World::check_outside() {
  if (std::exchange(outside_checked_, true) || given_ != nullptr || halted_ || abort_) return {};
  const bool led_elsewhere =
      !script_ && std::any_of(decisions_.begin(), decisions_.end(),
                              [](const Decision& decision) { return decision.answer != 0; });
  if (led_elsewhere) return {};
  return findings_of(outside_.unreached(), options_.unreached, kOutsideRemedy);
}

}  // namespace durasim
