#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/trace.hpp>

/// The judges of a run. Each has a section in docs/reference/oracles.md.
namespace durasim {

enum class Oracle : std::uint8_t {
  replay_agreement,
  completed_once,
  attempt_semantics,
  result_agreement,
  history_legal,
  first_run_parity,
  progress,
  timers,
  effects,
  hygiene,
  expectation,  ///< EXPECT_*, ASSERT_*, GoogleMock and exceptions of the scenario itself
  simulator     ///< the simulation itself could not be trusted
};
inline constexpr std::size_t kOracleCount = static_cast<std::size_t>(Oracle::simulator) + 1;

/// Stable identifier: "replay-agreement".
std::string_view to_string(Oracle oracle);
std::ostream& operator<<(std::ostream& out, Oracle oracle);

/// Some of the oracles: those that judge.
class OracleSet {
 public:
  static constexpr OracleSet all() { return OracleSet((std::uint32_t{1} << kOracleCount) - 1); }
  static constexpr OracleSet none() { return OracleSet(0); }

  constexpr OracleSet with(Oracle oracle) const { return OracleSet(bits_ | bit(oracle)); }
  constexpr OracleSet without(Oracle oracle) const { return OracleSet(bits_ & ~bit(oracle)); }
  constexpr bool contains(Oracle oracle) const { return (bits_ & bit(oracle)) != 0; }

  friend constexpr bool operator==(OracleSet, OracleSet) = default;

 private:
  constexpr explicit OracleSet(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Oracle oracle) {
    return std::uint32_t{1} << static_cast<unsigned>(oracle);
  }

  std::uint32_t bits_;
};

/// A rule that a run broke.
struct Finding {
  Oracle oracle = Oracle::expectation;
  std::string what;       ///< one sentence
  std::string operation;  ///< name or path; empty where no operation is concerned
  durable::OperationPath path;
  std::string file;  ///< source location, empty if unknown
  std::uint32_t line = 0;
  std::string remedy;
  Timestamp at{};

  /// 8 hexadecimal characters from oracle, operation and source line, never from the sentence.
  std::string signature() const;
};

/// Where oracles put what they find. Takes nothing from an oracle that is switched off.
class Findings {
 public:
  explicit Findings(OracleSet from = OracleSet::all()) : from_(from) {}

  void add(Finding finding);
  const std::vector<Finding>& all() const { return findings_; }
  bool empty() const { return findings_.empty(); }

 private:
  OracleSet from_;
  std::vector<Finding> findings_;
};

/// What the environment decided in a run: the recorded outcome of every attempt.
struct Environment {
  struct Attempt {
    std::uint32_t execution = 0;
    durable::OperationPath path;
    std::uint32_t attempt = 0;
    bool interrupted = false;
    bool body_ended = false;  ///< an interrupted attempt's body had run to its end
    durable::Text value;
    durable::ErrorPtr error;
  };
  struct Outcome {
    std::uint32_t execution = 0;
    durable::ExecutionStatus status = durable::ExecutionStatus::running;
    durable::Text result;
    durable::ErrorPtr error;
  };
  std::vector<Attempt> attempts;  ///< in order of execution, then of recording
  std::vector<Outcome> outcomes;  ///< of the executions that ended

  /// Equal environments have equal hashes; outcomes do not count.
  std::uint64_t hash() const;
};

/// Reads an Environment off a run.
class EnvironmentRecorder final : public Monitor {
 public:
  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_ended, body_started, body_ended, history};
  }
  void on(const TraceEvent& event) override;
  const Environment& environment() const { return environment_; }

 private:
  struct Body {
    std::uint32_t execution;
    durable::OperationPath path;
    std::uint32_t attempt;
    bool ended;
  };
  Environment environment_;
  std::vector<Body> bodies_;
};

/// result-agreement: the outcomes of `run` are those of `reference`, a fault-free run that was given the
/// same environment.
void check_result_agreement(const Environment& reference, const Environment& run,
                            Findings& findings);

/// One event of an execution's history, as far as its legality depends on it. Of a service that
/// names operations otherwise, each is given some path under that of its parent.
struct HistoryEntry {
  std::string_view type;  ///< "StepStarted"
  std::uint64_t id = 0;   ///< EventId
  durable::OperationPath path = {};
  std::uint32_t attempt = 0;  ///< steps: the attempt; invocations: which one, 0 if unknown
  bool again = false;         ///< of a step: another attempt follows
  bool failed = false;        ///< it holds an error
  std::size_t result_bytes = 0;
};

/// history-legal for a history by itself, wherever it comes from. Empty, or what the first event
/// that breaks a rule breaks.
/// Shape:   `over`: the execution is, so its end has to be there.
/// Source:  docs/reference/oracles.md
std::string check_history(std::span<const HistoryEntry> history, bool over);

/// The monitors of those oracles of a set that judge by watching.
std::vector<std::unique_ptr<Monitor>> make_monitors(OracleSet oracles, Findings& findings);

std::unique_ptr<Monitor> make_replay_agreement(Findings& findings);
std::unique_ptr<Monitor> make_completed_once(Findings& findings);
std::unique_ptr<Monitor> make_attempt_semantics(Findings& findings);
std::unique_ptr<Monitor> make_history_legal(Findings& findings);
std::unique_ptr<Monitor> make_first_run_parity(Findings& findings);
std::unique_ptr<Monitor> make_timers(Findings& findings);
std::unique_ptr<Monitor> make_effects(Findings& findings);
std::unique_ptr<Monitor> make_progress(Findings& findings);
std::unique_ptr<Monitor> make_hygiene(Findings& findings);

}  // namespace durasim
