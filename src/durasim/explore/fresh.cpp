#include "durasim/explore/fresh.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "durasim/explore/packed_schedule.hpp"
#include "durasim/explore/reference.hpp"

namespace durasim {
namespace {

thread_local FreshProcesses* current = nullptr;

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

std::string request_of(const FaultModel& faults, const Schedule& schedule,
                       const std::string& inputs) {
  PackedWriter out;
  const std::vector<Fault> offered = faults.faults();
  out.add(offered.size());
  for (const Fault fault : offered) out.add(static_cast<std::uint64_t>(fault));
  pack(out, schedule);
  out.add(inputs);
  return out.take();
}

/// The account of the run that is asked for.
std::string serve(const Scenario& scenario, SimulationOptions options, std::string_view request) {
  PackedReader in(request);
  options.faults = FaultModel::none();
  for (std::uint64_t left = in.number(); left > 0; --left)
    options.faults = options.faults.with({in.as<Fault>()});
  const Schedule schedule = unpack_schedule(in);
  const std::string inputs = in.text();
  ScheduleChooser chooser(schedule);
  RunSetup setup{scenario, options, chooser};
  setup.inputs = inputs;
  RunResult run = run_once(setup);
  if (!schedule.choices.empty()) References(scenario, options).judge(run, inputs);
  return account_of(run);
}

bool write_all(int channel, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(channel, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Until the other end is closed, or silent for so many seconds; 0: for however long.
std::string read_all(int channel, std::uint32_t seconds) {
  std::string text;
  std::array<char, 4096> buffer{};
  const int patience = seconds == 0 ? -1 : static_cast<int>(std::min(seconds, 86'400U)) * 1000;
  for (;;) {
    pollfd one{channel, POLLIN, 0};
    const int ready = ::poll(&one, 1, patience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return text;
    const ssize_t count = ::read(channel, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

/// In a forked process: it ends when the one that forked it does.
void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Makes the run in a process that is forked from this one.
std::optional<FreshProcesses::Answer> run_in_child(const Scenario& scenario,
                                                   const SimulationOptions& options,
                                                   std::string_view request) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    end_with(parent);
    ::close(ends[0]);
    try {
      write_all(ends[1], serve(scenario, options, request));
    } catch (...) {  // whoever asks comes to it as well
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  FreshProcesses::Answer answer;
  if (child > 0) {
    answer.account = read_all(ends[0], options.hang_after);
    ::kill(child, SIGKILL);  // if it has not ended yet, it says nothing any more
    const int status = wait_for(child);
    if (WIFSIGNALED(status)) answer.signal = WTERMSIG(status);
    if (!answer.account.empty()) answer.signal = 0;
  }
  ::close(ends[0]);
  if (child < 0) return std::nullopt;
  return answer;
}

/// A number and a text, framed.
bool send(int channel, int number, std::string_view text) {
  PackedWriter out;
  out.add(static_cast<std::uint64_t>(number));
  out.add(text);
  return write_all(channel, out.take());
}

bool read_exactly(int channel, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::read(channel, to, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool receive(int channel, int& number, std::string& text) {
  std::array<std::uint64_t, 2> head{};
  if (!read_exactly(channel, reinterpret_cast<char*>(head.data()), sizeof head)) return false;
  number = static_cast<int>(head[0]);
  text.resize(head[1]);
  return read_exactly(channel, text.data(), text.size());
}

/// The process that others are forked from: it runs nothing itself.
[[noreturn]] void be_source(const Scenario& scenario, const SimulationOptions& options,
                            int channel) {
  int number = 0;
  for (std::string request; receive(channel, number, request);) {
    const auto answer = run_in_child(scenario, options, request);
    if (!answer || !send(channel, answer->signal, answer->account)) break;
  }
  ::_exit(0);
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

std::string_view last_line(std::string_view account) {
  account.remove_suffix(account.empty() ? 0 : 1);
  return account.substr(account.rfind('\n') + 1);
}

/// Why a run is another one elsewhere, as far as that can be known.
enum class Cause { earlier_runs, each_process, unknown };

Finding nondeterminism(const std::string& what, Cause cause) {
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what =
      "simulator nondeterminism: in a fresh process this schedule is another run: " + what;
  finding.remedy =
      "make everything that the scenario changes inside it, with Simulation::make, and nothing "
      "from the machine's clock, random numbers or addresses";
  if (cause == Cause::earlier_runs) {
    finding.what +=
        "; it is the same in every fresh process, so what earlier runs left in this one decides: "
        "the "
        "handler, the scenario or what they call keeps state between runs";
    finding.remedy =
        "look for static and global variables, singletons and caches; make everything that the "
        "scenario changes inside it, with Simulation::make";
  }
  if (cause == Cause::each_process) finding.what += "; and fresh processes differ among themselves";
  return finding;
}

/// The processes of the exploration, or those forked from this one as it is.
class Elsewhere {
 public:
  Elsewhere(const Scenario& scenario, const SimulationOptions& options, std::string request)
      : scenario_(scenario),
        options_(options),
        request_(std::move(request)),
        fresh_(FreshProcesses::of(scenario)) {}

  std::optional<FreshProcesses::Answer> ask() const {
    if (fresh_ != nullptr) return fresh_->ask(request_);
    std::cout.flush();
    std::fflush(nullptr);  // or the child would write it as well
    return run_in_child(scenario_, options_, request_);
  }

  /// Of an answer that is not what this process has come to.
  Cause cause(const FreshProcesses::Answer& answer) const {
    if (fresh_ == nullptr) return Cause::unknown;
    const auto second = ask();
    if (!second) return Cause::unknown;
    const bool same = second->account == answer.account && second->signal == answer.signal;
    return same ? Cause::earlier_runs : Cause::each_process;
  }

 private:
  const Scenario& scenario_;
  const SimulationOptions& options_;
  std::string request_;
  const FreshProcesses* fresh_;
};

}  // namespace

FreshProcesses::FreshProcesses(const Scenario& scenario, const SimulationOptions& options)
    : scenario_(scenario), outer_(current), owner_(::getpid()) {
  current = this;
  std::array<int, 2> ends{};
  if (!options.oracles.contains(Oracle::simulator) ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return;
  std::cout.flush();
  std::fflush(nullptr);  // or what they print would come with what this process has not written yet
  source_ = ::fork();
  if (source_ == 0) {
    end_with(owner_);
    ::close(ends[0]);
    be_source(scenario, options, ends[1]);
  }
  ::close(ends[1]);
  channel_ = ends[0];
}

FreshProcesses::~FreshProcesses() {
  current = outer_;
  if (channel_ >= 0) ::close(channel_);
  if (source_ <= 0 || owner_ != ::getpid()) return;
  ::kill(source_, SIGKILL);
  wait_for(source_);
}

FreshProcesses* FreshProcesses::of(const Scenario& scenario) {
  if (current == nullptr || &current->scenario_ != &scenario) return nullptr;
  return current->owner_ == ::getpid() && current->source_ > 0 ? current : nullptr;
}

std::optional<FreshProcesses::Answer> FreshProcesses::ask(const std::string& request) const {
  Answer answer;
  if (!send(channel_, 0, request) || !receive(channel_, answer.signal, answer.account))
    return std::nullopt;
  return answer;
}

std::optional<Doubt> judge_in_fresh_process(const Scenario& scenario,
                                            const SimulationOptions& options, const RunResult& run,
                                            const std::string& inputs) {
  if (!options.oracles.contains(Oracle::simulator)) return std::nullopt;
  const Elsewhere elsewhere(scenario, options,
                            request_of(options.faults, schedule_of(run.decisions), inputs));
  const auto answer = elsewhere.ask();
  if (!answer || (answer->account.empty() && answer->signal == 0)) return std::nullopt;
  const std::string here = account_of(run);
  if (here == answer->account) return std::nullopt;
  const std::string what = answer->account.empty()
                               ? fmt::format("signal {} ended it", answer->signal)
                               : difference(here, answer->account);
  return Doubt{nondeterminism(what, elsewhere.cause(*answer)),
               last_line(here) == last_line(answer->account)};
}

}  // namespace durasim
