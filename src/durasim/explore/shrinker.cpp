#include "durasim/explore/shrinker.hpp"

#include "durasim/explore/ring.hpp"

#include <algorithm>

#include "durasim/core/script_chooser.hpp"

namespace durasim {
namespace {

/// The alternatives of a choice that come after the benign one, mildest first.
std::vector<Fault> mildest_first(const Anchors::Meeting& meeting) {
  std::vector<Fault> faults;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (meeting.offered.contains(fault)) faults.push_back(fault);
  }
  std::sort(faults.begin(), faults.end(),
            [](Fault a, Fault b) { return harshness(a) < harshness(b); });
  return faults;
}

/// Without `gone`, what comes later at the same place comes one time sooner.
void close_gap(const Script::Line& gone, Script::Line& later) {
  if (site_of(gone.fault) != site_of(later.fault) || gone.execution != later.execution) return;
  const bool same_place = gone.operation == later.operation && gone.number == later.number &&
                          gone.path == later.path && gone.occurrence == later.occurrence;
  if (same_place && later.time > 1) --later.time;
}

}  // namespace

bool Shrinker::start(Chooser& chooser, std::vector<Monitor*> monitors) {
  monitors.push_back(&best_.anchors);
  best_.run = run(chooser, std::move(monitors));
  original_ = best_.run;
  if (original_.findings.empty()) return false;
  best_.size = size_of(original_.decisions);
  signature_ = original_.findings.front().signature();
  most_draws_ = std::max(best_.size.draws, 1U);
  return true;
}

void Shrinker::search() {
  while (leave_out()) {
  }
  run_all_smaller();
  if (smallest_of_all_) return;
  while (!exhausted() && (move_earlier() || leave_out())) {
  }
}

RunResult Shrinker::run(Chooser& chooser, std::vector<Monitor*> monitors) {
  ++runs_;
  const RunRecord record{Schedule{}};
  RunSetup setup{scenario_, options_, chooser};
  setup.monitors = std::move(monitors);
  setup.inputs = inputs_;
  RunResult result = run_once(setup);
  references_.judge(result, inputs_);
  // Another failure would be stored only when the search for a smaller one is over.
  const bool other = !result.findings.empty() && !signature_.empty() &&
                     result.findings.front().signature() != signature_;
  if (other) store_at_once(result);
  return result;
}

bool Shrinker::fails_alike(const RunResult& run) {
  if (run.findings.empty()) return false;
  const std::string signature = run.findings.front().signature();
  if (signature == signature_) return true;
  others_.emplace(signature, run);
  return false;
}

bool Shrinker::improve(const Script& script) {
  if (exhausted() || !tried_.insert(script.to_text()).second) return false;
  ScriptChooser chooser(script);
  Failing candidate;
  candidate.run = run(chooser, {&chooser});
  if (!fails_alike(candidate.run)) return false;
  candidate.size = size_of(candidate.run.decisions);
  if (!(candidate.size < best_.size)) return false;
  candidate.anchors = chooser.anchors();
  best_ = std::move(candidate);
  return true;
}

/// True if there is less than before.
bool Shrinker::leave_out() {
  bool less = improve({});
  for (std::size_t count = best_.size.positions.size(); count > 0; count /= 2) {
    for (std::size_t begin = 0; begin < best_.size.positions.size();) {
      if (leave_out(begin, count)) {
        less = true;
      } else {
        begin += count;
      }
    }
  }
  return less;
}

bool Shrinker::leave_out(std::size_t begin, std::size_t count) {
  const std::vector<Script::Line> lines = best_.anchors.script().lines;
  const std::size_t end = std::min(begin + count, lines.size());
  Script rest;
  Script closed;  // the same, with later places moved up
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i >= begin && i < end) continue;
    rest.lines.push_back(lines[i]);
    closed.lines.push_back(lines[i]);
    for (std::size_t gone = begin; gone < std::min(i, end); ++gone) {
      close_gap(lines[gone], closed.lines.back());
    }
  }
  return improve(rest) || improve(closed);
}

/// Breadth-first, as verify does, but smallest first and for this failure only.
void Shrinker::run_all_smaller() {
  enumeration_limit_ = runs_ + (max_runs_ - runs_) / 2;  // the rest is for what comes after
  Levels levels;
  levels[{0, 0}].push_back({});
  while (!levels.empty()) {
    const auto level = levels.begin();
    fewest_ = level->first.first >= best_.size.faults;
    if (cut_ && level->first >= *cut_) return;
    std::vector<Candidate> candidates = std::move(level->second);
    levels.erase(level);
    if (run_level(candidates, levels)) return;
  }
  fewest_ = smallest_of_all_ = true;
}

/// True if the search is over.
bool Shrinker::run_level(std::vector<Candidate>& level, Levels& levels) {
  std::sort(level.begin(), level.end(),
            [](const Candidate& a, const Candidate& b) { return a.size < b.size; });
  for (const Candidate& candidate : level) {
    if (runs_ >= enumeration_limit_) return true;
    ScheduleChooser chooser(candidate.schedule);
    Failing found;
    found.run = run(chooser, {&found.anchors});
    if (fails_alike(found.run)) {
      found.size = size_of(found.run.decisions);
      best_ = std::move(found);
      fewest_ = smallest_of_all_ = true;
      return true;
    }
    branch(candidate, found.run.decisions, levels);
  }
  return false;
}

/// Adds the schedules with one more choice that is not benign, made after all others.
void Shrinker::branch(const Candidate& candidate, const std::vector<Decision>& decisions,
                      Levels& levels) {
  const auto& faults = candidate.schedule.choices;
  for (std::uint32_t i = faults.empty() ? 0 : faults.back().position + 1; i < decisions.size();
       ++i) {
    for (std::uint32_t alternative = 1; alternative < decisions[i].bound; ++alternative) {
      Candidate next = candidate;
      next.size.add(decisions[i].site, i, decisions[i].alternative(alternative));
      if (next.size.draws > most_draws_ || !(next.size < best_.size)) continue;
      const LevelKey key{next.size.faults, next.size.draws};
      std::vector<Candidate>& level = levels[key];
      if (runs_ + level.size() >= enumeration_limit_) {
        cut_ = std::min(cut_.value_or(key), key);
        continue;
      }
      next.schedule.choices.push_back({i, alternative});
      level.push_back(std::move(next));
    }
  }
}

/// True if something is earlier or milder than before.
bool Shrinker::move_earlier() {
  bool moved = false;
  for (std::size_t index = 0; index < best_.size.positions.size(); ++index) {
    while (move_earlier(index)) moved = true;
  }
  return moved;
}

bool Shrinker::move_earlier(std::size_t index) {
  if (index >= best_.size.positions.size()) return false;
  const Script script = best_.anchors.script();
  const Anchors anchors = best_.anchors;
  const std::uint32_t last = best_.size.positions[index];
  const std::uint32_t first = index == 0 ? 0 : best_.size.positions[index - 1] + 1;
  for (std::uint32_t position = first; position <= last; ++position) {
    for (const Fault fault : mildest_first(anchors.meetings()[position])) {
      if (position == last && harshness(fault) >= best_.size.harshness[index]) break;
      Script candidate = script;
      candidate.lines[index] = anchors.line(position, fault);
      if (improve(candidate)) return true;
    }
  }
  return false;
}

}  // namespace durasim
