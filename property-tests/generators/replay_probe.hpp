#pragma once

#include <string>
#include <vector>

#include <durable/client.hpp>
#include <durable/executor.hpp>
#include <durasim/execution.hpp>
#include <durasim/trace.hpp>

#include "generators/case.hpp"

/// Replays of generated handlers without a simulator: the SDK alone, on a record that never grows.
namespace generated {

/// A durable call, as one line of text: place, type, name and inputs.
std::string identity_of(const durable::IssuedOperation& operation);
std::string identity_of(const durasim::TraceEvent& issued);

/// What one replay of a handler did.
struct Replay {
  std::vector<std::string> issued;
  bool completed = false;
  durable::InvocationOutcome outcome;
};

using Record = std::vector<durable::Operation>;

/// Runs the handler against `record` until it needs something that is not in it.
Replay replay(const Case& generated_case, const Record& record);

/// Every state that the record of an execution has been in, read off its history, the oldest first.
/// The first is empty, the last is the record at the end.
std::vector<Record> prefixes_of_the_record(const durasim::ExecutionResult& execution);

}  // namespace generated
