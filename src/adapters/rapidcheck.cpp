#include <durasim/rapidcheck.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include <durasim/environment.hpp>
#include <durasim/faults.hpp>
#include <durasim/framework.hpp>

namespace durasim {
namespace {

/// RC_ASSERT, RC_PRE and their kin end a test case by throwing this.
[[maybe_unused]] const bool registered = [] {
  register_test_abort([](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const rc::detail::CaseResult&) {
      return true;
    } catch (...) {
      return false;
    }
  });
  return true;
}();

/// RapidCheck reads its parameters when it is asked for the first property.
[[maybe_unused]] const bool told = [] {
  try {
    const char* const said = std::getenv("RC_PARAMS");
    const std::string before = said == nullptr ? "" : said;
    const std::string parameters =
        detail::rapidcheck_parameters(before, settings_from_environment());
    if (parameters != before) ::setenv("RC_PARAMS", parameters.c_str(), 1);
  } catch (const EnvironmentError&) {
    return false;  // the first `check` says so, where that can be reported
  }
  return true;
}();

bool earlier(const Schedule::Choice& a, const Schedule::Choice& b) {
  return std::pair(a.position, a.alternative) < std::pair(b.position, b.alternative);
}

/// At most one fault at each choice, in their order.
Schedule in_order(std::vector<Schedule::Choice> faults) {
  std::sort(faults.begin(), faults.end(), earlier);
  faults.erase(std::unique(faults.begin(), faults.end(),
                           [](const auto& a, const auto& b) { return a.position == b.position; }),
               faults.end());
  std::erase_if(faults, [](const Schedule::Choice& fault) { return fault.alternative == 0; });
  return {std::move(faults)};
}

/// Every schedule that differs in one fault: without it; then earlier; then of an earlier
/// alternative.
rc::Seq<Schedule> simpler(const Schedule& schedule) {
  std::vector<Schedule> result;
  const auto& faults = schedule.choices;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    result.push_back(schedule);
    result.back().choices.erase(result.back().choices.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::uint32_t position = i == 0 ? 0 : faults[i - 1].position + 1;
         position < faults[i].position; ++position) {
      result.push_back(schedule);
      result.back().choices[i].position = position;
    }
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::uint32_t alternative = 1; alternative < faults[i].alternative; ++alternative) {
      result.push_back(schedule);
      result.back().choices[i].alternative = alternative;
    }
  }
  return rc::seq::fromContainer(std::move(result));
}

}  // namespace

std::string detail::rapidcheck_parameters(std::string said, const Settings& settings) {
  const auto add = [&](const std::string& name, std::uint64_t value) {
    if ((' ' + said).find(' ' + name + '=') != std::string::npos) return;
    said += (said.empty() ? "" : " ") + name + '=' + std::to_string(value);
  };
  if (settings.seed) add("seed", *settings.seed);
  constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
  if (settings.runs) add("max_success", std::min(*settings.runs, kMost));
  return said;
}

/// More than any site has. A number of its own: what is drawn does not change when a fault is added.
constexpr std::uint32_t kMostAlternatives = 75;

rc::Gen<Schedule> arbitrary_schedule(std::uint32_t max_faults, std::uint32_t max_position) {
  max_faults = setting_from_environment("DURASIM_MAX_FAULTS").max_faults.value_or(max_faults);
  // Early choices are drawn more often, as short runs have no others.
  const auto below = [](std::uint32_t end) {
    return rc::gen::inRange<std::uint32_t>(0, std::max(end, 1U));
  };
  const auto position =
      rc::gen::weightedOneOf<std::uint32_t>({{5, below(std::min(max_position, 12U))},
                                             {3, below(std::min(max_position, 30U))},
                                             {2, below(max_position)}});
  // A site offers each fault once at most, so that every alternative there may be is drawn; which one
  // it is where there are fewer, the run says.
  const auto alternative = below(kMostAlternatives);
  const auto fault =
      rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::pair(position, alternative)),
                   [](const std::pair<std::uint32_t, std::uint32_t>& drawn) {
                     return Schedule::Choice{drawn.first, drawn.second};
                   });
  const auto drawn = rc::gen::withSize([=](int size) {
    const int most = size == 0 ? 0 : static_cast<int>(max_faults);
    return rc::gen::mapcat(rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, most + 1)),
                           [fault](int count) {
                             return rc::gen::map(rc::gen::container<std::vector<Schedule::Choice>>(
                                                     static_cast<std::size_t>(count), fault),
                                                 in_order);
                           });
  });
  return rc::gen::shrink(rc::gen::noShrink(drawn),
                         [](const Schedule& schedule) { return simpler(schedule); });
}

void showValue(const Schedule& schedule, std::ostream& out) {
  if (schedule.choices.empty()) out << "no faults";
  const char* separator = "";
  for (const auto& fault : schedule.choices) {
    out << separator << "alternative " << fault.alternative << " at choice " << fault.position;
    separator = ", ";
  }
}

}  // namespace durasim
