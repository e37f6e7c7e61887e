#include "durasim/explore/census.hpp"

#include <algorithm>

#include "durable/model/mutant.hpp"

namespace durasim {
namespace {

void add_result(Census::Step& step, std::pair<std::uint32_t, std::size_t> ordinal_and_column,
                const CensusResult& result) {
  const auto [known, is_new] = step.results.try_emplace(ordinal_and_column, result, result);
  if (is_new) return;
  if (result < known->second.first) known->second.first = result;
  if (known->second.second < result) known->second.second = result;
}

void add_counts(Census::Counts& counts, const Census::Counts& other) {
  for (std::size_t i = 0; i < kCensusColumns; ++i) counts[i].add(other[i]);
}

void pack_counts(PackedWriter& out, const Census::Counts& counts) {
  for (const Census::Count& count : counts) {
    out.add(count.least);
    out.add(count.most);
    out.add(count.seen);
  }
}

Census::Counts unpack_counts(PackedReader& in) {
  Census::Counts counts;
  for (Census::Count& count : counts) {
    count.least = in.number();
    count.most = in.number();
    count.seen = in.number();
  }
  return counts;
}

void pack_place(PackedWriter& out, const CensusPlace& place) {
  out.add(place.function);
  out.add(place.name);
  out.add(place.path.size());
  for (const std::uint32_t number : place.path) out.add(number);
}

CensusPlace unpack_place(PackedReader& in) {
  CensusPlace place;
  place.function = in.text();
  place.name = in.text();
  place.path.resize(in.number());
  for (std::uint32_t& number : place.path) number = in.as<std::uint32_t>();
  return place;
}

void pack_result(PackedWriter& out, const CensusResult& result) {
  out.add(result.text);
  out.add(result.hash);
}

CensusResult unpack_result(PackedReader& in) {
  CensusResult result;
  result.text = in.text();
  result.hash = in.number();
  return result;
}

void pack_effect(PackedWriter& out, const Census::Effect& effect) {
  for (const Census::Counts* counts : {&effect.applied, &effect.calls, &effect.keys})
    pack_counts(out, *counts);
}

Census::Effect unpack_effect(PackedReader& in) {
  Census::Effect effect;
  for (Census::Counts* counts : {&effect.applied, &effect.calls, &effect.keys})
    *counts = unpack_counts(in);
  return effect;
}

void pack_step(PackedWriter& out, const Census::Step& step) {
  pack_counts(out, step.bodies);
  out.add(static_cast<std::uint64_t>(step.at_most_once));
  for (const CensusInterruption& one : step.interruption) {
    for (const bool flag : {one.seen, one.reaches_handler, one.fails_execution})
      out.add(static_cast<std::uint64_t>(flag));
  }
  out.add(step.results.size());
  for (const auto& [ordinal_and_column, results] : step.results) {
    out.add(ordinal_and_column.first);
    out.add(ordinal_and_column.second);
    pack_result(out, results.first);
    pack_result(out, results.second);
  }
}

Census::Step unpack_step(PackedReader& in) {
  Census::Step step;
  step.bodies = unpack_counts(in);
  step.at_most_once = in.number() != 0;
  for (CensusInterruption& one : step.interruption) {
    for (bool* flag : {&one.seen, &one.reaches_handler, &one.fails_execution})
      *flag = in.number() != 0;
  }
  for (std::uint64_t left = in.number(); left > 0; --left) {
    const auto ordinal = in.as<std::uint32_t>();
    const auto column = in.as<std::size_t>();
    const CensusResult first = unpack_result(in);
    step.results.emplace(std::pair(ordinal, column), std::pair(first, unpack_result(in)));
  }
  return step;
}

/// Which execution of its function each one is, counted from 1.
std::vector<std::uint32_t> ordinals(const std::vector<RunCensus::Execution>& executions) {
  std::map<std::string, std::uint32_t> of_function;
  std::vector<std::uint32_t> ordinals;
  for (const RunCensus::Execution& execution : executions)
    ordinals.push_back(++of_function[execution.function]);
  return ordinals;
}

}  // namespace

void Census::Count::add(const Count& other) {
  least = std::min(least, other.least);
  most = std::max(most, other.most);
  seen += other.seen;
}

void Census::add(const RunCensus& run) {
  if (!run.taken) return;
  if (DURASIM_MUTANT(audit_forgets_requests) &&
      run.column == static_cast<std::size_t>(FaultClass::requests))
    return;
  const std::size_t column = run.column;
  ++runs_[column];
  ++functions_[""].executions[column];
  for (const RunCensus::Execution& execution : run.executions) {
    Function& function = functions_[execution.function];
    ++function.executions[column];
    if (execution.ended) function.elapsed[column].add(execution.elapsed_ms);
  }
  const std::vector<std::uint32_t> number = ordinals(run.executions);
  for (const auto& [key, step] : run.steps) {
    Step& all = steps_[key.second];
    all.bodies[column].add(step.bodies);
    all.at_most_once = all.at_most_once || step.at_most_once;
    all.interruption[column].add(step.interruption);
    if (step.has_result) add_result(all, {number.at(key.first - 1), column}, step.result);
  }
  std::map<std::string, RunCensus::Effect> kinds;
  for (const auto& [key, effect] : run.effects) {
    Effect& all = effects_[key.second];
    all.applied[column].add(effect.applied);
    all.calls[column].add(effect.calls);
    all.keys[column].add(effect.keys.size());
    RunCensus::Effect& of_kind = kinds[key.second.kind];
    of_kind.applied += effect.applied;
    of_kind.calls += effect.calls;
    of_kind.keys.insert(effect.keys.begin(), effect.keys.end());
  }
  for (const auto& [kind, effect] : kinds) {
    Effect& all = kinds_[kind];
    all.applied[column].add(effect.applied);
    all.calls[column].add(effect.calls);
    all.keys[column].add(effect.keys.size());
  }
}

void Census::add(const Census& other) {
  for (std::size_t i = 0; i < kCensusColumns; ++i) runs_[i] += other.runs_[i];
  for (const auto& [name, function] : other.functions_) {
    Function& all = functions_[name];
    for (std::size_t i = 0; i < kCensusColumns; ++i) all.executions[i] += function.executions[i];
    add_counts(all.elapsed, function.elapsed);
  }
  for (const auto& [place, step] : other.steps_) {
    Step& all = steps_[place];
    add_counts(all.bodies, step.bodies);
    all.at_most_once = all.at_most_once || step.at_most_once;
    for (std::size_t i = 0; i < kCensusColumns; ++i) all.interruption[i].add(step.interruption[i]);
    for (const auto& [ordinal_and_column, results] : step.results) {
      add_result(all, ordinal_and_column, results.first);
      add_result(all, ordinal_and_column, results.second);
    }
  }
  const auto add_effect = [](Effect& all, const Effect& effect) {
    add_counts(all.applied, effect.applied);
    add_counts(all.calls, effect.calls);
    add_counts(all.keys, effect.keys);
  };
  for (const auto& [place, effect] : other.effects_) add_effect(effects_[place], effect);
  for (const auto& [kind, effect] : other.kinds_) add_effect(kinds_[kind], effect);
}

void Census::pack(PackedWriter& out) const {
  for (const std::uint64_t runs : runs_) out.add(runs);
  out.add(functions_.size());
  for (const auto& [name, function] : functions_) {
    out.add(name);
    for (const std::uint64_t executions : function.executions) out.add(executions);
    pack_counts(out, function.elapsed);
  }
  out.add(steps_.size());
  for (const auto& [place, step] : steps_) {
    pack_place(out, place);
    pack_step(out, step);
  }
  out.add(effects_.size());
  for (const auto& [place, effect] : effects_) {
    pack_place(out, place.by);
    out.add(static_cast<std::uint64_t>(place.place));
    out.add(place.kind);
    pack_effect(out, effect);
  }
  out.add(kinds_.size());
  for (const auto& [kind, effect] : kinds_) {
    out.add(kind);
    pack_effect(out, effect);
  }
}

Census Census::unpack(PackedReader& in) {
  Census census;
  for (std::uint64_t& runs : census.runs_) runs = in.number();
  for (std::uint64_t left = in.number(); left > 0; --left) {
    Function& function = census.functions_[in.text()];
    for (std::uint64_t& executions : function.executions) executions = in.number();
    function.elapsed = unpack_counts(in);
  }
  for (std::uint64_t left = in.number(); left > 0; --left) {
    CensusPlace place = unpack_place(in);
    census.steps_.emplace(std::move(place), unpack_step(in));
  }
  for (std::uint64_t left = in.number(); left > 0; --left) {
    CensusEffectPlace place{unpack_place(in), in.as<AuditedEffect::Place>(), {}};
    place.kind = in.text();
    census.effects_.emplace(std::move(place), unpack_effect(in));
  }
  for (std::uint64_t left = in.number(); left > 0; --left) {
    std::string kind = in.text();
    census.kinds_.emplace(std::move(kind), unpack_effect(in));
  }
  return census;
}

}  // namespace durasim
