#include "tools/conformance/yaml.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "tools/conformance/yaml_scalar.hpp"

namespace conformance {
namespace {

constexpr int kDeepest = 100;  // an alias may lead back to itself

constexpr const char* kStringTag = "tag:yaml.org,2002:str";

class Converter {
 public:
  explicit Converter(const std::filesystem::path& file) : file_(file) {}

  Json convert(const YAML::Node& node, int depth) const {
    if (depth > kDeepest) fail(node, "nested more than 100 levels deep");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, depth);
      case YAML::NodeType::Map:
        return mapping(node, depth);
      default:
        return nullptr;
    }
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw FileError(file_, node.Mark(), what);
  }

  Json scalar(const YAML::Node& node) const {
    const std::string& tag = node.Tag();
    if (tag == "?" || tag.empty()) return plain_scalar(node.Scalar());
    if (tag == "!" || tag == kStringTag) return node.Scalar();
    fail(node, fmt::format("the tag {} is not understood", tag));
  }

  Json sequence(const YAML::Node& node, int depth) const {
    Json result = Json::array();
    for (const YAML::Node& element : node) result.push_back(convert(element, depth + 1));
    return result;
  }

  Json mapping(const YAML::Node& node, int depth) const {
    Json result = Json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) fail(entry.first, "a key has to be a scalar");
      const std::string& key = entry.first.Scalar();
      if (key == "<<") fail(entry.first, "merge keys are not understood");
      if (result.contains(key)) fail(entry.first, fmt::format("the key {} is repeated", key));
      result[key] = convert(entry.second, depth + 1);
    }
    return result;
  }

  const std::filesystem::path& file_;
};

}  // namespace

FileError::FileError(const std::filesystem::path& file, const YAML::Mark& at,
                     const std::string& what)
    : std::runtime_error(at.is_null() ? fmt::format("{}: {}", file.string(), what)
                                      : fmt::format("{}:{}:{}: {}", file.string(), at.line + 1,
                                                    at.column + 1, what)) {}

YAML::Node read_yaml(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) throw FileError(file, YAML::Mark::null_mark(), "cannot be read");
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw FileError(file, error.mark, "not YAML: " + error.msg);
  }
}

Json yaml_to_json(const std::filesystem::path& file, const YAML::Node& node) {
  return Converter(file).convert(node, 0);
}

}  // namespace conformance
