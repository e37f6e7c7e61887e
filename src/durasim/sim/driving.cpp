#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "durasim/sim/invocation.hpp"
#include "durasim/sim/world.hpp"

/// How far a simulation goes on at one call of a test. All calls go on in the same way, so that the order
/// of events does not depend on them.
namespace durasim {

void World::require(ExecutionHandle execution) const {
  if (execution.number >= 1 && execution.number <= service_.executions()) return;
  throw std::invalid_argument(
      fmt::format("durasim: this simulation has no execution {}: it has started {}; use the handle "
                  "that its Simulation::start has returned",
                  execution.number, service_.executions()));
}

/// Handlers, bodies and what a test lets happen at some time are part of what is driven.
void World::require_driver() const {
  if (current_ == nullptr && !outside_.acting()) return;
  throw std::logic_error(
      "durasim: a simulation is driven by its test, not by a handler, a step's body or an action "
      "given to Simulation::at");
}

bool World::over(std::uint32_t execution) {
  return durable::is_terminal(service_.execution(execution).status) &&
         actor(root_of(execution)).live_in_tree == 0 && deliveries_.empty() &&
         !outside_.has_pending(execution);
}

/// Moves the clock to what is due next; false if nothing is.
bool World::pass_time() {
  if (!clock_.next_due()) return false;
  std::vector<Clock::Timer> due = clock_.advance();
  if (due.size() > 1 && options_.faults.offers(Fault::timer_deferred)) defer_some(due);
  for (const Clock::Timer& timer : due) fire(timer);
  return true;
}

void World::defer_some(std::vector<Clock::Timer>& due) {
  const auto concerns = [&](const Clock::Timer& timer) {
    const std::uint32_t execution = execution_of(timer);
    return execution == 0 ? 0 : root_of(execution);
  };
  for (std::size_t i = 0; i + 1 < due.size();) {
    const std::uint32_t root = concerns(due[i]);
    const bool shared = root != 0 && std::any_of(due.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                                 due.end(), [&](const Clock::Timer& other) {
                                                   return concerns(other) == root;
                                                 });
    Menu menu(options_.faults);
    if (shared) menu.offer(Fault::timer_deferred);
    const Fault order =
        choose(SiteKind::clock, ChoiceKind::order, execution_of(due[i]), path_of(due[i]), 1, menu);
    if (order == Fault::none) {
      ++i;
      continue;
    }
    clock_.defer(due[i], clock_.now());
    due.erase(due.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void World::report_stuck(std::uint32_t execution) {
  report(Oracle::progress,
         fmt::format("execution {} is not over, but nothing is left that could wake it", execution),
         "");
  halted_ = true;
}

void World::run_to_end(std::uint32_t execution) {
  require_driver();
  for (;;) {
    settle();
    if (halted_ || over(execution)) return;
    if (!pass_time()) return report_stuck(execution);
  }
}

void World::run_until_suspended(std::uint32_t execution) {
  require_driver();
  for (;;) {
    settle();
    if (halted_ || over(execution) || service_.is_suspended(execution)) return;
    if (!pass_time()) return report_stuck(execution);
  }
}

void World::run_until_idle() {
  require_driver();
  do {
    settle();
  } while (!halted_ && pass_time());
}

void World::run_until(Timestamp limit) {
  require_driver();
  for (;;) {
    settle();
    if (halted_) return;
    const auto due = clock_.next_due();
    if (!due || *due > limit) break;
    pass_time();
  }
  clock_.advance_to(limit);
}

InvocationResult World::step(std::uint32_t execution) {
  require_driver();
  stepping_ = execution;
  stepped_.reset();
  while (!stepped_ && !halted_) {
    if (settle_once()) continue;
    rethrow_abort();
    if (over(execution) || !pass_time()) break;
  }
  stepping_ = 0;
  ended_.clear();
  rethrow_abort();
  if (stepped_) return *std::exchange(stepped_, std::nullopt);
  const auto status = service_.execution(execution).status;
  throw std::logic_error(
      fmt::format("durasim: execution {} has no further invocation: {}", execution,
                  durable::is_terminal(status)
                      ? fmt::format("it is over ({})", to_string(status))
                      : std::string("the simulation was stopped, as its findings say")));
}

InvocationResult World::result_of(const Invocation& invocation, const TraceEvent& ended) const {
  using Status = durable::InvocationOutcome::Status;
  using Outcome = InvocationResult::Outcome;
  const Execution& execution = service_.execution(invocation.execution());
  InvocationResult result{.execution = execution.number,
                          .number = invocation.ordinal(),
                          .started_at = invocation.started_at(),
                          .ended_at = clock_.now()};
  const bool was_over = durable::is_terminal(execution.status) &&
                        execution.history.size() == invocation.history_before();
  if (ended.superseded || was_over) {
    result.outcome = Outcome::overtaken;
  } else if (ended.ended_abnormally) {
    result.outcome = Outcome::crashed;
    const HistoryEvent& last = execution.history.back();
    if (last.type == EventType::invocation_completed) result.error = last.error;
  } else if (ended.outcome != Status::pending) {
    result.outcome = ended.outcome == Status::succeeded ? Outcome::succeeded : Outcome::failed;
    result.result = execution.result;
    result.error = execution.error;
  }
  for (std::size_t i = invocation.history_before(); i < execution.history.size(); ++i) {
    const durable::OperationPath path = execution.history[i].path;
    const auto is_it = [&](const durable::Operation& operation) { return operation.path == path; };
    if (std::any_of(result.operations.begin(), result.operations.end(), is_it)) continue;
    const auto recorded =
        std::find_if(execution.operations.begin(), execution.operations.end(), is_it);
    if (recorded != execution.operations.end()) result.operations.push_back(*recorded);
  }
  return result;
}

}  // namespace durasim
