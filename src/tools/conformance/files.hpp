#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace conformance {

/// What was asked for cannot be run.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The files `<suite>/<id>.yaml` of a folder, by suite and then by id, 2-9 before 2-10.
/// Shape:   no suites means all.
/// Errors:  UsageError where there is no such folder or suite, or no file.
std::vector<std::filesystem::path> requirement_files(const std::filesystem::path& folder,
                                                     const std::vector<std::string>& suites);

}  // namespace conformance
