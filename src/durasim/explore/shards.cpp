#include <durasim/shards.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "durasim/explore/certificate.hpp"

/// The results of shards, put together.
namespace durasim {
namespace {

std::string shard_name(const ShardResult& part) {
  return fmt::format("shard {} of {} of {}", part.shard.number, part.shard.count,
                     part.result.scenario);
}

/// All that makes an exploration what it is.
auto exploration_of(const ShardResult& part) {
  const Verification& v = part.result;
  return std::tuple(part.shard.count, v.max_faults, v.faults.faults(), v.inputs);
}

void expect_one_exploration(std::span<const ShardResult> shards) {
  if (shards.empty()) throw ShardError("no results of shards were given");
  const ShardResult& first = shards.front();
  std::set<std::uint32_t> numbers;
  for (const ShardResult& part : shards) {
    if (part.result.scenario != first.result.scenario)
      throw ShardError(
          fmt::format("{} and {} are of two scenarios", shard_name(first), shard_name(part)));
    if (exploration_of(part) != exploration_of(first)) {
      throw ShardError(fmt::format(
          "{} and {} are of two explorations: faults, inputs or the number of shards differ",
          shard_name(first), shard_name(part)));
    }
    if (!numbers.insert(part.shard.number).second)
      throw ShardError(fmt::format("{} is there twice", shard_name(part)));
  }
  for (std::uint32_t number = 1; number <= first.shard.count; ++number) {
    if (!numbers.contains(number)) {
      throw ShardError(fmt::format("shard {} of {} of {} is missing", number, first.shard.count,
                                   first.result.scenario));
    }
  }
}

/// The one whose result stands for all: the failure that comes first, or else what is least.
const ShardResult& decisive(std::span<const ShardResult> shards) {
  const auto rank = [](const ShardResult& part) {
    static constexpr Verdict kOrder[] = {Verdict::refuted, Verdict::incomplete, Verdict::holds,
                                         Verdict::vacuous};
    const auto verdict = std::find(std::begin(kOrder), std::end(kOrder), part.result.verdict);
    const std::uint64_t faults = part.place.empty() ? 0 : part.place.front();
    return std::tuple(verdict, faults, part.place.size(), part.place, part.shard.number);
  };
  return *std::min_element(shards.begin(), shards.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

}  // namespace

Verification merge_shards(std::span<const ShardResult> shards) {
  expect_one_exploration(shards);
  Verification merged = decisive(shards).result;
  merged.shard.reset();
  merged.runs = merged.executions = merged.frontier = 0;
  merged.notes.clear();
  merged.coverage = {};
  Certificate certificate;
  std::set<std::uint64_t> states;
  for (const ShardResult& part : shards) {
    const Verification& v = part.result;
    merged.runs += v.runs;
    merged.executions += v.executions;
    merged.frontier += v.frontier;
    widen(merged.margins, v.margins);
    merged.coverage.merge(v.coverage);
    certificate.add(Certificate::from_text(v.certificate).value_or(Certificate()));
    states.insert(part.states.begin(), part.states.end());
  }
  merged.durable_states = states.size();
  merged.certificate = certificate.text();
  return merged;
}

std::vector<Verification> merge_shard_files(std::span<const std::filesystem::path> files) {
  std::map<std::string, std::vector<ShardResult>> by_scenario;
  for (const std::filesystem::path& file : files) {
    ShardResult part = ShardResult::load(file);
    by_scenario[part.result.scenario].push_back(std::move(part));
  }
  std::vector<Verification> merged;
  for (const auto& [scenario, shards] : by_scenario) merged.push_back(merge_shards(shards));
  return merged;
}

}  // namespace durasim
