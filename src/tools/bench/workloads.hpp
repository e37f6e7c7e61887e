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

/// Every schedule of the payment with at most so many faults, shared by so many processes.
void verify_payment(std::uint32_t max_faults, std::uint32_t jobs);

/// So many random schedules of the payment.
void search_payment(std::uint64_t runs);

}  // namespace bench
