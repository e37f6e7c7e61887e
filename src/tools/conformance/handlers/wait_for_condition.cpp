#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/conformance/handlers/registry.hpp"

/// The suite `wait_for_condition`: one handler for each requirement, as its text describes it.
namespace conformance {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using durable::Jitter;
using durable::PollingOptions;
using durable::WaitForConditionConfig;

/// Adds 1 to a state until it is `threshold`.
int count(Context& ctx, const std::string& name, int initial, int threshold,
          const PollingOptions& polling = {}) {
  return ctx.wait_for_condition(
      name, initial, [](const int& state) { return state + 1; },
      WaitForConditionConfig<int>{
          .continue_while = [threshold](const int& state) { return state < threshold; },
          .polling = polling});
}

/// Checks `attempts` times, `delay` apart.
PollingOptions fixed(std::uint32_t attempts, std::chrono::seconds delay) {
  return {.max_attempts = attempts, .initial = delay, .backoff_rate = 1, .jitter = Jitter::none};
}

int from_zero(Context& ctx, const int& threshold) { return count(ctx, "count", 0, threshold); }

int met_at_once(Context& ctx, const int& threshold) {
  return ctx.wait_for_condition(
      "check", 5, [](const int& state) { return state; },
      WaitForConditionConfig<int>{
          .continue_while = [threshold](const int& state) { return state < threshold; }});
}

int named(Context& ctx) { return count(ctx, "poll-status", 0, 2); }

int from_five(Context& ctx, const int& threshold) { return count(ctx, "count", 5, threshold); }

int at_fixed_times(Context& ctx, const int& threshold) {
  return count(ctx, "count", 0, threshold, fixed(60, 2s));
}

int exhausted(Context& ctx, const int& initial) {
  return ctx.wait_for_condition(
      "never", initial, [](const int& state) { return state + 1; },
      WaitForConditionConfig<int>{.continue_while = [](const int&) { return true; },
                                  .polling = fixed(3, 1s)});
}

int throwing(Context& ctx) {
  return ctx.wait_for_condition(
      "check", 0, [](const int&) -> int { throw std::runtime_error("check failed"); },
      WaitForConditionConfig<int>{.continue_while = [](const int&) { return true; }});
}

std::string recovered(Context& ctx) {
  try {
    throwing(ctx);
  } catch (const durable::WaitForConditionError&) {
    return "recovered";
  }
  return "no failure";
}

struct Job {
  std::string status;
  int attempts = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Job, status, attempts)
};

Job object_state(Context& ctx) {
  return ctx.wait_for_condition(
      "job", Job{"PENDING", 0},
      [](const Job& job) {
        const int attempts = job.attempts + 1;
        return Job{attempts < 2 ? "PENDING" : "DONE", attempts};
      },
      WaitForConditionConfig<Job>{
          .continue_while = [](const Job& job) { return job.status == "PENDING"; }});
}

std::optional<int> null_state(Context& ctx) {
  using State = std::optional<int>;
  return ctx.wait_for_condition(
      "check", State(), [](const State&) { return State(); },
      WaitForConditionConfig<State>{.continue_while = [](const State&) { return false; }});
}

/// Writes text after "state:".
class Prefixed final : public durable::Serdes {
 public:
  std::string serialize(const nlohmann::json& value, const durable::SerdesContext&) const override {
    return kPrefix + value.get<std::string>();
  }
  nlohmann::json deserialize(std::string_view text, const durable::SerdesContext&) const override {
    if (!text.starts_with(kPrefix)) throw std::invalid_argument("not a state");
    return text.substr(kPrefix.size());
  }

 private:
  inline static const std::string kPrefix = "state:";
};

std::string converted_state(Context& ctx) {
  return ctx.wait_for_condition(
      "append", std::string(), [](const std::string& state) { return state + "x"; },
      WaitForConditionConfig<std::string>{
          .continue_while = [](const std::string& state) { return state.size() < 2; },
          .serdes = std::make_shared<Prefixed>()});
}

int before_a_step(Context& ctx, const int& threshold) {
  const int state = count(ctx, "count", 0, threshold);
  return ctx.step("multiply", [&] { return state * 10; });
}

int one_after_the_other(Context& ctx) {
  const int first = count(ctx, "first", 0, 2);
  return count(ctx, "second", first, 4);
}

}  // namespace

std::span<const Registration> wait_for_condition_handlers() {
  static const Registration handlers[] = {
      {"6-1", plain(from_zero)},
      {"6-2", plain(met_at_once)},
      {"6-3", plain(named)},
      {"6-4", plain(from_five)},
      {"6-5", plain(at_fixed_times)},
      {"6-6", plain(exhausted)},
      {"6-7", plain(throwing)},
      {"6-8", plain(recovered)},
      {"6-9", plain(object_state)},
      {"6-10", plain(null_state)},
      {"6-11", plain(converted_state)},
      {"6-12", plain(before_a_step)},
      {"6-13", plain(one_after_the_other)},
  };
  return handlers;
}

}  // namespace conformance
