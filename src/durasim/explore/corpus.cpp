#include "durasim/explore/corpus.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <durasim/environment.hpp>

#include "durasim/core/script_chooser.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/explore/story.hpp"

namespace durasim {
namespace {

namespace fs = std::filesystem;

/// None for a scenario of which nothing is kept.
std::vector<fs::path> schedules_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    std::fprintf(stderr, "durasim: warning: cannot read the corpus %s: %s\n", folder.c_str(),
                 failed.message().c_str());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void warn_of(const fs::path& path, const std::string& what) {
  std::fprintf(stderr, "durasim: warning: stale in the corpus: %s: %s\n", path.c_str(),
               what.c_str());
}

/// A corpus that somebody asks for and that is not there is a misspelt one.
fs::path expect_corpus(const fs::path& folder) {
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return folder;
  throw EnvironmentError(
      fmt::format("the environment variable DURASIM_CORPUS is \"{}\", but there is no such folder; "
                  "correct it, make the folder, or unset it to replay `durasim-corpus` beside the "
                  "source file of the test",
                  folder.string()));
}

/// One file of the corpus.
class Kept {
 public:
  Kept(const Scenario& scenario, const SimulationOptions& options, const fs::path& path)
      : scenario_(scenario), options_(options), path_(path), file_(ScheduleFile::load(path)) {}

  /// What the run found, which may be nothing.
  RunResult run() {
    const Campaign campaign(file_.scenario, file_.inputs, offered_by(file_), options_.hang_after);
    RunRecord record(planned());
    RunResult run = make_run();
    References(scenario_, options_).judge(run, file_.inputs);
    return run;
  }

  const ScheduleFile& file() const { return file_; }
  const SimulationOptions& options() const { return options_; }

 private:
  Schedule planned() const {
    Schedule schedule;
    for (std::uint32_t i = 0; i < file_.choices.size(); ++i) {
      if (file_.choices[i].answer != 0) schedule.choices.push_back({i, file_.choices[i].answer});
    }
    return schedule;
  }

  /// Exactly, or by its script where that is no longer possible.
  RunResult make_run() {
    options_.faults = offered_by(file_);
    ReplayChooser exact(file_);
    try {
      RunResult run = run_along(exact, {});
      exact.expect_exhausted();
      return run;
    } catch (const DivergedError& error) {
      if (file_.script.lines.empty()) warn_of(path_, error.what());
    }
    options_.faults = file_.script.widen(options_.faults);
    ScriptChooser by_name(file_.script);
    RunResult run = run_along(by_name, {&by_name});
    for (const std::string& line : by_name.unreached()) warn_of(path_, line);
    return run;
  }

  RunResult run_along(Chooser& chooser, std::vector<Monitor*> monitors) {
    RunSetup setup{scenario_, options_, chooser};
    setup.monitors = std::move(monitors);
    setup.inputs = file_.inputs;
    return run_once(setup);
  }

  const Scenario& scenario_;
  SimulationOptions options_;
  fs::path path_;
  ScheduleFile file_;
};

/// Properties call again and again: the corpus is replayed once in each run of their test.
bool first_check_of(const std::string& identity) {
  static std::set<std::string> checked;
  static std::uint64_t last_run = 0;
  const std::uint64_t run = test_framework() == nullptr ? 0 : test_framework()->test_run();
  if (run != last_run) checked.clear();
  last_run = run;
  return checked.insert(identity).second;
}

}  // namespace

fs::path corpus_folder() {
  if (const auto chosen = setting_from_environment("DURASIM_CORPUS").corpus)
    return expect_corpus(*chosen);
  const std::string test = test_framework() == nullptr ? "" : test_framework()->current_file();
  return fs::absolute(fs::path(test).parent_path() / "durasim-corpus").lexically_normal();
}

std::optional<Verification> replay_stored(const Scenario& scenario,
                                          const SimulationOptions& options,
                                          const std::string& identity, const fs::path& path) {
  Kept kept(scenario, options, path);
  if (kept.file().scenario != identity) {
    warn_of(path,
            fmt::format("it is for the scenario {}, not for {}", kept.file().scenario, identity));
    return std::nullopt;
  }
  if (kept.file().ended == "killed") {
    warn_of(path,
            "its process was killed, so that the run need not be to blame; replay the file with "
            "`durasim replay`, and keep what that finds in its place");
    if (kept.file().drawn) return std::nullopt;  // and its choices were never written
  }
  const RunResult run = kept.run();
  if (run.findings.empty()) return std::nullopt;
  Verification result;
  result.scenario = identity;
  result.inputs = kept.file().inputs;
  result.runs = 1;
  result.executions = run.executions;
  tell_story(scenario, kept.options(), run, result);
  result.notes.push_back({"corpus", fmt::format("{} fails again", path.string())});
  report_failures(run);
  return result;
}

std::optional<Verification> replay_corpus(const Scenario& scenario,
                                          const SimulationOptions& options,
                                          const std::string& identity) {
  for (const fs::path& path : schedules_in(corpus_folder() / file_name_of(identity))) {
    try {
      if (auto failed = replay_stored(scenario, options, identity, path)) return failed;
    } catch (const ScheduleError& error) {
      warn_of(path, error.what());
    }
  }
  return std::nullopt;
}

std::optional<Verification> replay_corpus_once(const Scenario& scenario,
                                               const SimulationOptions& options,
                                               const std::string& identity) {
  return first_check_of(identity) ? replay_corpus(scenario, options, identity) : std::nullopt;
}

}  // namespace durasim
