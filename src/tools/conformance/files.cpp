#include "tools/conformance/files.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace conformance {
namespace {

namespace fs = std::filesystem;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Numbers in the text by their value.
bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    const auto number_at = [](const std::string& text, std::size_t& at) {
      const std::size_t begin = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string left = number_at(a, i);
    const std::string right = number_at(b, j);
    if (left.size() != right.size()) return left.size() < right.size();
    if (left != right) return left < right;
  }
  return a.size() - i < b.size() - j;
}

std::vector<fs::path> files_in(const fs::path& suite) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(suite)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

std::set<std::string> suites_of(const fs::path& folder) {
  std::set<std::string> suites;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && !files_in(entry.path()).empty())
      suites.insert(entry.path().filename().string());
  }
  return suites;
}

}  // namespace

std::vector<fs::path> requirement_files(const fs::path& folder,
                                        const std::vector<std::string>& suites) {
  if (!fs::is_directory(folder))
    throw UsageError(fmt::format("{} is not a folder", folder.string()));
  const std::set<std::string> known = suites_of(folder);
  if (known.empty())
    throw UsageError(fmt::format("{} has no file <suite>/<id>.yaml", folder.string()));
  for (const std::string& suite : suites) {
    if (!known.contains(suite)) {
      throw UsageError(fmt::format("{} has no suite \"{}\"; it has {}", folder.string(), suite,
                                   fmt::join(known, ", ")));
    }
  }
  std::vector<fs::path> files;
  for (const std::string& suite : known) {
    if (!suites.empty() && std::find(suites.begin(), suites.end(), suite) == suites.end()) continue;
    for (fs::path& file : files_in(folder / suite)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    const std::string left = a.stem().string();
    const std::string right = b.stem().string();
    return left == right ? a < b : natural_less(left, right);
  });
  return files;
}

}  // namespace conformance
