#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <durasim/trace.hpp>

namespace durasim {

inline constexpr const char* kHistoryTitle =
    "  history  (virtual time, #invocation, what happened)\n";

/// Tells a run line by line for people: what happened in which invocation, where faults were injected and
/// where a rule was broken, which is where a narrative that is not detailed ends.
class Narrator final : public Monitor {
 public:
  /// `detailed`: every message too, as for a replay.
  explicit Narrator(bool detailed) : detailed_(detailed) {}

  void on(const TraceEvent& event) override;
  std::string text() const;

 private:
  void line(const TraceEvent& event, std::string what, std::string_view mark = "    ");
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

  struct Line {
    Timestamp at;
    std::uint32_t execution;
    std::uint32_t ordinal;  // of the invocation; 0: none
    std::string mark;
    std::string what;
  };

  bool detailed_;
  std::vector<Line> lines_;
  bool several_ = false;  // executions, which each line then tells apart
  bool found_ = false;
  std::map<Place, Known> known_;  // what is called "approval" at its later events too
};

}  // namespace durasim
