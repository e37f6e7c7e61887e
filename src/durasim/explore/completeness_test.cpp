#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// verify runs exactly the schedules that there are: a brute-force enumeration, which knows of the
/// simulation only that it asks a chooser, finds the same ones.
namespace completeness_test {

using namespace std::chrono_literals;

/// A whole run: every choice that was not benign, as position and alternative.
using Answers = std::vector<std::pair<std::size_t, std::size_t>>;

constexpr std::size_t kMostData = 1;

/// Counts through all complete sequences of answers, as an odometer whose wheels have as many
/// digits as the run that is being made turns out to offer.
class Odometer final : public durasim::Chooser {
 public:
  explicit Odometer(std::size_t most_faults) : most_faults_(most_faults) {}

  std::size_t choose(const durasim::Site& site, std::span<const durasim::Fault> menu) override {
    if (next_ == wheels_.size()) {
      wheels_.push_back({0, menu.size(), site.choice == durasim::ChoiceKind::data});
    }
    return wheels_[next_++].digit;
  }

  Answers answers() const {
    Answers answers;
    for (std::size_t i = 0; i < wheels_.size(); ++i) {
      if (wheels_[i].digit != 0) answers.emplace_back(i, wheels_[i].digit);
    }
    return answers;
  }

  /// To the next sequence: the last wheel that can be moved on within the bounds is, and what
  /// follows it starts anew. False when there is none.
  bool advance() {
    next_ = 0;
    while (!wheels_.empty()) {
      Wheel& last = wheels_.back();
      const bool affordable =
          last.digit > 0 || spent(last.data) < (last.data ? kMostData : most_faults_);
      if (last.digit + 1 < last.digits && affordable) {
        ++last.digit;
        return true;
      }
      wheels_.pop_back();
    }
    return false;
  }

 private:
  struct Wheel {
    std::size_t digit;
    std::size_t digits;
    bool data;
  };

  std::size_t spent(bool data) const {
    std::size_t spent = 0;
    for (const Wheel& wheel : wheels_) spent += wheel.data == data && wheel.digit != 0 ? 1 : 0;
    return spent;
  }

  std::size_t most_faults_;
  std::vector<Wheel> wheels_;
  std::size_t next_ = 0;
};

std::set<Answers> brute_force(void (*scenario)(durasim::Simulation&), std::size_t most_faults) {
  std::set<Answers> found;
  Odometer odometer(most_faults);
  do {
    durasim::Simulation sim({.faults = durasim::FaultModel::hostile(), .shadow_replay = false},
                            odometer);
    scenario(sim);
    EXPECT_TRUE(found.insert(odometer.answers()).second) << "the odometer came by twice";
  } while (odometer.advance());
  return found;
}

std::set<Answers> verified(void (*scenario)(durasim::Simulation&), std::uint32_t most_faults) {
  std::set<Answers> found;
  const auto note = [&](const durasim::Simulation&, const durasim::Schedule& schedule) {
    Answers answers;
    for (const auto& fault : schedule.choices)
      answers.emplace_back(fault.position, fault.alternative);
    EXPECT_TRUE(found.insert(answers).second) << "verify ran a schedule twice";
  };
  const auto result = durasim::verify(
      scenario,
      {.max_faults = most_faults, .faults = durasim::FaultModel::hostile(), .after_run = note});
  EXPECT_EQ(result.verdict, durasim::Verdict::holds) << result;
  EXPECT_EQ(result.runs, found.size());
  return found;
}

void expect_complete(void (*scenario)(durasim::Simulation&)) {
  for (std::uint32_t most_faults = 0; most_faults <= 2; ++most_faults) {
    const std::set<Answers> expected = brute_force(scenario, most_faults);
    const std::set<Answers> actual = verified(scenario, most_faults);
    EXPECT_EQ(actual.size(), expected.size()) << "with " << most_faults << " faults";
    EXPECT_TRUE(actual == expected) << "with " << most_faults << " faults";
    if (most_faults == 1) {
      EXPECT_GT(expected.size(), 10U);
    }
    if (most_faults == 2) {
      EXPECT_GT(expected.size(), 100U);
    }
  }
}

template <class Handler>
void run(durasim::Simulation& sim, Handler handler) {
  sim.function("handler", std::move(handler));
  sim.run("handler");
}

const durable::StepConfig kAtMostOnce{.retry = durable::retry::none(),
                                      .semantics = durable::StepSemantics::at_most_once_per_retry};

TEST(VerifyCompleteness, OfOneStep) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) { return ctx.step("step", [] { return 1; }); });
  });
}

TEST(VerifyCompleteness, OfOneStepWithTwoEffects) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [&sim](durable::Context& ctx) {
      ctx.step("step", [&] {
        sim.effects().record("first");
        sim.effects().record("second");
      });
    });
  });
}

TEST(VerifyCompleteness, OfOneStepAtMostOnce) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) { ctx.step("step", [] {}, kAtMostOnce); });
  });
}

TEST(VerifyCompleteness, OfOneWait) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) { ctx.wait("wait", 1min); });
  });
}

TEST(VerifyCompleteness, OfAStepThatFailsOnceAndIsRetriedAtAFixedInterval) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) {
      return ctx.step("step",
                      [](durable::StepContext& step) {
                        if (step.attempt() == 1) throw std::runtime_error("not yet");
                        return 1;
                      },
                      {.retry = durable::retry::fixed(2, 5s)});
    });
  });
}

TEST(VerifyCompleteness, OfAStepThatFailsTwiceAndIsRetriedWithJitter) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) {
      return ctx.step("step", [](durable::StepContext& step) {
        if (step.attempt() <= 2) throw std::runtime_error("not yet");
        return 1;
      });
    });
  });
}

TEST(VerifyCompleteness, OfAStepAWaitAndAStep) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) {
      const int first = ctx.step("first", [] { return 1; });
      ctx.wait("wait", 1min);
      return first + ctx.step("second", [] { return 2; });
    });
  });
}

TEST(VerifyCompleteness, OfAWaitAndAnInterruptibleStepThatIsCompensated) {
  expect_complete([](durasim::Simulation& sim) {
    run(sim, [](durable::Context& ctx) {
      ctx.wait("wait", 1min);
      try {
        ctx.step("charge", [] {}, kAtMostOnce);
      } catch (const durable::StepInterruptedError&) {
        ctx.step("ask", [] {});
      }
    });
  });
}

}  // namespace completeness_test
