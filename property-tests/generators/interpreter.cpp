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

class Interpreter {
 public:
  Interpreter(durable::Context& context, const Input& input, Surroundings& surroundings)
      : context_(context), input_(input), surroundings_(surroundings) {}

  void make(const std::string& name, const Operation& operation) {
    switch (operation.kind) {
      case Operation::Kind::step:
        step_or_fallback(name, operation);
        break;
      case Operation::Kind::wait:
        wait(name, std::chrono::seconds(operation.seconds));
        break;
      case Operation::Kind::loop:
        for (std::size_t i = 0; i < input_.size(); ++i) {
          step_or_fallback(fmt::format("{}[{}]", name, i), operation);
        }
        break;
    }
  }

  Results& results() { return results_; }

 private:
  void wait(const std::string& name, std::chrono::seconds duration) {
    surroundings_.waiting(name, duration);
    context_.wait(name, duration);
    surroundings_.waited(name, duration);
  }

  void step_or_fallback(const std::string& name, const Operation& operation) {
    try {
      results_.push_back(step(name, operation));
    } catch (const durable::StepError& error) {
      if (!operation.caught) throw;
      const std::string fallback = name + " fallback";
      results_.push_back(context_.step(fallback, [&](durable::StepContext& step) {
        surroundings_.body(fallback, step);
        return static_cast<std::int64_t>(error.error_message().size());
      }));
    }
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
    if (step.attempt() <= operation.failures) {
      throw std::runtime_error(fmt::format("{} fails in attempt {}", name, step.attempt()));
    }
    const auto sum = [](const auto& values) {
      return std::accumulate(values.begin(), values.end(), std::int64_t{0});
    };
    return (operation.operand + 7 * sum(input_) + 31 * sum(results_)) % 100'003;
  }

  durable::Context& context_;
  const Input& input_;
  Surroundings& surroundings_;
  Results results_;
};

}  // namespace

Results interpret(const Program& program, durable::Context& context, const Input& input,
                  Surroundings& surroundings) {
  Interpreter interpreter(context, input, surroundings);
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    interpreter.make(name_of(i), program.operations[i]);
  }
  return std::move(interpreter.results());
}

}  // namespace generated
