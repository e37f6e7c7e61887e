#include "durasim/report/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace durasim {
namespace {

constexpr std::chrono::milliseconds kSilence{2'000};
constexpr std::chrono::milliseconds kRefreshed{200};
constexpr const char* kWiped = "\r\x1b[K";

/// For people alone: nothing that is decided depends on it.
std::chrono::milliseconds machine_time() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

std::string time_text(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3'600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3'600, seconds / 60 % 60);
}

/// 0 if it is not known.
std::size_t width_of(int terminal) {
  winsize size{};
  return ::ioctl(terminal, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string what_text(const ProgressFigures& figures, std::uint64_t rate) {
  if (figures.depth) {
    return fmt::format("{}: {} schedules, {}/s, {} states, {} of {} faults", figures.scenario,
                       figures.schedules, rate, figures.states, *figures.depth, figures.max_faults);
  }
  return fmt::format("{}: {} random schedules of at most {} fault{}, {}/s, {} states",
                     figures.scenario, figures.schedules, figures.max_faults,
                     figures.max_faults == 1 ? "" : "s", rate, figures.states);
}

/// Empty where nothing is known.
std::string left_text(const ProgressFigures& figures, std::uint64_t rate) {
  // What the schedules that are run now will add is not known before the last level.
  const bool grows = figures.depth && *figures.depth < figures.max_faults;
  std::optional<std::uint64_t> left;
  if (figures.left > 0 && rate > 0) left = figures.left / rate + 1;
  std::string_view how = grows ? "more than" : "about";
  if (figures.time_left) {
    const auto limit = static_cast<std::uint64_t>(std::max<std::int64_t>(
        std::chrono::ceil<std::chrono::seconds>(*figures.time_left).count(), 0));
    if (!left || limit <= *left) {
      left = limit;
      how = "about";
    }
  }
  if (!left) return "";
  if (figures.may_end_before) how = "at most";
  return fmt::format(", {} {} left", how, time_text(*left));
}

}  // namespace

std::string progress_text(const ProgressFigures& figures, std::chrono::milliseconds elapsed) {
  const auto spent = static_cast<std::uint64_t>(elapsed.count());
  const std::uint64_t rate = spent == 0 ? 0 : figures.schedules * 1'000 / spent;
  return what_text(figures, rate) + left_text(figures, rate);
}

ProgressLine::ProgressLine() : ProgressLine(terminal_at(STDERR_FILENO), machine_time) {}

ProgressLine::ProgressLine(int terminal, Clock clock)
    : terminal_(terminal), clock_(std::move(clock)), owner_(::getpid()) {
  if (terminal_ < 0) return;
  started_ = clock_();
  due_ = started_ + kSilence;
}

ProgressLine::~ProgressLine() {
  if (shown_ && ::getpid() == owner_) write(kWiped);
}

bool ProgressLine::is_due() {
  now_ = clock_();
  if (now_ < due_ || ::getpid() != owner_) return false;
  due_ = now_ + kRefreshed;
  return true;
}

void ProgressLine::show(const ProgressFigures& figures) {
  std::string text = "durasim: " + progress_text(figures, now_ - started_);
  const std::size_t width = width_of(terminal_);
  if (width > 0 && text.size() >= width) text.resize(width - 1);
  write(kWiped + text);
  shown_ = true;
}

void ProgressLine::write(const std::string& text) const {
  [[maybe_unused]] const auto written = ::write(terminal_, text.data(), text.size());
}

int terminal_at(int descriptor) { return ::isatty(descriptor) == 1 ? descriptor : -1; }

}  // namespace durasim
