#include "generators/interpreter.hpp"

#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

namespace generated {
namespace {

durable::RetryStrategy strategy_of(const Operation& operation) {
  const std::chrono::seconds interval(operation.interval);
  switch (operation.retry) {
    case Retry::none:
      return durable::retry::none();
    case Retry::fixed:
      return durable::retry::fixed(operation.attempts, interval);
    case Retry::standard:
      return durable::retry::standard();
    case Retry::linear:
      return durable::retry::linear({.max_attempts = operation.attempts,
                                     .initial = interval,
                                     .jitter = durable::Jitter::half});
    case Retry::filtered:
      return durable::retry::exponential({.max_attempts = operation.attempts,
                                          .initial = interval,
                                          .retryable_errors = {"fails in attempt 1"}});
  }
  return {};
}

durable::StepConfig config_of(const Operation& operation) {
  durable::StepConfig config{.retry = strategy_of(operation)};
  if (operation.at_most_once) config.semantics = durable::StepSemantics::at_most_once_per_retry;
  return config;
}

std::int64_t sum(const auto& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

/// Makes the operations of one context.
class Interpreter {
 public:
  /// `results`: of the contexts around it.
  Interpreter(durable::Context& context, const Input& input, Surroundings& surroundings,
              Results results = {})
      : context_(context),
        input_(input),
        surroundings_(surroundings),
        results_(std::move(results)) {}

  void make_all(const std::vector<Operation>& operations, const std::string& around = {}) {
    for (std::size_t i = 0; i < operations.size(); ++i) make(name_of(i, around), operations[i]);
  }

  Results& results() { return results_; }

 private:
  void make(const std::string& name, const Operation& operation) {
    if (operation.kind == Operation::Kind::wait)
      return wait(name, std::chrono::seconds(operation.seconds));
    if (operation.kind != Operation::Kind::loop) return make_or_fallback(name, operation);
    for (std::size_t i = 0; i < input_.size(); ++i) {
      make_or_fallback(fmt::format("{}[{}]", name, i), operation);
    }
  }

  void wait(const std::string& name, std::chrono::seconds duration) {
    surroundings_.waiting(name, duration);
    context_.wait(name, duration);
    surroundings_.waited(name, duration);
  }

  void make_or_fallback(const std::string& name, const Operation& operation) {
    try {
      results_.push_back(result_of(name, operation));
    } catch (const durable::OperationError& error) {
      if (!operation.caught) throw;
      const std::string fallback = name + " fallback";
      results_.push_back(context_.step(fallback, [&](durable::StepContext& step) {
        surroundings_.body(fallback, step);
        return static_cast<std::int64_t>(error.error_message().size());
      }));
    }
  }

  std::int64_t result_of(const std::string& name, const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::child:
        return context_.run_in_child_context(
            name, [&](durable::Context& child) { return run_inside(child, name, operation); },
            {.is_virtual = operation.is_virtual});
      case Operation::Kind::retried:
        return retried(name, operation);
      case Operation::Kind::callback:
        return callback(name, operation);
      case Operation::Kind::invoke:
        return context_.invoke<std::int64_t>(
            name, kCallee,
            std::pair(operation.operand + sum(results_), operation.answer != Answer::success));
      case Operation::Kind::condition:
        return condition(name, operation);
      case Operation::Kind::step:
      case Operation::Kind::loop:
      case Operation::Kind::wait:
        break;
    }
    return step(name, operation);
  }

  std::int64_t run_inside(durable::Context& child, const std::string& name,
                          const Operation& operation) {
    Interpreter inner(child, input_, surroundings_, results_);
    inner.make_all(operation.inside, name);
    return sum(inner.results()) % 100'003;
  }

  std::int64_t retried(const std::string& name, const Operation& operation) {
    return context_.with_retry(
        name,
        [&](durable::Context& child, std::uint32_t attempt) {
          const std::int64_t result =
              run_inside(child, fmt::format("{}#{}", name, attempt), operation);
          if (attempt <= operation.failures)
            throw std::runtime_error(fmt::format("{} fails in attempt {}", name, attempt));
          return result;
        },
        {.retry =
             durable::retry::fixed(operation.attempts, std::chrono::seconds(operation.interval))});
  }

  std::int64_t callback(const std::string& name, const Operation& operation) {
    const std::chrono::seconds limit(operation.answer == Answer::none ? operation.seconds : 86'400);
    const std::chrono::seconds heartbeat(operation.heartbeat ? limit.count() : 0);
    const std::chrono::seconds timeout(operation.heartbeat ? 2 * limit.count() : limit.count());
    const auto submit = [&](const std::string& id, durable::StepContext& step) {
      surroundings_.body(name, step);
      if (operation.submitted) fail_at_first(name, operation, step);
      surroundings_.submit(id, operation);
    };
    if (operation.submitted) {
      return context_.wait_for_callback<std::int64_t>(
          name, submit,
          {.timeout = timeout, .heartbeat_timeout = heartbeat, .retry = strategy_of(operation)});
    }
    const auto created = context_.create_callback<std::int64_t>(
        name, {.timeout = timeout, .heartbeat_timeout = heartbeat});
    context_.step(name + " sent", [&](durable::StepContext& step) { submit(created.id(), step); });
    return created.get();
  }

  std::int64_t condition(const std::string& name, const Operation& operation) {
    const std::int64_t initial = operation.operand;
    const std::int64_t wanted = initial + operation.failures + 1;
    durable::WaitForConditionConfig<std::int64_t> config;
    config.continue_while = [wanted](const std::int64_t& state) { return state < wanted; };
    config.polling = {.max_attempts = operation.attempts,
                      .initial = std::chrono::seconds(operation.interval),
                      .jitter = durable::Jitter::half};
    return context_.wait_for_condition(
        name, initial,
        [&](const std::int64_t& state, durable::StepContext& step) {
          surroundings_.body(name, step);
          return state + 1;
        },
        config);
  }

  std::int64_t step(const std::string& name, const Operation& operation) {
    const durable::StepConfig config = config_of(operation);
    const auto body = [&](durable::StepContext& step) { return run_body(name, operation, step); };
    switch (operation.returns) {
      case Returns::number:
        return context_.step(name, body, config);
      case Returns::text:
        return std::stoll(context_.step(
            name, [&](durable::StepContext& step) { return std::to_string(body(step)); }, config));
      case Returns::nothing:
        context_.step(name, [&](durable::StepContext& step) { body(step); }, config);
        return 0;
    }
    return 0;
  }

  std::int64_t run_body(const std::string& name, const Operation& operation,
                        durable::StepContext& step) {
    surroundings_.body(name, step);
    if (operation.effect) surroundings_.effect(name, step.idempotency_key());
    fail_at_first(name, operation, step);
    return (operation.operand + 7 * sum(input_) + 31 * sum(results_)) % 100'003;
  }

  static void fail_at_first(const std::string& name, const Operation& operation,
                            const durable::StepContext& step) {
    if (step.attempt() <= operation.failures)
      throw std::runtime_error(fmt::format("{} fails in attempt {}", name, step.attempt()));
  }

  durable::Context& context_;
  const Input& input_;
  Surroundings& surroundings_;
  Results results_;
};

}  // namespace

std::int64_t callee(const std::pair<std::int64_t, bool>& number_or_throw) {
  const auto& [number, throws] = number_or_throw;
  if (throws) throw std::runtime_error(fmt::format("the callee does not take {}", number));
  return (3 * number + 1) % 100'003;
}

Results interpret(const Program& program, durable::Context& context, const Input& input,
                  Surroundings& surroundings) {
  Interpreter interpreter(context, input, surroundings);
  interpreter.make_all(program.operations);
  return std::move(interpreter.results());
}

}  // namespace generated
