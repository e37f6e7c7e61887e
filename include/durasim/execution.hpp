#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <durable/serdes.hpp>
#include <durasim/clock.hpp>
#include <durasim/margins.hpp>
#include <durasim/service.hpp>

namespace durasim {

/// What became of an execution: a view that stays valid after the simulation.
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

  /// Virtual time from start to end, or until now.
  Duration elapsed() const;
  std::size_t invocations() const { return execution_->invocations; }
  const std::vector<durable::Operation>& operations() const { return execution_->operations; }
  const std::vector<HistoryEvent>& history() const { return execution_->history; }
  const std::vector<LogLine>& logs() const { return execution_->logs; }
  const std::string& arn() const { return execution_->arn; }
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
