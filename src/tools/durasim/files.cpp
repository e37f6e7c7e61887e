#include "tools/durasim/files.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

#include "tools/durasim/result.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> paths_in(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> paths;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().string().ends_with(ending) && entry->is_regular_file())
      paths.push_back(entry->path());
  }
  if (failed)
    throw UsageError(fmt::format("cannot read {}: {}", folder.string(), failed.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

ScheduleFile load_schedule(const fs::path& path) {
  try {
    return ScheduleFile::load(path);
  } catch (const ScheduleError& error) {
    throw UsageError(error.what());
  }
}

std::vector<fs::path> files_below(const std::vector<fs::path>& from, std::string_view ending) {
  std::vector<fs::path> files;
  for (const fs::path& path : from) {
    const bool is_folder = fs::is_directory(path);
    const std::vector<fs::path> found =
        is_folder ? paths_in(path, ending) : std::vector<fs::path>{path};
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::vector<Stored> load_schedules(const std::vector<fs::path>& from) {
  std::vector<Stored> stored;
  for (const fs::path& path : files_below(from, ".durasim.json"))
    stored.push_back({path, load_schedule(path)});
  return stored;
}

void expect_folder(const fs::path& folder) {
  std::error_code failed;
  const fs::file_status status = fs::status(folder, failed);
  if (!fs::exists(status)) throw UsageError(fmt::format("there is no folder {}", folder.string()));
  if (!fs::is_directory(status)) throw UsageError(fmt::format("{} is no folder", folder.string()));
}

std::size_t fault_count(const ScheduleFile& file) {
  const auto is_fault = [](const ScheduleFile::Choice& choice) { return choice.answer != 0; };
  return static_cast<std::size_t>(
      std::count_if(file.choices.begin(), file.choices.end(), is_fault));
}

bool is_smaller(const Stored& a, const Stored& b) {
  const auto size = [](const Stored& stored) {
    return std::tuple(fault_count(stored.file), stored.file.choices.size(), stored.path.string());
  };
  return size(a) < size(b);
}

const std::string& kind_of(const ScheduleFile& file) {
  static const std::string none;
  if (file.ended == ScheduleFile::kNotRun) return none;
  return file.oracle.empty() ? file.ended : file.oracle;
}

std::string identity_of(const ScheduleFile& file) {
  return fmt::format("{}\n{}\n{}", file.scenario, kind_of(file), file.signature);
}

}  // namespace durasim::program
