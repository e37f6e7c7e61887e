#include "figures.hpp"

#include <algorithm>

#include <durasim/guard.hpp>
#include <durasim/search.hpp>

namespace bench {
namespace {

/// What one more step costs when there are `b` of them: the slope between two runs. Fixed costs
/// cancel out.
template <int a, int b>
double slope(const Costs& costs, std::string_view shorter, std::string_view longer) {
  return (costs.at(longer) - costs.at(shorter)) / (b - a);
}

double step_at_10(const Costs& c) { return slope<5, 10>(c, "steps_5", "steps_10"); }
double step_at_100(const Costs& c) { return slope<50, 100>(c, "steps_50", "steps_100"); }
double step_at_1000(const Costs& c) { return slope<500, 1'000>(c, "steps_500", "steps_1000"); }
double step_at_3000(const Costs& c) { return slope<1'500, 3'000>(c, "steps_1500", "steps_3000"); }

double step_ratio(const Costs& c) {
  return slope<10, 1'000>(c, "steps_10", "steps_1000") /
         slope<10, 1'000>(c, "bare_steps_10", "bare_steps_1000");
}

/// Of the program that the guard is linked into.
const std::vector<Figure>& guarded_figures() {
  static const std::vector<Figure> all = {
      {kBareLoop, true, {"bare_payment"}, [](const Costs& c) { return c.at("bare_payment"); }},
      {"payment_guarded_ratio",
       false,
       {"payment_guarded", "bare_payment"},
       [](const Costs& c) { return c.at("payment_guarded") / c.at("bare_payment"); },
       8},
  };
  return all;
}

const std::vector<Figure>& all_figures() {
  if (durasim::guard_is_active()) return guarded_figures();
  static const std::vector<Figure> all = {
      {kBareLoop, true, {"bare_payment"}, [](const Costs& c) { return c.at("bare_payment"); }},
      {"payment_ratio",
       false,
       {"payment", "bare_payment"},
       [](const Costs& c) { return c.at("payment") / c.at("bare_payment"); }},
      {"payment_oracles_ratio",
       false,
       {"payment_oracles", "bare_payment"},
       [](const Costs& c) { return c.at("payment_oracles") / c.at("bare_payment"); },
       6},
      {"step_ratio",
       false,
       {"steps_10", "steps_1000", "bare_steps_10", "bare_steps_1000"},
       step_ratio,
       4},
      {"step_10", true, {"steps_5", "steps_10"}, step_at_10},
      {"step_100", true, {"steps_50", "steps_100"}, step_at_100},
      {"step_1000", true, {"steps_500", "steps_1000"}, step_at_1000},
      {"step_3000", true, {"steps_1500", "steps_3000"}, step_at_3000},
      {"step_3000_over_10",
       false,
       {"steps_5", "steps_10", "steps_1500", "steps_3000"},
       [](const Costs& c) { return step_at_3000(c) / step_at_10(c); },
       1.3},
      {"crash_ratio",
       false,
       {"crash", "bare_crash"},
       [](const Costs& c) { return c.at("crash") / c.at("bare_crash"); }},
      {"replay_ratio",
       false,
       {"waits_100", "bare_waits_100"},
       [](const Costs& c) { return c.at("waits_100") / c.at("bare_waits_100"); }},
      {"replay_100_waits", true, {"waits_100"}, [](const Costs& c) { return c.at("waits_100"); }},
      {"year_wait", true, {"year_wait"}, [](const Costs& c) { return c.at("year_wait"); }},
      {.name = "verify_payment_k2_s",
       .value = [](const Costs& c) { return c.at("verify_payment_k2"); },
       .explores = true,
       .timed = true},
      {.name = "search_schedules_per_s",
       .value = [](const Costs& c) { return c.at("search_schedules_per_s"); },
       .explores = true,
       .timed = true},
      {.name = "search_ratio",
       .workloads = {"search_block", "bare_payment"},
       .value =
           [](const Costs& c) {
             return c.at("search_block") / durasim::kBlockRuns / c.at("bare_payment");
           },
       .limit = 10,
       .explores = true},
      {.name = "two_jobs_speedup",
       .value = [](const Costs& c) { return c.at("two_jobs_speedup"); },
       .explores = true,
       .timed = true},
      {.name = "two_jobs_cost",
       .value = [](const Costs& c) { return c.at("two_jobs_cost"); },
       .limit = 1.15,
       .explores = true},
  };
  return all;
}

}  // namespace

std::string Figure::key(std::string_view unit) const {
  std::string key(name);
  if (has_unit) key.append("_").append(unit);
  return key;
}

bool chooses(std::string_view filter, const Figure& figure) {
  return figure.key("us").find(filter) != std::string::npos ||
         (figure.explores && filter == "explore");
}

std::vector<Figure> figures(std::string_view filter) {
  std::vector<Figure> chosen;
  for (const Figure& figure : all_figures()) {
    if (figure.name == kBareLoop || chooses(filter, figure)) chosen.push_back(figure);
  }
  return chosen;
}

}  // namespace bench
