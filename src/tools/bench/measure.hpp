#pragma once

#include <vector>

#include "figures.hpp"
#include "workloads.hpp"

/// Two ways of telling what a workload costs.
namespace bench {

/// How long to measure.
struct Effort {
  int repetitions = 15;   ///< of which the median counts
  double seconds = 0.02;  ///< of each
};

/// Microseconds of processor time: medians of repetitions, which are interleaved at random so that a
/// machine which changes its speed changes all of them.
Costs measure_time(const std::vector<Workload>& chosen, const Effort& effort);

/// Adds what an exploration costs with one job and with two, which take turns.
void measure_exploration(const Effort& effort, Costs& costs);

/// Instructions of the second run of each, counted by callgrind, under which this program runs again.
/// Errors:  std::runtime_error without valgrind, or with what valgrind said.
Costs count_instructions(const std::vector<Workload>& chosen, const char* program);
/// Adds how many times the instructions of one job two jobs take together, in all processes.
void count_instructions_of_jobs(const char* program, Costs& costs);
/// What that second program does.
void run_for_callgrind(const std::vector<Workload>& chosen);

}  // namespace bench
