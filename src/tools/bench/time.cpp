#include <malloc.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "measure.hpp"

namespace bench {
namespace {

/// Keeps every repetition; Google Benchmark's own output is not printed.
class Repetitions final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) throw std::runtime_error(run.error_message);
      if (run.run_type == Run::RT_Iteration)
        microseconds_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }
  }

  double median(std::string_view name) {
    std::vector<double>& all = microseconds_.at(std::string(name));
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
  }

 private:
  std::map<std::string, std::vector<double>> microseconds_;
};

void initialise(const Effort& effort) {
  std::string arguments[] = {"bench", "--benchmark_enable_random_interleaving=true",
                             "--benchmark_repetitions=" + std::to_string(effort.repetitions),
                             "--benchmark_min_time=" + std::to_string(effort.seconds)};
  char* pointers[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                      arguments[3].data()};
  int count = 4;
  benchmark::Initialize(&count, pointers);
}

/// Lets the allocator keep what it was given, for both sides: otherwise a run of 3,000 steps hands a
/// megabyte back to the kernel and takes it again, and a tenth of what we measure is page faults.
void keep_memory() {
  constexpr int kMuch = 256 * 1024 * 1024;
  mallopt(M_TRIM_THRESHOLD, kMuch);
  mallopt(M_MMAP_THRESHOLD, kMuch);
}

}  // namespace

Costs measure_time(const std::vector<Workload>& chosen, const Effort& effort) {
  keep_memory();
  initialise(effort);
  for (const Workload& workload : chosen) {
    benchmark::RegisterBenchmark(std::string(workload.name).c_str(), [run = workload.run](
                                                                         benchmark::State& state) {
      for ([[maybe_unused]] const auto iteration : state) run();
    })->Unit(benchmark::kMicrosecond);
  }
  Repetitions repetitions;
  benchmark::RunSpecifiedBenchmarks(&repetitions);
  Costs costs;
  for (const Workload& workload : chosen) costs[workload.name] = repetitions.median(workload.name);
  return costs;
}

}  // namespace bench
