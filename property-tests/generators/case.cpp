#include "generators/case.hpp"

#include <algorithm>

namespace generated {
namespace {

using durasim::Schedule;

constexpr std::uint32_t kMostFaults = 3;
constexpr int kLongestInput = 4;
/// About how many choices an operation offers.
constexpr std::uint32_t kChoices = 6;

/// The schedule itself, and with the faults from `first` on up to so many choices earlier that an
/// operation or a crash less accounts for: a fault is known by its position only.
std::vector<Schedule> shifted(const Schedule& schedule, std::size_t first) {
  std::vector<Schedule> results = {schedule};
  const auto& faults = schedule.choices;
  if (first >= faults.size()) return results;
  const std::uint32_t free = first == 0 ? 0 : faults[first - 1].position + 1;
  const std::uint32_t most = std::min(2 * kChoices, faults[first].position - free);
  for (std::uint32_t by = 1; by <= most; ++by) {
    Schedule& result = results.emplace_back(schedule);
    for (std::size_t i = first; i < faults.size(); ++i) result.choices[i].position -= by;
  }
  return results;
}

/// Without one of the faults; or with one of them earlier or milder.
std::vector<Schedule> simpler_schedules(const Schedule& schedule) {
  std::vector<Schedule> results;
  for (std::size_t i = 0; i < schedule.choices.size(); ++i) {
    Schedule rest = schedule;
    rest.choices.erase(rest.choices.begin() + static_cast<std::ptrdiff_t>(i));
    for (Schedule& result : shifted(rest, i)) results.push_back(std::move(result));
  }
  for (std::size_t i = 0; i < schedule.choices.size(); ++i) {
    const Schedule::Choice fault = schedule.choices[i];
    const std::uint32_t free = i == 0 ? 0 : schedule.choices[i - 1].position + 1;
    for (const std::uint32_t position : {free, (free + fault.position) / 2, fault.position - 1}) {
      if (position < free || position >= fault.position) continue;
      results.emplace_back(schedule).choices[i].position = position;
    }
    for (std::uint32_t alternative = 1; alternative < fault.alternative; ++alternative) {
      results.emplace_back(schedule).choices[i].alternative = alternative;
    }
  }
  return results;
}

/// Fewer faults first: with few of them, an operation is soon taken out together with its choices.
std::vector<Case> simpler_cases(const Case& whole) {
  std::vector<Case> results;
  for (Schedule& schedule : simpler_schedules(whole.schedule)) {
    results.push_back({whole.program, whole.input, std::move(schedule)});
  }
  std::vector<Schedule> schedules;
  for (std::size_t i = 0; i == 0 || i < whole.schedule.choices.size(); ++i) {
    for (Schedule& schedule : shifted(whole.schedule, i)) schedules.push_back(std::move(schedule));
  }
  for (const Program& program : simpler_programs(whole.program)) {
    for (const Schedule& schedule : schedules) results.push_back({program, whole.input, schedule});
  }
  for (const Input& input : simpler_inputs(whole.input)) {
    for (const Schedule& schedule : schedules) results.push_back({whole.program, input, schedule});
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
    const auto operations = static_cast<std::uint32_t>(generated::count(result.program.operations));
    result.schedule = *durasim::arbitrary_schedule(generated::kMostFaults,
                                                   generated::kChoices * (operations + 1));
    return result;
  });
  return rc::gen::shrink(rc::gen::noShrink(drawn), [](const Case& whole) {
    return rc::seq::fromContainer(generated::simpler_cases(whole));
  });
}
