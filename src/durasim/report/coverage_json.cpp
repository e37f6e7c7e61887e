#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include <durasim/coverage.hpp>

/// Coverage for programs.
/// Source:  docs/reference/coverage.md#json
namespace durasim {
namespace {

using nlohmann::ordered_json;

constexpr int kCoverageVersion = 1;

Oracle oracle_named(const std::string& name) {
  for (std::size_t i = 0; i < kOracleCount; ++i) {
    if (to_string(static_cast<Oracle>(i)) == name) return static_cast<Oracle>(i);
  }
  throw std::invalid_argument("there is no oracle \"" + name + "\"");
}

OracleSet oracles_named(const ordered_json& names) {
  OracleSet set = OracleSet::none();
  for (const ordered_json& name : names) set = set.with(oracle_named(name));
  return set;
}

}  // namespace

std::string Coverage::to_json() const {
  ordered_json json = {{"format", "durasim-coverage"},
                       {"version", kCoverageVersion},
                       {"runs", runs_},
                       {"cells", ordered_json::array()},
                       {"faults", ordered_json::array()},
                       {"never_offered", ordered_json::array()},
                       {"oracles", ordered_json::array()},
                       {"exercised", ordered_json::array()},
                       {"never_exercised", ordered_json::array()}};
  for (const Cell& cell : cells()) {
    json["cells"].push_back({{"operation", to_string(cell.operation)},
                             {"point", to_string(cell.point)},
                             {"fault", to_string(cell.fault)},
                             {"offered", cell.offered},
                             {"injected", cell.injected},
                             {"effective", cell.effective}});
  }
  for (const Fault fault : faults_.faults()) json["faults"].push_back(to_string(fault));
  for (const Fault fault : never_offered()) json["never_offered"].push_back(to_string(fault));
  for (std::size_t i = 0; i < kOracleCount; ++i) {
    const auto oracle = static_cast<Oracle>(i);
    if (oracles_.contains(oracle)) json["oracles"].push_back(to_string(oracle));
    if (exercised_.contains(oracle)) json["exercised"].push_back(to_string(oracle));
  }
  for (const Oracle oracle : never_exercised())
    json["never_exercised"].push_back(to_string(oracle));
  return json.dump(2) + "\n";
}

Coverage Coverage::from_json(const std::string& text) try {
  const auto json = ordered_json::parse(text);
  if (json.at("format") != "durasim-coverage" || json.at("version") != kCoverageVersion)
    throw std::invalid_argument("not a durasim-coverage of version 1");
  Coverage coverage;
  coverage.runs_ = json.at("runs");
  for (const ordered_json& id : json.at("faults"))
    coverage.faults_ = coverage.faults_.with({fault_from_string(id.get<std::string>())});
  coverage.oracles_ = oracles_named(json.at("oracles"));
  coverage.exercised_ = oracles_named(json.at("exercised"));
  for (const ordered_json& cell : json.at("cells")) {
    const auto operation = operation_kind_from_string(cell.at("operation").get<std::string>());
    const Fault fault = fault_from_string(cell.at("fault").get<std::string>());
    coverage.row(operation)[static_cast<std::size_t>(fault)] = {
        cell.at("offered"), cell.at("injected"), cell.at("effective")};
  }
  return coverage;
} catch (const nlohmann::json::exception& error) {
  throw std::invalid_argument(std::string("durasim: coverage: ") + error.what());
}

}  // namespace durasim
