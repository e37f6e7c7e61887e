#include <durasim/oracles.hpp>

#include <ostream>

/// The oracles by name, and which of them watch.
namespace durasim {

std::string_view to_string(Oracle oracle) {
  switch (oracle) {
    case Oracle::replay_agreement:
      return "replay-agreement";
    case Oracle::completed_once:
      return "completed-once";
    case Oracle::attempt_semantics:
      return "attempt-semantics";
    case Oracle::result_agreement:
      return "result-agreement";
    case Oracle::history_legal:
      return "history-legal";
    case Oracle::first_run_parity:
      return "first-run-parity";
    case Oracle::progress:
      return "progress";
    case Oracle::timers:
      return "timers";
    case Oracle::outside_once:
      return "outside-once";
    case Oracle::effects:
      return "effects";
    case Oracle::hygiene:
      return "hygiene";
    case Oracle::survival:
      return "survival";
    case Oracle::expectation:
      return "expectation";
    case Oracle::simulator:
      return "simulator";
  }
  return "?";
}

std::ostream& operator<<(std::ostream& out, Oracle oracle) { return out << to_string(oracle); }

std::vector<std::unique_ptr<Monitor>> make_monitors(OracleSet oracles, Findings& findings) {
  struct Row {
    Oracle oracle;
    std::unique_ptr<Monitor> (*make)(Findings&);
  };
  static constexpr Row kRows[] = {{Oracle::completed_once, make_completed_once},
                                  {Oracle::attempt_semantics, make_attempt_semantics},
                                  {Oracle::replay_agreement, make_replay_agreement},
                                  {Oracle::history_legal, make_history_legal},
                                  {Oracle::first_run_parity, make_first_run_parity},
                                  {Oracle::timers, make_timers},
                                  {Oracle::outside_once, make_outside_once},
                                  {Oracle::effects, make_effects},
                                  {Oracle::progress, make_progress},
                                  {Oracle::hygiene, make_hygiene}};
  std::vector<std::unique_ptr<Monitor>> monitors;
  monitors.reserve(std::size(kRows));
  for (const Row& row : kRows) {
    if (oracles.contains(row.oracle)) monitors.push_back(row.make(findings));
  }
  return monitors;
}

}  // namespace durasim
