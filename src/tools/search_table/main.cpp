// Compares ways of searching: the table of docs/reference/search-strategies.md.
// Usage: search_table                      prints the table
//        search_table --write PAGE         puts it into the page, in place of the one there
//        search_table --check PAGE BUG...  fails if the page has other rows for these bugs
// The last two fail as well if a row of the table, whichever, says that `search` takes more than
// three times as many runs as the best way alone.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "measure.hpp"

namespace search_table {
namespace {

std::string text(const FirstFailure& runs) {
  return runs ? std::to_string(*runs) : fmt::format("> {}", kMostRuns);
}

std::string header() {
  std::string names = "| bug | class |";
  std::string rule = "|---|---|";
  for (const Column& column : single_choosers()) {
    names += fmt::format(" {} |", column.name);
    rule += "---:|";
  }
  return names + fmt::format(" {} | of the best |\n", portfolio().name) + rule + "---:|---:|\n";
}

std::string row(const search_set::Bug& bug) {
  std::string cells = fmt::format("| `{}` | {} |", bug.name, bug.what);
  std::uint64_t best = kMostRuns;
  for (const Column& column : single_choosers()) {
    const FirstFailure runs = median(column, bug);
    best = std::min(best, runs.value_or(kMostRuns));
    cells += fmt::format(" {} |", text(runs));
  }
  const FirstFailure runs = median(portfolio(), bug);
  // In tenths, rounded up: 3.0 is not more than three times.
  const std::uint64_t tenths = (runs.value_or(kMostRuns) * 10 + best - 1) / best;
  return cells + fmt::format(" {} | {}.{} |\n", text(runs), tenths / 10, tenths % 10);
}

std::string table() {
  std::string rows;
  for (const search_set::Bug& bug : search_set::all()) rows += row(bug);
  return header() + rows;
}

constexpr double kWorstAllowed = 3.0;

/// The last number of a row.
double ratio_of(const std::string& row) {
  const std::size_t begin = row.rfind('|', row.size() - 2);
  try {
    return std::stod(row.substr(begin + 1));
  } catch (const std::exception&) {
    throw std::runtime_error(fmt::format("no number ends the row {}", row));
  }
}

/// False, with a message, if a row is missing or one is worse than allowed.
bool is_good(const std::string& table) {
  std::istringstream lines(table);
  std::size_t rows = 0;
  bool good = true;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    if (ratio_of(line) <= kWorstAllowed) continue;
    std::fprintf(stderr, "more than %.1f times the best way alone:\n%s\n", kWorstAllowed,
                 line.c_str());
    good = false;
  }
  const std::size_t bugs = search_set::all().size();
  if (rows == bugs) return good;
  std::fprintf(stderr, "search_table: %zu rows for %zu bugs\n", rows, bugs);
  return false;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// From the header on, as long as there are rows.
Place table_in(const std::string& page, const std::filesystem::path& path) {
  const std::size_t begin = page.find("| bug | class |");
  if (begin == std::string::npos)
    throw std::runtime_error(fmt::format("{} has no table", path.string()));
  std::size_t end = begin;
  while (end < page.size() && page[end] == '|')
    end = std::min(page.find('\n', end), page.size() - 1) + 1;
  return {begin, end - begin};
}

int write(const std::filesystem::path& path) {
  std::string page = read(path);
  const Place place = table_in(page, path);
  const std::string measured = table();
  if (!is_good(measured)) {
    fmt::print("{}", measured);
    return 1;
  }
  page.replace(place.begin, place.size, measured);
  std::ofstream file(path, std::ios::binary);
  if (!(file << page).flush())
    throw std::runtime_error(fmt::format("cannot write {}", path.string()));
  return 0;
}

int check(const std::filesystem::path& path, const std::vector<std::string>& names) {
  const std::string page = read(path);
  const Place place = table_in(page, path);
  if (!is_good(page.substr(place.begin, place.size))) return 1;
  std::size_t checked = 0;
  for (const search_set::Bug& bug : search_set::all()) {
    if (std::find(names.begin(), names.end(), bug.name) == names.end()) continue;
    ++checked;
    const std::string expected = row(bug);
    if (page.find(header()) != std::string::npos && page.find(expected) != std::string::npos)
      continue;
    std::fprintf(stderr,
                 "%s is out of date; its row for %s is now\n%srun: search_table --write %s\n",
                 path.c_str(), bug.name.c_str(), expected.c_str(), path.c_str());
    return 1;
  }
  if (checked == names.size() && checked > 0) return 0;
  std::fprintf(stderr, "search_table: %zu of %zu bugs are known\n", checked, names.size());
  return 2;
}

}  // namespace
}  // namespace search_table

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    fmt::print("{}", search_table::table());
    return 0;
  }
  if (arguments[0] == "--write" && arguments.size() == 2) return search_table::write(arguments[1]);
  if (arguments[0] == "--check" && arguments.size() > 2)
    return search_table::check(arguments[1], {arguments.begin() + 2, arguments.end()});
  std::fprintf(stderr, "usage: %s [--write PAGE | --check PAGE BUG...]\n", argv[0]);
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "search_table: %s\n", error.what());
  return 2;
}
