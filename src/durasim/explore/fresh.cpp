#include "durasim/explore/fresh.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "durasim/explore/reference.hpp"
#include "durasim/explore/ring.hpp"

namespace durasim {
namespace {

/// A run as lines, the same for the same run in any process.
std::string account_of(const RunResult& run) {
  std::string text;
  for (std::size_t i = 0; i < run.decisions.size(); ++i) {
    const Decision& decision = run.decisions[i];
    text += fmt::format("choice {}: {}, {} of {}\n", i + 1, identify(decision.site),
                        to_string(decision.fault), decision.bound);
  }
  for (std::size_t i = 0; i < run.states.size(); ++i)
    text += fmt::format("durable state {}: {:016x}\n", i + 1, run.states[i]);
  if (run.findings.empty()) return text + "nothing found\n";
  const Finding& main = run.findings.front();
  return text + fmt::format("found: {}, signature {}\n", to_string(main.oracle), main.signature());
}

void write_all(int descriptor, const std::string& text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const ssize_t count = ::write(descriptor, text.data() + begin, text.size() - begin);
    if (count <= 0) return;
    begin += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void run_in_child(const Scenario& scenario, const SimulationOptions& options,
                               const RunResult& run, const std::string& inputs, int descriptor) {
  try {
    const Schedule schedule = schedule_of(run.decisions);
    ScheduleChooser chooser(schedule);
    RunSetup setup{scenario, options, chooser};
    setup.inputs = inputs;
    RunResult again = run_once(setup);
    if (!schedule.faults.empty()) References(scenario, options).judge(again, inputs);
    write_all(descriptor, account_of(again));
    ::_exit(0);
  } catch (...) {
    ::_exit(0);  // the parent comes to it as well
  }
}

/// What the child says, until it is silent or its time is over.
std::string listen(int descriptor, pid_t child, std::uint32_t seconds) {
  std::string text;
  std::array<char, 4096> buffer{};
  const int patience = seconds == 0 ? -1 : static_cast<int>(std::min(seconds, 86'400U)) * 1000;
  for (;;) {
    pollfd one{descriptor, POLLIN, 0};
    const int ready = ::poll(&one, 1, patience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::kill(child, SIGKILL);
  return text;
}

std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// The first line that differs, in both.
std::string difference(std::string_view here, std::string_view there) {
  std::size_t begin = 0;
  while (begin < here.size() && begin < there.size()) {
    const std::string_view line = line_at(here, begin);
    if (line != line_at(there, begin)) break;
    begin += line.size() + 1;
  }
  const auto at = [&](std::string_view text) {
    return begin < text.size() ? line_at(text, begin) : std::string_view("the end of the run");
  };
  return fmt::format("\"{}\" was \"{}\" there", at(here), at(there));
}

Finding nondeterminism(const std::string& what) {
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what = fmt::format(
      "simulator nondeterminism: in a fresh process this schedule is another run: {}", what);
  finding.remedy =
      "make everything that the scenario changes inside it, with Simulation::make, and nothing "
      "from "
      "the machine's clock, random numbers or addresses";
  return finding;
}

}  // namespace

std::optional<Finding> judge_in_fresh_process(const Scenario& scenario,
                                              const SimulationOptions& options,
                                              const RunResult& run, const std::string& inputs) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return std::nullopt;
  std::fflush(nullptr);  // or the child would write it as well
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_in_child(scenario, options, run, inputs, ends[1]);
  }
  ::close(ends[1]);
  const std::string there = child < 0 ? "" : listen(ends[0], child, options.hang_after);
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return std::nullopt;
  if (WIFSIGNALED(status))
    return nondeterminism(fmt::format("signal {} ended it", WTERMSIG(status)));
  if (there.empty()) return std::nullopt;
  const std::string here = account_of(run);
  if (here == there) return std::nullopt;
  return nondeterminism(difference(here, there));
}

}  // namespace durasim
