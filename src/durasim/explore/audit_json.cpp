#include <nlohmann/json.hpp>

#include <durasim/audit.hpp>

/// An audit for programs.
/// Source:  docs/reference/audit.md#json
namespace durasim {
namespace {

using nlohmann::ordered_json;

constexpr int kAuditVersion = 1;

template <class T, class ToJson>
ordered_json under_json(const AuditedUnder<T>& known, ToJson to_json) {
  ordered_json json = {{"none", to_json(known.without_faults)}};
  for (const auto& [fault_class, value] : known.under)
    json[std::string(to_string(fault_class))] = to_json(value);
  json["all"] = to_json(known.in_all);
  return json;
}

ordered_json figure_json(const AuditFigure& figure) {
  return under_json(
      figure, [](const AuditRange& range) -> ordered_json { return {range.least, range.most}; });
}

ordered_json effects_json(const std::vector<AuditedEffect>& effects) {
  ordered_json json = ordered_json::array();
  for (const AuditedEffect& effect : effects) {
    json.push_back({{"kind", effect.kind},
                    {"place", to_string(effect.place)},
                    {"applied", figure_json(effect.applied)},
                    {"calls", figure_json(effect.calls)},
                    {"keys", figure_json(effect.keys)}});
  }
  return json;
}

ordered_json totals_json(const std::vector<AuditedEffect>& effects) {
  ordered_json json = effects_json(effects);
  for (ordered_json& effect : json) effect.erase("place");
  return json;
}

ordered_json step_json(const AuditedStep& step) {
  const bool at_most_once = step.semantics == durable::StepSemantics::at_most_once_per_retry;
  return {{"name", step.name},
          {"operations", step.operations},
          {"semantics", at_most_once ? "at_most_once_per_retry" : "at_least_once_per_retry"},
          {"bodies", figure_json(step.bodies)},
          {"effects", effects_json(step.effects)},
          {"differs", under_json(step.differs, [](bool differs) { return differs; })},
          {"results", step.results},
          {"interruption", under_json(step.interruption, [](Interruption one) {
             return std::string(to_string(one));
           })}};
}

}  // namespace

std::string Audit::to_json() const {
  ordered_json json = {{"format", "durasim-audit"},
                       {"version", kAuditVersion},
                       {"scenario", exploration.scenario},
                       {"verdict", to_string(exploration.verdict)},
                       {"runs", exploration.runs},
                       {"max_faults", exploration.max_faults},
                       {"functions", ordered_json::array()},
                       {"effects", totals_json(effects)},
                       {"remarks", remarks()}};
  for (const AuditedFunction& function : functions) {
    ordered_json steps = ordered_json::array();
    for (const AuditedStep& step : function.steps) steps.push_back(step_json(step));
    json["functions"].push_back({{"name", function.name},
                                 {"steps", std::move(steps)},
                                 {"effects", effects_json(function.effects)},
                                 {"elapsed_ms", figure_json(function.elapsed)}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace durasim
