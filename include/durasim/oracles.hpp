#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/divergence.hpp>
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
  outside_once,
  effects,
  hygiene,
  survival,     ///< the process lives on
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

  /// A bit for each, in the order of Oracle.
  constexpr std::uint32_t bits() const { return bits_; }
  static constexpr OracleSet from_bits(std::uint32_t bits) { return OracleSet(bits); }
  constexpr OracleSet& operator|=(OracleSet other) {
    bits_ |= other.bits_;
    return *this;
  }

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
  /// replay-agreement: what was expected, what came instead, and where.
  std::optional<Divergence> divergence = {};
  /// How such a thing comes about, in one sentence. Empty: as whatever else its oracle finds.
  std::string why = {};

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

/// What the environment decided in a run: the recorded outcome of every attempt, and of all that was
/// waited for outside.
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
  /// The end of a callback or of a chained invoke. It is not given to other runs.
  struct Answer {
    std::uint32_t execution = 0;
    durable::OperationPath path;
    std::string how;  ///< the type of the event: "CallbackTimedOut"
    durable::Text value;
    durable::ErrorPtr error;
  };
  /// An execution that a chained invoke started.
  struct Invoked {
    std::uint32_t execution = 0;
    std::uint32_t caller = 0;
    durable::OperationPath path;  ///< of the invoke

    friend bool operator==(const Invoked&, const Invoked&) = default;
  };
  struct Outcome {
    std::uint32_t execution = 0;
    durable::ExecutionStatus status = durable::ExecutionStatus::running;
    durable::Text result;
    durable::ErrorPtr error;
  };
  std::vector<Attempt> attempts;      ///< in order of execution, then of recording
  std::vector<Outcome> outcomes;      ///< of the executions that ended
  std::vector<Answer> answers = {};   ///< in order of execution, then of recording
  std::vector<Invoked> invoked = {};  ///< in order of their start

  /// Equal environments have equal hashes. Only attempts count: what can be given to another run.
  std::uint64_t hash() const;
};

/// Reads an Environment off a run.
class EnvironmentRecorder final : public Monitor {
 public:
  EventKinds interests() const override {
    using enum TraceEvent::Kind;
    return {execution_started, execution_ended, body_started, body_ended, history};
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
  void answered(const TraceEvent& event);
  void plain_ended(const TraceEvent& event);

  Environment environment_;
  std::vector<Body> bodies_;
  std::set<std::uint32_t> plain_;  ///< executions of functions that are not durable
};

/// result-agreement: the outcomes of `run` are those of `reference`, a fault-free run that was given the
/// same environment. Silent about executions whose callbacks or chained invokes ended otherwise there:
/// such ends cannot be given.
void check_result_agreement(const Environment& reference, const Environment& run,
                            Findings& findings);

/// One event of an execution's history, as far as its legality depends on it. Of a service that
/// names operations otherwise, each is given some path under that of its parent.
struct HistoryEntry {
  std::string_view type;  ///< "StepStarted"
  std::uint64_t id = 0;   ///< EventId
  durable::OperationPath path = {};
  std::uint8_t virtual_contexts = 0;  ///< directly above the path, not recorded
  std::uint32_t attempt = 0;          ///< steps: the attempt; invocations: which one, 0 if unknown
  bool again = false;   ///< of a step: another attempt follows, after a failure or a poll
  bool failed = false;  ///< it holds an error
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
std::unique_ptr<Monitor> make_outside_once(Findings& findings);
std::unique_ptr<Monitor> make_effects(Findings& findings);
std::unique_ptr<Monitor> make_progress(Findings& findings);
std::unique_ptr<Monitor> make_hygiene(Findings& findings);

}  // namespace durasim
