#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

/// What the core needs of a test framework. An adapter installs the one in use.
namespace durasim {

/// An expectation of the scenario that failed during a run.
struct Failure {
  std::string file;
  std::uint32_t line = 0;
  std::string message;
  bool skip = false;  ///< not a failure: the scenario asked for its test to be skipped
};

/// A test framework, as the core sees it.
class TestFramework {
 public:
  virtual ~TestFramework() = default;

  /// From now on failures are collected instead of reported; calls nest.
  virtual void begin_run() = 0;
  /// The failures since the matching begin_run.
  virtual std::vector<Failure> end_run() = 0;
  /// Reports a failure to the running test; or, once, that it is skipped.
  virtual void report(const Failure& failure) = 0;
  /// Leaves the running test, which was reported to be skipped, by an exception; returns if it
  /// cannot.
  virtual void leave_test(const Failure& skip) = 0;
  /// "Suite.Case", or empty outside tests.
  virtual std::string current_test() const = 0;
  /// The source file of that test; empty where that is not known.
  virtual std::string current_file() const { return {}; }
  /// Differs between the runs of one test in a process that repeats its tests.
  virtual std::uint64_t test_run() const = 0;
  /// The arguments with which this program runs that test alone, given those of this process.
  virtual std::vector<std::string> arguments_for(const std::string& test,
                                                 const std::vector<std::string>& given) const = 0;
};

/// nullptr where no adapter is linked.
TestFramework* test_framework();
/// `framework` lives as long as the process.
void install_test_framework(TestFramework* framework);

/// Registers a test for exceptions by which a framework ends a test: they are never failures of
/// user code. `is_abort` rethrows what it is given, and says whether it was one.
void register_test_abort(std::function<bool(const std::exception_ptr&)> is_abort);
bool is_test_abort(const std::exception_ptr& exception);

}  // namespace durasim
