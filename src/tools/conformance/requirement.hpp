#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/conformance/logs.hpp"

namespace conformance {

/// What is done from outside to a callback that the handler creates.
struct CallbackAction {
  enum class Operation { success, failure, heartbeat };
  std::string callback_name;
  Operation operation = Operation::success;
  std::optional<Json> payload;
  double delay_seconds = 0;
};

struct ExpectedResult {
  std::string status;
  std::optional<Json> result;  ///< judged only if the execution succeeded
};

/// One file: what a handler is given, and what is to become of it.
/// Source: docs/reference/conformance.md, files
struct Requirement {
  std::string id;     ///< the file's name
  std::string suite;  ///< its folder's name
  Json input;
  Json variables = Json::object();
  std::optional<ExpectedResult> result;
  std::vector<Json> history;
  std::vector<LogExpectation> logs;
  std::vector<CallbackAction> callback_actions;
  bool optional = false;      ///< its failure does not fail the run
  bool async_invoke = false;  ///< the caller does not wait for the result

  bool expects_anything() const { return result || !history.empty() || !logs.empty(); }
};

/// Errors:  FileError for what is not YAML, unknown keys and values of another kind.
Requirement load_requirement(const std::filesystem::path& file);

}  // namespace conformance
