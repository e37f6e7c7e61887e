#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "durasim/core/nearest.hpp"
#include "durasim/core/script_chooser.hpp"
#include "durasim/core/script_words.hpp"

/// What a run met instead of the place that a script names.
namespace durasim {
namespace {

std::string label(const NamedOperation& operation) {
  Script::Line line;
  line.fault = Fault::crash_before_body;
  line.operation = operation.name;
  line.number = operation.number;
  line.path = operation.path;
  const std::string text = line.to_text();  // at LABEL: fault
  return text.substr(3, text.rfind(':') - 3);
}

std::string no_such_operation(const Script::Line& line, const Anchors& anchors) {
  std::vector<std::string> known;
  for (const NamedOperation& operation : anchors.operations()) {
    if (operation.execution == line.execution) known.push_back(label(operation));
  }
  if (known.empty()) return fmt::format("execution {} has called no operation", line.execution);
  // Without the closing mark, so that a name that is only cut short is near.
  const std::string wanted =
      line.operation.empty() ? "operation " + line.path.to_string() : "\"" + line.operation;
  return fmt::format("execution {} has no such operation; it has {}", line.execution,
                     nearest_first(wanted, known));
}

const NamedOperation* find(const Script::Line& line, const Anchors& anchors) {
  for (const NamedOperation& operation : anchors.operations()) {
    const bool same = line.operation.empty()
                          ? operation.path == line.path
                          : operation.name == line.operation && operation.number == line.number;
    if (same && operation.execution == line.execution) return &operation;
  }
  return nullptr;
}

std::string ids_of(const FaultSet& menu) {
  std::string ids;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (menu.contains(fault)) ids += (ids.empty() ? "" : ", ") + std::string(to_string(fault));
  }
  return ids;
}

/// The kind of place was met, but not this occurrence of it.
std::string other_occurrences(std::string_view counted, const std::set<std::uint32_t>& met) {
  std::string numbers;
  for (const std::uint32_t number : met) {
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
  }
  return fmt::format("the run came to {} {} there", counted, numbers);
}

}  // namespace

std::string why_unreached(const Script::Line& line, const Anchors& anchors) {
  const SiteKind kind = site_of(line.fault);
  durable::OperationPath path = line.path;
  if (!line.operation.empty() || !line.path.is_root()) {
    const NamedOperation* operation = find(line, anchors);
    if (operation == nullptr) return no_such_operation(line, anchors);
    path = operation->path;
  }
  std::set<std::uint32_t> occurrences;
  FaultSet there;           // what this very place offered
  std::uint32_t times = 0;  // at which it offered the fault
  FaultSet around;          // what other kinds of places offered, for the same operation
  Fault instead = Fault::none;
  for (const Anchors::Meeting& meeting : anchors.meetings()) {
    if (meeting.site.execution != line.execution || meeting.site.path != path) continue;
    around |= meeting.offered;
    if (meeting.site.kind != kind) continue;
    occurrences.insert(meeting.site.occurrence);
    if (meeting.site.occurrence != line.occurrence) continue;
    there |= meeting.offered;
    if (!meeting.offered.contains(line.fault) || ++times != line.time) continue;
    instead = meeting.fault;
  }
  if (times >= line.time) {
    return fmt::format("another fault happened there at that time: {}", to_string(instead));
  }
  if (times > 0)
    return fmt::format("it could happen there {} time{} only", times, times == 1 ? "" : "s");
  if (!there.empty()) return "it cannot happen there; what can: " + ids_of(there);
  if (!occurrences.empty()) {
    const std::string_view counted = counted_by(kind);
    return other_occurrences(counted.empty() ? "invocation" : counted, occurrences);
  }
  if (around.empty()) return fmt::format("the run did not come there");
  return "it cannot happen there; what can: " + ids_of(around);
}

}  // namespace durasim
