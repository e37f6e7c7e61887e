#include <durasim/schedule.hpp>

#include <fmt/format.h>

namespace durasim {
namespace {

std::string one_choice(std::string_view site, std::size_t bound) {
  return fmt::format("\"{}\" with {} alternatives", site, bound);
}

[[noreturn]] void diverged(std::size_t index, const std::string& recorded, const std::string& met) {
  throw DivergedError(
      fmt::format("the replay diverged at choice {}: recorded was {}, met was {}. The program or "
                  "the scenario has changed "
                  "since the recording.",
                  index + 1, recorded, met));
}

}  // namespace

std::string identify(const Site& site) {
  return fmt::format("execution {}, {} {}, occurrence {}", site.execution, to_string(site.kind),
                     site.path.is_root() ? "-" : site.path.to_string(), site.occurrence);
}

std::size_t ScheduleChooser::choose(const Site& /*site*/, std::span<const Fault> menu) {
  const std::uint32_t position = position_++;
  const auto& faults = schedule_.choices;
  while (next_ < faults.size() && faults[next_].position < position) ++next_;
  if (next_ == faults.size() || faults[next_].position != position) return 0;
  return faults[next_].alternative % menu.size();
}

std::size_t ReplayChooser::choose(const Site& site, std::span<const Fault> menu) {
  if (next_ == file_.choices.size() && !file_.ended.empty()) return 0;  // beyond where it ended
  const std::string met = identify(site);
  if (next_ == file_.choices.size())
    diverged(next_, "the end of the run", one_choice(met, menu.size()));
  const ScheduleFile::Choice& recorded = file_.choices[next_];
  if (recorded.site.empty()) {
    ++next_;
    if (recorded.answer < menu.size()) return recorded.answer;
    return 1 + (recorded.answer - 1) % (menu.size() - 1);  // as bytes are read
  }
  if (recorded.site != met || recorded.bound != menu.size()) {
    diverged(next_, one_choice(recorded.site, recorded.bound), one_choice(met, menu.size()));
  }
  const std::string_view offered =
      recorded.answer < menu.size() ? to_string(menu[recorded.answer]) : "nothing";
  if (recorded.fault != offered) {
    diverged(
        next_,
        fmt::format("\"{}\" as alternative {} of \"{}\"", recorded.fault, recorded.answer, met),
        fmt::format("\"{}\"", offered));
  }
  ++next_;
  return recorded.answer;
}

void ReplayChooser::expect_exhausted() const {
  if (next_ == file_.choices.size() || file_.choices[next_].site.empty()) return;
  const ScheduleFile::Choice& recorded = file_.choices[next_];
  diverged(next_,
           fmt::format("{}, the first of {} more", one_choice(recorded.site, recorded.bound),
                       file_.choices.size() - next_),
           "the end of the run");
}

}  // namespace durasim
