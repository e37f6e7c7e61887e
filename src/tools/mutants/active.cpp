#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "durable/model/mutant.hpp"

/// Which mutant a test program linked with durasim_mutated starts with: DURASIM_MUTANT=name in its
/// environment, or none.
namespace durable::mutant {
namespace {

Mutant named_by_environment() {
  const char* const name = std::getenv("DURASIM_MUTANT");
  if (name == nullptr) return Mutant::none;
  const auto rows = {std::span<const MutantRow>(kMutants), std::span<const MutantRow>(kUnitMutants),
                     std::span<const MutantRow>(kOracleMutants)};
  for (const std::span<const MutantRow> of_one_table : rows)
    for (const MutantRow& row : of_one_table)
      if (row.name == name) return row.mutant;
  std::fprintf(stderr, "DURASIM_MUTANT=%s: there is no such mutant\n", name);
  std::exit(2);
}

}  // namespace

Mutant active = named_by_environment();

}  // namespace durable::mutant
