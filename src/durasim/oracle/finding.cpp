#include <algorithm>

#include <fmt/format.h>

#include <durasim/oracles.hpp>

#include <ostream>

#include "durasim/core/hash.hpp"

namespace durasim {

std::string_view to_string(Oracle oracle) {
  switch (oracle) {
    case Oracle::replay_agreement:
      return "replay-agreement";
    case Oracle::completed_once:
      return "completed-once";
    case Oracle::attempt_semantics:
      return "attempt-semantics";
    case Oracle::result_agreement:
      return "result-agreement";
    case Oracle::effects:
      return "effects";
    case Oracle::progress:
      return "progress";
    case Oracle::hygiene:
      return "hygiene";
    case Oracle::expectation:
      return "expectation";
    case Oracle::simulator:
      return "simulator";
  }
  return "?";
}

std::string Finding::signature() const {
  Hash64 hash;
  hash.add(to_string(oracle));
  hash.add(operation);
  hash.add(
      std::string_view(file).substr(file.rfind('/') + 1));  // where the tree lies does not count
  hash.add(line);
  return fmt::format("{:08x}", hash.value() >> 32U);
}

void Findings::add(Finding finding) {
  const auto same = [&](const Finding& known) {
    return known.oracle == finding.oracle && known.path == finding.path &&
           known.what == finding.what;
  };
  if (std::none_of(findings_.begin(), findings_.end(), same))
    findings_.push_back(std::move(finding));
}

std::ostream& operator<<(std::ostream& out, Oracle oracle) { return out << to_string(oracle); }

}  // namespace durasim
