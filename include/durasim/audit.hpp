#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/explore.hpp>

/// How often what a scenario does can happen, and what can come of it: for a design review.
/// Source:  docs/reference/audit.md
namespace durasim {

/// Least and most of a number, over runs.
struct AuditRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  /// "1" or "1..2".
  std::string text() const;
  friend bool operator==(const AuditRange&, const AuditRange&) = default;
};
std::ostream& operator<<(std::ostream& out, const AuditRange& range);

/// What is known of one thing under each class of faults.
template <class T>
struct AuditedUnder {
  T without_faults{};
  /// Where all faults of a run, if it has any, are of one class; for the classes that were injected.
  std::map<FaultClass, T> under;
  T in_all{};  ///< whatever befell a run, faults of several classes included

  friend bool operator==(const AuditedUnder&, const AuditedUnder&) = default;
};
using AuditFigure = AuditedUnder<AuditRange>;

/// The worst that comes of an attempt that may not be repeated and is cut short.
enum class Interruption : std::uint8_t {
  never,            ///< none is
  retried,          ///< the next attempt follows
  reaches_handler,  ///< the handler is given a StepInterruptedError
  fails_execution   ///< which it does not deal with
};
/// "reaches_handler".
std::string_view to_string(Interruption interruption);

/// What reached the outside from one place.
struct AuditedEffect {
  enum class Place : std::uint8_t {
    body,       ///< of a step, or of a plain function
    handler,    ///< outside steps: again on every replay
    unwinding,  ///< in a destructor or a catch (...), while a stack is unwound
    test        ///< the scenario itself, or what it scripted
  };

  std::string kind;
  Place place = Place::body;
  AuditFigure applied;  ///< how often it took effect, in one execution
  AuditFigure calls;    ///< how often it was asked for
  AuditFigure keys;     ///< how many keys it took effect for
};
/// "body".
std::string_view to_string(AuditedEffect::Place place);

/// A step, a check of a condition, or what submits a callback; operations of one name are one.
struct AuditedStep {
  std::string name;            ///< "operation 2" if it has none; empty for a plain function's body
  std::size_t operations = 1;  ///< that have the name: ranges are of each, not of all together
  durable::StepSemantics semantics = durable::StepSemantics::at_least_once_per_retry;
  AuditFigure bodies;  ///< how often a body starts, in one execution
  std::vector<AuditedEffect> effects;
  /// Whether an operation hands the handler one result in one run, and another one in another.
  AuditedUnder<bool> differs;
  /// Two such results, shortened. Empty if it can be only one.
  std::vector<std::string> results;
  AuditedUnder<Interruption> interruption;

  bool result_differs() const { return differs.in_all; }
  /// Errors:  std::out_of_range naming the effects that there are.
  const AuditedEffect& effect(std::string_view kind) const;
};

struct AuditedFunction {
  std::string name;                    ///< empty for the test itself
  std::vector<AuditedStep> steps;      ///< in the order of the handler
  std::vector<AuditedEffect> effects;  ///< outside steps
  AuditFigure elapsed;                 ///< milliseconds from start to end of an execution
};

/// What an exploration counted.
struct Audit {
  /// Of the exploration itself. HOLDS: all schedules within the bounds were counted. Oracles do not
  /// judge an audit, but for two: an execution without an end, and a scenario that does not repeat
  /// itself, are REFUTED.
  Verification exploration;
  std::vector<AuditedFunction> functions;
  /// Of each kind over a whole run, wherever it came from.
  std::vector<AuditedEffect> effects;

  bool is_complete() const { return exploration.verdict == Verdict::holds; }
  /// The first step of this name.
  /// Errors:  std::out_of_range naming what there is.
  const AuditedStep& step(std::string_view name) const;
  const AuditedEffect& effect(std::string_view kind) const;
  const AuditedFunction& function(std::string_view name) const;
  /// Sentences about all that calls for a decision: what can happen more or less often than without
  /// faults, results that differ, interruptions, effects in the wrong place.
  std::vector<std::string> remarks() const;

  /// What was explored, a table, and the remarks.
  std::string table() const;
  /// The same, and how to read it.
  std::string text() const;
  std::string to_json() const;
  friend std::ostream& operator<<(std::ostream& out, const Audit& audit);
};

/// Runs `scenario` under every schedule within the bounds, as `verify` does, and counts. What the
/// scenario expects or declares does not matter, and neither do $DURASIM_REPLAY and $DURASIM_SHARD.
/// Shape:   `simulation.oracles` is not looked at.
/// Errors:  as verify.
Audit audit(const Scenario& scenario, VerifyOptions options = {});

}  // namespace durasim
