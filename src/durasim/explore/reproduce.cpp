#include "durasim/explore/reproduce.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

#include <durasim/environment.hpp>
#include <durasim/report.hpp>

#include "durasim/core/hash.hpp"

namespace durasim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 150;
bool arguments_matter = true;

/// This program's command line, its own path made absolute.
std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (arguments.empty()) arguments.emplace_back();
  if (!error) arguments[0] = program.string();
  return arguments;
}

std::string relative_to(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

/// Runs at the end of a process that was to replay a schedule and met no scenario for it.
class Replay {
 public:
  static Replay& instance() {
    static auto* const replay = new Replay();  // outlives the exit handler
    return *replay;
  }

  bool wanted() const { return !path_.empty(); }
  const fs::path& path() const { return path_; }

  const ScheduleFile* find(const std::string& scenario) {
    met_.insert(scenario);
    if (!file_) file_ = ScheduleFile::load(path_);
    if (file_->scenario != scenario) return nullptr;
    matched_ = true;
    return &*file_;
  }

 private:
  Replay() {
    const auto path = setting_from_environment("DURASIM_REPLAY").replay;
    if (!path) return;
    path_ = *path;
    std::atexit([] { instance().check_matched(); });
  }

  void check_matched() {
    if (matched_) return;
    std::fflush(nullptr);
    const std::string message =
        fmt::format("durasim: DURASIM_REPLAY={}: {}\n", path_.string(), why_unmatched());
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
    ::_exit(3);
  }

  std::string why_unmatched() {
    try {
      if (!file_) file_ = ScheduleFile::load(path_);
    } catch (const ScheduleError& error) {
      return error.what();
    }
    std::string met;
    for (const std::string& scenario : met_) met += (met.empty() ? "" : ", ") + scenario;
    return fmt::format(
        "the schedule is for the scenario {}, which this process did not run; it ran: {}",
        file_->scenario, met.empty() ? "none" : met);
  }

  fs::path path_;
  std::optional<ScheduleFile> file_;
  std::set<std::string> met_;
  bool matched_ = false;
};

[[maybe_unused]] const bool armed = Replay::instance().wanted();

}  // namespace

std::string running_test() {
  TestFramework* framework = test_framework();
  return framework == nullptr ? "" : framework->current_test();
}

std::string file_name_of(const std::string& scenario) {
  std::string name = scenario;
  if (name.size() > kLongestName) {
    Hash64 hash;
    hash.add(scenario);
    name.resize(kLongestName);
    name += fmt::format("-{:08x}", hash.value() >> 32U);
  }
  for (char& character : name) {
    const auto byte = static_cast<unsigned char>(character);
    if (!std::isalnum(byte) && character != '.' && character != '-' && character != '_' &&
        character != '#')
      character = '_';
  }
  return name;
}

std::string check_identity(const std::string& name) {
  if (!name.empty()) return name;
  const std::string test = running_test();
  return test.empty() ? "scenario" : test;
}

std::string verify_identity(const std::string& name) {
  if (!name.empty()) return name;
  static std::string last_test;
  static std::uint64_t last_run = 0;
  static int calls = 0;
  const std::string test = check_identity(name);
  const std::uint64_t run = test_framework() == nullptr ? 0 : test_framework()->test_run();
  calls = test == last_test && run == last_run ? calls + 1 : 1;
  last_test = test;
  last_run = run;
  return calls == 1 ? test : fmt::format("{}#{}", test, calls);
}

ScheduleFile to_schedule_file(const std::string& scenario, const std::string& inputs,
                              const FaultModel& faults, const RunResult& run, const Finding* main) {
  ScheduleFile file;
  file.scenario = scenario;
  file.inputs = inputs;
  for (const Fault fault : faults.faults()) file.faults_offered.emplace_back(to_string(fault));
  if (main != nullptr) {
    file.oracle = to_string(main->oracle);
    file.operation = main->operation;
    file.signature = main->signature();
  }
  for (const Decision& decision : run.decisions) {
    file.choices.push_back({identify(decision.site), decision.bound, decision.answer,
                            std::string(to_string(decision.fault))});
  }
  return file;
}

FaultModel offered_by(const ScheduleFile& file) {
  FaultModel model = FaultModel::none();
  for (const std::string& id : file.faults_offered) model = model.with({fault_from_string(id)});
  return model;
}

fs::path schedule_path(const std::string& scenario, const Finding& main) {
  return output_folder() / fmt::format("{}-{}-{}.durasim.json", file_name_of(scenario),
                                       to_string(main.oracle), main.signature());
}

fs::path shard_path(const std::string& scenario, const Shard& shard) {
  return output_folder() / fmt::format("{}-shard-{}-of-{}.durasim-shard.json",
                                       file_name_of(scenario), shard.number, shard.count);
}

std::pair<std::string, std::string> reproduce_command_around() {
  const fs::path folder = fs::current_path();
  std::vector<std::string> arguments = command_line();
  std::string program = relative_to(arguments[0], folder);
  if (program.find('/') == std::string::npos) program = "./" + program;
  arguments.erase(arguments.begin());
  if (!arguments_matter) arguments.clear();
  const std::string test = running_test();
  if (!test.empty()) arguments = test_framework()->arguments_for(test, arguments);
  std::string end = ' ' + shell_quoted(program);
  for (const std::string& argument : arguments) end += ' ' + shell_quoted(argument);
  const std::string out = relative_to(output_folder(), folder) + '/';
  return {
      fmt::format("cd {} && DURASIM_REPLAY={}", shell_quoted(folder.string()), shell_quoted(out)),
      end};
}

std::string reproduce_command(const fs::path& file) {
  const fs::path folder = fs::current_path();
  return fmt::format("cd {} && DURASIM_REPLAY={}{}", shell_quoted(folder.string()),
                     shell_quoted(relative_to(file, folder)), reproduce_command_around().second);
}

void leave_arguments_out_of_commands() { arguments_matter = false; }

const ScheduleFile* replay_for(const std::string& scenario) {
  Replay& replay = Replay::instance();
  return replay.wanted() ? replay.find(scenario) : nullptr;
}

const fs::path& replayed_path() { return Replay::instance().path(); }

}  // namespace durasim
