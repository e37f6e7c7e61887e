#pragma once

#include <filesystem>
#include <vector>

#include "tools/durasim/result.hpp"

namespace durasim::program {

/// Joins the results of shards to what one process would have come to, one verdict for each scenario.
/// Errors:  UsageError for files that cannot be read or do not belong together.
/// Source: docs/reference/shards.md
Result merge_results(const std::vector<std::filesystem::path>& from, bool json);

}  // namespace durasim::program
