#include <algorithm>
#include <ostream>
#include <stdexcept>

#include <fmt/format.h>

#include "durasim/report/coverage_summary.hpp"

/// How coverage is told to people.
namespace durasim {
namespace {

/// Zero stands out.
std::string number(std::uint64_t count) { return count == 0 ? "-" : fmt::format("{}", count); }

template <class Values>
std::string listed(const Values& values) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += ", ";
    text += to_string(value);
  }
  return text;
}

std::string article_of(OperationKind operation) {
  const std::string_view name = to_string(operation);
  const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", name);
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

/// One that bounds choices of its kind, as options call it.
std::string_view bound_of(Fault fault) {
  switch (fault_info(fault).choice) {
    case ChoiceKind::order:
      return "max_preemptions";
    case ChoiceKind::environment:
      return "max_environment";
    case ChoiceKind::data:
      return "max_data";
    default:
      return "max_faults";
  }
}

std::string unoffered(const Coverage& coverage, OperationKind operation, Fault fault) {
  const SiteKind point = site_of(fault);
  std::string there;
  std::vector<OperationKind> operations;
  std::vector<SiteKind> points;
  for (const Coverage::Cell& cell : coverage.cells()) {
    if (operations.empty() || operations.back() != cell.operation)
      operations.push_back(cell.operation);
    if (cell.operation != operation) continue;
    if (points.empty() || points.back() != cell.point) points.push_back(cell.point);
    if (cell.point != point) continue;
    there += fmt::format("{}{} (injected {})", there.empty() ? "" : ", ", to_string(cell.fault),
                         cell.injected);
  }
  if (!there.empty()) {
    return fmt::format("{} was not offered at {} of {}{}; offered there: {}", to_string(fault),
                       to_string(point), article_of(operation),
                       coverage.faults().offers(fault) ? "" : ", as the fault model is without it",
                       there);
  }
  if (!points.empty()) {
    return fmt::format("no choice at {} of {} offered anything; there were choices at: {}",
                       to_string(point), article_of(operation), listed(points));
  }
  if (operations.empty()) return "no choice was offered at all";
  return fmt::format("no choice concerned {}; there were choices about: {}", article_of(operation),
                     listed(operations));
}

struct Columns {
  std::string operation;
  std::string point;
};

}  // namespace

std::string Coverage::explain(OperationKind operation, SiteKind point, Fault fault) const {
  if (site_of(fault) != point) {
    return fmt::format("{} happens at {}, never at {}", to_string(fault), to_string(site_of(fault)),
                       to_string(point));
  }
  const Cell found = cell(operation, fault);
  if (found.offered == 0) return unoffered(*this, operation, fault);
  if (found.injected == 0) {
    return fmt::format("{} was offered {} at {} of {} and never injected: see {}", to_string(fault),
                       times(found.offered), to_string(point), article_of(operation),
                       bound_of(fault));
  }
  return fmt::format("{} was injected {} at {} of {}, {}", to_string(fault), times(found.injected),
                     to_string(point), article_of(operation),
                     found.effective == 0 ? "and no run is known to have gone otherwise for it"
                                          : fmt::format("effective {}", times(found.effective)));
}

namespace detail {

Coverage::Cell cell_named(std::string_view operation, std::string_view point, Fault fault) {
  const Coverage::Cell cell{.operation = operation_kind_from_string(operation),
                            .point = site_kind_from_string(point),
                            .fault = fault};
  if (site_of(fault) != cell.point)
    throw std::invalid_argument(Coverage().explain(cell.operation, cell.point, fault));
  return cell;
}

std::string describe(const Coverage::Cell& cell) {
  return fmt::format("{} at {} of {}", to_string(cell.fault), to_string(cell.point),
                     article_of(cell.operation));
}

}  // namespace detail

std::string injected_text(const Coverage& coverage) {
  using Cell = Coverage::Cell;
  const std::vector<Cell> all = coverage.cells();
  const auto count = [&](std::uint64_t Cell::* member) {
    return std::count_if(all.begin(), all.end(), [&](const Cell& c) { return c.*member > 0; });
  };
  return fmt::format("{} of {} faults injected where they were offered, {} effective",
                     count(&Cell::injected), all.size(), count(&Cell::effective));
}

std::string coverage_summary(const Coverage& coverage) {
  const std::vector<Oracle> never = coverage.never_exercised();
  return injected_text(coverage) +
         (never.empty() ? std::string() : "; never exercised: " + listed(never));
}

std::string Coverage::text() const {
  const std::vector<Cell> all = cells();
  std::string text =
      fmt::format("coverage of {} run{}: {}\n", runs_, runs_ == 1 ? "" : "s", injected_text(*this));
  constexpr auto kRow = "  {:<18} {:<16} {:<34} {:>9} {:>9} {:>9}\n";
  if (!all.empty())
    text += fmt::format(kRow, "operation", "point", "fault", "offered", "injected", "effective");
  Columns above;
  for (const Cell& cell : all) {
    const Columns here{std::string(to_string(cell.operation)), std::string(to_string(cell.point))};
    const bool same_operation = here.operation == above.operation;
    const bool same_point = same_operation && here.point == above.point;
    text += fmt::format(kRow, same_operation ? "" : here.operation, same_point ? "" : here.point,
                        to_string(cell.fault), number(cell.offered), number(cell.injected),
                        number(cell.effective));
    above = here;
  }
  if (const auto never = never_offered(); !never.empty())
    text += fmt::format("  never offered    {}\n", listed(never));
  if (const auto never = never_exercised(); !never.empty())
    text += fmt::format("  never exercised  {}\n", listed(never));
  return text;
}

std::ostream& operator<<(std::ostream& out, const Coverage& coverage) {
  return out << coverage.text();
}

}  // namespace durasim
