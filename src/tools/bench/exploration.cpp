#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <durasim/durasim.hpp>

#include "measure.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

/// What one exploration took, in seconds.
struct Taken {
  double real = 0;
  double processor = 0;  ///< of this process and of its workers
};

double processor_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double processor_seconds() {
  return processor_seconds(RUSAGE_SELF) + processor_seconds(RUSAGE_CHILDREN);
}

/// The handler of bare_loop.cpp.
void payment(durasim::Simulation& sim) {
  sim.function("payment", [](durable::Context& ctx) {
    const std::string tag(40, 'x');
    const auto confirmation =
        ctx.step("process-payment", [tag] { return "conf-1" + tag.substr(0, 1); });
    ctx.wait("settle", 60s);
    return ctx.step("send-receipt", [confirmation, tag] { return confirmation + "!"; });
  });
  sim.run("payment");
}

Taken explore(std::uint32_t max_faults, std::uint32_t jobs) {
  const double processor = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  const durasim::Verification result =
      durasim::verify(payment, {.max_faults = max_faults, .jobs = jobs, .name = "bench/payment"});
  if (result.verdict != durasim::Verdict::holds)
    throw std::logic_error("bench: " + result.report());
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - start;
  return {real.count(), processor_seconds() - processor};
}

/// Random schedules in a second of processor time.
double searched(std::uint64_t runs) {
  const double processor = processor_seconds();
  const durasim::Verification result =
      durasim::search(payment, {.runs = runs, .name = "bench/payment"});
  if (result.verdict != durasim::Verdict::incomplete || result.runs != runs)
    throw std::logic_error("bench: " + result.report());
  return static_cast<double>(runs) / (processor_seconds() - processor);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void measure_exploration(const Effort& effort, Costs& costs) {
  const bool quick = effort.repetitions == 1;
  const std::uint32_t max_faults = quick ? 1 : 2;
  std::vector<double> one;
  std::vector<double> faster;
  std::vector<double> dearer;
  std::vector<double> rates;
  for (int i = 0; i < effort.repetitions; ++i) {
    const Taken alone = explore(max_faults, 1);
    const Taken shared = explore(max_faults, 2);
    one.push_back(alone.processor);
    faster.push_back(alone.real / shared.real);
    dearer.push_back(shared.processor / alone.processor);
    rates.push_back(searched(quick ? 500 : 8 * durasim::kBlockRuns));
  }
  costs["verify_payment_k2"] = median(one);
  costs["two_jobs_speedup"] = median(faster);
  costs["search_schedules_per_s"] = median(rates);
  costs["two_jobs_cost"] = median(dearer);
}

}  // namespace bench
