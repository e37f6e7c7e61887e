#include "tools/conformance/requirement.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/conformance/yaml.hpp"

namespace conformance {
namespace {

std::string joined(std::initializer_list<const char*> words) {
  std::string text;
  for (const char* const word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

/// Reads one file, and says what is wrong with it and where.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file), root_(read_yaml(file)) {}

  Requirement read() const {
    expect_map(root_, "a requirement");
    expect_keys(root_,
                {"description", "handler", "invocations", "Input", "Variables", "AsyncInvoke",
                 "async", "optional", "DefaultRetryParameters", "AsyncConfig", "CallbackActions",
                 "ExpectedResult", "ExpectedExecutionHistory", "ExpectedLogs"});
    Requirement requirement;
    requirement.id = file_.stem().string();
    requirement.suite = file_.parent_path().filename().string();
    requirement.input = value(root_["Input"]);
    if (present(root_["Variables"])) {
      expect_map(root_["Variables"], "Variables");
      requirement.variables = value(root_["Variables"]);
    }
    if (present(root_["ExpectedResult"])) requirement.result = expected_result();
    for (const YAML::Node& event :
         list(root_["ExpectedExecutionHistory"], "ExpectedExecutionHistory"))
      requirement.history.push_back(expected_event(event));
    for (const YAML::Node& entry : list(root_["ExpectedLogs"], "ExpectedLogs"))
      requirement.logs.push_back(log_expectation(entry));
    for (const YAML::Node& action : list(root_["CallbackActions"], "CallbackActions"))
      requirement.callback_actions.push_back(callback_action(action));
    requirement.optional = boolean(root_["optional"], "optional");
    requirement.async_invoke = boolean(root_["AsyncInvoke"], "AsyncInvoke");
    if (present(root_["AsyncConfig"]))
      expect_keys(root_["AsyncConfig"], {"PollIntervalSeconds", "NoProgressTimeoutSeconds"});
    return requirement;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw FileError(file_, node.Mark(), what);
  }

  static bool present(const YAML::Node& node) { return node.IsDefined() && !node.IsNull(); }

  Json value(const YAML::Node& node) const {
    return node.IsDefined() ? yaml_to_json(file_, node) : Json(nullptr);
  }

  void expect_map(const YAML::Node& node, const char* what) const {
    if (!node.IsMap()) fail(node, fmt::format("{} has to be a mapping of keys to values", what));
  }

  void expect_keys(const YAML::Node& map, std::initializer_list<const char*> known) const {
    expect_map(map, "this");
    std::vector<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(entry.first, fmt::format("unknown key \"{}\"; known are {}", key, joined(known)));
      if (std::find(seen.begin(), seen.end(), key) != seen.end())
        fail(entry.first, fmt::format("the key {} is repeated", key));
      seen.push_back(key);
    }
  }

  YAML::Node list(const YAML::Node& node, const char* what) const {
    if (!present(node)) return YAML::Node(YAML::NodeType::Sequence);
    if (!node.IsSequence()) fail(node, fmt::format("{} has to be a list", what));
    return node;
  }

  bool boolean(const YAML::Node& node, const char* key) const {
    if (!present(node)) return false;
    const Json flag = value(node);
    if (!flag.is_boolean()) fail(node, fmt::format("{} has to be true or false", key));
    return flag.get<bool>();
  }

  std::string text(const YAML::Node& map, const char* key) const {
    const YAML::Node node = map[key];
    if (!node.IsDefined()) fail(map, fmt::format("{} is missing", key));
    const Json result = value(node);
    if (!result.is_string()) fail(node, fmt::format("{} has to be text", key));
    return result.get<std::string>();
  }

  ExpectedResult expected_result() const {
    const YAML::Node node = root_["ExpectedResult"];
    expect_map(node, "ExpectedResult");
    expect_keys(node, {"ExecutionStatus", "Result"});
    ExpectedResult expected;
    expected.status = text(node, "ExecutionStatus");
    if (node["Result"].IsDefined()) expected.result = value(node["Result"]);
    return expected;
  }

  Json expected_event(const YAML::Node& node) const {
    expect_map(node, "an expected event");
    const YAML::Node id = node["EventId"];
    if (!id.IsDefined()) fail(node, "EventId is missing: events are matched by it");
    if (!value(id).is_number_integer()) fail(id, "EventId has to be an integer");
    return value(node);
  }

  std::optional<std::int64_t> count(const YAML::Node& entry, const char* key) const {
    const YAML::Node node = entry[key];
    if (!present(node)) return std::nullopt;
    const Json number = value(node);
    if (!number.is_number_integer() || number < 0)
      fail(node, fmt::format("{} has to be an integer of at least 0", key));
    return number.get<std::int64_t>();
  }

  Json fields(const YAML::Node& node, const char* what) const {
    expect_map(node, what);
    return value(node);
  }

  /// One matcher, or a list of them.
  std::vector<Json> anchors(const YAML::Node& node, const char* key) const {
    if (!present(node)) return {};
    if (node.IsMap()) return {fields(node, key)};
    std::vector<Json> result;
    for (const YAML::Node& anchor : list(node, key)) result.push_back(fields(anchor, key));
    return result;
  }

  LogExpectation log_expectation(const YAML::Node& node) const {
    expect_map(node, "an expected log entry");
    expect_keys(node, {"match", "count", "min_count", "max_count", "before", "after"});
    if (!node["match"].IsDefined()) fail(node, "match is missing");
    LogExpectation expected;
    expected.match = fields(node["match"], "match");
    expected.count = count(node, "count");
    expected.min_count = count(node, "min_count");
    expected.max_count = count(node, "max_count");
    expected.before = anchors(node["before"], "before");
    expected.after = anchors(node["after"], "after");
    return expected;
  }

  CallbackAction callback_action(const YAML::Node& node) const {
    expect_map(node, "a callback action");
    expect_keys(node, {"CallbackName", "Operation", "Payload", "Delay"});
    CallbackAction action;
    action.callback_name = text(node, "CallbackName");
    const std::string operation = text(node, "Operation");
    if (operation == "success") {
      action.operation = CallbackAction::Operation::success;
    } else if (operation == "failure") {
      action.operation = CallbackAction::Operation::failure;
    } else if (operation == "heartbeat") {
      action.operation = CallbackAction::Operation::heartbeat;
    } else {
      fail(node["Operation"], "Operation has to be success, failure or heartbeat");
    }
    if (node["Payload"].IsDefined()) action.payload = value(node["Payload"]);
    if (present(node["Delay"])) {
      const Json delay = value(node["Delay"]);
      if (!delay.is_number()) fail(node["Delay"], "Delay has to be a number of seconds");
      action.delay_seconds = delay.get<double>();
    }
    return action;
  }

  const std::filesystem::path& file_;
  YAML::Node root_;
};

}  // namespace

Requirement load_requirement(const std::filesystem::path& file) { return Reader(file).read(); }

}  // namespace conformance
