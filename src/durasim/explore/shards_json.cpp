#include <durasim/shards.hpp>

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <durasim/report.hpp>

#include "durasim/explore/certificate.hpp"
#include "durasim/explore/reproduce.hpp"
#include "durasim/report/divergence_json.hpp"

/// The text of a shard's result.
/// Source: docs/reference/shards.md
namespace durasim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kShardFormat = "durasim-shard";

std::string hex(std::uint64_t number) { return fmt::format("{:016x}", number); }

std::uint64_t from_hex(const std::string& text) {
  const auto number = Certificate::from_text("0000000000000000" + text);
  if (!number)
    throw std::invalid_argument(fmt::format("\"{}\" is not 16 hexadecimal digits", text));
  return number->low;
}

/// The row of a table whose `name` it is.
template <class Value, class Count>
Value value_named(const std::string& name, Count count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (to_string(static_cast<Value>(i)) == name) return static_cast<Value>(i);
  }
  throw std::invalid_argument(fmt::format("\"{}\" is not known", name));
}

ordered_json json_of(const Finding& finding) {
  ordered_json json = {{"oracle", to_string(finding.oracle)},
                       {"what", finding.what},
                       {"operation", finding.operation},
                       {"file", finding.file},
                       {"line", finding.line},
                       {"remedy", finding.remedy},
                       {"at", finding.at.time_since_epoch().count()}};
  if (!finding.why.empty()) json["why"] = finding.why;
  if (finding.divergence) json["divergence"] = divergence_json(*finding.divergence);
  return json;
}

Finding finding_from(const ordered_json& json) {
  Finding finding;
  finding.oracle = value_named<Oracle>(json.at("oracle"), kOracleCount);
  finding.what = json.at("what");
  finding.operation = json.at("operation");
  finding.file = json.at("file");
  finding.line = json.at("line");
  finding.remedy = json.at("remedy");
  finding.at = Timestamp(Duration(json.at("at").get<Duration::rep>()));
  finding.why = json.value("why", "");
  if (json.contains("divergence")) finding.divergence = divergence_from_json(json.at("divergence"));
  return finding;
}

ordered_json json_of(const Margins& margins) {
  ordered_json json = ordered_json::array();
  for (const Margin& margin : margins) {
    if (!margin.what.empty())
      json.push_back({{"what", margin.what}, {"used", margin.used}, {"limit", margin.limit}});
  }
  return json;
}

Margins margins_from(const ordered_json& json) {
  Margins margins = {};
  for (const ordered_json& margin : json) {
    for (std::size_t i = 0; i < kMarginCount; ++i) {
      if (margin.at("what") == kMarginNames[i])
        margins[i] = {kMarginNames[i], margin.at("used"), margin.at("limit")};
    }
  }
  return margins;
}

/// What is told of a failure; null where there is none.
ordered_json json_of_failure(const Verification& v) {
  if (v.verdict != Verdict::refuted) return nullptr;
  ordered_json findings = ordered_json::array();
  for (const Finding& finding : v.findings) findings.push_back(json_of(finding));
  ordered_json schedule = ordered_json::array();
  for (const auto& fault : v.counterexample.choices)
    schedule.push_back({fault.position, fault.alternative});
  return {{"findings", findings},
          {"schedule", schedule},
          {"faults", v.counterexample_faults},
          {"minimal", v.minimal},
          {"file", v.file.string()},
          {"trace_hash", v.trace_hash},
          {"history", v.history},
          {"script", v.script.to_text()},
          {"reproduce", v.reproduce},
          {"shrunk_from", v.shrunk_from}};
}

void read_failure(const ordered_json& json, Verification& v) {
  if (json.is_null()) return;
  for (const ordered_json& finding : json.at("findings"))
    v.findings.push_back(finding_from(finding));
  if (v.findings.empty()) throw std::invalid_argument("a failure has no findings");
  for (const ordered_json& fault : json.at("schedule"))
    v.counterexample.choices.push_back({fault.at(0), fault.at(1)});
  v.counterexample_faults = json.at("faults");
  v.minimal = json.at("minimal");
  v.file = json.at("file").get<std::string>();
  v.trace_hash = json.at("trace_hash");
  v.history = json.at("history");
  v.script = Script::parse(json.at("script").get<std::string>());
  v.reproduce = json.at("reproduce");
  v.shrunk_from = json.at("shrunk_from");
}

/// What a search adds; null for `verify`.
ordered_json json_of_search(const ShardResult& part) {
  if (!part.search) return nullptr;
  const ShardResult::OfSearch& search = *part.search;
  ordered_json blocks = ordered_json::array();
  for (const ShardResult::Block& block : search.blocks)
    blocks.push_back({block.number, block.runs, block.executions, block.certificate});
  ordered_json failures = ordered_json::array();
  for (const Verification::Failure& one : part.result.failures) {
    failures.push_back({{"signature", one.signature},
                        {"oracle", to_string(one.oracle)},
                        {"what", one.what},
                        {"run", one.run},
                        {"faults", one.faults},
                        {"file", one.file.string()}});
  }
  ordered_json notes = ordered_json::array();
  for (const Verification::Note& note : search.notes) notes.push_back({note.label, note.text});
  return {{"seed", search.seed},  {"wanted", search.wanted}, {"keep_going", search.keep_going},
          {"failures", failures}, {"blocks", blocks},        {"met", search.met},
          {"notes", notes}};
}

void read_search(const ordered_json& json, ShardResult& part) {
  if (json.is_null()) return;
  ShardResult::OfSearch search;
  part.result.seed = search.seed = json.at("seed");
  search.wanted = json.at("wanted");
  search.keep_going = json.at("keep_going");
  for (const ordered_json& block : json.at("blocks")) {
    search.blocks.push_back({block.at(0), block.at(1), block.at(2), block.at(3)});
    if (!Certificate::from_text(search.blocks.back().certificate))
      throw std::invalid_argument("a block has no certificate");
  }
  for (const ordered_json& one : json.at("failures")) {
    part.result.failures.push_back(
        {one.at("signature"), value_named<Oracle>(one.at("oracle"), kOracleCount), one.at("what"),
         one.at("run"), one.at("faults"), one.at("file").get<std::string>()});
  }
  search.met = json.at("met").get<std::vector<std::uint64_t>>();
  for (const ordered_json& note : json.at("notes"))
    search.notes.push_back({note.at(0), note.at(1)});
  if (search.met.size() != part.states.size())
    throw std::invalid_argument("there is not one number in /search/met for each state");
  part.search = std::move(search);
}

FaultModel model_from(const ordered_json& json) {
  FaultModel model = FaultModel::none();
  for (const ordered_json& id : json)
    model = model.with({fault_from_string(id.get<std::string>())});
  return model;
}

ShardResult read_shard(const ordered_json& json) {
  if (json.at("version") != ShardResult::kVersion) {
    throw std::invalid_argument(fmt::format("version {}; this program reads version {}",
                                            json.at("version").dump(), ShardResult::kVersion));
  }
  ShardResult part;
  part.shard = {json.at("shard").at("number"), json.at("shard").at("count")};
  if (part.shard.number < 1 || part.shard.number > part.shard.count)
    throw std::invalid_argument("there is no such shard");
  Verification& v = part.result;
  v.shard = part.shard;
  v.scenario = json.at("scenario");
  v.inputs = json.at("inputs");
  v.verdict = value_named<Verdict>(json.at("verdict"), 4U);
  v.max_faults = json.at("max_faults");
  v.faults = model_from(json.at("faults_offered"));
  v.runs = json.at("runs");
  v.executions = json.at("executions");
  v.frontier = json.at("frontier");
  v.stopped = json.at("stopped");
  v.certificate = json.at("certificate");
  if (!Certificate::from_text(v.certificate)) throw std::invalid_argument("no certificate");
  v.margins = margins_from(json.at("margins"));
  v.coverage = Coverage::from_json(json.at("coverage").dump());
  read_failure(json.at("failure"), v);
  if (v.verdict == Verdict::refuted && v.findings.empty())
    throw std::invalid_argument("it is refuted by nothing");
  part.place = json.at("place").get<std::vector<std::uint64_t>>();
  for (const ordered_json& state : json.at("states")) part.states.push_back(from_hex(state));
  v.durable_states = part.states.size();
  read_search(json.at("search"), part);
  return part;
}

}  // namespace

std::string ShardResult::to_json() const {
  ordered_json offered = ordered_json::array();
  for (const Fault fault : result.faults.faults()) offered.push_back(to_string(fault));
  ordered_json met = ordered_json::array();
  for (const std::uint64_t state : states) met.push_back(hex(state));
  const ordered_json json = {{"format", kShardFormat},
                             {"version", kVersion},
                             {"scenario", result.scenario},
                             {"shard", {{"number", shard.number}, {"count", shard.count}}},
                             {"inputs", result.inputs},
                             {"verdict", to_string(result.verdict)},
                             {"max_faults", result.max_faults},
                             {"faults_offered", offered},
                             {"runs", result.runs},
                             {"executions", result.executions},
                             {"frontier", result.frontier},
                             {"stopped", result.stopped},
                             {"certificate", result.certificate},
                             {"margins", json_of(result.margins)},
                             {"coverage", ordered_json::parse(result.coverage.to_json())},
                             {"failure", json_of_failure(result)},
                             {"place", place},
                             {"states", met},
                             {"search", json_of_search(*this)}};
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ShardResult ShardResult::from_json(const std::string& text, const std::string& origin) {
  try {
    const auto json = ordered_json::parse(text);
    if (!json.is_object() || json.value("format", "") != kShardFormat)
      throw std::invalid_argument(fmt::format("/format is not \"{}\"", kShardFormat));
    return read_shard(json);
  } catch (const std::exception& error) {
    throw ShardError(fmt::format("{}: not the result of a shard: {}", origin, error.what()));
  }
}

ShardResult ShardResult::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) throw ShardError(fmt::format("cannot read {}", file.string()));
  return from_json(text, file.string());
}

std::filesystem::path ShardResult::save() const {
  const std::filesystem::path file = shard_path(result.scenario, shard);
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << to_json();
  out.flush();
  if (!out) throw std::runtime_error(fmt::format("cannot write {}", file.string()));
  return file;
}

}  // namespace durasim
