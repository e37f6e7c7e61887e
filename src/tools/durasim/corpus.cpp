#include "tools/durasim/corpus.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "durasim/explore/reproduce.hpp"
#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"

namespace durasim::program {
namespace {

namespace fs = std::filesystem;

/// The same for files of the same run.
std::string run_of(const ScheduleFile& file) {
  std::string text = fmt::format("{}\n{}\n", file.scenario, file.inputs);
  for (const ScheduleFile::Choice& choice : file.choices)
    text += fmt::format("{}\n{} {} {}\n", choice.site, choice.bound, choice.answer, choice.fault);
  return text;
}

/// What was being run when its process was killed is no failure to be kept.
void expect_failures(const std::vector<Stored>& stored) {
  for (const Stored& one : stored) {
    if (one.file.ended != kKilled) continue;
    throw UsageError(fmt::format(
        "{}: its process was killed, so that the run need not be to blame; replay it with `durasim "
        "replay {} -- PROGRAM`, and keep what that finds in its place",
        one.path.string(), one.path.string()));
  }
}

}  // namespace

fs::path free_name(const fs::path& folder, const fs::path& name, const std::set<fs::path>& taken) {
  std::string stem = name.string();
  std::string extension = ".durasim.json";
  if (stem.ends_with(extension)) {
    stem.resize(stem.size() - extension.size());
  } else {
    extension.clear();
  }
  fs::path path = folder / name;
  for (int number = 2; taken.contains(path) || fs::exists(path); ++number)
    path = folder / fmt::format("{}-{}{}", stem, number, extension);
  return path;
}

Result corpus_answer(const char* verb, const std::vector<fs::path>& changed, std::size_t others,
                     const CorpusOptions& options) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Result result;
  for (const fs::path& path : changed) {
    list.push_back(path.string());
    result.text += fmt::format("{}  {}\n", verb, path.string());
  }
  result.text += fmt::format("{} {}{}, {} {}\n", changed.size(), verb,
                             options.dry_run ? " if this were no dry run" : "", others,
                             std::string_view(verb) == "added" ? "there already" : "kept");
  if (options.json) {
    const nlohmann::ordered_json value = {
        {verb, list},
        {std::string_view(verb) == "added" ? "there_already" : "kept", others},
        {"dry_run", options.dry_run}};
    result.text = json_text(value, 2) + "\n";
  }
  return result;
}

Result merge_corpus(const fs::path& into, const std::vector<fs::path>& from,
                    const CorpusOptions& options) {
  if (fs::exists(into)) expect_folder(into);
  std::set<std::string> runs;
  if (fs::exists(into)) {
    for (const Stored& kept : load_schedules({into})) runs.insert(run_of(kept.file));
  }
  const std::vector<Stored> offered = load_schedules(from);
  expect_failures(offered);
  std::set<fs::path> added;
  std::vector<fs::path> in_order;
  for (const Stored& stored : offered) {
    if (!runs.insert(run_of(stored.file)).second) continue;
    const fs::path path =
        free_name(into / file_name_of(stored.file.scenario), stored.path.filename(), added);
    if (!options.dry_run) stored.file.save(path);
    added.insert(path);
    in_order.push_back(path);
  }
  return corpus_answer("added", in_order, offered.size() - in_order.size(), options);
}

Result minimise_corpus(const fs::path& folder, const CorpusOptions& options) {
  expect_folder(folder);
  std::vector<Stored> stored = load_schedules({folder});
  std::sort(stored.begin(), stored.end(), is_smaller);
  std::set<std::string> kept;
  std::vector<fs::path> removed;
  for (const Stored& one : stored) {
    const bool failed = !kind_of(one.file).empty();
    if (kept.insert(failed ? identity_of(one.file) : run_of(one.file)).second) continue;
    removed.push_back(one.path);
  }
  std::sort(removed.begin(), removed.end());
  for (const fs::path& path : removed) {
    if (!options.dry_run) fs::remove(path);
  }
  return corpus_answer("removed", removed, stored.size() - removed.size(), options);
}

}  // namespace durasim::program
