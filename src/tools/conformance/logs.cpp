#include "tools/conformance/logs.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "tools/conformance/regex.hpp"

namespace conformance {
namespace {

/// Positions in the log, rising: lines are written in order of time.
using Positions = std::vector<std::size_t>;

bool text_matches(const std::string& expected, const std::string& actual) {
  const bool is_pattern = expected.size() >= 2 && expected.front() == '/' && expected.back() == '/';
  if (is_pattern) return python_search(expected.substr(1, expected.size() - 2), actual);
  return python_strip(expected) == python_strip(actual);
}

bool field_matches(const Json& expected, const Json& actual) {
  if (expected.is_boolean() || actual.is_boolean()) {
    const bool pattern = expected.is_string() && expected.get<std::string>().starts_with('/');
    if (!pattern) return expected.is_boolean() && actual.is_boolean() && expected == actual;
  }
  return text_matches(python_str(expected), python_str(actual));
}

bool record_matches(const Json& fields, const Json& record) {
  return std::all_of(fields.items().begin(), fields.items().end(), [&](const auto& field) {
    const auto actual = record.find(field.key());
    return actual != record.end() && field_matches(field.value(), *actual);
  });
}

Positions matching(const Json& fields, const std::vector<Json>& records) {
  Positions positions;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (record_matches(fields, records[i])) positions.push_back(i);
  }
  return positions;
}

std::string counted(std::int64_t count) {
  return fmt::format("{} record{}", count, count == 1 ? "" : "s");
}

/// What is wrong with a number of matches; "" if nothing is.
std::string wrong_count(const LogExpectation& expected, std::int64_t actual) {
  const bool any = !expected.count && !expected.min_count && !expected.max_count;
  const std::int64_t least = expected.min_count.value_or(any ? 1 : 0);
  if (expected.count && actual != *expected.count) return "expected " + counted(*expected.count);
  if (actual < least) return "expected at least " + counted(least);
  if (expected.max_count && actual > *expected.max_count)
    return "expected at most " + counted(*expected.max_count);
  return "";
}

/// Compares with the records that another matcher finds.
std::string wrong_order(const Positions& matches, const Json& anchor,
                        const std::vector<Json>& records, bool before) {
  const Positions anchors = matching(anchor, records);
  if (anchors.empty()) return fmt::format("no record matches its anchor {}", shown(anchor));
  if (matches.empty()) return "";
  const bool right = before ? matches.back() <= anchors.back() : matches.front() >= anchors.front();
  if (right) return "";
  return fmt::format("a match comes {} {}", before ? "after the last" : "before the first",
                     shown(anchor));
}

}  // namespace

std::vector<Json> log_records(const std::vector<std::string>& lines, const std::string& arn) {
  std::vector<Json> records;
  for (const std::string& line : lines) {
    Json record = Json::parse(line, nullptr, false);
    if (!record.is_object()) continue;
    for (const char* const key : {"durableExecutionArn", "executionArn"}) {
      if (!record.contains(key) || record[key] != Json(arn)) continue;
      records.push_back(std::move(record));
      break;
    }
  }
  return records;
}

Mismatches match_logs(const std::vector<LogExpectation>& expected, const std::vector<Json>& records,
                      const Bindings& bindings) {
  Mismatches mismatches;
  for (const LogExpectation& expectation : expected) {
    const Json fields = bindings.substitute(expectation.match);
    const auto complain = [&](const std::string& what) {
      mismatches.push_back(fmt::format("log {}: {}", shown(fields), what));
    };
    try {
      const Positions matches = matching(fields, records);
      const auto count = static_cast<std::int64_t>(matches.size());
      if (const std::string wrong = wrong_count(expectation, count); !wrong.empty())
        complain(fmt::format("{}, found {} among {}", wrong, count, records.size()));
      const auto check_order = [&](const std::vector<Json>& anchors, bool before) {
        for (const Json& anchor : anchors) {
          const std::string wrong =
              wrong_order(matches, bindings.substitute(anchor), records, before);
          if (!wrong.empty()) complain(wrong);
        }
      };
      check_order(expectation.before, true);
      check_order(expectation.after, false);
    } catch (const PatternError& error) {
      complain(error.what());
    }
  }
  return mismatches;
}

}  // namespace conformance
