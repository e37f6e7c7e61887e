#include "durasim/report/abridge.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

namespace durasim {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

bool is_marked(std::string_view line) {
  return line.starts_with("  >>") || line.starts_with("  !!");
}

/// How far each line is from the next mark, or twice as far from the one before it.
std::vector<std::size_t> distances(const std::vector<bool>& marks) {
  std::vector<std::size_t> distance(marks.size(), 2 * marks.size());
  for (std::size_t i = marks.size(), to_next = 2 * marks.size(); i-- > 0; ++to_next) {
    if (marks[i]) to_next = 0;
    distance[i] = to_next;
  }
  for (std::size_t i = 0, from_last = 2 * marks.size(); i < marks.size(); ++i, from_last += 2) {
    if (marks[i]) from_last = 0;
    distance[i] = std::min(distance[i], from_last);
  }
  return distance;
}

/// Lines that the kept ones take, with one for each gap.
std::size_t length_of(const std::vector<bool>& kept) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) length += kept[i] || i == 0 || kept[i - 1] ? 1 : 0;
  return length;
}

std::vector<bool> chosen(const std::vector<std::string_view>& lines, std::size_t limit) {
  std::vector<bool> kept(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    kept[i] = i + 1 == lines.size() || is_marked(lines[i]);
  const std::vector<std::size_t> distance = distances(kept);
  kept[0] = true;
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return distance[a] != distance[b] ? distance[a] < distance[b] : a < b;
  });
  for (const std::size_t i : order) {
    if (kept[i]) continue;
    kept[i] = true;
    if (length_of(kept) > limit) kept[i] = false;
  }
  return kept;
}

}  // namespace

std::string abridged(std::string_view narrative, std::size_t limit) {
  const std::vector<std::string_view> lines = lines_of(narrative);
  if (lines.size() <= limit) return std::string(narrative);
  const std::vector<bool> kept = chosen(lines, limit);
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    if (kept[i]) {
      text += lines[i++];
      continue;
    }
    std::size_t end = i;
    while (!kept[end]) ++end;  // the last line is kept
    text += fmt::format("     {:>10}       {} line{} left out, which a replay tells\n", "...",
                        end - i, end - i == 1 ? "" : "s");
    i = end;
  }
  return text;
}

}  // namespace durasim
