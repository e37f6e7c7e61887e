#include "tools/durasim/faults.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <durasim/faults.hpp>

#include "tools/durasim/json.hpp"

namespace durasim::program {
namespace {

using nlohmann::ordered_json;

/// Offered by verify, search and check unless they are told otherwise.
bool is_default(const FaultInfo& info) {
  return info.tier == FaultTier::always || FaultModel::standard().offers(info.fault);
}

std::string json_of(const FaultInfo& info) {
  ordered_json points = ordered_json::array();
  for (std::size_t begin = 0; begin < info.points.size();) {
    const std::size_t end = std::min(info.points.find(' ', begin), info.points.size());
    points.push_back(info.points.substr(begin, end - begin));
    begin = end + 1;
  }
  const ordered_json value = {{"id", info.id},
                              {"phrase", info.phrase},
                              {"site", to_string(info.site)},
                              {"kind", to_string(info.choice)},
                              {"model", to_string(info.tier)},
                              {"default", is_default(info)},
                              {"crash", info.crash},
                              {"points", points},
                              {"same_as", info.same_as},
                              {"test", info.test}};
  return json_text(value);
}

}  // namespace

Result list_faults(bool json) {
  Result result;
  if (json) {
    for (const FaultInfo& info : fault_catalogue())
      result.text += fmt::format("{}{}", result.text.empty() ? "[\n" : ",\n", json_of(info));
    result.text += "\n]\n";
    return result;
  }
  constexpr auto kRow = "{:<34} {:<17} {:<12} {:<9} {:<8} {}\n";
  result.text = fmt::format(kRow, "fault", "site", "kind", "model", "default", "shown by");
  for (const FaultInfo& info : fault_catalogue()) {
    result.text += fmt::format(kRow, info.id, to_string(info.site), to_string(info.choice),
                               to_string(info.tier), is_default(info) ? "on" : "off", info.test);
  }
  return result;
}

}  // namespace durasim::program
