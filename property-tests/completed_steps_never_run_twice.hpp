#pragma once

#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "generators/run.hpp"

namespace properties {

/// Which bodies ran, and what was known at that time.
class BodyRuns final : public durasim::Monitor {
 public:
  struct Started {
    durable::OperationPath path;
    std::size_t history = 0;   ///< events written down before it
    bool told_of_end = false;  ///< its invocation knew how the step had ended
  };

  void on(const durasim::TraceEvent& event) override {
    using Kind = durasim::TraceEvent::Kind;
    if (event.shadow || event.execution != 1) return;  // others are of functions that it invokes
    if (event.kind == Kind::history) ++history_;
    if (event.kind == Kind::invocation_started || event.kind == Kind::answer) {
      for (const durable::Operation& operation : event.operations) {
        if (is_terminal(operation.status)) told_[event.invocation].insert(operation.path.index());
      }
    }
    if (event.kind == Kind::body_started) {
      started_.push_back(
          {event.path, history_, told_[event.invocation].contains(event.path.index())});
    }
  }

  const std::vector<Started>& started() const { return started_; }

 private:
  std::size_t history_ = 0;
  std::map<std::uint32_t, std::set<std::uint32_t>> told_;  // by invocation
  std::vector<Started> started_;
};

/// Counts the bodies that really ran.
class CountsBodies final : public generated::Outside {
 public:
  using Outside::Outside;
  void body(const std::string&, durable::StepContext&) override { ++bodies; }
  std::size_t bodies = 0;
};

/// The body of a step never runs in an invocation that was told how the step ended; while no two
/// invocations overlap, it never runs at all once that is recorded; and that is recorded once.
inline void completed_steps_never_run_twice(const generated::Case& generated_case) {
  using durasim::EventType;
  using durasim::Fault;
  generated::Run run(generated_case);
  CountsBodies outside(run.simulation());
  BodyRuns bodies;
  run.simulation().watch(bodies);
  run.go(outside);

  if (outside.bodies != bodies.started().size()) run.breaks("a body ran unseen");
  std::map<std::uint32_t, std::size_t>
      ended;  // by path: the number of events when that was recorded
  const auto& history = run.result().history();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const bool of_step =
        history[i].type == EventType::step_succeeded || history[i].type == EventType::step_failed;
    const bool ends = of_step && history[i].delay.count() == 0;  // otherwise a retry or a poll
    if (ended.contains(history[i].path.index())) {
      run.breaks(fmt::format("operation {} goes on after its end", history[i].path.to_string()));
    }
    if (ends) ended[history[i].path.index()] = i + 1;
  }

  bool overlap = false;  // a handler may then run on a state that is no longer true
  for (const Fault fault :
       {Fault::redelivery_after_end, Fault::overtaken_before_body, Fault::overtaken_after_body,
        Fault::concurrent_delivery_older_first, Fault::concurrent_delivery_newer_first}) {
    overlap = overlap || run.was_injected(fault);
  }
  for (const BodyRuns::Started& body : bodies.started()) {
    const auto end = ended.find(body.path.index());
    const bool recorded = end != ended.end() && end->second <= body.history;
    if (body.told_of_end || (recorded && !overlap)) {
      run.breaks(fmt::format("the body of operation {} runs again after the step has ended",
                             body.path.to_string()));
    }
  }
}

}  // namespace properties
