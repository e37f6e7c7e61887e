#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include <yaml-cpp/yaml.h>

#include "tools/conformance/python.hpp"

namespace conformance {

/// A file that cannot be used. The message begins with its name, line and column.
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& file, const YAML::Mark& at, const std::string& what);
};

/// Reads one YAML document.
/// Errors:  FileError.
YAML::Node read_yaml(const std::filesystem::path& file);

/// The value of a node. Plain scalars have the types that PyYAML gives them, except that dates stay
/// text; quoted ones are strings.
/// Errors:  FileError for repeated keys, merge keys, unknown tags and endless aliases.
Json yaml_to_json(const std::filesystem::path& file, const YAML::Node& node);

}  // namespace conformance
