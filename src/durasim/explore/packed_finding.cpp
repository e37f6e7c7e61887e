#include "durasim/explore/packed_finding.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "durasim/report/divergence_json.hpp"

namespace durasim {

void pack(PackedWriter& out, const Finding& finding) {
  out.add(static_cast<std::uint64_t>(finding.oracle));
  for (const std::string* text :
       {&finding.what, &finding.operation, &finding.file, &finding.remedy, &finding.why})
    out.add(*text);
  out.add(finding.line);
  out.add(static_cast<std::uint64_t>(finding.at.time_since_epoch().count()));
  using nlohmann::ordered_json;
  out.add(finding.divergence ? divergence_json(*finding.divergence)
                                   .dump(-1, ' ', false, ordered_json::error_handler_t::replace)
                             : std::string());
}

Finding unpack_finding(PackedReader& in) {
  Finding finding;
  finding.oracle = in.as<Oracle>();
  for (std::string* text :
       {&finding.what, &finding.operation, &finding.file, &finding.remedy, &finding.why})
    *text = in.text();
  finding.line = in.as<std::uint32_t>();
  finding.at = Timestamp(Duration(in.as<Duration::rep>()));
  if (const std::string json = in.text(); !json.empty())
    finding.divergence = divergence_from_json(nlohmann::ordered_json::parse(json));
  return finding;
}

}  // namespace durasim
