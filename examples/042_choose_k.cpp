// What one more fault costs and finds: schedules and verdicts for k = 0, 1, 2, 3 over handlers of several sizes.
// With --times it prints milliseconds of processor time too, which differ from run to run.
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string_view>

#include <durasim/durasim.hpp>

using namespace std::chrono_literals;

namespace {

/// Sound: steps that may run twice, and a wait.
void steps_and_a_wait(durasim::Simulation& sim, int steps) {
  sim.function("work", [&sim, steps](durable::Context& ctx) {
    ctx.wait("settle", 60s);
    for (int i = 0; i < steps; ++i) {
      ctx.step("charge", [&](durable::StepContext& step) {
        return sim.effects().apply("charge", step.idempotency_key(), 1);
      });
    }
  });
  sim.run("work");
}

// [two_faults]
/// Sound under every single fault: a crash in the charge leads to a ticket. A crash after *that* opens another one.
void asks_a_person(durasim::Simulation& sim) {
  sim.function("charge-once", [&sim](durable::Context& ctx) {
    try {
      ctx.step("charge", [&] { sim.effects().record("charge"); },
               {.retry = durable::retry::none(),
                .semantics = durable::StepSemantics::at_most_once_per_retry});
    } catch (const durable::StepInterruptedError&) {
      ctx.step("ask-a-person", [&] { sim.effects().record("ticket"); });
    }
  });
  sim.effects().at_most(1, "charge");
  sim.effects().at_most(1, "ticket");
  sim.run("charge-once");
}
// [/two_faults]

void row(const char* what, const durasim::Scenario& scenario, durasim::FaultModel faults,
         std::uint32_t largest, bool times) {
  std::printf("%-33s", what);
  for (std::uint32_t k = 0; k <= largest; ++k) {
    const std::clock_t start = std::clock();
    const auto result = durasim::verify(scenario, {.max_faults = k, .faults = faults});
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%6llu %-*s", static_cast<unsigned long long>(result.runs), k == largest ? 0 : 7,
                std::string(to_string(result.verdict)).c_str());
    if (times) std::printf(" %7.1f ms", 1000 * seconds);
  }
  std::printf("\n");
}

// [fewer_kinds]
/// What ends well in the SDK's own retries is left out.
durasim::FaultModel without_retried_requests() {
  using durasim::Fault;
  return durasim::FaultModel::standard().without(
      {Fault::request_lost, Fault::answer_lost, Fault::throttled, Fault::server_error,
       Fault::server_error_applied, Fault::answer_delayed});
}
// [/fewer_kinds]

}  // namespace

int main(int argc, char** argv) {
  const bool times = argc > 1 && std::string_view(argv[1]) == "--times";
  const auto all = durasim::FaultModel::standard();
  const auto crashes = durasim::FaultModel::crashes();
  const auto fewer = without_retried_requests();
  const auto sound = [](int steps) {
    return [steps](durasim::Simulation& sim) { steps_and_a_wait(sim, steps); };
  };
  if (!times)
    std::printf(
        "schedules, verdict                  k = 0         k = 1         k = 2         k = 3\n");
  row("wait, 2 steps", sound(2), all, 3, times);
  row("wait, 2 steps, fewer kinds", sound(2), fewer, 3, times);
  row("wait, 2 steps, crashes only", sound(2), crashes, 3, times);
  row("wait, 10 steps", sound(10), all, 2, times);
  row("wait, 10 steps, fewer kinds", sound(10), fewer, 2, times);
  row("wait, 10 steps, crashes only", sound(10), crashes, 2, times);
  row("asks a person", asks_a_person, all, 2, times);
  row("asks a person, crashes only", asks_a_person, crashes, 2, times);
  if (!times)
    std::cout << '\n' << durasim::verify(asks_a_person, {.max_faults = 2, .name = "asks-a-person"});
}
