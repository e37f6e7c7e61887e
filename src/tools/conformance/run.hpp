#pragma once

#include <string>
#include <vector>

#include "tools/conformance/handlers/registry.hpp"
#include "tools/conformance/python.hpp"
#include "tools/conformance/requirement.hpp"

namespace conformance {

/// What one execution of a handler left behind.
struct Observation {
  std::string arn;
  std::string status;  ///< "SUCCEEDED"
  bool over = false;
  std::string result;  ///< JSON text; empty if there is none
  std::string error;   ///< "type: message"; empty if there is none
  Json events;         ///< of the history, as the service writes them
  std::vector<std::string> log_lines;
  std::vector<std::string> findings;  ///< of the simulator's oracles
  std::vector<std::string> refused;   ///< callback actions
};

/// Runs the handler once, in a world of its own, until its execution is over. `actions` are what the
/// outside does meanwhile.
Observation observe(const Registration& registration, const Json& input,
                    const std::vector<CallbackAction>& actions = {});

}  // namespace conformance
