#include "durasim/report/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

namespace progress_test {

using durasim::progress_text;
using durasim::ProgressFigures;
using durasim::ProgressLine;
using std::chrono::milliseconds;

ProgressFigures figures() {
  return {.scenario = "Suite.Case",
          .schedules = 50'000,
          .states = 42,
          .depth = 1,
          .max_depth = 2,
          .left = 49'999};
}

TEST(ProgressText, SaysHowFarItIsAndHowLongItTakes) {
  EXPECT_EQ(progress_text(figures(), milliseconds(2'500)),
            "Suite.Case: 50000 schedules, 20000/s, 42 states, 1 of 2 faults, more than 3 s left");
}

TEST(ProgressText, IsSurerInTheLastLevel) {
  ProgressFigures last = figures();
  last.depth = 2;
  last.left = 2'000'000;
  EXPECT_EQ(
      progress_text(last, milliseconds(2'500)),
      "Suite.Case: 50000 schedules, 20000/s, 42 states, 2 of 2 faults, about 1 min 41 s left");
  last.left = 200'000'000;
  EXPECT_EQ(
      progress_text(last, milliseconds(2'500)),
      "Suite.Case: 50000 schedules, 20000/s, 42 states, 2 of 2 faults, about 2 h 46 min left");
}

TEST(ProgressText, DoesNotGuess) {
  ProgressFigures begun = figures();
  begun.left = 0;
  EXPECT_EQ(progress_text(begun, milliseconds(0)),
            "Suite.Case: 50000 schedules, 0/s, 42 states, 1 of 2 faults");
}

/// A pseudo-terminal, and what was written to it.
class Terminal {
 public:
  Terminal() : inside_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(::grantpt(inside_), 0);
    EXPECT_EQ(::unlockpt(inside_), 0);
    std::array<char, 100> name{};
    EXPECT_EQ(::ptsname_r(inside_, name.data(), name.size()), 0);
    outside_ = ::open(name.data(), O_RDWR | O_NOCTTY);
    ::fcntl(inside_, F_SETFL, O_NONBLOCK);
  }
  ~Terminal() {
    ::close(outside_);
    ::close(inside_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int descriptor() const { return outside_; }
  std::string written() const {
    std::array<char, 4'096> text{};
    const ssize_t count = ::read(inside_, text.data(), text.size());
    return {text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  int inside_;
  int outside_;
};

TEST(ProgressLine, ComesAfterTwoSecondsAndFiveTimesASecondAndGoes) {
  const Terminal terminal;
  milliseconds now{1'000};
  {
    ProgressLine progress(durasim::terminal_at(terminal.descriptor()), [&] { return now; });
    const auto written_at = [&](int time) {
      now = milliseconds(time);
      progress.update(figures);
      return terminal.written();
    };
    EXPECT_EQ(written_at(1'000), "");
    EXPECT_EQ(written_at(2'999), "");
    EXPECT_EQ(written_at(3'500),
              "\r\x1b[Kdurasim: Suite.Case: 50000 schedules, 20000/s, 42 states, 1 of 2 faults, "
              "more than 3 s left");
    EXPECT_EQ(written_at(3'699), "");
    EXPECT_NE(written_at(3'700), "");
  }
  EXPECT_EQ(terminal.written(), "\r\x1b[K");
}

TEST(ProgressLine, IsNotWipedOutWhereItNeverWas) {
  const Terminal terminal;
  {
    const ProgressLine progress(terminal.descriptor(), [] { return milliseconds(0); });
  }
  EXPECT_EQ(terminal.written(), "");
}

TEST(ProgressLine, IsForTerminalsOnly) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(durasim::terminal_at(ends[1]), -1);
  milliseconds now{0};
  ProgressLine progress(durasim::terminal_at(ends[1]), [&] { return now; });
  now = milliseconds(60'000);
  progress.update([]() -> ProgressFigures { throw std::logic_error("nobody asked"); });
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace progress_test
