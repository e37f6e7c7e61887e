#include "tools/conformance/print.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace conformance {

std::string json_line(const Outcome& outcome) {
  const nlohmann::ordered_json json = {{"id", outcome.id},
                                       {"suite", outcome.suite},
                                       {"status", to_string(outcome.status)},
                                       {"detail", outcome.detail}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string table_row(const Outcome& outcome) {
  return fmt::format("{:<6} {:<20} {:<10} {}\n", outcome.id, outcome.suite,
                     to_string(outcome.status), outcome.detail);
}

std::string summary(const std::vector<Outcome>& outcomes) {
  const auto count = [&](Status status) {
    return std::count_if(outcomes.begin(), outcomes.end(),
                         [&](const Outcome& outcome) { return outcome.status == status; });
  };
  return fmt::format("{} requirements: {} passed, {} failed, {} without a handler\n",
                     outcomes.size(), count(Status::passed), count(Status::failed),
                     count(Status::no_handler));
}

bool all_passed(const std::vector<Outcome>& outcomes) {
  return std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
    return outcome.status == Status::passed ||
           (outcome.optional && outcome.status == Status::failed);
  });
}

}  // namespace conformance
