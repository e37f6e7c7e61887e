#include "tools/durasim/show.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "durasim/core/duration_text.hpp"
#include "tools/durasim/files.hpp"

namespace durasim::program {
namespace {

using Event = ScheduleFile::Event;

/// An execution that retries for long would leave no room for its story: columns are used again.
constexpr std::size_t kMostColumns = 12;

/// The part of the story in which an invocation is alive.
struct Lane {
  std::uint32_t execution = 0;
  std::uint32_t invocation = 0;
  std::size_t first = 0;  // index of the event
  std::size_t last = 0;
};

std::vector<Lane> lanes_of(const std::vector<Event>& events) {
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.invocation == 0) continue;
    const auto lane = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& known) {
      return known.execution == event.execution && known.invocation == event.invocation;
    });
    if (lane == lanes.end()) {
      lanes.push_back({event.execution, event.invocation, i, i});
    } else {
      lane->last = i;
    }
  }
  return lanes;
}

/// The story as a table.
class Table {
 public:
  explicit Table(const std::vector<Event>& events) : events_(events), lanes_(lanes_of(events)) {
    for (const Event& event : events) several_ = several_ || event.execution > 1;
    for (const Lane& lane : lanes_) width_ = std::max(width_, label(lane).size());
    columns_ = std::min(lanes_.size(), kMostColumns);
  }

  std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < events_.size(); ++i) text += line(i);
    return text;
  }

 private:
  std::string label(const Lane& lane) const {
    return several_ ? fmt::format("{}#{}", lane.execution, lane.invocation)
                    : fmt::format("#{}", lane.invocation);
  }

  std::string line(std::size_t number) const {
    const Event& event = events_[number];
    std::vector<std::string> cells(columns_);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const Lane& lane = lanes_[i];
      const bool own = lane.execution == event.execution && lane.invocation == event.invocation;
      std::string& cell = cells[i % columns_];
      if (own) {
        cell = label(lane);
      } else if (cell.empty() && lane.first < number && number < lane.last) {
        cell = "|";
      }
    }
    std::string text = fmt::format("{} {:>12}  ", margin(event), after(event));
    for (const std::string& cell : cells) text += fmt::format("{:<{}} ", cell, width_);
    return text + (several_ && event.invocation == 0 && event.execution != 0
                       ? fmt::format(" [{}] {}\n", event.execution, event.what)
                       : fmt::format(" {}\n", event.what));
  }

  static std::string_view margin(const Event& event) {
    if (event.mark.empty()) return "    ";
    return event.mark == "finding" ? "  !!" : "  >>";
  }

  static std::string after(const Event& event) {
    return "+" + duration_text(Duration(static_cast<Duration::rep>(event.at)));
  }

  const std::vector<Event>& events_;
  std::vector<Lane> lanes_;
  bool several_ = false;  // executions
  std::size_t width_ = 1;
  std::size_t columns_ = 0;
};

std::string headline(const ScheduleFile& file) {
  const std::size_t faults = fault_count(file);
  std::string text = fmt::format("{}  by {} fault{}{}\n", file.scenario, faults,
                                 faults == 1 ? "" : "s", file.minimal ? ", the fewest" : "");
  const auto add = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<9}{}\n", label, value);
  };
  if (!file.oracle.empty()) {
    add("oracle", file.operation.empty()
                      ? file.oracle
                      : fmt::format("{} for \"{}\"", file.oracle, file.operation));
  }
  add("ended", file.ended);
  add("sign", file.signature);
  add("input", file.inputs);
  if (file.drawn) add("drawn", fmt::format("seed {}, run {}", file.drawn->seed, file.drawn->run));
  for (const Script::Line& line : file.script.lines) add("script", line.to_text());
  add("trace", file.trace_hash);
  return text;
}

const char* why_without_story(const ScheduleFile& file) {
  if (file.ended.empty()) return "it was written by an earlier version, or by hand";
  if (file.ended == ScheduleFile::kNotRun)
    return "it was made of a fuzzer's bytes, and has not been run";
  return "the process did not survive the run";
}

/// What there is in files without a story.
std::string choices_of(const ScheduleFile& file) {
  std::string text = fmt::format(
      "\n  The file has no story: {}. To see one:\n    durasim replay FILE -- PROGRAM\n"
      "  Choices other than the benign one:\n",
      why_without_story(file));
  for (std::size_t i = 0; i < file.choices.size(); ++i) {
    const ScheduleFile::Choice& choice = file.choices[i];
    if (choice.answer == 0) continue;
    text += fmt::format("  >> {:>5}  {}\n", i + 1,
                        choice.site.empty() ? fmt::format("alternative {}", choice.answer)
                                            : fmt::format("{} at {}", choice.fault, choice.site));
  }
  return text;
}

}  // namespace

Result show(const ScheduleFile& file, const ShowOptions& options) {
  if (options.json) return {Status::holds, file.to_json()};
  std::string text = headline(file);
  if (file.events.empty()) return {Status::holds, text + choices_of(file)};
  std::vector<Event> events = file.events;
  if (!options.all) std::erase_if(events, [](const Event& event) { return event.detail; });
  text += "\n  history  (virtual time, a column for each invocation, what happened)\n";
  return {Status::holds, text + Table(events).text()};
}

}  // namespace durasim::program
