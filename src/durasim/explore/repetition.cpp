#include "durasim/explore/repetition.hpp"

#include <algorithm>
#include <iterator>
#include <source_location>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "durasim/explore/run.hpp"
#include "durasim/sim/other_addresses.hpp"

namespace durasim {
namespace {

/// A trace, and which durable call each part of it comes after.
class PlacedTrace final : public Monitor {
 public:
  void on(const TraceEvent& event) override {
    if (event.kind == TraceEvent::Kind::operation_issued)
      calls_.push_back({trace_.text().size(), event.where});
    trace_.on(event);
  }
  const std::string& text() const { return trace_.text(); }
  /// Of the last durable call before this trace and `other` differ; line 0 if there is none.
  std::source_location place_of_difference(const std::string& other) const {
    const std::string& mine = text();
    const auto [at, there] = std::mismatch(mine.begin(), mine.end(), other.begin(), other.end());
    const auto difference = static_cast<std::size_t>(at - mine.begin());
    const auto after = std::find_if(calls_.begin(), calls_.end(),
                                    [&](const Call& call) { return call.begins > difference; });
    return after == calls_.begin() ? std::source_location() : std::prev(after)->where;
  }

 private:
  struct Call {
    std::size_t begins;  // in the text
    std::source_location where;
  };
  Trace trace_;
  std::vector<Call> calls_;
};

/// step "audit" (operation 1), of a line `... operation_issued 1 STEP Step "audit" 0`; otherwise the line.
std::string spoken(std::string_view line) {
  constexpr std::string_view kIssued = " operation_issued ";
  const std::size_t at = line.find(kIssued);
  const std::size_t quote = line.find('"');
  if (at == line.npos || quote == line.npos) return fmt::format("`{}`", line);
  std::string_view rest = line.substr(at + kIssued.size());
  const std::string_view path = rest.substr(0, rest.find(' '));
  return fmt::format("the durable call {} (operation {})",
                     line.substr(quote, line.rfind('"') + 1 - quote), path);
}

/// How the line in which two traces differ reads in each.
std::string difference_text(std::string_view one, std::string_view other) {
  const auto [at, there] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  const auto difference = static_cast<std::size_t>(at - one.begin());
  const std::size_t begin = one.substr(0, difference).rfind('\n') + 1;  // npos + 1 is 0
  const auto line_of = [begin](std::string_view text) {
    const std::string_view rest = text.substr(std::min(begin, text.size()));
    return rest.empty() ? std::string("nothing") : spoken(rest.substr(0, rest.find('\n')));
  };
  return fmt::format("line {} of their traces: {} in one, {} in the other",
                     std::count(one.begin(), at, '\n') + 1, line_of(one), line_of(other));
}

/// Another run.
PlacedTrace trace_again(const Scenario& scenario, const SimulationOptions& options,
                        const Schedule& schedule, const ShadowedStates* shadowed) {
  ScheduleChooser chooser(schedule);
  PlacedTrace trace;
  RunSetup setup{scenario, options, chooser};
  setup.monitors = {&trace};
  ShadowedStates known;
  if (shadowed != nullptr) {
    known = *shadowed;
    setup.shadowed = &known;
  }
  run_once(setup);
  return trace;
}

}  // namespace

std::optional<Finding> judge_repetition(const Scenario& scenario, const SimulationOptions& options,
                                        const Schedule& schedule, const std::string& trace,
                                        const ShadowedStates* shadowed) {
  PlacedTrace moved;
  {
    const OtherAddresses other_addresses;
    moved = trace_again(scenario, options, schedule, shadowed);
  }
  if (moved.text() == trace) return std::nullopt;
  const bool addresses = trace_again(scenario, options, schedule, shadowed).text() == trace;
  Finding finding;
  finding.oracle = Oracle::simulator;
  finding.what =
      fmt::format("this scenario is not repeatable: two runs {}{} differ at {}",
                  schedule.choices.empty() ? "without faults" : "of this schedule",
                  addresses ? ", one of them with everything at other addresses in memory," : "",
                  difference_text(trace, moved.text()));
  finding.remedy =
      addresses
          ? "let nothing depend on where objects lie: no pointer as a key, in a hash, in an "
            "order or in a text; a number or a name serves instead"
          : "let nothing depend on the addresses of objects (a pointer as a key, in a hash, "
            "in an order or in a text), on the machine's clock or on random numbers, and make what "
            "the scenario changes inside it, with Simulation::make";
  const std::source_location place = moved.place_of_difference(trace);
  if (place.line() != 0) {
    finding.file = place.file_name();
    finding.line = place.line();
  }
  return finding;
}

}  // namespace durasim
