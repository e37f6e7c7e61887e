#include "durasim/report/progress.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
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
          .max_faults = 2,
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

TEST(ProgressText, NamesTheTimeAfterWhichAnExplorationIsCut) {
  ProgressFigures cut = figures();
  cut.time_left = milliseconds(60'000);
  EXPECT_TRUE(progress_text(cut, milliseconds(2'500)).ends_with(", more than 3 s left"));
  cut.time_left = milliseconds(1'500);
  EXPECT_TRUE(progress_text(cut, milliseconds(2'500)).ends_with(", about 2 s left"));
  cut.time_left = milliseconds(-20);
  EXPECT_TRUE(progress_text(cut, milliseconds(2'500)).ends_with(", about 0 s left"));
}

ProgressFigures search() {
  ProgressFigures search = figures();
  search.depth.reset();
  search.max_faults = 3;
  return search;
}

TEST(ProgressText, OfASearchHasNoLevels) {
  EXPECT_EQ(progress_text(search(), milliseconds(2'500)),
            "Suite.Case: 50000 random schedules of at most 3 faults, 20000/s, 42 states, about 3 s "
            "left");
}

TEST(ProgressText, OfASearchEndsWithItsRunsOrItsTimeWhicheverComesFirst) {
  ProgressFigures both = search();
  both.time_left = milliseconds(600'000);
  EXPECT_TRUE(progress_text(both, milliseconds(2'500)).ends_with(", about 3 s left"));
  both.time_left = milliseconds(2'000);
  EXPECT_TRUE(progress_text(both, milliseconds(2'500)).ends_with(", about 2 s left"));
  both.left = 0;  // as many runs as the time allows
  both.time_left = milliseconds(570'000);
  EXPECT_TRUE(progress_text(both, milliseconds(2'500)).ends_with(", about 9 min 30 s left"));
}

TEST(ProgressText, OfASearchPromisesNoMoreWhereAPlateauMayEndIt) {
  ProgressFigures plateau = search();
  plateau.may_end_before = true;
  EXPECT_TRUE(progress_text(plateau, milliseconds(2'500)).ends_with(", at most 3 s left"));
  plateau.left = 0;
  EXPECT_TRUE(progress_text(plateau, milliseconds(2'500)).ends_with(", 42 states"));
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

TEST(ProgressLine, IsNotWrittenByForkedProcesses) {
  const Terminal terminal;
  milliseconds now{0};
  const auto in_another_process = [](const auto& act) {
    const pid_t child = ::fork();
    if (child == 0) {
      act();
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  };
  auto progress = std::make_unique<ProgressLine>(terminal.descriptor(), [&] { return now; });
  now = milliseconds(5'000);
  in_another_process([&] { progress->update(figures); });
  EXPECT_EQ(terminal.written(), "");
  progress->update(figures);
  EXPECT_NE(terminal.written(), "");
  in_another_process([&] { progress.reset(); });
  EXPECT_EQ(terminal.written(), "");
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
