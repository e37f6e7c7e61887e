#include <algorithm>

#include <durable/errors.hpp>

#include "durasim/core/hash.hpp"
#include "durasim/explore/census.hpp"

/// What one run came to, as an audit counts it.
namespace durasim {
namespace {

constexpr std::size_t kShownOfResult = 60;  // bytes

std::vector<std::uint32_t> numbers_of(durable::OperationPath path) {
  std::vector<std::uint32_t> numbers;
  for (; !path.is_root(); path = path.parent()) numbers.push_back(path.number());
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

CensusResult shortened(std::string text) {
  Hash64 hash;
  hash.add(text);
  if (text.size() > kShownOfResult) {
    std::size_t end = kShownOfResult;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
    text.resize(end);
    text += "...";
  }
  return {std::move(text), hash.value()};
}

bool is_interruption(const durable::ErrorPtr& error) {
  return error && error->type == durable::kStepInterrupted;
}

}  // namespace

std::size_t census_column(const std::vector<Decision>& decisions) {
  std::size_t column = kWithoutFaults;
  for (const Decision& decision : decisions) {
    if (decision.answer == 0) continue;
    const auto of_this = static_cast<std::size_t>(class_of(decision.fault));
    if (column != kWithoutFaults && column != of_this) return kMixedFaults;
    column = of_this;
  }
  return column;
}

void CensusTaker::on(const TraceEvent& event) {
  using Kind = TraceEvent::Kind;
  if (event.shadow) return;
  switch (event.kind) {
    case Kind::execution_started:
      run_.executions.resize(std::max<std::size_t>(run_.executions.size(), event.execution));
      run_.executions[event.execution - 1] = {std::string(event.name), event.at};
      break;
    case Kind::execution_ended:
      ended(event);
      break;
    case Kind::operation_issued: {
      Known& known = known_[{event.execution, event.path.index()}];
      known.step = event.type == durable::OperationType::step;
      if (!event.name.empty()) known.name.assign(event.name);
      break;
    }
    case Kind::body_started: {
      Known& known = known_[{event.execution, event.path.index()}];
      known.step = true;
      if (!event.path.is_root()) known.name.assign(event.name);
      RunCensus::Step* const step = step_of(event);
      ++step->bodies;
      step->at_most_once = event.semantics == durable::StepSemantics::at_most_once_per_retry;
      break;
    }
    case Kind::value_returned:
      handed(event, std::string(event.payload.view()));
      break;
    case Kind::error_thrown:
      if (RunCensus::Step* const step = step_of(event); step && is_interruption(event.error)) {
        step->interruption.seen = step->interruption.reaches_handler = true;
      } else if (step && event.error) {
        handed(event, event.error->type + ": " + event.error->message);
      }
      break;
    case Kind::history:
      if (!is_interruption(event.error)) break;
      if (RunCensus::Step* const step = step_of(event)) step->interruption.seen = true;
      break;
    case Kind::effect:
      took_effect(event);
      break;
    default:
      break;
  }
}

CensusPlace CensusTaker::place_of(const TraceEvent& event) const {
  CensusPlace place;
  if (event.execution == 0) return place;
  place.function = run_.executions.at(event.execution - 1).function;
  place.path = numbers_of(event.path);
  const auto known = known_.find({event.execution, event.path.index()});
  if (known != known_.end()) place.name = known->second.name;
  return place;
}

RunCensus::Step* CensusTaker::step_of(const TraceEvent& event) {
  const auto known = known_.find({event.execution, event.path.index()});
  if (known == known_.end() || !known->second.step) return nullptr;
  return &run_.steps[{event.execution, place_of(event)}];
}

void CensusTaker::ended(const TraceEvent& event) {
  RunCensus::Execution& execution = run_.executions.at(event.execution - 1);
  if (std::exchange(execution.ended, true)) return;
  execution.elapsed_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(event.at - execution.started).count());
  if (!is_interruption(event.error)) return;
  for (auto& [place, step] : run_.steps) {
    if (place.first == event.execution && step.interruption.reaches_handler)
      step.interruption.fails_execution = true;
  }
}

void CensusTaker::took_effect(const TraceEvent& event) {
  AuditedEffect::Place place = AuditedEffect::Place::handler;
  if (event.invocation == 0) {
    place = AuditedEffect::Place::test;
  } else if (event.unwinding) {
    place = AuditedEffect::Place::unwinding;
  } else if (event.in_body) {
    place = AuditedEffect::Place::body;
  }
  RunCensus::Effect& effect =
      run_.effects[{event.execution, {place_of(event), place, std::string(event.name)}}];
  ++effect.calls;
  if (!event.applied) return;
  ++effect.applied;
  effect.keys.emplace(event.key);
}

/// The first result of an operation: that it stays the same is for oracles to judge.
void CensusTaker::handed(const TraceEvent& event, std::string result) {
  RunCensus::Step* const step = step_of(event);
  if (step == nullptr || std::exchange(step->has_result, true)) return;
  step->result = shortened(std::move(result));
}

RunCensus CensusTaker::take(const std::vector<Decision>& decisions) {
  run_.taken = true;
  run_.column = census_column(decisions);
  return std::exchange(run_, {});
}

}  // namespace durasim
