#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include <durasim/durasim.hpp>

#include "generators/case.hpp"
#include "generators/interpreter.hpp"

namespace generated {

/// A property does not hold: the message says why, and what had happened.
class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Answers callbacks, as many seconds after they were sent as their operation says.
class Answering : public Surroundings {
 public:
  explicit Answering(durasim::Simulation& simulation) : simulation_(simulation) {}
  void submit(const std::string& id, const Operation& operation) override;

 protected:
  durasim::Simulation& simulation() { return simulation_; }

 private:
  durasim::Simulation& simulation_;
};

/// The world outside of a generated handler: takes the effect of a step once per key, too.
class Outside : public Answering {
 public:
  using Answering::Answering;
  void effect(const std::string& step, const std::string& key) override;

 private:
  std::set<std::string> declared_;
};

/// No case comes near the limit on invocations, but some planted bugs would make it endless.
durasim::SimulationOptions options();

/// Publishes the program and runs it to its end.
durasim::ExecutionResult run(const Program& program, const Input& input,
                             durasim::Simulation& simulation, Surroundings& surroundings);

/// The same as a scenario, for durasim::check. Its inputs are the program and the program's input,
/// so that a stored schedule says all that is needed to repeat a run.
durasim::Scenario scenario_of(const Case& generated_case);

/// One run of a case in a world of its own, watched by a property. It alone judges: what the
/// oracles find is only told.
class Run {
 public:
  explicit Run(const Case& generated_case);

  durasim::Simulation& simulation() { return simulation_; }
  void go(Surroundings& surroundings);

  const Case& generated_case() const { return case_; }
  const durasim::ExecutionResult& result() const { return result_.value(); }
  bool was_injected(durasim::Fault fault) const;

  /// Errors:  Broken, with the story of the run.
  [[noreturn]] void breaks(const std::string& claim) const;

 private:
  const Case& case_;
  durasim::ScheduleChooser chooser_;
  durasim::Simulation simulation_;
  std::optional<durasim::ExecutionResult> result_;
  std::string said_;  // by the oracles, for the story
};

}  // namespace generated
