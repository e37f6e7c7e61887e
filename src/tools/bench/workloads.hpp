#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What is measured: short runs, each of which ends as it should or throws std::logic_error.
namespace bench {

struct Workload {
  std::string_view name;
  void (*run)();
};

std::span<const Workload> workloads();

/// All schedules of the payment with at most two faults, shared by so many processes.
void verify_payment(std::uint32_t jobs);

}  // namespace bench
