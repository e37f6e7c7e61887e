#pragma once

#include <span>
#include <string_view>

/// What is measured: short runs, each of which ends as it should or throws std::logic_error.
namespace bench {

struct Workload {
  std::string_view name;
  void (*run)();
};

std::span<const Workload> workloads();

}  // namespace bench
