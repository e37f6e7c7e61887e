#include <durasim/choosers.hpp>

#include <fmt/format.h>

/// Choosers that repeat, count and compare.
namespace durasim {
namespace {

std::string text_of(const Site& site, std::size_t bound) {
  return fmt::format("\"{}\" with {} alternatives", identify(site), bound);
}

}  // namespace

LenientReplayChooser::LenientReplayChooser(const ScheduleFile& file) {
  for (std::size_t i = 0; i < file.choices.size(); ++i) {
    const ScheduleFile::Choice& choice = file.choices[i];
    if (choice.answer == 0) continue;
    Recorded recorded{choice.site, 1, choice.fault};
    for (std::size_t j = 0; j < i; ++j) recorded.time += file.choices[j].site == choice.site;
    recorded_.push_back(std::move(recorded));
  }
}

std::size_t LenientReplayChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::string met = identify(site);
  std::size_t answer = 0;
  for (Recorded& recorded : recorded_) {
    if (recorded.site != met || ++recorded.met != recorded.time) continue;
    for (std::size_t i = 1; i < menu.size(); ++i) {
      if (recorded.fault == to_string(menu[i])) answer = i;
    }
    recorded.reached = answer != 0;
  }
  return answer;
}

std::vector<std::string> LenientReplayChooser::unreached() const {
  std::vector<std::string> missed;
  for (const Recorded& recorded : recorded_) {
    if (recorded.reached) continue;
    const std::string why = recorded.met < recorded.time ? fmt::format("met {} times", recorded.met)
                                                         : std::string("offers it no more");
    missed.push_back(
        fmt::format("{} at {}, time {}: {}", recorded.fault, recorded.site, recorded.time, why));
  }
  return missed;
}

std::size_t RecordingChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::size_t answer = inner_.choose(site, menu);
  Decision decision;
  decision.site = site;
  decision.bound = static_cast<std::uint16_t>(menu.size());
  decision.answer = static_cast<std::uint16_t>(answer);
  decision.fault = menu[answer];
  for (const Fault fault : menu.subspan(1)) decision.offered.insert(fault);
  decisions_.push_back(decision);
  return answer;
}

Schedule RecordingChooser::schedule() const {
  Schedule schedule;
  for (std::uint32_t i = 0; i < decisions_.size(); ++i) {
    if (decisions_[i].answer != 0) schedule.choices.push_back({i, decisions_[i].answer});
  }
  return schedule;
}

std::size_t MetricsChooser::choose(const Site& site, std::span<const Fault> menu) {
  const std::size_t answer = inner_.choose(site, menu);
  ++choices_;
  for (const Fault fault : menu) ++of_fault_[static_cast<std::size_t>(fault)].offered;
  ++of_fault_[static_cast<std::size_t>(menu[answer])].taken;
  return answer;
}

std::size_t DeterminismChooser::choose(const Site& site, std::span<const Fault> menu) {
  if (!repeating_) return first_.choose(site, menu);
  const std::vector<Decision>& decisions = first_.decisions();
  const std::size_t position = position_++;
  const std::string first = position < decisions.size()
                                ? text_of(decisions[position].site, decisions[position].bound)
                                : std::string("the end of the run");
  if (const std::string met = text_of(site, menu.size()); met != first) {
    throw NondeterminismError(
        fmt::format("two runs with the same answers differ at choice {}: the first run met {}, the "
                    "second one {}",
                    position + 1, first, met));
  }
  return decisions[position].answer;
}

void DeterminismChooser::next_run() {
  const std::vector<Decision>& decisions = first_.decisions();
  if (repeating_ && position_ < decisions.size()) {
    throw NondeterminismError(fmt::format(
        "two runs with the same answers differ at choice {}: the first run met {}, the second one "
        "the end of the run",
        position_ + 1, text_of(decisions[position_].site, decisions[position_].bound)));
  }
  repeating_ = true;
  position_ = 0;
}

}  // namespace durasim
