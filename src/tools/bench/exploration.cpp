#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include <durasim/search.hpp>

#include "measure.hpp"

namespace bench {
namespace {

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

template <class Work>
Taken measure(Work work) {
  const double processor = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - start;
  return {real.count(), processor_seconds() - processor};
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
  const std::uint64_t runs = quick ? 500 : 8 * durasim::kBlockRuns;
  std::vector<double> verified;
  std::vector<double> searched;
  std::vector<double> faster;
  std::vector<double> dearer;
  for (int i = 0; i < effort.repetitions; ++i) {
    verified.push_back(measure([&] { verify_payment(max_faults, 1); }).processor);
    searched.push_back(static_cast<double>(runs) /
                       measure([&] { search_payment(runs); }).processor);
    // One fault more, so that there is something to share.
    const Taken alone = measure([&] { verify_payment(max_faults + 1, 1); });
    const Taken shared = measure([&] { verify_payment(max_faults + 1, 2); });
    faster.push_back(alone.real / shared.real);
    dearer.push_back(shared.processor / alone.processor);
  }
  costs["verify_payment_k2"] = median(verified);
  costs["search_schedules_per_s"] = median(searched);
  costs["two_jobs_speedup"] = median(faster);
  costs["two_jobs_cost"] = median(dearer);
}

}  // namespace bench
