#include "tools/durasim/corpus_bytes.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <durasim/choosers.hpp>

#include "durasim/explore/reproduce.hpp"
#include "tools/durasim/files.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kEnding = ".durasim.json";

Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad() || fs::is_directory(path))
    throw UsageError(fmt::format("cannot read {}", path.string()));
  return bytes;
}

void write(const fs::path& path, const Bytes& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw UsageError(fmt::format("cannot write {}", path.string()));
}

std::string stem_of(const fs::path& path) {
  std::string name = path.filename().string();
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  return name;
}

Bytes answers_of(const ScheduleFile& file, const fs::path& path) {
  try {
    return bytes_of(file);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

FaultModel model_named(const std::string& name) {
  using Maker = FaultModel (*)();
  constexpr std::array<std::pair<std::string_view, Maker>, 6> kModels = {
      {{"none", FaultModel::none},
       {"crashes", FaultModel::crashes},
       {"standard", FaultModel::standard},
       {"hostile", FaultModel::hostile},
       {"thorough", FaultModel::thorough},
       {"all", FaultModel::all}}};
  std::string known;
  for (const auto& [model, make] : kModels) {
    if (model == name) return make();
    known += fmt::format("{}{}", known.empty() ? "" : ", ", model);
  }
  throw UsageError(fmt::format("--faults {}: there are {}", name, known));
}

ScheduleFile schedule_in(const Bytes& bytes, const fs::path& path, const std::string& scenario,
                         const FaultModel& faults) {
  if (is_schedule_file(bytes)) {
    throw UsageError(fmt::format("{} is a schedule file already: `durasim corpus merge` takes it",
                                 path.string()));
  }
  try {
    return schedule_file_of(bytes, scenario, faults);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

/// Files to be written, each with a name that is free.
template <class Content>
class Additions {
 public:
  explicit Additions(fs::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& name, Content content) {
    const fs::path path = free_name(folder_, name, taken_);
    taken_.insert(path);
    paths_.push_back(path);
    contents_.push_back(std::move(content));
  }
  template <class Save>
  void each(Save save) const {
    for (std::size_t i = 0; i < paths_.size(); ++i) save(paths_[i], contents_[i]);
  }
  const std::vector<fs::path>& paths() const { return paths_; }

 private:
  fs::path folder_;
  std::set<fs::path> taken_;
  std::vector<fs::path> paths_;
  std::vector<Content> contents_;
};

}  // namespace

Result schedules_to_bytes(const fs::path& into, const std::vector<fs::path>& from,
                          const CorpusOptions& options) {
  if (fs::exists(into)) expect_folder(into);
  std::set<Bytes> known;
  if (fs::exists(into)) {
    for (const fs::path& path : files_below({into}, "")) known.insert(read(path));
  }
  const std::vector<Stored> offered = load_schedules(from);
  Additions<Bytes> additions(into);
  for (const Stored& stored : offered) {
    Bytes bytes = answers_of(stored.file, stored.path);
    if (known.insert(bytes).second) additions.add(stem_of(stored.path), std::move(bytes));
  }
  if (!options.dry_run) additions.each(write);
  const std::size_t others = offered.size() - additions.paths().size();
  return corpus_answer("added", additions.paths(), others, options);
}

Result bytes_to_schedules(const fs::path& into, const std::vector<fs::path>& from,
                          const FromBytesOptions& options) {
  if (options.scenario.empty()) throw UsageError("--scenario: the name is empty");
  const FaultModel faults = model_named(options.faults);
  const fs::path folder = into / file_name_of(options.scenario);
  if (fs::exists(into)) expect_folder(into);
  std::set<std::pair<std::vector<std::string>, Bytes>> known;
  if (fs::exists(folder)) {
    for (const Stored& stored : load_schedules({folder}))
      known.emplace(stored.file.faults_offered, answers_of(stored.file, stored.path));
  }
  const std::vector<fs::path> offered = files_below(from, "");
  Additions<ScheduleFile> additions(folder);
  for (const fs::path& path : offered) {
    ScheduleFile file = schedule_in(read(path), path, options.scenario, faults);
    if (known.emplace(file.faults_offered, bytes_of(file)).second)
      additions.add(stem_of(path) + std::string(kEnding), std::move(file));
  }
  if (!options.corpus.dry_run)
    additions.each([](const fs::path& path, const ScheduleFile& file) { file.save(path); });
  const std::size_t others = offered.size() - additions.paths().size();
  return corpus_answer("added", additions.paths(), others, options.corpus);
}

}  // namespace durasim::program
