#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/execution.hpp>

namespace durasim {

/// Something that happened in a simulation.
struct TimelineEntry {
  Duration since_start{0};      ///< of the simulation
  std::uint32_t execution = 0;  ///< 0: none, the test itself did it
  std::string execution_name;   ///< as given to Simulation::start, or made up
  std::string event;            ///< as in the service's history, such as "WaitSucceeded"; "Effect"
  std::string subject;          ///< the operation's name or path; kind and key of the effect

  /// In one line: "+60s order-7 WaitSucceeded settle".
  std::string text() const;
};

/// What happened to all executions of a simulation, in order. A test narrows it down and compares:
///   EXPECT_THAT(sim.timeline().only({"WaitSucceeded"}).lines(), ElementsAre("+60s order-7 ...", ...));
class Timeline {
 public:
  explicit Timeline(std::vector<TimelineEntry> entries) : entries_(std::move(entries)) {}

  /// The entries with one of these events.
  Timeline only(std::initializer_list<std::string_view> events) const;
  /// The entries of one execution.
  Timeline of(ExecutionHandle execution) const;

  const std::vector<TimelineEntry>& entries() const { return entries_; }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }

  std::vector<std::string> lines() const;
  /// The lines, each with its newline.
  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const Timeline& timeline);

 private:
  std::vector<TimelineEntry> entries_;
};

}  // namespace durasim
