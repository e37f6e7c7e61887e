#include "durasim/explore/death.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "durasim/core/anchors.hpp"
#include "durasim/core/packed.hpp"
#include "durasim/core/script_chooser.hpp"
#include "durasim/explore/last_words.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/explore/ring.hpp"
#include "durasim/explore/run.hpp"
#include "durasim/report/narrator.hpp"

namespace durasim {
namespace {

/// A text that outlives the process that wrote it. Writing is whole or not at all.
class SharedText {
 public:
  SharedText() {
    void* const place = ::mmap(nullptr, sizeof(Content), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    content_ = new (place) Content;
  }
  ~SharedText() { ::munmap(content_, sizeof(Content)); }
  SharedText(const SharedText&) = delete;
  SharedText& operator=(const SharedText&) = delete;

  /// What is too long is left out.
  void write(std::string_view text) {
    Half& half = content_->halves[1 - content_->current];
    if (text.size() > half.bytes.size()) return;
    std::memcpy(half.bytes.data(), text.data(), text.size());
    half.size = text.size();
    content_->current = 1 - content_->current;
  }
  std::string_view read() const {
    const Half& half = content_->halves[content_->current];
    return {half.bytes.data(), half.size};
  }

 private:
  struct Half {
    std::size_t size = 0;
    std::array<char, 16'777'216> bytes;  // NOLINT: pages that nobody touches cost nothing
  };
  struct Content {
    std::atomic<std::size_t> current{0};
    std::array<Half, 2> halves;
  };
  Content* content_;
};

/// What was known of a run when its process died.
struct Remains {
  std::vector<ScheduleFile::Choice> choices;
  std::vector<ScheduleFile::Event> events;
  std::string script;
  std::string body;  ///< the step's whose body ran
};

std::string pack(const Remains& remains) {
  PackedWriter out;
  out.add(remains.choices.size());
  for (const ScheduleFile::Choice& choice : remains.choices) {
    out.add(choice.site);
    out.add(std::uint64_t{choice.bound} << 32U | choice.answer);
    out.add(choice.fault);
  }
  out.add(remains.events.size());
  for (const ScheduleFile::Event& event : remains.events) {
    out.add(event.at);
    out.add(std::uint64_t{event.execution} << 32U | event.invocation);
    out.add(event.mark);
    out.add(std::uint64_t{event.detail});
    out.add(event.what);
  }
  out.add(remains.script);
  out.add(remains.body);
  return out.take();
}

Remains unpack(std::string_view bytes) {
  Remains remains;
  if (bytes.empty()) return remains;
  PackedReader in(bytes);
  remains.choices.resize(in.number());
  for (ScheduleFile::Choice& choice : remains.choices) {
    choice.site = in.text();
    const std::uint64_t numbers = in.number();
    choice.bound = static_cast<std::uint32_t>(numbers >> 32U);
    choice.answer = static_cast<std::uint32_t>(numbers);
    choice.fault = in.text();
  }
  remains.events.resize(in.number());
  for (ScheduleFile::Event& event : remains.events) {
    event.at = in.number();
    const std::uint64_t numbers = in.number();
    event.execution = static_cast<std::uint32_t>(numbers >> 32U);
    event.invocation = static_cast<std::uint32_t>(numbers);
    event.mark = in.text();
    event.detail = in.number() != 0;
    event.what = in.text();
  }
  remains.script = in.text();
  remains.body = in.text();
  return remains;
}

/// Writes down what is known so far, whenever something has happened.
class Recorder final : public Monitor {
 public:
  explicit Recorder(SharedText& text) : text_(text) {}

  void on(const TraceEvent& event) override {
    using Kind = TraceEvent::Kind;
    if (event.shadow) return;
    if (event.kind == Kind::body_started)
      remains_.body = event.name.empty() ? event.path.to_string() : std::string(event.name);
    if (event.kind == Kind::body_ended) remains_.body.clear();
    if (event.kind == Kind::choice) {
      const Decision& decision = *event.decision;
      remains_.choices.push_back({identify(decision.site), decision.bound, decision.answer,
                                  std::string(to_string(decision.fault))});
    }
    // A long story is told less often: what is written down is the whole of it each time.
    const std::size_t size = narrator_.events().size();
    if (size >= kLong && ++events_ % kSeldom != 0 && event.kind != Kind::choice) return;
    remains_.events = narrator_.events();
    remains_.script = anchors_.script().to_text();
    text_.write(pack(remains_));
  }

  std::vector<Monitor*> monitors() { return {&narrator_, &anchors_, this}; }

 private:
  static constexpr std::size_t kLong = 1'000;
  static constexpr std::uint64_t kSeldom = 64;

  SharedText& text_;
  Narrator narrator_;
  Anchors anchors_;
  Remains remains_;
  std::uint64_t events_ = 0;
};

/// A run that a worker has made, and whether it survived.
struct Aftermath {
  Remains remains;
  std::optional<WorkerDeath> death;

  bool like(const Aftermath& other) const {
    return death && other.death && death->signal == other.death->signal &&
           death->status == other.death->status && remains.body == other.remains.body;
  }
};

/// In a worker: a run that spins is ended by the kernel, where no watchdog of a campaign does it.
void end_after(std::uint32_t seconds) {
  constexpr rlim_t kAfterTheWatchdog = 5;
  rlimit limit{};
  if (seconds == 0 || ::getrlimit(RLIMIT_CPU, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, seconds + kAfterTheWatchdog);
  ::setrlimit(RLIMIT_CPU, &limit);
}

/// `monitor` is the chooser's, or nullptr. Each worker has copies of them, as they are now.
Aftermath run_in_worker(const Scenario& scenario, const SimulationOptions& options,
                        Chooser& chooser, Monitor* monitor, const std::string& inputs = {}) {
  SharedText text;
  Aftermath aftermath;
  WorkerTasks tasks;
  tasks.count = 1;
  tasks.run = [&](std::uint64_t) {
    end_after(options.hang_after);
    const RunRecord record{
        Schedule{}};  // memory is exhausted in a run that is recorded, or not at all
    Recorder recorder(text);
    RunSetup setup{scenario, options, chooser};
    setup.inputs = inputs;
    setup.monitors = recorder.monitors();
    if (monitor != nullptr) setup.monitors.push_back(monitor);
    try {
      run_once(setup);
    } catch (...) {  // it survives, which is all that counts here
    }
    return WorkerResult();
  };
  tasks.take = [](std::uint64_t, std::string_view) { return true; };
  tasks.died = [&](std::uint64_t, const WorkerDeath& death) {
    if (death.repeated) aftermath.death = death;
    return true;
  };
  run_in_workers(1, tasks);
  aftermath.remains = unpack(text.read());
  return aftermath;
}

Aftermath run_again(const Scenario& scenario, const SimulationOptions& options,
                    const Schedule& schedule) {
  ScheduleChooser chooser(schedule);
  return run_in_worker(scenario, options, chooser, nullptr);
}

/// Without one fault after the other, as long as the process ends alike. By names, as what is left out
/// gives all that follows another position.
Aftermath leave_out(const Scenario& scenario, const SimulationOptions& options, Aftermath whole) {
  for (std::size_t i = 0;;) {
    Script fewer = Script::parse(whole.remains.script);
    if (i >= fewer.lines.size()) return whole;
    fewer.lines.erase(fewer.lines.begin() + static_cast<std::ptrdiff_t>(i));
    ScriptChooser chooser(fewer);
    Aftermath smaller = run_in_worker(scenario, options, chooser, &chooser);
    const bool alike = smaller.like(whole);
    if (alike) whole = std::move(smaller);
    i = alike ? 0 : i + 1;
  }
}

Schedule schedule_taken(const std::vector<ScheduleFile::Choice>& choices) {
  Schedule schedule;
  for (std::uint32_t i = 0; i < choices.size(); ++i) {
    if (choices[i].answer != 0) schedule.choices.push_back({i, choices[i].answer});
  }
  return schedule;
}

std::uint32_t faults_in(const std::vector<ScheduleFile::Choice>& choices) {
  const auto is_fault = [](const ScheduleFile::Choice& choice) {
    return choice.answer != 0 &&
           budget_of(fault_info(fault_from_string(choice.fault)).choice) == Budget::faults;
  };
  return static_cast<std::uint32_t>(std::count_if(choices.begin(), choices.end(), is_fault));
}

Finding finding_of(const WorkerDeath& death, const std::string& body) {
  Finding finding;
  finding.oracle = Oracle::survival;
  finding.operation = body;
  finding.what = fmt::format(
      "the process {} while {}", death.text(),
      body.empty() ? "no step's body ran" : fmt::format("the body of \"{}\" ran", body));
  const auto [more, remedy] = explain_ending(death.ended);
  if (!more.empty()) finding.what += fmt::format(": {}", more);
  if (!death.repeated) {
    finding.what +=
        "; in a process that runs this schedule first it does not: an earlier schedule did damage, "
        "or something outside ended the process";
  }
  finding.remedy = !remedy.empty() ? std::string(remedy)
                   : death.signal == 0
                       ? "let the handler return or throw: `exit` ends the test as well"
                       : "run the command below under a debugger or with AddressSanitizer: the "
                         "process ends at the same place each time";
  return finding;
}

/// `result.counterexample` is the schedule.
void tell(const Remains& remains, const WorkerDeath& death, const SimulationOptions& options,
          Verification& result) {
  const Finding main = finding_of(death, remains.body);
  result.verdict = Verdict::refuted;
  result.findings = {main};
  result.faults = options.faults;
  result.history = narrative(remains.events, false);
  if (!remains.script.empty()) result.script = Script::parse(remains.script);
  result.file = schedule_path(result.scenario, main);
  ScheduleFile file = to_schedule_file(result.scenario, result.inputs, options.faults, {}, &main);
  file.minimal = result.minimal;
  file.script = result.script;
  file.choices = remains.choices;
  file.events = remains.events;
  file.save(result.file);
  result.reproduce = reproduce_command(result.file);
}

}  // namespace

void tell_death(const Scenario& scenario, const SimulationOptions& options,
                const Schedule& schedule, const WorkerDeath& death, Verification& result) {
  const Aftermath again = run_again(scenario, options, schedule);
  result.counterexample = schedule;
  result.counterexample_faults = faults_in(again.remains.choices);
  tell(again.remains, death, options, result);
}

void tell_smaller_death(const Scenario& scenario, const SimulationOptions& options,
                        const Schedule& schedule, const WorkerDeath& death, Verification& result) {
  const Aftermath again = run_again(scenario, options, schedule);
  const std::uint32_t faults = faults_in(again.remains.choices);
  const Aftermath fewest = again.death ? leave_out(scenario, options, again) : again;
  result.counterexample =
      fewest.remains.choices.empty() ? schedule : schedule_taken(fewest.remains.choices);
  result.counterexample_faults = faults_in(fewest.remains.choices);
  result.minimal = again.death && result.counterexample_faults <= 1;
  if (result.counterexample_faults < faults) result.shrunk_from = faults;
  tell(fewest.remains, death, options, result);
}

std::string story_of_death(const Scenario& scenario, const SimulationOptions& options,
                           Chooser& chooser, const std::string& inputs) {
  const Aftermath aftermath = run_in_worker(scenario, options, chooser, nullptr, inputs);
  return aftermath.death ? narrative(aftermath.remains.events, true) : "";
}

std::optional<WorkerDeath> death_without_faults(const Scenario& scenario,
                                                const SimulationOptions& options) {
  std::optional<WorkerDeath> ending;
  WorkerTasks tasks;
  tasks.count = 1;
  tasks.run = [&](std::uint64_t) {
    const RunRecord record{Schedule{}};
    NominalChooser nominal;
    try {
      run_once({scenario, options, nominal});
    } catch (...) {  // this process comes to it as well
    }
    return WorkerResult();
  };
  tasks.take = [](std::uint64_t, std::string_view) { return true; };
  tasks.died = [&](std::uint64_t, const WorkerDeath& death) {
    ending = death;
    return false;
  };
  run_in_workers(1, tasks);
  return ending;
}

}  // namespace durasim
