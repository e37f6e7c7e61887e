#include <durasim/coverage.hpp>

#include <algorithm>
#include <tuple>

/// What was counted.
namespace durasim {

Coverage::Counts* Coverage::row(OperationKind operation) {
  if (counts_.empty()) counts_.resize(kOperationKindCount * kFaultCount);
  return counts_.data() + static_cast<std::size_t>(operation) * kFaultCount;
}

void Coverage::count_offered(OperationKind operation, const FaultSet& menu) {
  Counts* const counts = row(operation);
  menu.each([&](Fault fault) { ++counts[static_cast<std::size_t>(fault)].offered; });
}

void Coverage::count_injected(OperationKind operation, Fault fault, bool effective) {
  Counts& counts = row(operation)[static_cast<std::size_t>(fault)];
  ++counts.injected;
  counts.effective += effective ? 1 : 0;
}

void Coverage::merge(const Coverage& other) {
  if (counts_.empty()) {
    counts_ = other.counts_;
  } else {
    for (std::size_t i = 0; i < other.counts_.size(); ++i) {
      counts_[i].offered += other.counts_[i].offered;
      counts_[i].injected += other.counts_[i].injected;
      counts_[i].effective += other.counts_[i].effective;
    }
  }
  runs_ += other.runs_;
  for (const Fault fault : other.faults_.faults()) faults_ = faults_.with({fault});
  oracles_ |= other.oracles_;
  exercised_ |= other.exercised_;
}

Coverage::Cell Coverage::cell(OperationKind operation, Fault fault) const {
  Cell cell{.operation = operation, .point = site_of(fault), .fault = fault};
  if (counts_.empty()) return cell;
  const Counts& counts =
      counts_[static_cast<std::size_t>(operation) * kFaultCount + static_cast<std::size_t>(fault)];
  cell.offered = counts.offered;
  cell.injected = counts.injected;
  cell.effective = counts.effective;
  return cell;
}

std::vector<Coverage::Cell> Coverage::cells() const {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i].offered == 0) continue;
    cells.push_back(
        cell(static_cast<OperationKind>(i / kFaultCount), static_cast<Fault>(i % kFaultCount)));
  }
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.operation, a.point, a.fault) < std::tie(b.operation, b.point, b.fault);
  });
  return cells;
}

std::vector<Fault> Coverage::never_offered() const {
  FaultSet offered;
  for (const Cell& cell : cells()) offered.insert(cell.fault);
  std::vector<Fault> never;
  for (const Fault fault : faults_.faults()) {
    if (!offered.contains(fault)) never.push_back(fault);
  }
  return never;
}

std::vector<Oracle> Coverage::never_exercised() const {
  std::vector<Oracle> never;
  for (std::size_t i = 0; i < kOracleCount; ++i) {
    const auto oracle = static_cast<Oracle>(i);
    if (oracles_.contains(oracle) && !exercised_.contains(oracle)) never.push_back(oracle);
  }
  return never;
}

}  // namespace durasim
