#pragma once

#include <cstdint>
#include <string>

#include <durasim/service.hpp>

/// What is known of an execution, as JSON for other programs.
namespace durasim {

/// The answer of GetDurableExecutionHistory with execution data: {"Events": [...]}, oldest first.
/// Units:   timestamps are seconds since the Unix epoch, with up to three decimals.
/// Source:  docs/reference/protocol.md, history
std::string history_json(const Execution& execution);

/// A log line as one line of JSON without its end of line: timestamp, level, message, executionArn,
/// requestId, and operationId, operationName, parentId and attempt where they apply.
/// Units:   the timestamp is as in RFC 3339, in UTC with three decimals.
/// Source:  docs/reference/protocol.md, log lines
std::string log_json(const Execution& execution, const LogLine& line);

/// Names an invocation in the history and in log lines, in the form of a UUID.
/// Shape:   `invocation` is counted from 1 for each execution.
std::string request_id(const Execution& execution, std::uint32_t invocation);

/// The text of a history's Id for the execution itself: the last part of its ARN.
std::string execution_id(const Execution& execution);

}  // namespace durasim
