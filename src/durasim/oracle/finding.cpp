#include <algorithm>

#include <fmt/format.h>

#include <durasim/oracles.hpp>

#include "durasim/core/hash.hpp"

namespace durasim {

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
  if (!from_.contains(finding.oracle)) return;
  const auto same = [&](const Finding& known) {
    return known.oracle == finding.oracle && known.path == finding.path &&
           known.what == finding.what;
  };
  if (std::none_of(findings_.begin(), findings_.end(), same))
    findings_.push_back(std::move(finding));
}

}  // namespace durasim
