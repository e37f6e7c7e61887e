#include "durasim/explore/fresh.hpp"

#include <sys/wait.h>

#include <csignal>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "durasim/explore/packed_finding.hpp"
#include "durasim/explore/packed_schedule.hpp"
#include "durasim/explore/reference.hpp"
#include "durasim/report/narrator.hpp"
#include "durasim/report/vicinity.hpp"
#include "durasim/sim/cold_image.hpp"

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

/// What a process is asked for.
enum class Wanted : std::uint8_t { account, cold_replays };

std::string request_of(Wanted wanted, const FaultModel& faults, const Schedule& schedule,
                       const std::string& inputs) {
  PackedWriter out;
  out.add(static_cast<std::uint64_t>(wanted));
  const std::vector<Fault> offered = faults.faults();
  out.add(offered.size());
  for (const Fault fault : offered) out.add(static_cast<std::uint64_t>(fault));
  pack(out, schedule);
  out.add(inputs);
  return out.take();
}

std::string pack(const ColdJudgement& judgement) {
  PackedWriter out;
  out.add(judgement.findings.size());
  for (const Finding& finding : judgement.findings) pack(out, finding);
  out.add(judgement.events.size());
  for (const ScheduleFile::Event& event : judgement.events) {
    for (const std::uint64_t number :
         {event.at, std::uint64_t{event.execution}, std::uint64_t{event.invocation},
          std::uint64_t{event.detail}})
      out.add(number);
    out.add(event.mark);
    out.add(event.what);
  }
  out.add(judgement.nearest);
  out.add(judgement.doubt);
  return out.take();
}

ColdJudgement unpack_judgement(std::string_view bytes) {
  PackedReader in(bytes);
  ColdJudgement judgement;
  judgement.findings.resize(in.number());
  for (Finding& finding : judgement.findings) finding = unpack_finding(in);
  judgement.events.resize(in.number());
  for (ScheduleFile::Event& event : judgement.events) {
    event.at = in.number();
    event.execution = in.as<std::uint32_t>();
    event.invocation = in.as<std::uint32_t>();
    event.detail = in.number() != 0;
    event.mark = in.text();
    event.what = in.text();
  }
  judgement.nearest = in.text();
  judgement.doubt = in.text();
  return judgement;
}

/// Only whoever replays is judged, and what would never end.
SimulationOptions judging_replays(SimulationOptions options) {
  options.oracles = OracleSet::none().with(Oracle::replay_agreement).with(Oracle::progress);
  return options;
}

/// Makes the run, and tells of it here: another process may come to other values.
std::string serve_cold_replays(RunSetup setup) {
  Narrator narrator;
  Vicinity vicinity;
  setup.monitors = {&narrator, &vicinity};
  setup.replays_cold = true;
  const ColdDoubts doubts;
  RunResult run = run_once(setup);
  std::erase_if(run.findings, [](const Finding& one) { return !is_of_cold_replay(one); });
  return pack(ColdJudgement{std::move(run.findings), narrator.events(), vicinity.last_call(),
                            doubts.text()});
}

/// What is asked for, of the run that is described.
std::string serve(const Scenario& scenario, SimulationOptions options, std::string_view request) {
  PackedReader in(request);
  const auto wanted = in.as<Wanted>();
  options.faults = FaultModel::none();
  for (std::uint64_t left = in.number(); left > 0; --left)
    options.faults = options.faults.with({in.as<Fault>()});
  const Schedule schedule = unpack_schedule(in);
  const std::string inputs = in.text();
  if (wanted == Wanted::cold_replays) options = judging_replays(options);
  ScheduleChooser chooser(schedule);
  RunSetup setup{scenario, options, chooser};
  setup.inputs = inputs;
  if (wanted == Wanted::cold_replays) return serve_cold_replays(setup);
  RunResult run = run_once(setup);
  if (!schedule.choices.empty()) References(scenario, options).judge(run, inputs);
  return account_of(run);
}

ProcessSource::Serve server(const Scenario& scenario, const SimulationOptions& options) {
  return [&](std::string_view request, const ProcessSource::Tell& tell) {
    tell(serve(scenario, options, request));
  };
}

/// The signal that ended it before it could say anything; 0 if none did.
int signal_of(const ProcessSource::Answer& answer) {
  const bool ended = answer.said.empty() && WIFSIGNALED(answer.status);
  return ended ? WTERMSIG(answer.status) : 0;
}

/// It was ended by something else than the run: there may not have been enough memory for it.
bool was_killed(const ProcessSource::Answer& answer) {
  return !answer.silent && WIFSIGNALED(answer.status) && WTERMSIG(answer.status) == SIGKILL;
}

/// Why a process that was to judge has not done so; empty if it has.
std::string doubt_of(const std::optional<ProcessSource::Answer>& answer) {
  if (!answer) return "no process was to be had";
  if (answer->silent) return "the process that was to make them did not answer";
  if (WIFSIGNALED(answer->status))
    return fmt::format("signal {} ended the process that was to make them",
                       WTERMSIG(answer->status));
  return answer->said.empty() ? "the process that was to make them ended without an answer" : "";
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

  std::optional<ProcessSource::Answer> ask() const {
    if (fresh_ != nullptr) return fresh_->ask(request_);
    return ProcessSource::ask_child(server(scenario_, options_), request_, options_.hang_after);
  }

  /// Of an answer that is not what this process has come to.
  Cause cause(const ProcessSource::Answer& answer) const {
    if (fresh_ == nullptr) return Cause::unknown;
    const auto second = ask();
    if (!second) return Cause::unknown;
    const bool same = second->said == answer.said && signal_of(*second) == signal_of(answer);
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
    : scenario_(scenario), outer_(current) {
  current = this;
  if (options.oracles.contains(Oracle::simulator) || judges_cold_replays(options))
    source_.emplace(server(scenario, options), options.hang_after);
}

FreshProcesses::~FreshProcesses() { current = outer_; }

FreshProcesses* FreshProcesses::of(const Scenario& scenario) {
  if (current == nullptr || &current->scenario_ != &scenario) return nullptr;
  return current->source_ && current->source_->is_own() ? current : nullptr;
}

std::optional<ProcessSource::Answer> FreshProcesses::ask(const std::string& request) const {
  return source_->ask(request);
}

std::optional<Doubt> judge_in_fresh_process(const Scenario& scenario,
                                            const SimulationOptions& options, const RunResult& run,
                                            const std::string& inputs) {
  if (!options.oracles.contains(Oracle::simulator)) return std::nullopt;
  const Elsewhere elsewhere(
      scenario, options,
      request_of(Wanted::account, options.faults, schedule_of(run.decisions), inputs));
  const auto answer = elsewhere.ask();
  if (!answer || was_killed(*answer)) return std::nullopt;
  if (answer->said.empty() && signal_of(*answer) == 0) return std::nullopt;
  const std::string here = account_of(run);
  if (here == answer->said) return std::nullopt;
  const std::string what = answer->said.empty()
                               ? fmt::format("signal {} ended it", signal_of(*answer))
                               : difference(here, answer->said);
  return Doubt{nondeterminism(what, elsewhere.cause(*answer)),
               last_line(here) == last_line(answer->said)};
}

bool judges_cold_replays(const SimulationOptions& options) {
  return options.cold_replays != ColdReplays::never && options.shadow_replay &&
         options.oracles.contains(Oracle::replay_agreement);
}

bool is_of_cold_replay(const Finding& finding) {
  return finding.divergence && finding.divergence->cold;
}

std::optional<Verification::Note> ColdJudgement::note() const {
  if (doubt.empty()) return std::nullopt;
  return Verification::Note{"cold", "replays were not all judged: " + doubt};
}

ColdJudgement judge_cold_replays(const Scenario& scenario, const SimulationOptions& options) {
  if (!judges_cold_replays(options)) return {};
  const Elsewhere elsewhere(
      scenario, options,
      request_of(Wanted::cold_replays, FaultModel::none(), {}, scenario.inputs()));
  const auto answer = elsewhere.ask();
  ColdJudgement judgement;
  judgement.doubt = doubt_of(answer);
  return judgement.doubt.empty() ? unpack_judgement(answer->said) : judgement;
}

}  // namespace durasim
