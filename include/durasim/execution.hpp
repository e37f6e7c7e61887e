#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <durable/serdes.hpp>
#include <durasim/clock.hpp>
#include <durasim/margins.hpp>
#include <durasim/service.hpp>

namespace durasim {

/// Names an execution of one simulation.
struct ExecutionHandle {
  std::uint32_t number = 0;  ///< executions are counted from 1 in the order of their start
  friend bool operator==(const ExecutionHandle&, const ExecutionHandle&) = default;
};

/// What one invocation of an execution did.
struct InvocationResult {
  enum class Outcome : std::uint8_t {
    suspended,  ///< the execution sleeps until something that it waits for has come
    succeeded,  ///< and with it the execution
    failed,     ///< and with it the execution
    crashed,    ///< it ended without a valid response: the service invokes again
    overtaken   ///< a later invocation is under way, or the execution was over: nobody waits for it
  };

  std::uint32_t execution = 0;
  std::uint32_t number = 0;  ///< in its execution, counted from 1; repeated deliveries count
  Outcome outcome = Outcome::suspended;
  Timestamp started_at{};
  Timestamp ended_at{};
  durable::Text result = {};     ///< of the execution, if it succeeded
  durable::ErrorPtr error = {};  ///< of the execution, if it failed; of a crash, if there is one
  /// The operations that something was recorded of meanwhile, in the order in which that began, as they
  /// were recorded at its end.
  std::vector<durable::Operation> operations = {};

  bool suspended() const { return outcome == Outcome::suspended; }
  /// In one line.
  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const InvocationResult& result);
};
/// "SUSPENDED".
std::string_view to_string(InvocationResult::Outcome outcome);
std::ostream& operator<<(std::ostream& out, InvocationResult::Outcome outcome);

/// The name of an execution, as in its ARN. Valid as long as `execution`.
std::string_view name_of(const Execution& execution);

/// What became of an execution, or how far it is by now. Stays as it is, whatever happens afterwards.
class ExecutionResult {
 public:
  ExecutionResult(std::shared_ptr<const Execution> execution, Timestamp now, Margins margins)
      : execution_(std::move(execution)), now_(now), margins_(margins) {}

  durable::ExecutionStatus status() const { return execution_->status; }
  bool succeeded() const { return status() == durable::ExecutionStatus::succeeded; }

  /// The result.
  /// Errors:  std::logic_error if the execution did not succeed.
  template <class T>
  T value() const {
    require_success();
    return durable::deserialize<T>(execution_->result.view());
  }
  /// Its serialised form; empty if there is none.
  std::string_view result() const { return execution_->result.view(); }
  /// Type and message are empty if the execution did not fail.
  const durable::ErrorObject& error() const;

  /// When the next of the waits, retries and timeouts of callbacks that are recorded ends; empty if none
  /// is. What the outside sends may come earlier.
  std::optional<Timestamp> wakes_at() const;

  /// Virtual time from start to end, or until now.
  Duration elapsed() const;
  std::size_t invocations() const { return execution_->invocations; }
  const std::vector<durable::Operation>& operations() const { return execution_->operations; }
  const std::vector<HistoryEvent>& history() const { return execution_->history; }
  const std::vector<LogLine>& logs() const { return execution_->logs; }
  const std::string& arn() const { return execution_->arn; }
  /// As given to Simulation::start, or made up.
  std::string_view name() const;
  /// All that is known of it, as history_json and log_json take it.
  const Execution& execution() const { return *execution_; }

  /// How much of each limit was used.
  const Margins& margins() const { return margins_; }

  /// A table of operations and invocations with their virtual times.
  std::string table() const;
  friend std::ostream& operator<<(std::ostream& out, const ExecutionResult& result);

 private:
  void require_success() const;

  std::shared_ptr<const Execution> execution_;
  Timestamp now_;
  Margins margins_;
};

}  // namespace durasim
