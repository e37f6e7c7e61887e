#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is reported: figures made of the costs of workloads. docs/reference/benchmarks.md explains each.
namespace bench {

/// Of one run of each workload: microseconds, or instructions.
using Costs = std::map<std::string_view, double>;

struct Figure {
  std::string_view name;  ///< with the unit at its end if it has one, it is a key of the output
  bool has_unit = false;  ///< a cost, not a ratio of costs
  std::vector<std::string_view> workloads = {};  ///< of which it is made
  double (*value)(const Costs& costs) = nullptr;
  std::optional<double> limit = {};  ///< the gate fails above it
  bool explores = false;             ///< of explorations, which --filter explore chooses
  bool timed = false;                ///< measured in time only

  std::string key(std::string_view unit) const;
};

/// Those whose key in microseconds contains `filter`, and the bare loop's, by which a run is judged.
std::vector<Figure> figures(std::string_view filter);
/// Whether `filter` chooses this one.
bool chooses(std::string_view filter, const Figure& figure);

/// The name of the figure that makes a run void, and its limit: a machine this slow measures itself.
inline constexpr std::string_view kBareLoop = "bare_loop";
inline constexpr double kBareLoopLimitUs = 8;

}  // namespace bench
