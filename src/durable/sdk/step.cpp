#include <algorithm>

#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/model/mutant.hpp"
#include "durable/sdk/engine.hpp"
#include "durable/sdk/error_registry.hpp"

namespace durable {

namespace {

/// Marks a body as running for as long as it does.
class InBody {
 public:
  InBody(const BodyCall*& slot, const BodyCall& call) : slot_(slot) { slot_ = &call; }
  ~InBody() { slot_ = nullptr; }
  InBody(const InBody&) = delete;
  InBody& operator=(const InBody&) = delete;

 private:
  const BodyCall*& slot_;
};

}  // namespace

Text Context::run_step(const Name& name, const StepConfig& config, const std::type_info& body_type,
                       detail::FunctionRef<Text(StepContext&)> body) {
  Engine& engine = engine_of_call(name);
  check_name(name);
  if (serdes_ && !config.serdes) {
    StepConfig with_serdes = config;
    with_serdes.serdes = serdes_;
    return engine.run_step(name, next_path(), with_serdes, body_type, body);
  }
  return engine.run_step(name, next_path(), config, body_type, body);
}

/// Source: docs/reference/protocol.md#what-an-invocation-does-with-a-recorded-step
Text Engine::run_step(const Name& name, OperationPath path, const StepConfig& config,
                      const std::type_info& body_type,
                      detail::FunctionRef<Text(StepContext&)> body) {
  const DurableCall call{path, OperationType::step, OperationSubType::step,           name,
                         {},   &body_type,          {&config.retry, config.semantics}};
  enter(call);
  const Operation* recorded = find(call);
  if (DURASIM_MUTANT(runs_recorded_steps_again) && recorded &&
      recorded->status == OperationStatus::succeeded) {
    run_attempt(call, config, recorded->attempt, body);
  }
  for (;; recorded = record_.find(path)) {
    const std::uint32_t attempt =
        (recorded && !DURASIM_MUTANT(counts_no_attempts) ? recorded->attempt : 0) + 1;
    if (recorded && recorded->status == OperationStatus::succeeded) {
      const Text value = recorded->result.present() ? recorded->result : Text("null");
      if (observer_) observer_->returned(path, value);
      return value;
    }
    if (recorded && is_terminal(recorded->status)) throw_recorded(call, recorded->error);
    if (recorded && recorded->status == OperationStatus::pending) {
      suspend_until_changed(path);
      continue;
    }
    const bool at_most_once = config.semantics == StepSemantics::at_most_once_per_retry;
    if (recorded && recorded->status == OperationStatus::started) {
      if (at_most_once && !DURASIM_MUTANT(reruns_interrupted_at_most_once)) {
        record_failure(
            call, config, attempt,
            std::make_shared<ErrorObject>(ErrorObject{
                std::string(kStepInterrupted),
                fmt::format("attempt {} of step {} was interrupted; whether it took effect is "
                            "not known",
                            attempt, describe(name.text(), path))}));
        continue;
      }
    } else {
      if (!at_most_once) {
        enqueue_start(call, attempt);
      } else {
        enqueue(update(call, OperationAction::start));
      }
      if (at_most_once && !DURASIM_MUTANT(skips_awaiting_at_most_once_start)) {
        flush();
        if (acknowledged(call, false).status != OperationStatus::started)
          continue;  // overtaken while it was on its way
      }
    }
    const BodyOutcome ended = run_attempt(call, config, attempt, body);
    if (ended.error) {
      record_failure(call, config, attempt, ended.error);
      continue;
    }
    OperationUpdate succeed = update(call, OperationAction::succeed);
    succeed.payload = ended.value;
    enqueue(std::move(succeed));
    if (DURASIM_MUTANT(hands_out_unrecorded_results)) {
      if (observer_) observer_->returned(path, ended.value);
      return ended.value;
    }
    flush();
    acknowledged(call, true);
    if (DURASIM_MUTANT(hands_out_raw_results)) {
      const Text raw(ended.value.str() + ' ');
      if (observer_) observer_->returned(path, raw);
      return raw;
    }
    if (DURASIM_MUTANT(repeats_bodies_after_success)) run_attempt(call, config, attempt, body);
  }
}

BodyOutcome Engine::run_attempt(const DurableCall& call, const StepConfig& config,
                                std::uint32_t attempt,
                                detail::FunctionRef<Text(StepContext&)> body) {
  const BodyCall body_call{
      call.path,        call.name.text(), attempt,           config.retry.max_attempts(),
      config.semantics, !queue_.empty(),  call.name.where(), config.serdes.get(),
      call.sub_type};
  const bool of_step = call.sub_type == OperationSubType::step;
  BodyOutcome result;
  ErrorPtr not_serialisable;
  const auto run = [&] {
    if (observer_) observer_->body_started(body_call);
    {
      const InBody in_body(body_, body_call);
      StepContext step(*this, body_call);
      try {
        result.value = body(step);
      } catch (const fiber::Unwind&) {
        throw;
      } catch (const detail::UnserializableResult& result_error) {
        not_serialisable = std::make_shared<ErrorObject>(ErrorObject{
            "SerDesError", fmt::format("{} {} at {}: {}",
                                       of_step ? "the result of step" : "the state of condition",
                                       describe(call.name.text(), call.path),
                                       describe(call.name.where()), result_error.message)});
      } catch (...) {
        fiber_->check_alive();
        if (executor_.is_test_abort(std::current_exception())) {
          test_abort_ = std::current_exception();
          body_ = nullptr;
          die();
        }
        result.error = std::make_shared<ErrorObject>(
            current_exception_error(of_step ? "the step's body" : "the condition's check"));
      }
      fiber_->check_alive();  // a body that swallowed its own crash must not be recorded
    }
    if (observer_)
      observer_->body_ended(body_call, result.value,
                            not_serialisable ? not_serialisable : result.error);
  };
  switch (executor_.run_body(body_call, run, result)) {
    case Fate::ok:
      break;
    case Fate::error:
      fail_invocation({"ExecutorError", "the executor could not run a step's body"});
    case Fate::dead:
      die();
    case Fate::never:
      suspended_on_ = call.path;
      for (;;) park(Parked::for_good);
  }
  if (not_serialisable) fail_execution(*not_serialisable);
  return result;
}

void Engine::record_failure(const DurableCall& call, const StepConfig& config,
                            std::uint32_t attempt, const ErrorPtr& error) {
  const RetryDecision decision = ask_strategy(config.retry,
                                              {"the retry strategy", call.name.text(), call.path,
                                               call.name.where(), OperationSubType::step},
                                              attempt, *error);
  OperationUpdate failed =
      update(call, decision.retry ? OperationAction::retry : OperationAction::fail);
  failed.error = error;
  if (decision.retry) {
    const BodyCall body_call{
        call.path, call.name.text(), attempt, config.retry.max_attempts(), config.semantics,
        false,     call.name.where()};
    failed.delay = std::clamp(executor_.jittered(body_call, decision.delay, decision.jitter),
                              std::chrono::seconds(1), kLongestWait);
  }
  enqueue(std::move(failed));
  flush();
  acknowledged(call, !decision.retry);
}

void Engine::throw_recorded(const DurableCall& call, const ErrorPtr& error) {
  if (observer_) observer_->threw(call.path, error);
  const ErrorObject recorded = error ? *error : ErrorObject{"", "no error was recorded"};
  if (recorded.type == kStepInterrupted) {
    throw StepInterruptedError(std::string(call.name.text()), call.path, recorded);
  }
  const StepError cause(std::string(call.name.text()), call.path, recorded);
  try {
    throw_as_registered(recorded, cause);
  } catch (const SerDesError& unreadable) {
    throw SerDesError(
        fmt::format("the recorded failure of step {} at {} does not convert to the type registered "
                    "as \"{}\": {}",
                    describe(call.name.text(), call.path), describe(call.name.where()),
                    recorded.type, unreadable.what()));
  }
  throw cause;
}

void detail::unreadable_result(const Name& name, const SerDesError& error, const char* what) {
  throw SerDesError(fmt::format("the recorded result of {} \"{}\" at {}: {}", what, name.text(),
                                describe(name.where()), error.what()));
}

std::string StepContext::idempotency_key() const {
  const std::string_view arn = engine_.execution().arn;
  std::string key(arn.substr(arn.rfind('/') + 1));
  key += '/';
  if (!DURASIM_MUTANT(shared_idempotency_key)) key += call_.path.to_string();
  if (DURASIM_MUTANT(idempotency_key_by_attempt)) key += std::to_string(call_.attempt);
  if (DURASIM_MUTANT(random_idempotency_key))
    key += std::to_string(engine_.executor_.random(call_));
  return key;
}

Timestamp StepContext::now() const { return engine_.executor_.now(); }
std::uint64_t StepContext::random() const { return engine_.executor_.random(call_); }
Logger StepContext::logger() const { return Logger(*engine_.current_, &call_); }

}  // namespace durable
