#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/conformance/match.hpp"

namespace conformance {

/// How many log lines look in a certain way, and before and after which others they come.
struct LogExpectation {
  Json match;  ///< field to value
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> min_count;
  std::optional<std::int64_t> max_count;
  std::vector<Json> before;
  std::vector<Json> after;
};

/// The records of one execution: the lines that are JSON objects and have its ARN in
/// `durableExecutionArn` or `executionArn`.
std::vector<Json> log_records(const std::vector<std::string>& lines, const std::string& arn);

/// A record matches when every field does: texts are equal but for white space at their ends, or
/// found if the expected one is `/pattern/`; a boolean equals only itself. Without a count, one record
/// is enough. Every match comes no earlier than the first record that each `after` matches, and no
/// later than the last one that each `before` matches.
Mismatches match_logs(const std::vector<LogExpectation>& expected, const std::vector<Json>& records,
                      const Bindings& bindings);

}  // namespace conformance
