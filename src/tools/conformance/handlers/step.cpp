#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `step`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durable::StepSemantics;

std::string greeting(const std::string& name) { return "Hello, " + name + "!"; }

[[noreturn]] void fail() { throw std::runtime_error("Operation failed"); }

std::string basic(Context& ctx, const std::string& name) {
  return ctx.step("greet", [&] { return greeting(name); });
}

std::string named(Context& ctx, const std::string& name) {
  return ctx.step("custom_step_name", [&] { return greeting(name); });
}

std::string dependent(Context& ctx) {
  const std::string first = ctx.step("step_one", [] { return std::string("first"); });
  return ctx.step("step_two", [&] { return first + "_second"; });
}

struct Person {
  std::string name;
  std::vector<std::string> tags;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Person, name, tags)
};

struct Response {
  Person user;
  std::size_t count = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Response, user, count)
};

Response nested_object(Context& ctx, const Person& person) {
  return ctx.step("build_response", [&] { return Response{person, person.tags.size()}; });
}

void nothing(Context& ctx) {
  ctx.step("do_nothing", [] {});
}

/// Writes text in upper case.
class UpperCase final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value,
                        const durable::SerdesContext& context) const override {
    if (!value.is_string()) return Serdes::serialize(value, context);
    auto text = value.get<std::string>();
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return Serdes::serialize(text, context);
  }
};

std::string in_upper_case(Context& ctx, const std::string& input) {
  return ctx.step("return_input", [&] { return input; }, {.serdes = std::make_shared<UpperCase>()});
}

std::string logging(Context& ctx, const std::string& name) {
  return ctx.step("greet", [&](StepContext& step) {
    step.logger().info("Greeting step started for: " + name);
    const std::string result = greeting(name);
    step.logger().info("Greeting step completed with: " + result);
    return result;
  });
}

std::string before_a_wait(Context& ctx) {
  const std::string result = ctx.step("compute", [] { return std::string("computed"); });
  ctx.wait("pause", 2s);
  return result;
}

std::string replayed(Context& ctx) {
  const std::string result = ctx.step("compute", [](StepContext& step) {
    step.logger().info("step executed");
    return std::string("cached_value");
  });
  ctx.wait("pause", 1s);
  return result;
}

std::string rethrown(Context& ctx) {
  std::string caught;
  try {
    ctx.step("fail",
             [](StepContext& step) {
               step.logger().info("step executed");
               fail();
             },
             {.retry = durable::retry::none()});
  } catch (const durable::StepError& error) {
    caught = error.error_message();
  }
  ctx.wait("pause", 1s);
  return caught;
}

/// Fails until the given attempt, which succeeds.
std::string succeed_at(StepContext& step, std::uint32_t attempt) {
  if (step.attempt() < attempt) fail();
  return "Operation succeeded";
}

std::string retried(Context& ctx) {
  return ctx.step("unreliable", [](StepContext& step) { return succeed_at(step, 2); },
                  {.retry = durable::retry::fixed(3, 1s)});
}

void exhausted(Context& ctx) {
  ctx.step("always_fail", [] { fail(); }, {.retry = durable::retry::fixed(4, 1s)});
}

std::string retried_by_default(Context& ctx) {
  return ctx.step("unreliable", [](StepContext& step) { return succeed_at(step, 3); });
}

std::string retried_with_backoff(Context& ctx) {
  return ctx.step("unreliable", [](StepContext& step) { return succeed_at(step, 3); },
                  {.retry = durable::retry::exponential({.max_attempts = 5,
                                                         .initial = 2s,
                                                         .backoff_rate = 3,
                                                         .jitter = durable::Jitter::none})});
}

struct TransientError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string retried_for_its_type(Context& ctx) {
  return ctx.step(
      "unreliable",
      [](StepContext& step) {
        if (step.attempt() == 1) throw TransientError("try again");
        return std::string("Operation succeeded");
      },
      {.retry = durable::retry::exponential({.initial = 1s,
                                             .jitter = durable::Jitter::none,
                                             .retryable_error_types = {"TransientError"}})});
}

void refused_for_its_type(Context& ctx) {
  const auto retry_all_but_transient = [](const durable::ErrorObject& error,
                                          std::uint32_t attempts_made) {
    const bool transient = error.type.ends_with("TransientError");
    return durable::RetryDecision{.retry = !transient && attempts_made < 3};
  };
  ctx.step("unreliable", [] { throw TransientError("try again"); },
           {.retry = durable::retry::custom(retry_all_but_transient)});
}

/// The process dies where the body asks for its effect, after it has logged.
std::string interrupted(Context& ctx, const std::string& input, durasim::Effects& effects,
                        const durable::RetryStrategy& retry) {
  return ctx.step("at_most_once_flaky_step",
                  [&](StepContext& step) {
                    step.logger().info(input);
                    effects.record("exit");
                    return std::string("succeeded on second attempt");
                  },
                  {.retry = retry, .semantics = StepSemantics::at_most_once_per_retry});
}

auto interrupted_with(const durable::RetryStrategy& retry) {
  return [retry](durasim::Simulation& sim) {
    sim.function(kFunction, [&sim, retry](Context& ctx, const std::string& input) {
      return interrupted(ctx, input, sim.effects(), retry);
    });
  };
}

void failed(Context& ctx) {
  ctx.step("fail", [] { fail(); }, {.retry = durable::retry::none()});
}

std::string fallen_back(Context& ctx) {
  try {
    ctx.step("fail", [] { fail(); }, {.retry = durable::retry::none()});
  } catch (const durable::StepError&) {
    return ctx.step("fall_back", [] { return std::string("fallback_result"); });
  }
  return "no failure";
}

}  // namespace

std::span<const Registration> step_handlers() {
  using durasim::Fault;
  static const Registration handlers[] = {
      {"1-1", plain(basic)},
      {"1-2", plain(named)},
      {"1-3", plain(dependent)},
      {"1-4", plain(nested_object)},
      {"1-5", plain(nothing)},
      {"1-6", plain(in_upper_case)},
      {"1-7", plain(logging)},
      {"1-8", plain(before_a_wait)},
      {"1-9", plain(replayed)},
      {"1-10", plain(rethrown)},
      {"1-11", plain(retried)},
      {"1-12", plain(exhausted)},
      {"1-13", plain(retried_by_default)},
      {"1-14", plain(retried_with_backoff)},
      {"1-15", plain(retried_for_its_type)},
      {"1-16", plain(refused_for_its_type)},
      {"1-17", interrupted_with(durable::retry::none()), Fault::crash_at_effect},
      {"1-18", interrupted_with(durable::retry::fixed(2, 1s)), Fault::crash_at_effect},
      {"1-19", plain(failed)},
      {"1-20", plain(fallen_back)},
  };
  return handlers;
}

}  // namespace conformance
