#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `child`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;

[[noreturn]] void fail() { throw std::runtime_error("Operation failed"); }

/// A step that returns `input`.
std::string echo(Context& ctx, const std::string& name, const std::string& input) {
  return ctx.step(name, [&] { return input; });
}

std::string one_step(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("child", [&](Context& child) { return echo(child, "s", input); });
}

struct Named {
  std::string name;
  std::string value;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Named, name, value)
};

std::string named(Context& ctx, const Named& input) {
  return ctx.run_in_child_context(input.name,
                                  [&](Context& child) { return echo(child, "s", input.value); });
}

std::string dependent_steps(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("child", [&](Context& child) {
    const std::string first = echo(child, "first", input);
    return echo(child, "second", first);
  });
}

void failing_child(Context& ctx) {
  ctx.run_in_child_context("child", [](Context& child) {
    child.step("fail", [] { fail(); }, {.retry = durable::retry::none()});
  });
}

std::string recovered(Context& ctx, const std::string& input) {
  try {
    failing_child(ctx);
  } catch (const durable::ChildContextError&) {
    return echo(ctx, "recover", input);
  }
  return "no failure";
}

std::string nested(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("outer", [&](Context& outer) {
    echo(outer, "outer-step", input);
    return outer.run_in_child_context(
        "inner", [&](Context& inner) { return echo(inner, "inner-step", input); });
  });
}

std::string retried(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("child", [&](Context& child) {
    return child.step("unreliable",
                      [&](StepContext& step) {
                        if (step.attempt() == 1) fail();
                        return input;
                      },
                      {.retry = durable::retry::fixed(2, 1s)});
  });
}

void exhausted(Context& ctx) {
  ctx.run_in_child_context("child", [](Context& child) {
    child.step("always_fail", [] { fail(); }, {.retry = durable::retry::fixed(2, 1s)});
  });
}

std::string replayed(Context& ctx, const std::string& input) {
  std::string result = one_step(ctx, input);
  ctx.wait("pause", 1s);
  return result;
}

/// A child context with a step and a wait.
std::string mixed_child(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("child", [&](Context& child) {
    std::string result = echo(child, "s", input);
    child.wait("pause", 1s);
    return result;
  });
}

std::size_t large_result(Context& ctx, const std::string& input) {
  const std::string result = ctx.run_in_child_context("child", [&](Context& child) {
    child.logger().info(input);
    const std::string small = echo(child, "s", input);
    return std::string(300'000, small.front());
  });
  ctx.wait("pause", 1s);
  return result.size();
}

std::string only_a_wait(Context& ctx, const std::string& input) {
  const std::string result = ctx.run_in_child_context("child", [&](Context& child) {
    child.wait("pause", 1s);
    return input;
  });
  return echo(ctx, "after", result);
}

/// Writes text in upper case and without quotes.
class RawUpperCase final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value, const durable::SerdesContext&) const override {
    auto text = value.get<std::string>();
    for (char& c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
  }
  nlohmann::json deserialize(std::string_view text, const durable::SerdesContext&) const override {
    return text;
  }
};

std::string in_upper_case(Context& ctx, const std::string& input) {
  return ctx.run_in_child_context("child", [&](Context& child) { return echo(child, "s", input); },
                                  {.serdes = std::make_shared<RawUpperCase>()});
}

void throwing_child(Context& ctx) {
  ctx.run_in_child_context("child", [](Context&) { fail(); });
}

void empty_child(Context& ctx) {
  ctx.run_in_child_context("child", [](Context&) {});
}

std::string only_a_log_line(Context& ctx, const std::string& input) {
  const std::string result = ctx.run_in_child_context("child", [&](Context& child) {
    child.logger().info(input);
    return input;
  });
  ctx.wait("pause", 1s);
  return result;
}

std::string mixed(Context& ctx, const std::string& input) {
  const std::string result = mixed_child(ctx, input);
  echo(ctx, "after", input);
  ctx.wait("pause", 1s);
  return result;
}

/// Log lines are written in replays too.
template <class Handler>
auto with_replay_logging(Handler handler) {
  return [handler](durasim::Simulation& sim) {
    sim.function(kFunction, handler, {.handler = {.log_on_replay = true}});
  };
}

}  // namespace

std::span<const Registration> child_handlers() {
  using durasim::Fault;
  static const Registration handlers[] = {
      {"3-1", plain(one_step)},
      {"3-2", plain(named)},
      {"3-3", plain(dependent_steps)},
      {"3-4", plain(failing_child)},
      {"3-5", plain(recovered)},
      {"3-6", plain(nested)},
      {"3-7", plain(retried)},
      {"3-8", plain(exhausted)},
      {"3-9", plain(replayed)},
      {"3-10", plain(mixed_child)},
      {"3-11", with_replay_logging(large_result)},
      {"3-12", plain(one_step), Fault::crash_after_body_start_delivered},
      {"3-13", plain(only_a_wait)},
      {"3-14", plain(in_upper_case)},
      {"3-15", plain(throwing_child)},
      {"3-16", plain(empty_child)},
      {"3-17", with_replay_logging(only_a_log_line)},
      {"3-18", plain(mixed)},
  };
  return handlers;
}

}  // namespace conformance
