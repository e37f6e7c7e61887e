#include "durasim/explore/reference.hpp"

namespace durasim {

void References::judge(RunResult& run, const std::string& inputs) {
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
  Findings findings;
  check_result_agreement(reference->second, run.environment, findings);
  for (const Finding& finding : findings.all()) run.findings.push_back(finding);
}

}  // namespace durasim
