#include <durasim/clock.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "durable/model/mutant.hpp"

namespace durasim {
namespace {

/// Of two timers the later one: std::push_heap keeps the largest on top, and we want the next one
/// there.
struct FiresLater {
  bool operator()(const Clock::Timer& a, const Clock::Timer& b) const {
    return std::tie(a.due, a.id) > std::tie(b.due, b.id);
  }
};

[[noreturn]] void abort_passing_timer(const Clock::Timer& timer, Timestamp when) {
  std::fprintf(stderr,
               "durasim: broken invariant: the clock was moved to %lld ms, past timer %llu of "
               "owner %u, due at %lld ms\n",
               static_cast<long long>(when.time_since_epoch().count()),
               static_cast<unsigned long long>(timer.id), timer.owner,
               static_cast<long long>(timer.due.time_since_epoch().count()));
  std::abort();
}

}  // namespace

Clock::TimerId Clock::set(Timestamp due, std::uint32_t owner, std::uint32_t first,
                          std::uint32_t second) {
  const TimerId id = next_id_++;
  live_.push_back(true);
  heap_.push_back({due, id, owner, first, second});
  std::push_heap(heap_.begin(), heap_.end(), FiresLater());
  return id;
}

void Clock::cancel(TimerId id) {
  if (id >= 1 && id < next_id_) live_[id - 1] = false;  // leaves the heap when it comes to the top
}

void Clock::defer(const Timer& timer, Timestamp due) {
  live_[timer.id - 1] = true;
  heap_.push_back(timer);
  heap_.back().due = due;
  std::push_heap(heap_.begin(), heap_.end(), FiresLater());
}

std::optional<Timestamp> Clock::next_due() {
  drop_cancelled();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

std::vector<Clock::Timer> Clock::advance() {
  std::vector<Timer> fired;
  drop_cancelled();
  if (heap_.empty()) return fired;
  now_ = std::max(now_, heap_.front().due);
  while (!heap_.empty() && heap_.front().due <= now_) {
    fired.push_back(heap_.front());
    live_[fired.back().id - 1] = false;
    drop_cancelled();
  }
  // Timers that were overdue when they were set have other due times; they fire now all the same.
  std::sort(fired.begin(), fired.end(), [](const Timer& a, const Timer& b) { return a.id < b.id; });
  if (DURASIM_MUTANT(fires_newest_timer_first)) std::reverse(fired.begin(), fired.end());
  if (DURASIM_MUTANT(clock_runs_backwards)) now_ -= std::chrono::seconds(2);
  return fired;
}

void Clock::advance_to(Timestamp when) {
  if (when <= now_) return;
  drop_cancelled();
  if (!heap_.empty() && heap_.front().due < when) abort_passing_timer(heap_.front(), when);
  now_ = when;
}

void Clock::drop_cancelled() {
  while (!heap_.empty() && !live_[heap_.front().id - 1]) {
    std::pop_heap(heap_.begin(), heap_.end(), FiresLater());
    heap_.pop_back();
  }
}

}  // namespace durasim
