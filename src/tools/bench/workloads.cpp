#include "workloads.hpp"

#include <chrono>
#include <random>
#include <stdexcept>
#include <string>

#include <durasim/durasim.hpp>

#include "bare_loop.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Fault;
using durasim::Simulation;

/// Keeps the compiler and us from measuring what does not happen.
void expect(bool as_it_should) {
  if (!as_it_should) throw std::logic_error("bench: a workload did not end as it should");
}

/// The handler of bare_loop.cpp.
std::string pay(Context& ctx) {
  const std::string tag(40, 'x');
  const auto confirmation =
      ctx.step("process-payment", [tag] { return "conf-1" + tag.substr(0, 1); });
  ctx.wait("settle", 60s);
  return ctx.step("send-receipt", [confirmation, tag] { return confirmation + "!"; });
}

void payment_scenario(Simulation& sim) {
  sim.function("payment", pay);
  sim.run("payment");
}

void run_payment(Simulation& sim, std::size_t invocations) {
  sim.function("payment", pay);
  const auto run = sim.run("payment");
  expect(run.result() == "\"conf-1x!\"" && run.invocations() == invocations);
  expect(sim.findings().empty());
}

void payment() {
  Simulation sim({.oracles = durasim::OracleSet::none(), .shadow_replay = false});
  run_payment(sim, 2);
}

void payment_with_oracles() {
  Simulation sim;
  run_payment(sim, 2);
}

/// Whose bodies ask what the guard answers.
std::string pay_guarded(Context& ctx) {
  const std::string tag(40, 'x');
  const auto confirmation = ctx.step("process-payment", [tag] {
    expect(std::chrono::system_clock::now().time_since_epoch() > 0s);
    return "conf-1" + tag.substr(0, 1);
  });
  ctx.wait("settle", 60s);
  return ctx.step("send-receipt", [confirmation, tag] {
    return std::random_device()() == 0 ? tag : confirmation + "!";
  });
}

void payment_guarded() {
  Simulation sim;
  sim.function("payment", pay_guarded);
  expect(sim.run("payment").result() == "\"conf-1x!\"");
  expect(sim.findings().empty());
}

/// The first body's result is lost in a crash.
class CrashAfterFirstBody final : public durasim::Chooser {
 public:
  std::size_t choose(const durasim::Site&, std::span<const Fault> menu) override {
    for (std::size_t i = 1; i < menu.size() && !crashed_; ++i) {
      crashed_ = menu[i] == Fault::crash_after_body;
      if (crashed_) return i;
    }
    return 0;
  }

 private:
  bool crashed_ = false;
};

void payment_crashed_once() {
  CrashAfterFirstBody chooser;
  Simulation sim({.faults = durasim::FaultModel::crashes()}, chooser);
  run_payment(sim, 3);
}

template <int count>
void steps() {
  Simulation sim;
  sim.function("steps", [](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < count; ++i) sum += ctx.step("s", [i] { return i; });
    return sum;
  });
  expect(sim.run("steps").value<int>() == count * (count - 1) / 2);
  expect(sim.findings().empty());
}

template <int count>
void daily_waits() {
  Simulation sim;
  sim.function("days", [](Context& ctx) {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
      sum += ctx.step("s", [i] { return i; });
      ctx.wait("day", 24h);
    }
    return sum;
  });
  expect(sim.run("days").value<int>() == count * (count - 1) / 2);
  expect(sim.findings().empty());
}

void year_long_wait() {
  Simulation sim;
  sim.function("year", [](Context& ctx) { ctx.wait("year", 365 * 24h); });
  expect(sim.run("year").elapsed() == 365 * 24h);
  expect(sim.findings().empty());
}

/// A block of a search's runs, with all that a search does around it.
void search_block() { search_payment(durasim::kBlockRuns); }

template <int count>
void bare_steps() {
  expect(bare_loop::steps(count) == count * (count - 1) / 2);
}

constexpr Workload kWorkloads[] = {
    {"bare_payment", [] { expect(bare_loop::payment() == "\"conf-1x!\""); }},
    {"bare_crash", [] { expect(bare_loop::payment_crashed_once() == "\"conf-1x!\""); }},
    {"bare_steps_10", bare_steps<10>},
    {"bare_steps_1000", bare_steps<1'000>},
    {"bare_waits_100", [] { expect(bare_loop::daily_waits(100) == 4'950); }},
    {"payment", payment},
    {"payment_oracles", payment_with_oracles},
    {"payment_guarded", payment_guarded},
    {"crash", payment_crashed_once},
    {"steps_5", steps<5>},
    {"steps_10", steps<10>},
    {"steps_50", steps<50>},
    {"steps_100", steps<100>},
    {"steps_500", steps<500>},
    {"steps_1000", steps<1'000>},
    {"steps_1500", steps<1'500>},
    {"steps_3000", steps<3'000>},
    {"waits_100", daily_waits<100>},
    {"year_wait", year_long_wait},
    {"search_block", search_block},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

void verify_payment(std::uint32_t max_faults, std::uint32_t jobs) {
  const durasim::Verification result = durasim::verify(
      payment_scenario, {.max_faults = max_faults, .jobs = jobs, .name = "bench/payment"});
  if (result.verdict != durasim::Verdict::holds)
    throw std::logic_error("bench: " + result.report());
}

void search_payment(std::uint64_t runs) {
  const durasim::Verification result =
      durasim::search(payment_scenario, {.runs = runs, .name = "bench/payment"});
  if (result.verdict != durasim::Verdict::incomplete || result.runs != runs)
    throw std::logic_error("bench: " + result.report());
}

}  // namespace bench
