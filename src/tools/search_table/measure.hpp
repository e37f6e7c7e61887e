#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "handlers/bugs/search_set.hpp"

/// How many schedules ways of searching need until a planted bug shows.
namespace search_table {

inline constexpr std::uint64_t kSeeds = 30;
inline constexpr std::uint64_t kMostRuns = 2'048;

/// The number of the first schedule that fails, counted from 1; nothing if there is none among kMostRuns.
using FirstFailure = std::optional<std::uint64_t>;

/// One way of searching.
struct Column {
  std::string_view name;
  FirstFailure (*first_failure)(const search_set::Bug& bug, std::uint64_t seed);
};

/// Without the portfolio.
std::vector<Column> single_choosers();
Column portfolio();

/// The lower median over seeds 1 to kSeeds.
FirstFailure median(const Column& column, const search_set::Bug& bug);

}  // namespace search_table
