#include "tools/conformance/events.hpp"

#include <map>
#include <set>
#include <string>

namespace conformance {
namespace {

void hand_down_names(Json& events) {
  static const std::set<std::string> takers{"CallbackStarted", "StepStarted", "StepSucceeded"};
  std::map<std::string, Json> names;  // of waits for callbacks, by their Id
  for (Json& event : events) {
    const Json name = event.value("Name", Json());
    if (event.at("EventType") == "ContextStarted" &&
        event.value("SubType", "") == "WaitForCallback")
      names[event.at("Id").get<std::string>()] = name;
    if (!name.is_null() || !takers.contains(event.at("EventType").get<std::string>())) continue;
    const auto parent = names.find(event.value("ParentId", ""));
    if (parent != names.end() && !parent->second.is_null()) event["Name"] = parent->second;
  }
}

}  // namespace

Json events_of(const durasim::Execution& execution) {
  Json events = Json::parse(durasim::history_json(execution)).at("Events");
  hand_down_names(events);
  return events;
}

}  // namespace conformance
