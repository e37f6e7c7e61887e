#include "durasim/explore/reference.hpp"

#include <algorithm>

namespace durasim {

namespace {

/// The outcome of such an execution is decided by whoever ended it.
bool was_ended(const std::vector<Decision>& decisions) {
  return std::any_of(decisions.begin(), decisions.end(), [](const Decision& decision) {
    return decision.fault == Fault::request_rejected ||
           decision.fault == Fault::stopped_before_applying ||
           decision.fault == Fault::stopped_while_suspended;
  });
}

}  // namespace

void References::judge(RunResult& run, const std::string& inputs) {
  if (was_ended(run.decisions)) return;
  if (!run.findings.empty() || !options_.oracles.contains(Oracle::result_agreement)) return;
  const std::uint64_t key = run.environment.hash();
  auto reference = runs_.find(key);
  if (reference == runs_.end()) {
    NominalChooser nominal;
    SimulationOptions options = options_;
    options.oracles = OracleSet::none().with(Oracle::progress);  // which ends what is endless
    RunSetup setup{scenario_, options, nominal};
    setup.given = &run.environment;
    setup.inputs = inputs;
    reference = runs_.emplace(key, run_once(setup).environment).first;
  }
  run.exercised = run.exercised.with(Oracle::result_agreement);
  Findings findings;
  check_result_agreement(reference->second, run.environment, findings);
  for (const Finding& finding : findings.all()) run.findings.push_back(finding);
}

}  // namespace durasim
