#include "generators/case.hpp"

#include <algorithm>

namespace generated {
namespace {

using durasim::Schedule;

constexpr std::uint32_t kMostFaults = 3;
constexpr int kLongestInput = 4;
/// About how many choices an operation offers.
constexpr std::uint32_t kChoices = 6;

/// Without one of the faults; or with one of them earlier or milder.
std::vector<Schedule> simpler_schedules(const Schedule& schedule) {
  std::vector<Schedule> results;
  for (std::size_t i = 0; i < schedule.faults.size(); ++i) {
    Schedule& result = results.emplace_back(schedule);
    result.faults.erase(result.faults.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < schedule.faults.size(); ++i) {
    const Schedule::Fault fault = schedule.faults[i];
    const std::uint32_t free = i == 0 ? 0 : schedule.faults[i - 1].position + 1;
    for (const std::uint32_t position : {free, (free + fault.position) / 2, fault.position - 1}) {
      if (position < free || position >= fault.position) continue;
      results.emplace_back(schedule).faults[i].position = position;
    }
    for (std::uint32_t alternative = 1; alternative < fault.alternative; ++alternative) {
      results.emplace_back(schedule).faults[i].alternative = alternative;
    }
  }
  return results;
}

/// The same faults `by` choices earlier.
Schedule earlier(Schedule schedule, std::uint32_t by) {
  for (auto& fault : schedule.faults) fault.position -= by;
  return schedule;
}

/// A fault is known by its position, so an operation goes together with the choices that it
/// offered.
std::vector<Case> simpler_cases(const Case& whole) {
  std::vector<Case> results;
  for (Schedule& schedule : simpler_schedules(whole.schedule)) {
    results.push_back({whole.program, whole.input, std::move(schedule)});
  }
  const auto& faults = whole.schedule.faults;
  const std::uint32_t most = faults.empty() ? 0 : std::min(2 * kChoices, faults.front().position);
  for (const Program& program : simpler_programs(whole.program)) {
    for (std::uint32_t by = 0; by <= most; ++by) {
      results.push_back({program, whole.input, earlier(whole.schedule, by)});
    }
  }
  for (Input& input : simpler_inputs(whole.input)) {
    for (std::uint32_t by = 0; by <= most; ++by) {
      results.push_back({whole.program, input, earlier(whole.schedule, by)});
    }
  }
  return results;
}

}  // namespace

void showValue(const Case& generated_case, std::ostream& out) {
  out << "handler(input):\n";
  showValue(generated_case.program, out);
  out << "input: ";
  rc::show(generated_case.input, out);
  out << "\nschedule: ";
  showValue(generated_case.schedule, out);
}

}  // namespace generated

rc::Gen<generated::Case> rc::Arbitrary<generated::Case>::arbitrary() {
  using generated::Case;
  const auto drawn = rc::gen::exec([] {
    Case result;
    result.program = *rc::gen::arbitrary<generated::Program>();
    const int length =
        *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, generated::kLongestInput + 1));
    result.input = *rc::gen::container<generated::Input>(static_cast<std::size_t>(length),
                                                         rc::gen::inRange(0, 10));
    const auto operations = static_cast<std::uint32_t>(result.program.operations.size());
    result.schedule = *durasim::arbitrary_schedule(generated::kMostFaults,
                                                   generated::kChoices * (operations + 1));
    return result;
  });
  return rc::gen::shrink(rc::gen::noShrink(drawn), [](const Case& whole) {
    return rc::seq::fromContainer(generated::simpler_cases(whole));
  });
}
