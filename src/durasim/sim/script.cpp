#include <cstdio>
#include <stdexcept>

#include "durasim/sim/world.hpp"

/// Simulations that follow a script.
namespace durasim {
namespace {

constexpr const char* kScriptRemedy =
    "the script names what the handler has to come to: adapt its line, or give Unreached::warns to "
    "a script that is to outlive edits of the handler";

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
  options_.faults = FaultModel::hostile();  // places offer all that can happen there
  unreached_ = unreached;
  script_ = std::make_unique<ScriptChooser>(std::move(script));
  chooser_ = script_.get();
  watch(*script_);
}

std::vector<std::string> World::unreached() const {
  return script_ ? script_->unreached() : std::vector<std::string>{};
}

std::vector<Finding> World::check_script() const {
  std::vector<Finding> findings;
  for (std::string& what : unreached()) {
    if (unreached_ == Unreached::warns) {
      std::fprintf(stderr, "durasim: warning: %s\n", what.c_str());
      continue;
    }
    Finding finding;
    finding.what = std::move(what);
    finding.remedy = kScriptRemedy;
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace durasim
