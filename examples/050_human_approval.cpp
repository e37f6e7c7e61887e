// A person in the loop: an expense waits for its approval. The answer comes after nine days, or never, or twice, or when
// it is too late; and whatever dies meanwhile, one ticket is opened and the money is paid once.
#include <durasim/gtest.hpp>

using namespace std::chrono_literals;
using durasim::SucceededWith;

namespace {

struct Expense {
  std::string id;
  int cents = 0;
  DURABLE_JSON(Expense, id, cents)
};

struct Decision {
  bool approved = false;
  std::string by;
  DURABLE_JSON(Decision, approved, by)
};

/// Opens tickets and pays money. A request with a key is recognised when it comes again.
class FakeOffice {
 public:
  explicit FakeOffice(durasim::Effects& effects) : effects_(effects) {}

  void open_ticket(const std::string& callback, const std::string& key) {
    if (key.empty()) return effects_.record("ticket", callback);
    effects_.apply("ticket", key, callback);
  }
  void pay(const Expense& expense, const std::string& key) {
    effects_.apply("payment", key, expense.cents);
  }

 private:
  durasim::Effects& effects_;
};

// [handler]
std::string reimburse(durable::Context& ctx, const Expense& expense, FakeOffice& office) {
  const auto ask = [&](const std::string& callback, durable::StepContext& step) {
    office.open_ticket(callback, step.idempotency_key());  // whoever decides, answers to this id
  };
  try {
    const auto decision = ctx.wait_for_callback<Decision>("approval", ask, {.timeout = 10 * 24h});
    if (!decision.approved) return "refused by " + decision.by;
    ctx.step("pay",
             [&](durable::StepContext& step) { office.pay(expense, step.idempotency_key()); });
    return "approved by " + decision.by;
  } catch (const durable::CallbackTimeoutError&) {
    return "not answered";
  }
}
// [/handler]

const Decision kYes{.approved = true, .by = "Grace"};
const Decision kNo{.approved = false, .by = "Grace"};

void publish(durasim::Simulation& sim) {
  auto& office = sim.make<FakeOffice>(sim.effects());
  sim.function("reimburse", [&](durable::Context& ctx, const Expense& expense) {
    return reimburse(ctx, expense, office);
  });
}

// [answered]
void answered(durasim::Simulation& sim) {
  publish(sim);
  sim.on_callback("approval").after(9 * 24h).succeed(kYes);
  sim.effects().exactly(1, "ticket");
  sim.effects().exactly(1, "payment");
  EXPECT_THAT(sim.run("reimburse", Expense{"e-1", 4200}), SucceededWith("approved by Grace"));
}

TEST(HumanApproval, IsPaidOnceWhenAnsweredAfterNineDays) {
  EXPECT_THAT(durasim::verify(answered, {.max_faults = 2}), durasim::Holds());
}
// [/answered]

// [others]
/// What becomes of an expense that shall not be paid.
void unpaid(durasim::Simulation& sim, const std::string& result) {
  sim.effects().exactly(0, "payment");
  EXPECT_THAT(sim.run("reimburse", Expense{"e-1", 4200}), SucceededWith(result));
}

TEST(HumanApproval, IsNotPaidWhenNobodyAnswers) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim);
    sim.on_callback("approval").never();
    unpaid(sim, "not answered");
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}

TEST(HumanApproval, IsNotPaidWhenTheAnswerIsLate) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim);
    sim.on_callback("approval").succeed(kYes).late();
    unpaid(sim, "not answered");
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}

TEST(HumanApproval, IsNotPaidWhenRefused) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim);
    sim.on_callback("approval").after(9 * 24h).succeed(kNo);
    unpaid(sim, "refused by Grace");
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}

TEST(HumanApproval, IsPaidOnceWhenAnsweredTwice) {
  const auto scenario = [](durasim::Simulation& sim) {
    publish(sim);
    sim.on_callback("approval").after(9 * 24h).succeed(kYes).twice();
    sim.effects().exactly(1, "payment");
    EXPECT_THAT(sim.run("reimburse", Expense{"e-1", 4200}), SucceededWith("approved by Grace"));
  };
  EXPECT_THAT(durasim::verify(scenario, {.max_faults = 2}), durasim::Holds());
}
// [/others]

// [exact]
TEST(HumanApproval, TakesAsLongAsThePersonDoes) {
  durasim::Simulation sim;
  publish(sim);
  const auto script = sim.on_callback("approval").after(9 * 24h).succeed(kYes).twice();
  EXPECT_EQ(sim.run("reimburse", Expense{"e-1", 4200}).elapsed(), 9 * 24h);
  ASSERT_EQ(script.refusals().size(), 1U);  // the second answer was told that it is one
  EXPECT_EQ(script.refusals()[0].code, "CallbackTimeoutException");
}

TEST(HumanApproval, GivesUpAfterTenDays) {
  durasim::Simulation sim;
  publish(sim);
  sim.on_callback("approval").never();
  EXPECT_EQ(sim.run("reimburse", Expense{"e-1", 4200}).elapsed(), 10 * 24h);
}
// [/exact]

// [planted]
// The planted bug: the ticket is opened without a key. The submitter is a step, so after a crash it runs again.
std::string reimburse_without_a_key(durable::Context& ctx, const Expense& expense,
                                    FakeOffice& office) {
  const auto ask = [&](const std::string& callback) { office.open_ticket(callback, ""); };
  const auto decision = ctx.wait_for_callback<Decision>("approval", ask, {.timeout = 10 * 24h});
  if (!decision.approved) return "refused by " + decision.by;
  ctx.step("pay", [&](durable::StepContext& step) { office.pay(expense, step.idempotency_key()); });
  return "approved by " + decision.by;
}

TEST(HumanApproval, IsFoundToOpenTwoTicketsWithoutAKey) {
  const auto scenario = [](durasim::Simulation& sim) {
    auto& office = sim.make<FakeOffice>(sim.effects());
    sim.function("reimburse", [&](durable::Context& ctx, const Expense& expense) {
      return reimburse_without_a_key(ctx, expense, office);
    });
    sim.on_callback("approval").after(9 * 24h).succeed(kYes);
    sim.effects().exactly(1, "ticket");
    sim.run("reimburse", Expense{"e-1", 4200});
  };
  const auto verification = durasim::verify(scenario, {.max_faults = 2});
  ASSERT_EQ(verification.verdict, durasim::Verdict::refuted) << verification;
  EXPECT_EQ(verification.counterexample_faults, 1U);
  EXPECT_EQ(verification.findings.front().oracle, durasim::Oracle::effects);
}
// [/planted]

}  // namespace
