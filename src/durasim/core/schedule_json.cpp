#include <durasim/schedule.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

/// The text of a schedule file.
/// Source: docs/reference/schedule-file.md
namespace durasim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kFormatName = "durasim-schedule";

/// A file must be written whatever the names in it are: bytes that are not UTF-8 are replaced.
std::string compact_json(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// Inputs that are not JSON are kept as a string: better than to lose the schedule.
std::string embedded_inputs(const std::string& inputs) {
  if (inputs.empty()) return "null";
  const auto value = ordered_json::parse(inputs, nullptr, false);
  return compact_json(value.is_discarded() ? ordered_json(inputs) : value);
}

std::string choice_line(const ScheduleFile::Choice& choice) {
  return fmt::format(R"(    {{"site": {}, "of": {}, "take": {}, "fault": {}}})",
                     compact_json(choice.site), choice.bound, choice.answer,
                     compact_json(choice.fault));
}

std::string event_line(const ScheduleFile::Event& event) {
  std::string line = fmt::format(R"(    {{"at": {})", event.at);
  if (event.execution != 0) line += fmt::format(R"(, "execution": {})", event.execution);
  if (event.invocation != 0) line += fmt::format(R"(, "invocation": {})", event.invocation);
  if (!event.mark.empty()) line += fmt::format(R"(, "mark": {})", compact_json(event.mark));
  if (event.detail) line += R"(, "detail": true)";
  return line + fmt::format(R"(, "what": {}}})", compact_json(event.what));
}

/// The elements of the array `name`, one a line.
std::string array_of_lines(const char* name, const std::vector<std::string>& lines) {
  std::string text = fmt::format("  \"{}\": [", name);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += i == 0 ? "\n" : ",\n";
    text += lines[i];
  }
  return text + (lines.empty() ? "]" : "\n  ]");
}

/// Reads fields of one file, and says what is wrong with them.
class ScheduleReader {
 public:
  explicit ScheduleReader(const std::string& origin) : origin_(origin) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw ScheduleError(fmt::format("{}: {}", origin_, what));
  }

  ordered_json parse(const std::string& text) const {
    try {
      return ordered_json::parse(text);
    } catch (const ordered_json::parse_error& error) {
      fail(fmt::format("not JSON at byte {} of {}: is the file complete?",
                       std::min(error.byte, text.size()), text.size()));
    } catch (const ordered_json::exception& error) {
      fail(fmt::format("not JSON that this program can hold: {}", error.what()));
    }
  }

  /// `pointer` is that of `object`, as in RFC 6901: empty for the whole file.
  const ordered_json& field(const ordered_json& object, const std::string& pointer,
                            const char* name) const {
    const auto found = object.find(name);
    if (found == object.end()) fail(fmt::format("{}/{} is missing", pointer, name));
    return *found;
  }

  void expect(bool right, const std::string& pointer, const char* expected,
              const ordered_json& value) const {
    if (!right)
      fail(fmt::format("{}: {} was expected, not {}", pointer, expected, shortened(value)));
  }

  std::string text(const ordered_json& object, const std::string& pointer, const char* name) const {
    return element_text(field(object, pointer, name), pointer + "/" + name);
  }

  std::string element_text(const ordered_json& value, const std::string& pointer) const {
    expect(value.is_string(), pointer, "a string", value);
    return value.get<std::string>();
  }

  std::uint32_t number(const ordered_json& object, const std::string& pointer,
                       const char* name) const {
    const ordered_json& value = field(object, pointer, name);
    constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
    expect(value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost, pointer + "/" + name,
           "a whole number of 32 bits", value);
    return value.get<std::uint32_t>();
  }

  std::uint64_t number64(const ordered_json& object, const std::string& pointer,
                         const char* name) const {
    const ordered_json& value = field(object, pointer, name);
    expect(value.is_number_unsigned(), pointer + "/" + name, "a whole number of 64 bits", value);
    return value.get<std::uint64_t>();
  }

  bool boolean(const ordered_json& object, const std::string& pointer, const char* name) const {
    const ordered_json& value = field(object, pointer, name);
    expect(value.is_boolean(), pointer + "/" + name, "true or false", value);
    return value.get<bool>();
  }

  const ordered_json& array(const ordered_json& object, const char* name) const {
    const ordered_json& value = field(object, "", name);
    expect(value.is_array(), std::string("/") + name, "an array", value);
    return value;
  }

  std::string fault_id(const ordered_json& value, const std::string& pointer) const {
    std::string id = element_text(value, pointer);
    try {
      static_cast<void>(fault_from_string(id));
    } catch (const std::invalid_argument& error) {
      fail(fmt::format("{}: {}", pointer, error.what()));
    }
    return id;
  }

 private:
  static std::string shortened(const ordered_json& value) {
    constexpr std::size_t kShown = 40;
    const std::string text = compact_json(value);
    return text.size() <= kShown ? text : fmt::format("{}...", text.substr(0, kShown));
  }

  const std::string& origin_;
};

void check_schedule_header(const ScheduleReader& reader, const ordered_json& root) {
  if (!root.is_object() || !root.contains("format") || root["format"] != kFormatName) {
    reader.fail(fmt::format("not a schedule of durasim: /format is not \"{}\"", kFormatName));
  }
  const ordered_json& version = reader.field(root, "", "version");
  reader.expect(version.is_number_integer(), "/version", "a whole number", version);
  if (version < ScheduleFile::kOldestVersion || version > ScheduleFile::kVersion) {
    reader.fail(fmt::format(
        "version {}; this program reads versions {} to {}: record the schedule again with this "
        "version of durasim, or replay it with the one that wrote it",
        version.dump(), ScheduleFile::kOldestVersion, ScheduleFile::kVersion));
  }
}

Script read_script(const ScheduleReader& reader, const ordered_json& root) {
  Script script;
  const ordered_json& lines = reader.array(root, "script");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string pointer = fmt::format("/script/{}", i);
    try {
      const Script line = Script::parse(reader.element_text(lines[i], pointer));
      script.lines.insert(script.lines.end(), line.lines.begin(), line.lines.end());
    } catch (const ScriptError& error) {
      reader.fail(fmt::format("{}: {}", pointer, error.what()));
    }
  }
  return script;
}

ScheduleFile::Choice read_choice(const ScheduleReader& reader, const ordered_json& value,
                                 const std::string& pointer) {
  reader.expect(value.is_object(), pointer, "an object", value);
  ScheduleFile::Choice choice;
  choice.site = reader.text(value, pointer, "site");
  choice.bound = reader.number(value, pointer, "of");
  choice.answer = reader.number(value, pointer, "take");
  choice.fault = reader.fault_id(reader.field(value, pointer, "fault"), pointer + "/fault");
  if (choice.answer >= choice.bound) {
    reader.fail(fmt::format("{}/take: alternative {} does not exist, there are {}, counted from 0",
                            pointer, choice.answer, choice.bound));
  }
  return choice;
}

ScheduleFile::Event read_event(const ScheduleReader& reader, const ordered_json& value,
                               const std::string& pointer) {
  reader.expect(value.is_object(), pointer, "an object", value);
  ScheduleFile::Event event;
  event.at = reader.number64(value, pointer, "at");
  if (value.contains("execution")) event.execution = reader.number(value, pointer, "execution");
  if (value.contains("invocation")) event.invocation = reader.number(value, pointer, "invocation");
  if (value.contains("mark")) event.mark = reader.text(value, pointer, "mark");
  if (value.contains("detail")) event.detail = reader.boolean(value, pointer, "detail");
  event.what = reader.text(value, pointer, "what");
  return event;
}

}  // namespace

std::string ScheduleFile::to_json() const {
  std::string text =
      fmt::format("{{\n  \"format\": \"{}\",\n  \"version\": {},\n", kFormatName, kVersion);
  const auto add = [&](const char* name, const std::string& value) {
    text += fmt::format("  \"{}\": {},\n", name, value);
  };
  add("scenario", compact_json(scenario));
  add("inputs", embedded_inputs(inputs));
  add("faults_offered", compact_json(faults_offered));
  add("oracle", compact_json(oracle));
  add("operation", compact_json(operation));
  add("signature", compact_json(signature));
  add("trace_hash", compact_json(trace_hash));
  add("minimal", minimal ? "true" : "false");
  if (!ended.empty()) add("ended", compact_json(ended));
  if (drawn) {
    add("seed", fmt::format("{}", drawn->seed));
    add("run", fmt::format("{}", drawn->run));
  }
  std::vector<std::string> lines;
  for (const Script::Line& line : script.lines)
    lines.push_back("    " + compact_json(line.to_text()));
  text += array_of_lines("script", lines) + ",\n";
  lines.clear();
  for (const Choice& choice : choices) lines.push_back(choice_line(choice));
  text += array_of_lines("choices", lines) + ",\n";
  lines.clear();
  for (const Event& event : events) lines.push_back(event_line(event));
  return text + array_of_lines("events", lines) + "\n}\n";
}

ScheduleFile ScheduleFile::from_json(const std::string& text, const std::string& origin) {
  const ScheduleReader reader(origin);
  const ordered_json root = reader.parse(text);
  check_schedule_header(reader, root);
  ScheduleFile file;
  file.scenario = reader.text(root, "", "scenario");
  const ordered_json& inputs = reader.field(root, "", "inputs");
  if (!inputs.is_null()) file.inputs = inputs.dump();
  const ordered_json& offered = reader.array(root, "faults_offered");
  for (std::size_t i = 0; i < offered.size(); ++i) {
    file.faults_offered.push_back(
        reader.fault_id(offered[i], fmt::format("/faults_offered/{}", i)));
  }
  file.oracle = reader.text(root, "", "oracle");
  file.operation = reader.text(root, "", "operation");
  file.signature = reader.text(root, "", "signature");
  file.trace_hash = reader.text(root, "", "trace_hash");
  if (root["version"] != 1) {
    file.minimal = reader.boolean(root, "", "minimal");
    file.script = read_script(reader, root);
  }
  if (root.contains("ended")) file.ended = reader.text(root, "", "ended");
  if (root.contains("seed"))
    file.drawn = {reader.number64(root, "", "seed"), reader.number64(root, "", "run")};
  const ordered_json& choices = reader.array(root, "choices");
  for (std::size_t i = 0; i < choices.size(); ++i) {
    file.choices.push_back(read_choice(reader, choices[i], fmt::format("/choices/{}", i)));
  }
  if (root["version"] < 3) return file;
  const ordered_json& events = reader.array(root, "events");
  for (std::size_t i = 0; i < events.size(); ++i) {
    file.events.push_back(read_event(reader, events[i], fmt::format("/events/{}", i)));
  }
  return file;
}

}  // namespace durasim
