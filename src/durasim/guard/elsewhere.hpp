#pragma once

/// A shadow replay's machine, which is set up differently.
/// Source: docs/reference/guard.md
namespace durasim::guard {

/// What is set on the machine itself, wherever a handler may seem to run.
char* value_at_home(const char* name);
/// What a handler is told there: what is set has another value, and switches are the other way round.
char* value_elsewhere(const char* name);

/// For as long as it lives, the process is back on its own machine.
class AtHome {
 public:
  AtHome();
  ~AtHome();
  AtHome(const AtHome&) = delete;
  AtHome& operator=(const AtHome&) = delete;

 private:
  bool was_away_;
};

}  // namespace durasim::guard
