#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "durasim/core/hash.hpp"
#include "handlers/sound/all.hpp"

/// No oracle raises an alarm on a sound handler, whatever befalls it that leaves its outcome alone; nor,
/// where the outcome is left to the outside, whatever befalls it at all.
namespace thorough_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Fault;
using durasim::FaultModel;
using durasim::Simulation;
using durasim::Verdict;

std::string charge(Context& ctx, Simulation& sim, const char* name) {
  return ctx.step(name, [&](StepContext& step) {
    return sim.effects().apply(name, step.idempotency_key(), std::string(name));
  });
}

template <class Wait>
std::string outcome_of(Wait wait) {
  try {
    return wait();
  } catch (const durable::Error& error) {
    return error.code();
  }
}

/// Waits for an approval and for a price, in a context of its own.
void asks_outside(Simulation& sim) {
  sim.function("ask", [&sim](Context& ctx) {
    std::string told = charge(ctx, sim, "first");
    told += ctx.run_in_child_context("inner", [&](Context& inner) {
      return outcome_of([&] {
        return inner.wait_for_callback("approval", [](const std::string&) {}, {.timeout = 1h});
      });
    });
    told += outcome_of([&] { return std::to_string(ctx.invoke<int>("price", "price", 2)); });
    return told + charge(ctx, sim, "last");
  });
  sim.plain_function("price", [](int units) { return units * 5; });
  sim.on_callback("approval").after(1h).succeed("yes");
  sim.run("ask");
}

/// Two functions, of which one invokes the other and waits beside it.
void invokes(Simulation& sim) {
  sim.function("outer", [&sim](Context& ctx) {
    const std::string first = charge(ctx, sim, "first");
    ctx.wait("settle", 60s);
    return outcome_of([&] { return ctx.invoke<std::string>("inner", "inner", first); });
  });
  sim.function("inner", [&sim](Context& ctx, const std::string& what) {
    ctx.wait("pause", 60s);
    return what + charge(ctx, sim, "inner");
  });
  sim.run("outer");
}

/// Two executions that have something to do in the same instants, and share a plain function.
void together(Simulation& sim) {
  sim.function("handler", [&sim](Context& ctx, const std::string& who) {
    ctx.wait("settle", 60s);
    const std::string charged = charge(ctx, sim, "first");
    return ctx.invoke<std::string>("note", "note", who) + charged;
  });
  sim.plain_function("note", [](const std::string& who) { return who; });
  sim.start("handler", std::string("one"));
  sim.start("handler", std::string("two"));
  sim.run_until_idle();
}

struct Entry {
  std::string name;
  durasim::Scenario scenario;
  std::uint32_t max_preemptions = 1;  ///< 0 where a run is too long for pairs of choices
};
void PrintTo(const Entry& entry, std::ostream* out) { *out << entry.name; }

std::vector<Entry> with_outside() {
  return {{"asks_outside", &asks_outside}, {"invokes", &invokes}, {"together", &together}};
}
std::vector<Entry> all() {
  std::vector<Entry> entries = with_outside();
  for (const sound::Entry& entry : sound::all()) {
    const bool is_small = entry.faults == FaultModel::hostile();
    entries.push_back({entry.name, entry.scenario, is_small ? 1U : 0U});
  }
  return entries;
}

/// Something else than the benign alternative at about one choice of `rarity`.
class RandomChooser final : public durasim::Chooser {
 public:
  RandomChooser(std::uint64_t seed, std::uint64_t rarity) : seed_(seed), rarity_(rarity) {}
  std::size_t choose(const durasim::Site&, std::span<const durasim::Fault> menu) override {
    durasim::Hash64 hash;
    hash.add(seed_);
    hash.add(++choices_);
    const std::uint64_t drawn = hash.value() >> 16U;
    if (choices_ > 400 || drawn % rarity_ != 0) return 0;  // heals, so that every run ends
    return drawn / rarity_ % menu.size();
  }

 private:
  std::uint64_t seed_;
  std::uint64_t rarity_;
  std::uint64_t choices_ = 0;
};

class ThoroughlyTested : public testing::TestWithParam<Entry> {};

TEST_P(ThoroughlyTested, HoldsUnderAnyOneFault) {
  const auto result =
      durasim::verify(GetParam().scenario, {.max_faults = 1,
                                            .faults = FaultModel::thorough(),
                                            .max_preemptions = GetParam().max_preemptions,
                                            .name = "thorough/" + GetParam().name});
  EXPECT_EQ(result.verdict, Verdict::holds) << result.report();
}

INSTANTIATE_TEST_SUITE_P(Every, ThoroughlyTested, testing::ValuesIn(all()),
                         [](const auto& entry) { return entry.param.name; });

class LeftToOutside : public testing::TestWithParam<Entry> {};

TEST_P(LeftToOutside, HoldsWhateverTheOutsideDoes) {
  for (const bool ordered : {false, true}) {
    const auto result =
        durasim::verify(GetParam().scenario, {.max_faults = 1,
                                              .faults = FaultModel::all(),
                                              .max_preemptions = ordered ? 1U : 0U,
                                              .max_environment = ordered ? 0U : 1U,
                                              .name = "outside/" + GetParam().name});
    EXPECT_EQ(result.verdict, Verdict::holds) << result.report();
  }
}

INSTANTIATE_TEST_SUITE_P(Every, LeftToOutside, testing::ValuesIn(with_outside()),
                         [](const auto& entry) { return entry.param.name; });

// [other_answers]
std::string approve(Context& ctx) {
  auto approval = ctx.create_callback("approval", {.timeout = 1h});
  try {
    return approval.get();
  } catch (const durable::CallbackError&) {
    return "not approved";
  }
}

TEST(OtherAnswers, LeaveADecision) {
  const auto decides = [](Simulation& sim) {
    sim.function("approve", approve);
    sim.on_callback("approval").after(10min).succeed("approved");
    EXPECT_TRUE(sim.run("approve").succeeded());
  };
  const auto answers =
      FaultModel::standard().with({Fault::callback_never, Fault::callback_late,
                                   Fault::callback_at_timeout, Fault::callback_fails});
  EXPECT_THAT(durasim::verify(decides, {.faults = answers}), durasim::Holds());
}
// [/other_answers]

TEST(OtherAnswers, AreToldApartFromFaultsInTheNarrative) {
  const auto expects_approval = [](Simulation& sim) {
    sim.function("approve", approve);
    sim.on_callback("approval").after(10min).succeed("approved");
    if (sim.run("approve").result() != "\"approved\"") throw std::runtime_error("not approved");
  };
  const auto refuted = durasim::verify(
      expects_approval, {.faults = FaultModel::standard().with({Fault::callback_never})});
  EXPECT_EQ(refuted.verdict, Verdict::refuted);
  EXPECT_EQ(refuted.counterexample_faults, 0U);
  EXPECT_THAT(refuted.history, testing::HasSubstr("OUTSIDE: callback never answered"));
}

TEST_P(ThoroughlyTested, HoldsUnderManyFaultsAtRandom) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomChooser chooser(seed, 3 + seed % 30);
    Simulation sim({.faults = FaultModel::thorough()}, chooser);
    GetParam().scenario(sim);
    const auto& findings = sim.findings().all();
    ASSERT_TRUE(findings.empty()) << "seed " << seed << ": " << to_string(findings.front().oracle)
                                  << ": " << findings.front().what;
  }
}

}  // namespace thorough_test
