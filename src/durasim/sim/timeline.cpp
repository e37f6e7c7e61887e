#include <durasim/timeline.hpp>

#include <algorithm>
#include <iterator>
#include <ostream>

#include <fmt/format.h>

#include "durasim/core/duration_text.hpp"
#include "durasim/sim/world.hpp"

namespace durasim {
namespace {

/// The operation that an event of the history is about; empty for the execution and its invocations.
std::string subject_of(const Execution& execution, const HistoryEvent& event) {
  if (event.path.is_root()) return {};
  const durable::Operation* const operation = find_operation(execution, event.path);
  if (operation == nullptr) return event.path.to_string();
  const std::string_view name = spoken_name(execution, *operation);
  return name.empty() ? event.path.to_string() : std::string(name);
}

template <class Condition>
Timeline filtered(const std::vector<TimelineEntry>& entries, Condition condition) {
  std::vector<TimelineEntry> kept;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(kept), condition);
  return Timeline(std::move(kept));
}

}  // namespace

std::string TimelineEntry::text() const {
  std::string line = "+" + duration_text(since_start);
  for (const std::string* part : {&execution_name, &event, &subject}) {
    if (!part->empty()) line += " " + *part;
  }
  return line;
}

Timeline Timeline::only(std::initializer_list<std::string_view> events) const {
  return filtered(entries_, [&](const TimelineEntry& entry) {
    return std::find(events.begin(), events.end(), entry.event) != events.end();
  });
}

Timeline Timeline::of(ExecutionHandle execution) const {
  return filtered(entries_,
                  [&](const TimelineEntry& entry) { return entry.execution == execution.number; });
}

std::vector<std::string> Timeline::lines() const {
  std::vector<std::string> lines;
  lines.reserve(entries_.size());
  for (const TimelineEntry& entry : entries_) lines.push_back(entry.text());
  return lines;
}

std::string Timeline::text() const {
  std::string text;
  for (const TimelineEntry& entry : entries_) text += entry.text() + "\n";
  return text;
}

std::ostream& operator<<(std::ostream& out, const Timeline& timeline) {
  return out << timeline.text();
}

Timeline World::timeline() const {
  std::vector<TimelineEntry> entries;
  entries.reserve(timeline_.size());
  for (const Moment& moment : timeline_) {
    TimelineEntry entry;
    entry.execution = moment.execution;
    if (moment.execution != 0) entry.execution_name = name_of(service_.execution(moment.execution));
    if (moment.effect) {
      const Effects::Entry& effect = effects_.entries_[moment.place];
      entry.since_start = effect.at - options_.start;
      entry.event = "Effect";
      entry.subject = effect.key.empty() ? effect.kind : effect.kind + " " + effect.key;
      if (!effect.applied) entry.subject += " (known)";
    } else {
      const Execution& execution = service_.execution(moment.execution);
      const HistoryEvent& event = execution.history[moment.place];
      entry.since_start = event.at - options_.start;
      entry.event = to_string(event.type);
      entry.subject = subject_of(execution, event);
    }
    entries.push_back(std::move(entry));
  }
  return Timeline(std::move(entries));
}

}  // namespace durasim
