#include "durasim/explore/workers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/core/packed.hpp"

namespace workers_test {

using durasim::run_in_workers;
using durasim::WorkerDeath;
using durasim::WorkerResult;
using durasim::WorkerTasks;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// What a call came to, in the order in which it was taken.
struct Taken {
  std::vector<std::string> results;
  std::vector<std::string> deaths;
};

/// Takes `count` tasks until `stop_at`.
Taken run(std::uint32_t jobs, std::uint64_t count, std::function<WorkerResult(std::uint64_t)> task,
          std::uint64_t stop_at = ~0ULL) {
  Taken taken;
  WorkerTasks tasks;
  tasks.count = count;
  tasks.run = std::move(task);
  tasks.take = [&](std::uint64_t number, std::string_view bytes) {
    taken.results.push_back(std::to_string(number) + ":" + std::string(bytes));
    return number < stop_at;
  };
  tasks.died = [&](std::uint64_t number, const WorkerDeath& death) {
    taken.deaths.push_back(std::to_string(number) + ":" + death.text() +
                           (death.repeated ? "" : ", once"));
    return number < stop_at;
  };
  run_in_workers(jobs, tasks);
  return taken;
}

std::vector<std::string> squares(std::uint64_t count) {
  std::vector<std::string> expected;
  for (std::uint64_t i = 0; i < count; ++i)
    expected.push_back(std::to_string(i) + ":" + std::to_string(i * i));
  return expected;
}

WorkerResult square(std::uint64_t task) { return {std::to_string(task * task)}; }

class Workers : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Workers, HandOverTheirResultsInTheOrderOfTheTasks) {
  EXPECT_EQ(run(GetParam(), 1'000, square).results, squares(1'000));
  EXPECT_EQ(run(GetParam(), 1, square).results, squares(1));
  EXPECT_TRUE(run(GetParam(), 0, square).results.empty());
}

TEST_P(Workers, HandOverResultsOfAnySize) {
  const auto result = [](std::uint64_t task) {
    return WorkerResult{std::string(task % 3 == 0 ? 300'000 : task % 3, 'x')};
  };
  const Taken taken = run(GetParam(), 100, result);
  ASSERT_EQ(taken.results.size(), 100U);
  for (std::uint64_t task = 0; task < 100; ++task)
    EXPECT_EQ(taken.results[task], std::to_string(task) + ":" + result(task).bytes);
}

TEST_P(Workers, StopWhenNoMoreIsWanted) {
  EXPECT_EQ(run(GetParam(), ~0ULL, square, 499).results, squares(500));
}

TEST_P(Workers, StopAfterATaskThatIsTheLast) {
  const auto result = [](std::uint64_t task) {
    return WorkerResult{std::to_string(task * task), task % 300 == 299};
  };
  EXPECT_EQ(run(GetParam(), ~0ULL, result).results, squares(300));
}

TEST_P(Workers, AreSurvivedByTheirParent) {
  const auto result = [](std::uint64_t task) {
    if (task == 70) std::raise(SIGKILL);
    if (task == 170) std::exit(3);
    if (task == 270) ::_exit(0);
    return square(task);
  };
  Taken taken = run(GetParam(), 300, result);
  EXPECT_THAT(taken.deaths, ElementsAre("70:was killed by signal 9 (Killed)", "170:called exit(3)",
                                        "270:called exit(0)"));
  std::vector<std::string> expected = squares(300);
  for (const int died : {270, 170, 70}) expected.erase(expected.begin() + died);
  EXPECT_EQ(taken.results, expected);
  EXPECT_EQ(run(GetParam(), 300, result, 70).results, squares(70));
}

TEST_P(Workers, SayOfADeathThatItDoesNotRepeatItself) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  ::close(ends[1]);
  const Taken taken = run(GetParam(), 100, [&](std::uint64_t task) {
    char byte = 0;
    if (task == 50 && ::read(ends[0], &byte, 1) == 1) std::raise(SIGKILL);
    return square(task);
  });
  ::close(ends[0]);
  EXPECT_THAT(taken.deaths, ElementsAre(HasSubstr("50:was killed by signal 9")));
  EXPECT_THAT(taken.deaths, ElementsAre(HasSubstr(", once")));
  EXPECT_EQ(taken.results.size(), 99U);
}

/// Adds up the squares of all tasks, in rows, and returns what was taken: "70:died" for a death.
struct Collected {
  std::uint64_t sum = 0;
  std::uint64_t rows = 0;
  std::vector<std::string> deaths;
};

Collected collect(std::uint32_t jobs, std::uint64_t count,
                  const std::function<bool(std::uint64_t)>& is_last) {
  Collected collected;
  std::uint64_t sum = 0;
  std::uint64_t next = 0;
  WorkerTasks tasks;
  tasks.count = count;
  tasks.run = [&](std::uint64_t task) {
    sum += task * task;
    return WorkerResult{"not sent", is_last(task)};
  };
  tasks.collect = [&] { return std::to_string(std::exchange(sum, 0)); };
  tasks.take = [&](std::uint64_t task, std::string_view bytes) {
    EXPECT_GE(task, next);
    next = task + 1;
    collected.sum += std::stoull(std::string(bytes));
    ++collected.rows;
    return true;
  };
  tasks.died = [&](std::uint64_t task, const WorkerDeath& death) {
    EXPECT_GE(task, next);
    next = task + 1;
    collected.deaths.push_back(std::to_string(task) + (death.repeated ? "" : ", once"));
    return true;
  };
  run_in_workers(jobs, tasks);
  return collected;
}

std::uint64_t sum_of_squares(std::uint64_t below) {
  return (below - 1) * below * (2 * below - 1) / 6;
}

TEST_P(Workers, CollectWhatTasksInARowComeTo) {
  const auto none = [](std::uint64_t) { return false; };
  const Collected all = collect(GetParam(), 10'000, none);
  EXPECT_EQ(all.sum, sum_of_squares(10'000));
  EXPECT_LT(all.rows, 1'000U);
  EXPECT_EQ(collect(GetParam(), 1, none).rows, 1U);
  EXPECT_EQ(collect(GetParam(), ~0ULL, [](std::uint64_t task) { return task % 500 == 499; }).sum,
            sum_of_squares(500));
}

TEST_P(Workers, CollectWhatThoseDidThatDied) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  ::close(ends[1]);
  const Collected all = collect(GetParam(), 1'000, [&](std::uint64_t task) {
    char byte = 0;
    if (task == 507 || task == 508) std::raise(SIGKILL);
    if (task == 703 && ::read(ends[0], &byte, 1) == 1) std::raise(SIGKILL);
    return false;
  });
  ::close(ends[0]);
  EXPECT_THAT(all.deaths, ElementsAre("507", "508", "703, once"));
  EXPECT_EQ(all.sum, sum_of_squares(1'000) - 507 * 507 - 508 * 508 - 703 * 703);
}

TEST_P(Workers, HandOverAnException) {
  EXPECT_THAT(
      [] {
        run(GetParam(), 100, [](std::uint64_t task) {
          if (task == 60) throw std::runtime_error("no such file");
          return square(task);
        });
      },
      ThrowsMessage<std::runtime_error>("a worker failed: no such file"));
}

TEST_P(Workers, LeaveNoProcessBehind) {
  run(GetParam(), 1'000, square, 10);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_P(Workers, KnowWhatTheParentKnewAndTellItNothingElse) {
  std::uint64_t number = 7;
  const Taken taken = run(GetParam(), 3, [&](std::uint64_t task) {
    number += task;
    return WorkerResult{number >= 7 ? "known" : "unknown"};
  });
  EXPECT_THAT(taken.results, ElementsAre("0:known", "1:known", "2:known"));
  EXPECT_EQ(number, 7U);
}

INSTANTIATE_TEST_SUITE_P(OfAnyNumber, Workers, testing::Values(1U, 2U, 3U, 5U));

bool hooked = false;

TEST(WorkerHooks, AreCalledInEachWorkerAndNowhereElse) {
  durasim::at_worker_start([] { hooked = true; });
  EXPECT_THAT(
      run(2, 2, [](std::uint64_t) { return WorkerResult{hooked ? "hooked" : "not"}; }).results,
      ElementsAre("0:hooked", "1:hooked"));
  EXPECT_FALSE(hooked);
}

TEST(Packed, IsReadAsItWasWritten) {
  durasim::PackedWriter out;
  out.add(7);
  out.add("text");
  out.add(~0ULL);
  const std::string bytes = out.take();
  durasim::PackedReader in(bytes);
  EXPECT_EQ(in.number(), 7U);
  EXPECT_EQ(in.text(), "text");
  EXPECT_EQ(in.number(), ~0ULL);
  EXPECT_THROW(in.number(), std::logic_error);
}

}  // namespace workers_test
