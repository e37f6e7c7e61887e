#include <durasim/audit.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/explore/audited.hpp"
#include "durasim/explore/census.hpp"
#include "durasim/explore/reproduce.hpp"

/// What an exploration counted, as people ask for it.
namespace durasim {
namespace {

using Counts = Census::Counts;
using PerColumn = std::array<std::uint64_t, kCensusColumns>;

/// `total`: how often there was something to count; where it was not counted, it is 0.
AuditRange range_over(const Counts& counts, const PerColumn& total,
                      std::initializer_list<std::size_t> columns) {
  Census::Count sum;
  std::uint64_t wanted = 0;
  for (const std::size_t column : columns) {
    sum.add(counts[column]);
    wanted += total[column];
  }
  return {sum.seen < wanted || sum.seen == 0 ? 0 : sum.least, sum.most};
}

AuditFigure figure_of(const Counts& counts, const PerColumn& total, const PerColumn& runs) {
  AuditFigure figure;
  figure.without_faults = range_over(counts, total, {kWithoutFaults});
  figure.in_all = range_over(counts, total, {kWithoutFaults, kMixedFaults});
  for (std::size_t i = 0; i < kFaultClassCount; ++i) {
    if (runs[i] == 0) continue;
    const AuditRange range = range_over(counts, total, {kWithoutFaults, i});
    figure.under[static_cast<FaultClass>(i)] = range;
    figure.in_all.least = std::min(figure.in_all.least, range.least);
    figure.in_all.most = std::max(figure.in_all.most, range.most);
  }
  return figure;
}

void widen(AuditRange& range, const AuditRange& other) {
  range.least = std::min(range.least, other.least);
  range.most = std::max(range.most, other.most);
}

void widen(AuditFigure& figure, const AuditFigure& other) {
  widen(figure.without_faults, other.without_faults);
  widen(figure.in_all, other.in_all);
  for (auto& [fault_class, range] : figure.under) widen(range, other.under.at(fault_class));
}

AuditedEffect effect_of(const Census::Effect& effect, const PerColumn& total,
                        const PerColumn& runs) {
  AuditedEffect audited;
  audited.applied = figure_of(effect.applied, total, runs);
  audited.calls = figure_of(effect.calls, total, runs);
  audited.keys = figure_of(effect.keys, total, runs);
  return audited;
}

/// `of(columns)`: what is known of runs of these columns together.
template <class T, class Of>
AuditedUnder<T> under_each(const PerColumn& runs, Of of) {
  AuditedUnder<T> known;
  known.without_faults = of({kWithoutFaults});
  for (std::size_t i = 0; i < kFaultClassCount; ++i) {
    if (runs[i] > 0) known.under[static_cast<FaultClass>(i)] = of({kWithoutFaults, i});
  }
  std::vector<std::size_t> all(kCensusColumns);
  std::iota(all.begin(), all.end(), std::size_t{0});
  known.in_all = of(all);
  return known;
}

Interruption interruption_in(const Census::Step& step, const std::vector<std::size_t>& columns) {
  CensusInterruption sum;
  for (const std::size_t column : columns) sum.add(step.interruption[column]);
  return sum.fails_execution   ? Interruption::fails_execution
         : sum.reaches_handler ? Interruption::reaches_handler
         : sum.seen            ? Interruption::retried
                               : Interruption::never;
}

/// Two results of one execution of the function, or none.
std::vector<std::string> different_results(const Census::Step& step,
                                           const std::vector<std::size_t>& columns) {
  std::map<std::uint32_t, std::pair<CensusResult, CensusResult>> of_execution;
  for (const auto& [key, results] : step.results) {
    if (std::find(columns.begin(), columns.end(), key.second) == columns.end()) continue;
    auto& [first, last] = of_execution.try_emplace(key.first, results).first->second;
    first = std::min(first, results.first);
    last = std::max(last, results.second);
  }
  for (const auto& [ordinal, results] : of_execution) {
    if (results.first != results.second) return {results.first.text, results.second.text};
  }
  return {};
}

void widen(AuditedUnder<bool>& known, const AuditedUnder<bool>& other) {
  known.without_faults = known.without_faults || other.without_faults;
  known.in_all = known.in_all || other.in_all;
  for (auto& [fault_class, one] : known.under) one = one || other.under.at(fault_class);
}

void widen(AuditedUnder<Interruption>& known, const AuditedUnder<Interruption>& other) {
  known.without_faults = std::max(known.without_faults, other.without_faults);
  known.in_all = std::max(known.in_all, other.in_all);
  for (auto& [fault_class, one] : known.under) one = std::max(one, other.under.at(fault_class));
}

std::string label_of(const CensusPlace& place) {
  if (!place.name.empty() || place.path.empty()) return place.name;
  std::string path;
  for (const std::uint32_t number : place.path)
    path += (path.empty() ? "" : ".") + std::to_string(number);
  return "operation " + path;
}

/// Makes an Audit of a Census.
class Auditor {
 public:
  Auditor(const Census& census, Audit& audit) : census_(census), audit_(audit) {}

  void audit() {
    for (const auto& [place, step] : census_.steps()) add(place, step);
    for (const auto& [place, effect] : census_.effects()) add(place, effect);
    for (const auto& [name, function] : census_.functions()) {
      if (name.empty()) continue;  // the test takes no time that matters
      PerColumn ended{};
      for (std::size_t i = 0; i < kCensusColumns; ++i) ended[i] = function.elapsed[i].seen;
      function_named(name).elapsed = figure_of(function.elapsed, ended, census_.runs());
    }
    for (const auto& [kind, effect] : census_.kinds()) {
      audit_.effects.push_back(effect_of(effect, census_.runs(), census_.runs()));
      audit_.effects.back().kind = kind;
    }
    std::vector<AuditedFunction>& functions = audit_.functions;
    const auto test = std::find_if(functions.begin(), functions.end(),
                                   [](const AuditedFunction& one) { return one.name.empty(); });
    if (test != functions.end()) std::rotate(test, test + 1, functions.end());
  }

 private:
  AuditedFunction& function_named(const std::string& name) {
    const auto known = std::find_if(audit_.functions.begin(), audit_.functions.end(),
                                    [&](const AuditedFunction& one) { return one.name == name; });
    if (known != audit_.functions.end()) return *known;
    audit_.functions.push_back({name, {}, {}, {}});
    return audit_.functions.back();
  }

  AuditedStep* step_at(const CensusPlace& place) {
    std::vector<AuditedStep>& steps = function_named(place.function).steps;
    const auto known = std::find_if(steps.begin(), steps.end(), [&](const AuditedStep& one) {
      return one.name == label_of(place);
    });
    return known != steps.end() ? &*known : nullptr;
  }

  const PerColumn& executions_of(const std::string& function) const {
    return census_.functions().at(function).executions;
  }

  void add(const CensusPlace& place, const Census::Step& counted) {
    AuditedStep one = step_of(counted, executions_of(place.function));
    one.name = label_of(place);
    AuditedStep* const known = step_at(place);
    if (known == nullptr) {
      function_named(place.function).steps.push_back(std::move(one));
      return;
    }
    ++known->operations;
    widen(known->bodies, one.bodies);
    widen(known->differs, one.differs);
    widen(known->interruption, one.interruption);
    known->semantics = std::max(known->semantics, one.semantics);
    if (known->results.empty()) known->results = std::move(one.results);
  }

  AuditedStep step_of(const Census::Step& counted, const PerColumn& executions) const {
    const PerColumn& runs = census_.runs();
    AuditedStep step;
    step.bodies = figure_of(counted.bodies, executions, runs);
    if (counted.at_most_once) step.semantics = durable::StepSemantics::at_most_once_per_retry;
    step.differs = under_each<bool>(runs, [&](const std::vector<std::size_t>& columns) {
      step.results = different_results(counted, columns);  // in the end those of all columns
      return !step.results.empty();
    });
    step.interruption = under_each<Interruption>(
        runs,
        [&](const std::vector<std::size_t>& columns) { return interruption_in(counted, columns); });
    return step;
  }

  void add(const CensusEffectPlace& place, const Census::Effect& counted) {
    AuditedEffect effect = effect_of(counted, executions_of(place.by.function), census_.runs());
    effect.kind = place.kind;
    effect.place = place.place;
    const bool of_body = place.place == AuditedEffect::Place::body || !place.by.path.empty();
    AuditedStep* const step = of_body ? step_at(place.by) : nullptr;
    std::vector<AuditedEffect>& effects =
        step != nullptr ? step->effects : function_named(place.by.function).effects;
    const auto known = std::find_if(effects.begin(), effects.end(), [&](const AuditedEffect& one) {
      return one.kind == effect.kind && one.place == effect.place;
    });
    if (known == effects.end()) {
      effects.push_back(std::move(effect));
      return;
    }
    widen(known->applied, effect.applied);
    widen(known->calls, effect.calls);
    widen(known->keys, effect.keys);
  }

  const Census& census_;
  Audit& audit_;
};

template <class Things, class NameOf>
std::string names_of(const Things& things, NameOf name_of) {
  std::string names;
  for (const auto& thing : things)
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name_of(thing));
  return names.empty() ? "none" : names;
}

template <class Things, class NameOf>
const auto& find_named(const Things& things, NameOf name_of, std::string_view name,
                       std::string_view what) {
  const auto found = std::find_if(things.begin(), things.end(),
                                  [&](const auto& thing) { return name_of(thing) == name; });
  if (found != things.end()) return *found;
  throw std::out_of_range(fmt::format("durasim: the audit has no {} \"{}\"; it has: {}", what, name,
                                      names_of(things, name_of)));
}

const std::string& kind_of(const AuditedEffect& effect) { return effect.kind; }

}  // namespace

std::string AuditRange::text() const {
  return least == most ? fmt::format("{}", least) : fmt::format("{}..{}", least, most);
}

std::ostream& operator<<(std::ostream& out, const AuditRange& range) { return out << range.text(); }

std::string_view to_string(Interruption interruption) {
  switch (interruption) {
    case Interruption::never:
      return "never";
    case Interruption::retried:
      return "retried";
    case Interruption::reaches_handler:
      return "reaches_handler";
    case Interruption::fails_execution:
      return "fails_execution";
  }
  return "?";
}

std::string_view to_string(AuditedEffect::Place place) {
  switch (place) {
    case AuditedEffect::Place::body:
      return "body";
    case AuditedEffect::Place::handler:
      return "handler";
    case AuditedEffect::Place::unwinding:
      return "unwinding";
    case AuditedEffect::Place::test:
      return "test";
  }
  return "?";
}

const AuditedEffect& AuditedStep::effect(std::string_view kind) const {
  return find_named(effects, kind_of, kind, fmt::format("effect of step \"{}\" that is", name));
}

const AuditedStep& Audit::step(std::string_view name) const {
  std::string names;
  for (const AuditedFunction& function : functions) {
    for (const AuditedStep& step : function.steps) {
      if (step.name == name) return step;
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", step.name);
    }
  }
  throw std::out_of_range(fmt::format("durasim: the audit has no step \"{}\"; it has: {}", name,
                                      names.empty() ? "none" : names));
}

const AuditedEffect& Audit::effect(std::string_view kind) const {
  return find_named(effects, kind_of, kind, "effect");
}

const AuditedFunction& Audit::function(std::string_view name) const {
  return find_named(
      functions, [](const AuditedFunction& one) -> const std::string& { return one.name; }, name,
      "function");
}

Audit audit(const Scenario& scenario, VerifyOptions options) {
  options.name = check_identity(options.name);
  options.simulation.oracles = OracleSet::none().with(Oracle::progress).with(Oracle::simulator);
  Census census;
  Audit audit;
  audit.exploration = explore_audited(scenario, std::move(options), census);
  audit.exploration.reproduce.clear();  // what is replayed is asked of `verify`
  Auditor(census, audit).audit();
  return audit;
}

}  // namespace durasim
