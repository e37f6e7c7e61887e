#include <durasim/history.hpp>

#include <chrono>

#include <fmt/format.h>

#include "durasim/service/json_text.hpp"

/// Log lines in the form in which AWS Lambda writes them.
/// Source: docs/reference/protocol.md, log lines
namespace durasim {
namespace {

/// "2026-01-01T00:00:00.000Z"
std::string rfc3339(Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

const char* level_name(durable::LogLevel level) {
  switch (level) {
    case durable::LogLevel::debug:
      return "DEBUG";
    case durable::LogLevel::info:
      return "INFO";
    case durable::LogLevel::warn:
      return "WARN";
    case durable::LogLevel::error:
      return "ERROR";
  }
  return "INFO";
}

}  // namespace

std::string log_json(const Execution& execution, const LogLine& line) {
  nlohmann::ordered_json json = {{"timestamp", rfc3339(line.at)},
                                 {"level", level_name(line.level)},
                                 {"message", line.text},
                                 {"executionArn", execution.arn},
                                 {"durableExecutionArn", execution.arn},
                                 {"requestId", request_id(execution, line.invocation)}};
  if (!line.path.is_root()) {
    json["operationId"] = line.path.wire_id();
    if (!line.name.empty()) json["operationName"] = line.name;
    if (!line.parent.is_root()) json["parentId"] = line.parent.wire_id();
  }
  if (line.attempt != 0) json["attempt"] = line.attempt;
  if (!execution.tenant_id.empty()) json["tenantId"] = execution.tenant_id;
  return json_text(json);
}

}  // namespace durasim
