#include "tools/durasim/merge.hpp"

#include <string>

#include <fmt/format.h>

#include <durasim/explore.hpp>
#include <durasim/shards.hpp>

#include "durasim/report/divergence_json.hpp"
#include "tools/durasim/files.hpp"
#include "tools/durasim/json.hpp"

namespace durasim::program {
namespace {

Status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return Status::holds;
    case Verdict::refuted:
      return Status::finding;
    default:
      return Status::incomplete;
  }
}

nlohmann::ordered_json json_of(const Verification& merged) {
  nlohmann::ordered_json value = {
      {"scenario", merged.scenario},       {"verdict", to_string(merged.verdict)},
      {"max_faults", merged.max_faults},   {"schedules", merged.runs},
      {"executions", merged.executions},   {"durable_states", merged.durable_states},
      {"certificate", merged.certificate}, {"findings", nlohmann::ordered_json::array()},
      {"file", merged.file.string()}};
  for (const Finding& finding : merged.findings) {
    nlohmann::ordered_json told = {{"oracle", to_string(finding.oracle)},
                                   {"operation", finding.operation},
                                   {"signature", finding.signature()},
                                   {"what", finding.what}};
    if (finding.divergence) told["divergence"] = divergence_json(*finding.divergence);
    value["findings"].push_back(std::move(told));
  }
  return value;
}

std::vector<Verification> merged_of(const std::vector<std::filesystem::path>& files) {
  try {
    return merge_shard_files(files);
  } catch (const ShardError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

Result merge_results(const std::vector<std::filesystem::path>& from, bool json) {
  const std::vector<std::filesystem::path> files = files_below(from, ".durasim-shard.json");
  if (files.empty()) {
    throw UsageError(
        "merge: there is no *.durasim-shard.json; a process with $DURASIM_SHARD leaves one for "
        "each verify and search in its $DURASIM_OUT");
  }
  Result result;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Verification& merged : merged_of(files)) {
    list.push_back(json_of(merged));
    result.text += merged.report();
    const Status status = status_of(merged.verdict);
    if (status == Status::finding || result.status == Status::holds) result.status = status;
  }
  if (json) result.text = json_text(list, 2) + "\n";
  return result;
}

}  // namespace durasim::program
