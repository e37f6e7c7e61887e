#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <durable/model.hpp>
#include <durasim/chooser.hpp>
#include <durasim/faults.hpp>

namespace durasim {

/// Faults by name: the form of a schedule that people read and write, and that survives edits of the
/// handler. All other choices are benign.
/// Source: docs/reference/script.md
struct Script {
  /// One fault, and where it happens.
  struct Line {
    Fault fault = Fault::none;
    /// Name of the operation. Empty where `path` tells, and where no operation is concerned.
    std::string operation = {};
    /// Among the operations of that name in the execution, in the order of their first calls.
    std::uint32_t number = 1;
    /// Of an operation without a name; the execution itself where there is no operation.
    durable::OperationPath path = {};
    std::uint32_t execution = 1;
    /// Which attempt, transmission, effect or invocation; the fault tells which of these it counts.
    std::uint32_t occurrence = 1;
    /// Counts the times at which the fault could happen at this very place.
    std::uint32_t time = 1;

    /// `at "charge-card", attempt 2: crash_after_body`
    std::string to_text() const;
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::vector<Line> lines;

  /// One fault a line; comments begin with `#`.
  /// Errors:  ScriptError with line and column, what was expected there, and the known names.
  static Script parse(std::string_view text);
  /// The canonical text: parse(to_text()) is this script.
  std::string to_text() const;
  /// Each of its faults, and what `model` offers.
  FaultModel widen(FaultModel model) const;

  friend bool operator==(const Script&, const Script&) = default;
};

/// A text that is not a script.
class ScriptError : public std::runtime_error {
 public:
  ScriptError(const std::string& what, std::size_t line, std::size_t column)
      : std::runtime_error(what), line_(line), column_(column) {}
  /// Both counted from 1; columns in characters.
  std::size_t line() const { return line_; }
  std::size_t column() const { return column_; }

 private:
  std::size_t line_;
  std::size_t column_;
};

/// What becomes of a test whose run does not come to a line of its script.
enum class Unreached : std::uint8_t {
  fails,  ///< the test fails, and is told what the run met instead
  warns   ///< a warning on standard error: for schedules that outlive edits of the handler
};

}  // namespace durasim
