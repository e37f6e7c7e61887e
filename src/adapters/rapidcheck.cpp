#include <durasim/rapidcheck.hpp>

#include <algorithm>

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

bool earlier(const Schedule::Fault& a, const Schedule::Fault& b) { return a.position < b.position; }

/// At most one fault at each choice, in their order.
Schedule in_order(std::vector<Schedule::Fault> faults) {
  std::stable_sort(faults.begin(), faults.end(), earlier);
  faults.erase(std::unique(faults.begin(), faults.end(),
                           [](const auto& a, const auto& b) { return a.position == b.position; }),
               faults.end());
  return {std::move(faults)};
}

}  // namespace

rc::Gen<Schedule> arbitrary_schedule(std::uint32_t max_faults, std::uint32_t max_position) {
  // Integers shrink toward 0, the earliest position and the mildest alternative; alternative 0 is no fault
  // at all. Early choices are drawn more often, as short runs have no others.
  const auto below = [](std::uint32_t end) { return rc::gen::inRange<std::uint32_t>(0, std::max(end, 1U)); };
  const auto position = rc::gen::weightedOneOf<std::uint32_t>({{5, below(std::min(max_position, 12U))},
                                                               {3, below(std::min(max_position, 30U))},
                                                               {2, below(max_position)}});
  const auto fault = rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::pair(position, below(16))),
                                  [](const std::pair<std::uint32_t, std::uint32_t>& drawn) {
                                    return Schedule::Fault{drawn.first, drawn.second};
                                  });
  return rc::gen::withSize([=](int size) {
    const int most = size == 0 ? 0 : static_cast<int>(max_faults);
    return rc::gen::mapcat(rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, most + 1)), [fault](int count) {
      return rc::gen::map(rc::gen::container<std::vector<Schedule::Fault>>(static_cast<std::size_t>(count), fault),
                          in_order);
    });
  });
}

void showValue(const Schedule& schedule, std::ostream& out) {
  if (schedule.faults.empty()) out << "no faults";
  const char* separator = "";
  for (const auto& fault : schedule.faults) {
    out << separator << "alternative " << fault.alternative << " at choice " << fault.position;
    separator = ", ";
  }
}

}  // namespace durasim
