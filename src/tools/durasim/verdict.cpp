#include "tools/durasim/verdict.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

namespace durasim::program {

std::optional<ReplayTold> read_verdict(std::string_view text) {
  std::map<std::string, int> open;  // by process: replays that have begun and are not over
  std::optional<ReplayTold> result;
  const auto take = [&](ReplayTold told) {
    if (!result || told.end > result->end) result = std::move(told);
  };
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string process, word;
    ReplayTold told;
    words >> process >> word >> told.oracle >> told.signature;
    open[process] += word == "BEGUN" ? 1 : -1;
    if (word == "BEGUN") continue;
    told.end = word == "REFUTED" ? ReplayEnd::refuted
               : word == "HOLDS" ? ReplayEnd::holds
                                 : ReplayEnd::incomplete;
    take(std::move(told));
  }
  const bool died =
      std::any_of(open.begin(), open.end(), [](const auto& one) { return one.second > 0; });
  if (died) take({ReplayEnd::died, {}, {}});
  return result;
}

ReplayFolder::ReplayFolder() {
  std::string name = std::filesystem::temp_directory_path() / "durasim-replay-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make the folder " + name);
  path_ = name;
}

ReplayFolder::~ReplayFolder() {
  std::error_code ignored;  // what is left behind is in the folder for temporary files
  std::filesystem::remove_all(path_, ignored);
}

std::optional<ReplayTold> ReplayFolder::told() const {
  std::ifstream stream(verdict_file(), std::ios::binary);
  return read_verdict(std::string(std::istreambuf_iterator<char>(stream), {}));
}

}  // namespace durasim::program
