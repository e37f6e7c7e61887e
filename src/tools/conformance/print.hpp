#pragma once

#include <string>
#include <vector>

#include "tools/conformance/judge.hpp"

namespace conformance {

/// {"id", "suite", "status", "detail"} in one line.
std::string json_line(const Outcome& outcome);

/// One row for people, with its end of line.
std::string table_row(const Outcome& outcome);

/// How many there are of each status.
std::string summary(const std::vector<Outcome>& outcomes);

/// Whether nothing but optional requirements failed, and each had a handler.
bool all_passed(const std::vector<Outcome>& outcomes);

}  // namespace conformance
