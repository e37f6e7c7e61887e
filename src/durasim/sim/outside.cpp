#include "durasim/sim/outside.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "durable/sdk/engine.hpp"
#include "durasim/core/duration_text.hpp"
#include "durasim/core/hash.hpp"
#include "durasim/core/nearest.hpp"
#include "durasim/sim/target.hpp"
#include "durasim/sim/world.hpp"

/// The outside of a simulation at work: when its turn has come, and what the service says to it.
namespace durasim {

using detail::CallbackRule;
using detail::InvokeRule;
using detail::Selector;
using detail::StepRule;

namespace {

constexpr Duration kLateBy = std::chrono::seconds(1);

/// Rules stay where they are: scripts refer to them.
template <class Rule>
std::ptrdiff_t index_of(const std::deque<Rule>& rules, const Rule& rule) {
  return std::find_if(rules.begin(), rules.end(),
                      [&](const Rule& other) { return &other == &rule; }) -
         rules.begin();
}

/// The function of a target without ARN and qualifier.
std::string_view function_of(const durable::InvokeTarget& target) {
  return split_target(target.function).function;
}

/// What says the opposite.
CallbackSignal contrary(CallbackSignal signal) {
  const bool succeeded = signal.kind == CallbackSignal::Kind::success;
  signal.kind = succeeded ? CallbackSignal::Kind::failure : CallbackSignal::Kind::success;
  signal.result = succeeded ? durable::Text() : durable::Text("null");
  signal.error = succeeded
                     ? scripted_error("InjectedFailure", "the opposite of what was sent before")
                     : nullptr;
  return signal;
}

}  // namespace

const durable::Operation* find_operation(const Execution& execution, durable::OperationPath path) {
  const auto operation =
      std::find_if(execution.operations.rbegin(), execution.operations.rend(),
                   [&](const durable::Operation& other) { return other.path == path; });
  return operation == execution.operations.rend() ? nullptr : &*operation;
}

std::string_view spoken_name(const Execution& execution, const durable::Operation& operation) {
  if (!operation.name.view().empty()) return operation.name.view();
  const durable::Operation* const context = find_operation(execution, operation.path.parent());
  const bool waits =
      context != nullptr && context->sub_type == durable::OperationSubType::wait_for_callback;
  return waits ? context->name.view() : std::string_view();
}

bool Selector::matches(std::uint32_t execution, const durable::Operation& operation,
                       std::initializer_list<std::string_view> names) {
  if (predicate) {
    if (!predicate(operation)) return false;
  } else {
    if (std::find(names.begin(), names.end(), name) == names.end()) return false;
    const auto known = numbers.try_emplace(Known{execution, operation.path.index()}, 0);
    if (known.second) known.first->second = ++counts[execution];
    if (number != 0 && number != known.first->second) return false;
  }
  reached = true;
  return true;
}

std::string Selector::text() const {
  if (predicate) return "(a predicate)";
  return number == 0 ? fmt::format("(\"{}\")", name) : fmt::format("(\"{}\", {})", name, number);
}

durable::ErrorPtr StepRule::failure(std::uint32_t attempt) const {
  if (attempt > failures) return nullptr;
  if (!thrower) return error;
  try {
    thrower();
  } catch (...) {
    return std::make_shared<durable::ErrorObject>(
        durable::current_exception_error("the scripted body"));
  }
  return nullptr;
}

CallbackRule& Outside::add_callback_rule(Selector which) {
  return callbacks_.emplace_back(CallbackRule{.which = std::move(which)});
}
InvokeRule& Outside::add_invoke_rule(Selector which) {
  return invokes_.emplace_back(InvokeRule{.which = std::move(which)});
}
StepRule& Outside::add_step_rule(Selector which) {
  return steps_.emplace_back(StepRule{.which = std::move(which)});
}

void Outside::at(Timestamp when, std::function<void()> action) {
  schedule({.kind = Action::Kind::of_test,
            .due = when,
            .promised = world_.current() == nullptr,
            .of_test = std::move(action)});
}

void Outside::schedule(Action action) {
  const auto number = static_cast<std::uint32_t>(actions_.size());
  world_.set_outside_timer(action.due, number);
  actions_.push_back(std::move(action));
}

CallbackRule* Outside::rule_of(const Execution& execution, durable::OperationPath path) {
  const durable::Operation* const callback = find_operation(execution, path);
  if (callback == nullptr) return nullptr;
  const std::string_view name = spoken_name(execution, *callback);
  CallbackRule* found = nullptr;
  for (CallbackRule& rule : callbacks_) {
    if (rule.which.matches(execution.number, *callback, {name})) found = &rule;
  }
  return found;
}

void Outside::callback_created(const Execution& execution, durable::OperationPath path) {
  CallbackRule* const rule = rule_of(execution, path);
  if (rule == nullptr) return;
  const Duration timeout = execution.history.back().delay;
  const Fault fault = choose_answer(execution, path, *rule);
  Action action{.kind = Action::Kind::heartbeat,
                .rule = static_cast<std::size_t>(index_of(callbacks_, *rule)),
                .execution = execution.number,
                .path = path,
                .fault = fault};
  const Timestamp now = world_.clock().now();
  if (rule->heartbeat && fault != Fault::heartbeats_stop) {
    action.due = now + *rule->heartbeat;
    schedule(action);
  }
  if (rule->answer == CallbackRule::Answer::never) world_.say_never(execution.number, path);
  if (rule->answer != CallbackRule::Answer::success &&
      rule->answer != CallbackRule::Answer::failure)
    return;
  action.kind = Action::Kind::answer;
  action.due = now + rule->delay.value_or(Duration(0));
  if (fault != Fault::none) return misanswer(std::move(action), fault, timeout);
  if (!rule->late) schedule(std::move(action));
}

Fault Outside::choose_answer(const Execution& execution, durable::OperationPath path,
                             const CallbackRule& rule) {
  const FaultModel& faults = world_.options().faults;
  const bool answered =
      rule.answer == CallbackRule::Answer::success || rule.answer == CallbackRule::Answer::failure;
  if (!answered || rule.late || world_.given() != nullptr) return Fault::none;
  Menu menu(faults);
  menu.offer(Fault::callback_early);
  if (!rule.twice) menu.offer(Fault::callback_twice);
  if (!rule.twice) menu.offer(Fault::callback_twice_other);
  const bool times_out = execution.history.back().delay.count() > 0;
  if (times_out) menu.offer(Fault::callback_at_timeout);
  if (times_out) menu.offer(Fault::callback_late);
  menu.offer(Fault::callback_never);
  if (rule.answer == CallbackRule::Answer::success) menu.offer(Fault::callback_fails);
  if (rule.answer == CallbackRule::Answer::success) menu.offer(Fault::callback_malformed);
  if (rule.heartbeat) menu.offer(Fault::heartbeats_stop);
  return world_.choose(SiteKind::callback, ChoiceKind::environment, execution.number, path, 1,
                       menu);
}

void Outside::misanswer(Action action, Fault fault, Duration timeout) {
  const Timestamp now = world_.clock().now();
  switch (fault) {
    case Fault::callback_never:
    case Fault::heartbeats_stop:
      return world_.say_never(action.execution, action.path);
    case Fault::callback_early:
      action.due = now;
      actions_.push_back(std::move(action));
      return send_answer(actions_.back());
    case Fault::callback_at_timeout:
      action.due = now + timeout;
      break;
    case Fault::callback_late:
      action.due = now + timeout + kLateBy;
      break;
    default:
      break;
  }
  schedule(std::move(action));
}

void Outside::callback_timed_out(const Execution& execution, durable::OperationPath path) {
  CallbackRule* const rule = rule_of(execution, path);
  if (rule == nullptr || !rule->late) return;
  schedule({.kind = Action::Kind::answer,
            .rule = static_cast<std::size_t>(index_of(callbacks_, *rule)),
            .execution = execution.number,
            .path = path,
            .due = world_.clock().now() + rule->delay.value_or(kLateBy)});
}

InvokeRule* Outside::rule_of(const ChainedInvoke& invoke) {
  const Execution& execution = world_.service().execution(invoke.execution);
  const durable::Operation* const operation = find_operation(execution, invoke.path);
  if (operation == nullptr) return nullptr;
  InvokeRule* found = nullptr;
  for (InvokeRule& rule : invokes_) {
    if (rule.which.matches(
            invoke.execution, *operation,
            {operation->name.view(), invoke.target.function, function_of(invoke.target)}))
      found = &rule;
  }
  return found;
}

bool Outside::answers(const ChainedInvoke& invoke) {
  const InvokeRule* const rule = rule_of(invoke);
  return rule != nullptr && rule->status;
}

void Outside::answer_at_once(const ChainedInvoke& invoke) {
  InvokeRule* const rule = rule_of(invoke);
  rule->answered = true;
  world_.end_invoke(invoke.execution, invoke.path, *rule->status, rule->result, rule->error);
}

bool Outside::invoked(const ChainedInvoke& invoke) {
  const InvokeRule* const rule = rule_of(invoke);
  if (rule == nullptr) return false;
  schedule({.kind = rule->status ? Action::Kind::end_invoke : Action::Kind::start_invoke,
            .rule = static_cast<std::size_t>(index_of(invokes_, *rule)),
            .execution = invoke.execution,
            .path = invoke.path,
            .due = world_.clock().now() + rule->delay,
            .invoke = invoke});
  return true;
}

const StepRule* Outside::step(std::uint32_t execution, const durable::BodyCall& call) {
  if (steps_.empty() || call.path.is_root()) return nullptr;  // there, of a plain function
  durable::Operation operation;
  operation.path = call.path;
  operation.name = durable::Text(call.name);
  operation.attempt = call.attempt - 1;
  const std::string_view name = spoken_name(world_.service().execution(execution), operation);
  const StepRule* found = nullptr;
  for (StepRule& rule : steps_) {
    if (rule.which.matches(execution, operation, {name})) found = &rule;
  }
  return found;
}

void Outside::act(std::uint32_t number) {
  Action& action = actions_[number];
  switch (action.kind) {
    case Action::Kind::heartbeat:
      return send_heartbeat(number);
    case Action::Kind::answer:
      return send_answer(action);
    case Action::Kind::end_invoke:
      action.done = true;
      return end_invoke(action);
    case Action::Kind::start_invoke:
      action.done = true;
      invokes_[action.rule].answered = true;
      return world_.start_invoked(action.invoke);
    case Action::Kind::of_test:
      action.done = true;
      return run(action.of_test);
  }
}

std::string Outside::id_of(const Action& action) const {
  const Execution& execution = world_.service().execution(action.execution);
  return find_operation(execution, action.path)->callback_id.str();
}

void Outside::send_answer(Action& action) {
  CallbackRule& rule = callbacks_[action.rule];
  const bool succeeds =
      rule.answer == CallbackRule::Answer::success && action.fault != Fault::callback_fails;
  CallbackSignal signal{
      .kind = succeeds ? CallbackSignal::Kind::success : CallbackSignal::Kind::failure,
      .id = id_of(action),
      .execution = action.execution,
      .path = action.path,
      .result = succeeds ? rule.result : durable::Text(),
      .error = succeeds ? nullptr : rule.error};
  if (action.fault == Fault::callback_fails)
    signal.error = scripted_error("InjectedFailure", "the simulator had the callback fail");
  if (action.fault == Fault::callback_malformed) signal.result = durable::Text("{not JSON");
  action.done = true;
  send(rule, signal);
  if (rule.twice || action.fault == Fault::callback_twice) send(rule, signal);
  if (action.fault == Fault::callback_twice_other) send(rule, contrary(signal));
}

void Outside::send(CallbackRule& rule, const CallbackSignal& signal) {
  ++rule.answers;
  auto refusal = world_.signal_callback(signal);
  if (refusal) rule.refusals.push_back(std::move(*refusal));
}

void Outside::send_heartbeat(std::uint32_t number) {
  Action& action = actions_[number];
  const auto refusal = world_.signal_callback({.kind = CallbackSignal::Kind::heartbeat,
                                               .id = id_of(action),
                                               .execution = action.execution,
                                               .path = action.path});
  if (refusal) {
    action.done = true;  // it is closed
    return;
  }
  action.due += *callbacks_[action.rule].heartbeat;
  world_.set_outside_timer(action.due, number);
}

void Outside::end_invoke(const Action& action) {
  InvokeRule& rule = invokes_[action.rule];
  rule.answered = true;
  world_.end_invoke(action.execution, action.path, *rule.status, rule.result, rule.error);
}

void Outside::run(const std::function<void()>& action) {
  acting_ = true;
  try {
    action();
  } catch (...) {
    world_.abort_with(std::current_exception());
  }
  acting_ = false;
}

bool Outside::has_pending(std::uint32_t execution) const {
  return std::any_of(actions_.begin(), actions_.end(), [&](const Action& action) {
    return !action.done && action.execution == execution && action.kind == Action::Kind::answer;
  });
}

std::uint64_t Outside::durable_state() const {
  std::uint64_t state = 0;  // a sum, because the order in which timers were set tells nothing
  for (const Action& action : actions_) {
    if (action.done) continue;
    Hash64 hash;
    hash.add(static_cast<std::uint64_t>(action.kind));
    hash.add(action.rule);
    hash.add(action.execution);
    hash.add(action.path.hash());
    hash.add(static_cast<std::uint64_t>((action.due - world_.clock().now()).count()));
    state += hash.value();
  }
  return state;
}

std::string Outside::not_met(std::string_view what, const Selector& which,
                             durable::OperationType type) const {
  std::vector<std::string> known;
  for (std::uint32_t number = 1; number <= world_.service().executions(); ++number) {
    const Execution& execution = world_.service().execution(number);
    for (const durable::Operation& operation : execution.operations) {
      if (operation.type != type) continue;
      const std::string_view name = spoken_name(execution, operation);
      std::string text =
          name.empty() ? "operation " + operation.path.to_string() : fmt::format("\"{}\"", name);
      if (std::find(known.begin(), known.end(), text) == known.end())
        known.push_back(std::move(text));
    }
  }
  return fmt::format("{}{} was not reached: {}", what, which.text(),
                     known.empty() ? "the run has made no such operation"
                                   : "the run has made " + nearest_first(which.name, known));
}

std::vector<std::string> Outside::unreached() const {
  std::vector<std::string> reasons;
  for (const CallbackRule& rule : callbacks_) {
    const std::string what = "on_callback" + rule.which.text();
    const bool answers = rule.answer == CallbackRule::Answer::success ||
                         rule.answer == CallbackRule::Answer::failure;
    if (!rule.which.reached) {
      reasons.push_back(not_met("on_callback", rule.which, durable::OperationType::callback));
    } else if (answers && rule.late && rule.answers == 0) {
      reasons.push_back(what +
                        " is late, but the callback did not time out, or nothing happened "
                        "after that");
    } else if (answers && rule.answers == 0) {
      reasons.push_back(
          fmt::format("{} answers {} after the callback was created, but the simulation has not "
                      "come there; it ended at +{}",
                      what, duration_text(rule.delay.value_or(Duration(0))),
                      duration_text(world_.clock().now() - world_.options().start)));
    } else if (rule.answer == CallbackRule::Answer::none && !rule.heartbeat) {
      reasons.push_back(what + " does not say what the answer is: succeed, fail, never");
    }
  }
  for (const InvokeRule& rule : invokes_) {
    if (!rule.which.reached) {
      reasons.push_back(not_met("on_invoke", rule.which, durable::OperationType::chained_invoke));
    } else if (!rule.answered) {
      reasons.push_back(
          fmt::format("on_invoke{} ends the invoke {} after it was made, but the "
                      "simulation has not come there",
                      rule.which.text(), duration_text(rule.delay)));
    }
  }
  for (const StepRule& rule : steps_) {
    if (!rule.which.reached)
      reasons.push_back(not_met("on_step", rule.which, durable::OperationType::step));
  }
  for (const Action& action : actions_) {
    if (action.kind != Action::Kind::of_test || action.done || !action.promised) continue;
    reasons.push_back(fmt::format("the action at +{} was not reached: the simulation ended at +{}",
                                  duration_text(action.due - world_.options().start),
                                  duration_text(world_.clock().now() - world_.options().start)));
  }
  return reasons;
}

}  // namespace durasim
