#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <durasim/schedule.hpp>
#include <durasim/trace.hpp>

namespace durasim {

inline constexpr const char* kHistoryTitle =
    "  history  (virtual time, #invocation, what happened)\n";

/// The lines of a narrative; `detailed`: every message too, as for a replay. What is not detailed ends
/// where a rule was broken.
std::string narrative(const std::vector<ScheduleFile::Event>& events, bool detailed);

/// Tells a run line by line for people: what happened in which invocation, where faults were injected and
/// where a rule was broken.
class Narrator final : public Monitor {
 public:
  void on(const TraceEvent& event) override;
  const std::vector<ScheduleFile::Event>& events() const { return events_; }

 private:
  void line(const TraceEvent& event, std::string what, std::string_view mark = "");
  void detail(const TraceEvent& event, std::string what);
  void tell_invocation(const TraceEvent& event);
  void tell_operation(const TraceEvent& event);
  void tell_message(const TraceEvent& event);
  void tell_history(const TraceEvent& event);
  void tell_outside(const TraceEvent& event);
  /// The name of the event's operation, for those that do not say it.
  std::string name_of(const TraceEvent& event) const;
  std::string body_of(const TraceEvent& event) const;

  struct Known {
    std::string name;
    durable::OperationSubType sub_type;
  };
  /// nullptr for an operation that no handler has made yet.
  const Known* find(std::uint32_t execution, durable::OperationPath path) const;
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // execution, index of the path

  std::vector<ScheduleFile::Event> events_;
  Timestamp started_{};
  bool is_before_start_ = true;  // until then, the clock may still be set forward
  bool found_ = false;
  bool out_of_time_ = false;      // the invocation that ended last, as the service sees it
  std::map<Place, Known> known_;  // what is called "approval" at its later events too
};

}  // namespace durasim
