#include "durasim/explore/causes.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <durasim/faults.hpp>

namespace durasim {
namespace {

std::string_view lesson_of_crash(SiteKind site) {
  if (site == SiteKind::effect || site == SiteKind::after_body)
    return "a step's body may run again: an invocation may end before it has recorded the result";
  return "an invocation may end at any moment, and the next one, perhaps in another process, has "
         "nothing but the record to go by";
}

std::string_view lesson_of_delivery(Fault fault) {
  switch (fault) {
    case Fault::cold_start:
      return "any invocation may be in a new process, whose memory is empty";
    case Fault::redelivery_after_end:
    case Fault::stale_redelivery:
    case Fault::delivery_after_completion:
      return "an invocation may be delivered once more, with a record that is out of date: bodies "
             "that have run run again, also after later ones";
    default:
      return "an invocation may begin long after it was due: any time may pass between two durable "
             "calls";
  }
}

/// What such a fault teaches of production.
std::string_view lesson(Fault fault) {
  switch (class_of(fault)) {
    case FaultClass::crashes:
      return lesson_of_crash(site_of(fault));
    case FaultClass::requests:
      return "a request to the service may be lost, late or sent twice, and its answer may be too";
    case FaultClass::deliveries:
      return lesson_of_delivery(fault);
    case FaultClass::overlaps:
      return "two invocations of one execution may run at a time, and the one that was overtaken "
             "does not know it";
    case FaultClass::timing:
      if (site_of(fault) == SiteKind::start) {
        return "an execution may begin on any day: months and years are not of one length, and "
               "clocks are changed";
      }
      return "neither clocks nor the order of what is due at one time are to be relied on";
    case FaultClass::failures:
      return "a body may fail, also after its effects, and an execution may be stopped";
    case FaultClass::answers:
      return "the outside may answer something else, late, twice or not at all";
  }
  return "";
}

std::string lessons(const Script& script) {
  std::vector<std::string_view> told;
  std::string text;
  for (const Script::Line& line : script.lines) {
    const std::string_view more = lesson(line.fault);
    if (std::find(told.begin(), told.end(), more) != told.end()) continue;
    told.push_back(more);
    if (!text.empty()) text += "; ";
    text += more;
  }
  return text;
}

/// Whether an execution did not succeed before the story ended.
bool fails(const Verification& found) {
  const std::size_t last = found.history.rfind(" execution ");
  if (last == std::string::npos) return false;
  const std::string_view line = std::string_view(found.history).substr(last);
  return line.find(" FAILED: ") != line.npos || line.find(" TIMED_OUT: ") != line.npos;
}

std::string_view usual(Oracle oracle) {
  switch (oracle) {
    case Oracle::replay_agreement:
      return "a handler runs from its beginning in every invocation; this one decides by something "
             "that is neither its input nor recorded";
    case Oracle::result_agreement:
      return "the result depends on something that a fault or a repeated body changes and that is "
             "not recorded";
    case Oracle::effects:
      return "an invocation may end at any moment, and the next one does again what is not "
             "recorded by then";
    case Oracle::progress:
      return "nothing that is recorded, and nothing that is waited for, ever ends it";
    case Oracle::hygiene:
      return "what does no harm in this run ends badly in another one";
    case Oracle::survival:
      return "the process of an invocation ended in the middle of it";
    case Oracle::expectation:
      return "it takes no fault: the expectation does not hold even where nothing goes wrong";
    case Oracle::simulator:
      return "two runs of one schedule share nothing but the program: what differs comes from "
             "outside of the simulation, or was left behind by an earlier run";
    case Oracle::completed_once:
    case Oracle::attempt_semantics:
    case Oracle::history_legal:
    case Oracle::first_run_parity:
    case Oracle::timers:
    case Oracle::outside_once:
      return "a defect of the SDK or of the service, which no handler can cause";
  }
  return "";
}

}  // namespace

std::string why(const Verification& found) {
  const Finding& main = found.findings.front();
  if (!main.why.empty()) return main.why;
  if (main.oracle == Oracle::expectation && !found.script.lines.empty())
    return lessons(found.script);
  if (main.oracle == Oracle::expectation && fails(found))
    return "it takes no fault: the handler fails by itself, with what the history ends with";
  return std::string(usual(main.oracle));
}

}  // namespace durasim
