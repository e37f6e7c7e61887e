#include "durasim/core/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace durasim {
namespace {

constexpr std::size_t kNamesShown = 8;

/// How many letters have to be changed, added or left out (Levenshtein).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_first(std::string_view text, const std::vector<std::string>& known) {
  std::vector<std::pair<std::size_t, std::size_t>> ranked;  // distance, place in `known`
  for (std::size_t i = 0; i < known.size(); ++i) {
    // What is only cut short is near, however much is missing.
    const bool within = !text.empty() && known[i].find(text) != std::string::npos;
    ranked.emplace_back(within ? 0 : edits(text, known[i]), i);
  }
  std::sort(ranked.begin(), ranked.end());
  std::string list;
  for (std::size_t i = 0; i < ranked.size() && i < kNamesShown; ++i) {
    list += (i == 0 ? "" : ", ") + known[ranked[i].second];
  }
  if (ranked.size() > kNamesShown) list += fmt::format(" and {} more", ranked.size() - kNamesShown);
  return list;
}

}  // namespace durasim
