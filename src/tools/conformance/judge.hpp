#pragma once

#include <string>

#include "tools/conformance/requirement.hpp"
#include "tools/conformance/run.hpp"

namespace conformance {

enum class Status { passed, failed, no_handler };
/// "NO_HANDLER".
const char* to_string(Status status);

/// What became of one requirement.
struct Outcome {
  std::string id;
  std::string suite;
  Status status = Status::passed;
  std::string detail = {};  ///< what was matched, or what was not
  bool optional = false;
};

/// Where an execution is not what the requirement expects of it: in its history, result, log lines or
/// in what the simulator's oracles found.
Mismatches judge(const Requirement& requirement, const Observation& seen, Bindings bindings);

/// Runs the handler that is registered for the requirement, and judges it.
Outcome check(const Requirement& requirement);

/// The same for a file, which may be wrong.
Outcome check_file(const std::filesystem::path& file);

}  // namespace conformance
