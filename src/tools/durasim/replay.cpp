#include "tools/durasim/replay.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include <durasim/recover.hpp>

#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"

namespace durasim::program {
namespace {

constexpr int kNoScenario =
    3;  // docs/how-to/reproduce-a-failure.md#if-the-process-ends-with-status-3

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

/// Becomes the program, or tells errno through the pipe.
[[noreturn]] void become(const std::filesystem::path& file, const Command& command,
                         ReplayOutput output, int report) {
  ::setenv("DURASIM_REPLAY", file.c_str(), 1);
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

Replayed replayed(int status) {
  if (WIFSIGNALED(status)) {
    const char* const name = ::sigabbrev_np(WTERMSIG(status));
    return {Status::finding, name == nullptr ? fmt::format("signal {}", WTERMSIG(status))
                                             : fmt::format("SIG{}", name)};
  }
  const int code = WEXITSTATUS(status);
  return {code == 0             ? Status::holds
          : code == kNoScenario ? Status::incomplete
                                : Status::finding,
          fmt::format("status {}", code)};
}

/// A handler that leaves by `_exit` ends the process as if all were well. What the process was running
/// is stored then, as the next one to explore would do.
bool ended_in_a_run(pid_t process) {
  bool found = false;
  for (const Recovered& recovered : recover())
    found = found || recovered.process == static_cast<std::uint32_t>(process);
  return found;
}

}  // namespace

Replayed run_replay(const std::filesystem::path& file, const Command& command,
                    ReplayOutput output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "no pipe");
  const std::filesystem::path path = std::filesystem::absolute(file);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "no process");
  if (child == 0) become(path, command, output, ends[1]);
  ::close(ends[1]);
  int error = 0;
  const bool failed = ::read(ends[0], &error, sizeof error) == sizeof error;
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed)
    throw UsageError(
        fmt::format("cannot run {}: {}", command[0], std::generic_category().message(error)));
  Replayed result = replayed(status);
  if (result.status == Status::holds && ended_in_a_run(child)) {
    result.status = Status::finding;
    result.ending += " in the middle of a run";
  }
  return result;
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
    const nlohmann::ordered_json value = {{"file", file.string()},
                                          {"scenario", stored.scenario},
                                          {"verdict", word(ended.status)},
                                          {"ended", ended.ending}};
    return {ended.status, json_text(value) + "\n"};
  }
  return {ended.status,
          fmt::format(
              "{}  {}: {} ended with {}{}\n", word(ended.status), stored.scenario, command[0],
              ended.ending,
              ended.status == Status::incomplete ? ", for it did not come to that scenario" : "")};
}

}  // namespace durasim::program
