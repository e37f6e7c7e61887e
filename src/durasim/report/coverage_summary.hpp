#pragma once

#include <string>

#include <durasim/coverage.hpp>

namespace durasim {

/// "6 of 6 faults injected where they were offered, 5 effective".
std::string injected_text(const Coverage& coverage);
/// The same, and which oracles had nothing to judge.
std::string coverage_summary(const Coverage& coverage);

}  // namespace durasim
