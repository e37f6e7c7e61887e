#include "tools/conformance/run.hpp"

#include <algorithm>

#include "tools/conformance/events.hpp"
#include "tools/conformance/outside.hpp"

namespace conformance {
namespace {

/// Injects one fault, where it is first offered.
class Once final : public durasim::Chooser {
 public:
  explicit Once(durasim::Fault fault) : fault_(fault) {}

  std::size_t choose(const durasim::Site&, std::span<const durasim::Fault> menu) override {
    const auto found = std::find(menu.begin(), menu.end(), fault_);
    if (fault_ == durasim::Fault::none || found == menu.end()) return 0;
    fault_ = durasim::Fault::none;
    return static_cast<std::size_t>(found - menu.begin());
  }

  /// It was offered, or there is none.
  bool done() const { return fault_ == durasim::Fault::none; }

 private:
  durasim::Fault fault_;
};

durasim::SimulationOptions options_for(durasim::Fault fault) {
  durasim::SimulationOptions options;
  if (fault != durasim::Fault::none) options.faults = options.faults.with({fault});
  return options;
}

Observation describe(const durasim::ExecutionResult& run) {
  const durasim::Execution& execution = run.execution();
  Observation seen;
  seen.arn = execution.arn;
  seen.status = to_string(execution.status);
  seen.over = durable::is_terminal(execution.status);
  seen.result = run.result();
  if (execution.error) seen.error = execution.error->type + ": " + execution.error->message;
  seen.events = events_of(execution);
  for (const durasim::LogLine& line : execution.logs)
    seen.log_lines.push_back(durasim::log_json(execution, line));
  return seen;
}

}  // namespace

Observation observe(const Registration& registration, const Json& input,
                    const std::vector<CallbackAction>& actions) {
  Once chooser(registration.fault);
  durasim::Simulation sim(options_for(registration.fault), chooser);
  registration.publish(sim);
  const durasim::ExecutionHandle execution = sim.start(kFunction, input);
  Outside outside(sim, execution, actions);
  outside.drive();
  sim.finish();
  Observation seen = describe(sim.result(execution));
  seen.refused = outside.refused();
  for (const durasim::Finding& finding : sim.findings().all())
    seen.findings.push_back(std::string(to_string(finding.oracle)) + ": " + finding.what);
  if (!chooser.done())
    seen.findings.push_back(std::string(to_string(registration.fault)) + " was never offered");
  return seen;
}

}  // namespace conformance
