#pragma once

#include <stdexcept>
#include <string>

namespace durasim::program {

/// How the program ends. Each command answers with one of these, and scripts may rely on them.
/// Source: docs/reference/cli.md#exit-codes
enum class Status { holds = 0, finding = 1, usage = 2, incomplete = 3, internal = 4 };

/// What a command has to say, on standard output.
struct Result {
  Status status = Status::holds;
  std::string text;
};

/// Arguments, or files that they name, cannot be used. The message says which, why, and what to do.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace durasim::program
