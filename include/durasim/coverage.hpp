#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <durasim/chooser.hpp>
#include <durasim/faults.hpp>
#include <durasim/oracles.hpp>

namespace durasim {

/// What an exploration has tried: for each kind of operation, point in the protocol and fault, how
/// often it was offered, injected, and made a difference; and which oracles had anything to judge.
/// Source:  docs/reference/coverage.md
class Coverage {
 public:
  /// A fault has one point at which it happens, site_of().
  struct Cell {
    OperationKind operation = OperationKind::execution;
    SiteKind point = SiteKind::invocation_start;
    Fault fault = Fault::none;
    std::uint64_t offered = 0;   ///< choices that had it as an alternative
    std::uint64_t injected = 0;  ///< of those, where it was taken
    /// Of those, where the run went otherwise than the one without it: other durable states or other
    /// events. Counted where that one is known: of `verify` the last fault of each schedule, else
    /// those that are the only one of their run.
    std::uint64_t effective = 0;

    friend bool operator==(const Cell&, const Cell&) = default;
  };

  Coverage() = default;
  /// Of an exploration under this model, with these oracles.
  Coverage(const FaultModel& faults, OracleSet oracles) : faults_(faults), oracles_(oracles) {}

  void count_offered(OperationKind operation, const FaultSet& menu);
  void count_injected(OperationKind operation, Fault fault, bool effective);
  void exercise(Oracle oracle) { exercised_ = exercised_.with(oracle); }
  void count_run(OracleSet exercised) {
    ++runs_;
    exercised_ |= exercised;
  }
  /// Adds what another exploration of the same scenario has tried.
  void merge(const Coverage& other);

  std::uint64_t runs() const { return runs_; }
  const FaultModel& faults() const { return faults_; }
  /// The cells that were offered, by operation, point and fault.
  std::vector<Cell> cells() const;
  Cell cell(OperationKind operation, Fault fault) const;
  /// Faults of the model that no choice had as an alternative.
  std::vector<Fault> never_offered() const;
  bool is_exercised(Oracle oracle) const { return exercised_.contains(oracle); }
  /// Oracles that were on and never had anything to judge: that they are silent says nothing.
  std::vector<Oracle> never_exercised() const;

  /// Why a cell was not injected, or not effective, and what was offered instead.
  std::string explain(OperationKind operation, SiteKind point, Fault fault) const;
  /// A table for people: what came to nothing is marked, and listed at its end.
  std::string text() const;
  std::string to_json() const;
  /// Errors:  std::invalid_argument saying what is wrong.
  static Coverage from_json(const std::string& text);
  friend std::ostream& operator<<(std::ostream& out, const Coverage& coverage);

  friend bool operator==(const Coverage&, const Coverage&) = default;

 private:
  struct Counts {
    std::uint64_t offered = 0;
    std::uint64_t injected = 0;
    std::uint64_t effective = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
  };
  Counts* row(OperationKind operation);

  std::vector<Counts> counts_;  ///< kFaultCount for each kind of operation; empty until the first
  std::uint64_t runs_ = 0;
  FaultModel faults_ = FaultModel::none();
  OracleSet oracles_ = OracleSet::none();
  OracleSet exercised_ = OracleSet::none();
};

namespace detail {
/// Errors:  std::invalid_argument for names that there are not, and for a fault of another point.
Coverage::Cell cell_named(std::string_view operation, std::string_view point, Fault fault);
/// "crash_after_body at after_body of a step".
std::string describe(const Coverage::Cell& cell);
}  // namespace detail

}  // namespace durasim
