#include "tools/durasim/replay.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"
#include "tools/durasim/verdict.hpp"

namespace durasim::program {
namespace {

std::string_view word(Status status) {
  switch (status) {
    case Status::holds:
      return "HOLDS";
    case Status::finding:
      return "REFUTED";
    default:
      return "INCOMPLETE";
  }
}

void redirect(ReplayOutput output) {
  if (output == ReplayOutput::to_stderr) ::dup2(STDERR_FILENO, STDOUT_FILENO);
  if (output != ReplayOutput::nowhere) return;
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(nothing, STDERR_FILENO);
}

/// What the program is told by its environment.
struct Setting {
  const char* name;
  std::filesystem::path value;
};

/// Becomes the program, or tells errno through the pipe.
[[noreturn]] void become(const std::vector<Setting>& settings, const Command& command,
                         ReplayOutput output, int report) {
  for (const Setting& setting : settings) ::setenv(setting.name, setting.value.c_str(), 1);
  redirect(output);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

std::string ending_of(int status) {
  if (!WIFSIGNALED(status)) return fmt::format("status {}", WEXITSTATUS(status));
  const char* const name = ::sigabbrev_np(WTERMSIG(status));
  return name == nullptr ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("SIG{}", name);
}

/// Somebody else has ended it: the run need not be to blame.
bool is_killed(int status) {
  if (!WIFSIGNALED(status)) return false;
  const int signal = WTERMSIG(status);
  return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

Replayed replayed(const std::optional<ReplayTold>& told, int status) {
  Replayed result{Status::incomplete, told.has_value(), ending_of(status), {}, {}, {}};
  if (!told) {
    result.remark =
        "it did not come to that scenario: no verify, search or check of that name was run";
    return result;
  }
  switch (told->end) {
    case ReplayEnd::refuted:
      result.status = Status::finding;
      result.oracle = told->oracle;
      result.signature = told->signature;
      break;
    case ReplayEnd::died:
      result.status = is_killed(status) ? Status::incomplete : Status::finding;
      result.remark = "in the middle of the run";
      break;
    case ReplayEnd::incomplete:
      result.remark = "nothing was found, but the schedule was not replayed to its end";
      break;
    case ReplayEnd::holds:
      result.status = Status::holds;
      if (WIFSIGNALED(status) || WEXITSTATUS(status) != 0)
        result.remark = "that is for something else: the schedule breaks no rule";
      break;
  }
  return result;
}

/// Runs it, and waits for its end.
int status_of(const std::vector<Setting>& settings, const Command& command, ReplayOutput output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "no pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "no process");
  if (child == 0) become(settings, command, output, ends[1]);
  ::close(ends[1]);
  int error = 0;
  const bool failed = ::read(ends[0], &error, sizeof error) == sizeof error;
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!failed) return status;
  throw UsageError(
      fmt::format("cannot run {}: {}", command[0], std::generic_category().message(error)));
}

}  // namespace

Replayed run_replay(const std::filesystem::path& file, const Command& command, ReplayOutput output,
                    const std::filesystem::path& out) {
  const ReplayFolder folder;
  std::vector<Setting> settings = {{"DURASIM_REPLAY", std::filesystem::absolute(file)},
                                   {"DURASIM_VERDICT", folder.verdict_file()}};
  if (!out.empty()) settings.push_back({"DURASIM_OUT", std::filesystem::absolute(out)});
  const int status = status_of(settings, command, output);
  return replayed(folder.told(), status);
}

Result replay(const std::filesystem::path& file, const Command& command, bool json) {
  if (command.empty()) {
    throw UsageError(
        "replay: no program is named; it is the test program that made the file:\n"
        "  durasim replay FILE -- PROGRAM [ARGS]");
  }
  const ScheduleFile stored = load_schedule(file);
  const Replayed ended =
      run_replay(file, command, json ? ReplayOutput::to_stderr : ReplayOutput::through);
  if (json) {
    const nlohmann::ordered_json value = {
        {"file", file.string()},  {"scenario", stored.scenario},  {"verdict", word(ended.status)},
        {"oracle", ended.oracle}, {"signature", ended.signature}, {"reached", ended.reached},
        {"ended", ended.ending},  {"remark", ended.remark}};
    return {ended.status, json_text(value) + "\n"};
  }
  return {ended.status,
          fmt::format("{}  {}: {} ended with {}{}{}\n", word(ended.status), stored.scenario,
                      command[0], ended.ending, ended.remark.empty() ? "" : ", ", ended.remark)};
}

}  // namespace durasim::program
