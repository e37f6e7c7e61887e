#include <durasim/shards.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <durasim/search.hpp>

#include "durasim/explore/certificate.hpp"
#include "durasim/explore/search_summary.hpp"

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
  const ShardResult::OfSearch search = part.search.value_or(ShardResult::OfSearch());
  return std::tuple(part.shard.count, v.max_faults, v.faults.faults(), v.inputs,
                    part.search.has_value(), search.seed, search.wanted, search.keep_going);
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
          "{} and {} are of two explorations: faults, inputs, seed or the number of shards differ",
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

// Of a search: its blocks, in their order, as far as one process would have come.

bool is_refuted(const ShardResult& part) { return part.result.verdict == Verdict::refuted; }

std::uint64_t first_failing_run(const ShardResult& part) {
  if (!is_refuted(part)) return std::numeric_limits<std::uint64_t>::max();
  return part.result.failures.empty()
             ? 0
             : part.result.failures.front().run;  // it could not be planned
}

/// The run at which a search ends before its last one: at the first failure, unless it goes on.
struct End {
  std::uint64_t run = std::numeric_limits<std::uint64_t>::max();
  const ShardResult* part = nullptr;
};

End end_of(std::span<const ShardResult> shards) {
  End end;
  for (const ShardResult& part : shards) {
    if (part.search->keep_going || !is_refuted(part) || part.result.failures.empty()) continue;
    const std::uint64_t run = part.result.failures.front().run;
    if (run < end.run) end = {run, &part};
  }
  return end;
}

/// One failure of each signature, in order of their runs.
std::vector<Verification::Failure> found_in(std::span<const ShardResult> shards,
                                            std::uint64_t last) {
  std::vector<Verification::Failure> all;
  for (const ShardResult& part : shards) {
    for (const Verification::Failure& one : part.result.failures) {
      if (one.run <= last) all.push_back(one);
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.run < b.run; });
  std::set<std::string> signatures;
  std::erase_if(all, [&](const auto& one) { return !signatures.insert(one.signature).second; });
  return all;
}

Verdict verdict_of(std::span<const ShardResult> shards) {
  bool vacuous = true;
  for (const ShardResult& part : shards) {
    if (part.result.runs > 0 && part.result.verdict != Verdict::vacuous) vacuous = false;
  }
  return vacuous ? Verdict::vacuous : Verdict::incomplete;
}

/// Why they ended, each reason once.
std::string stopped(std::span<const ShardResult> shards) {
  std::string text;
  std::set<std::string> reasons;
  for (const ShardResult& part : shards) {
    if (part.result.runs == 0 || !reasons.insert(part.result.stopped).second) continue;
    text += (text.empty() ? "" : ", ") + part.result.stopped;
  }
  return text;
}

/// Why a verify was cut; empty if no part was, or by the number of its runs.
std::string first_reason(std::span<const ShardResult> shards) {
  for (const ShardResult& part : shards) {
    if (!part.result.stopped.empty()) return part.result.stopped;
  }
  return "";
}

/// Adds up the blocks that one process would have come to.
void add_blocks(std::span<const ShardResult> shards, std::uint64_t last_run, Verification& merged) {
  Certificate certificate;
  for (const ShardResult& part : shards) {
    for (const ShardResult::Block& block : part.search->blocks) {
      if (block.number > last_run / kBlockRuns) continue;
      merged.runs += block.runs;
      merged.executions += block.executions;
      certificate.add(*Certificate::from_text(block.certificate));
    }
  }
  merged.certificate = certificate.text();
}

/// What one search would have come to, of the results of all of its shards.
Verification merge_search(std::span<const ShardResult> shards) {
  const ShardResult& first = *std::min_element(shards.begin(), shards.end(),
                                               [](const ShardResult& a, const ShardResult& b) {
                                                 return first_failing_run(a) < first_failing_run(b);
                                               });
  Verification merged = first.result;
  merged.shard.reset();
  merged.notes = first.search->notes;
  if (is_refuted(first) && first.result.failures.empty()) {  // as each of them
    merged.seed.reset();
    merged.certificate.clear();
    return merged;
  }
  const End end = end_of(shards);
  if (!is_refuted(first)) merged.verdict = verdict_of(shards);
  merged.failures = found_in(shards, end.run);
  merged.stopped = end.part != nullptr ? end.part->result.stopped : stopped(shards);
  merged.runs = merged.executions = 0;
  add_blocks(shards, end.run, merged);
  merged.margins = {};
  merged.coverage = {};
  StateCounts states;
  for (const ShardResult& part : shards) {
    widen(merged.margins, part.result.margins);
    merged.coverage.merge(part.result.coverage);
    for (std::size_t i = 0; i < part.states.size(); ++i)
      states.add(part.states[i], part.search->met[i]);
  }
  summarize(merged, states);
  return merged;
}

}  // namespace

Verification merge_shards(std::span<const ShardResult> shards) {
  expect_one_exploration(shards);
  if (shards.front().search) return merge_search(shards);
  Verification merged = decisive(shards).result;
  merged.shard.reset();
  if (merged.verdict == Verdict::incomplete) merged.stopped = first_reason(shards);
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
