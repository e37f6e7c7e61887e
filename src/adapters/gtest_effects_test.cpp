#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/audit.hpp>
#include <durasim/gtest.hpp>

/// Mocks whose calls are in the ledger.
namespace gtest_effects_test {

using durable::Context;
using durable::StepContext;
using durasim::Applied;
using durasim::Fault;
using durasim::FaultModel;
using durasim::Recorded;
using durasim::Simulation;
using testing::_;
using testing::HasSubstr;
using testing::NiceMock;
using testing::Return;

struct Gateway {
  virtual ~Gateway() = default;
  virtual std::string charge(const std::string& order, int amount, const std::string& key) = 0;
  virtual void refund(const std::string& order) = 0;
  virtual int* opaque(int* pointer) = 0;
};

struct MockGateway : Gateway {
  MOCK_METHOD(std::string, charge, (const std::string&, int, const std::string&), (override));
  MOCK_METHOD(void, refund, (const std::string&), (override));
  MOCK_METHOD(int*, opaque, (int*), (override));
};

TEST(RecordedAction, CountsEachCallWithItsArgumentsAsKey) {
  Simulation sim;
  auto& gateway = sim.make<NiceMock<MockGateway>>();
  EXPECT_CALL(gateway, charge)
      .Times(3)
      .WillRepeatedly(Recorded(sim.effects(), "charge", Return("payment-1")));
  EXPECT_EQ(gateway.charge("order-7", 42, ""), "payment-1");
  EXPECT_EQ(gateway.charge("order-7", 42, ""), "payment-1");
  EXPECT_EQ(gateway.charge("", 1, "k"), "payment-1");
  EXPECT_EQ(sim.effects().count("charge"), 3U);
  EXPECT_EQ(sim.effects().count("charge", "order-7, 42, "), 2U);
  EXPECT_EQ(sim.effects().count("charge", ", 1, k"), 1U);
}

TEST(RecordedAction, NeedsNoActionOfItsOwn) {
  Simulation sim;
  auto& gateway = sim.make<NiceMock<MockGateway>>();
  ON_CALL(gateway, charge).WillByDefault(Recorded(sim.effects(), "charge"));
  ON_CALL(gateway, refund).WillByDefault(Recorded(sim.effects(), "refund"));
  ON_CALL(gateway, opaque).WillByDefault(Recorded(sim.effects(), "opaque"));
  EXPECT_EQ(gateway.charge("order-7", 42, "k"), "");
  gateway.refund("order-7");
  int number = 1;
  EXPECT_EQ(gateway.opaque(&number), nullptr);
  EXPECT_EQ(sim.effects().count("charge", "order-7, 42, k"), 1U);
  EXPECT_EQ(sim.effects().count("refund", "order-7"), 1U);
  EXPECT_EQ(sim.effects().count("opaque", "?"), 1U);  // an address is no key
}

TEST(RecordedAction, LeavesOutWhatThrows) {
  Simulation sim;
  auto& gateway = sim.make<NiceMock<MockGateway>>();
  EXPECT_CALL(gateway, charge)
      .WillOnce(Recorded(sim.effects(), "charge", testing::Throw(std::runtime_error("declined"))));
  EXPECT_THROW(gateway.charge("order-7", 42, "k"), std::runtime_error);
  EXPECT_EQ(sim.effects().calls("charge"), 0U);
}

TEST(AppliedAction, GivesTheFirstAnswerWheneverTheKeyComesAgain) {
  Simulation sim;
  auto& gateway = sim.make<NiceMock<MockGateway>>();
  ON_CALL(gateway, charge)
      .WillByDefault(Applied<2>(sim.effects(), "charge",
                                [](const std::string& order, int amount, const std::string&) {
                                  return order + " " + std::to_string(amount);
                                }));
  ON_CALL(gateway, refund).WillByDefault(Applied<0>(sim.effects(), "refund", Return()));
  EXPECT_EQ(gateway.charge("order-7", 42, "k"), "order-7 42");
  EXPECT_EQ(gateway.charge("order-7", 43, "k"), "order-7 42");
  EXPECT_EQ(gateway.charge("order-7", 43, "l"), "order-7 43");
  gateway.refund("order-7");
  gateway.refund("order-7");
  EXPECT_EQ(sim.effects().count("charge"), 2U);
  EXPECT_EQ(sim.effects().calls("charge"), 3U);
  EXPECT_EQ(sim.effects().count("refund"), 1U);
  EXPECT_EQ(sim.effects().calls("refund", "order-7"), 2U);
}

/// A step that charges and mails through a mock.
template <class Action>
void pay(Simulation& sim, Action action) {
  auto& gateway = sim.make<NiceMock<MockGateway>>();
  ON_CALL(gateway, charge).WillByDefault(action(sim.effects()));
  ON_CALL(gateway, refund).WillByDefault(Recorded(sim.effects(), "refund"));
  sim.function("pay", [&gateway](Context& ctx) {
    ctx.step("charge", [&](StepContext& step) {
      gateway.charge("order-7", 42, step.idempotency_key());
      gateway.refund("order-7");
    });
  });
  sim.effects().at_most(1, "charge");
  sim.run("pay");
}

TEST(MocksInScenarios, AreFoundToChargeTwiceWhereNothingRecognisesTheKey) {
  const auto result = durasim::verify([](Simulation& sim) {
    pay(sim, [](durasim::Effects& effects) { return Recorded(effects, "charge"); });
  });
  ASSERT_EQ(result.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(result.findings.front().what,
              HasSubstr("\"charge\" took effect 2 times, but is declared to do so at most once: "
                        "step \"charge\" (operation 1) at gtest_effects_test.cpp:"));
}

TEST(MocksInScenarios, HoldWhereTheReceiverRecognisesTheKey) {
  EXPECT_THAT(durasim::verify([](Simulation& sim) {
                pay(sim, [](durasim::Effects& effects) {
                  return Applied<2>(effects, "charge", Return("payment-1"));
                });
              }),
              durasim::Holds());
}

TEST(MocksInScenarios, CrashBeforeEachOfTheirCalls) {
  const auto audit = durasim::audit(
      [](Simulation& sim) {
        pay(sim, [](durasim::Effects& effects) { return Recorded(effects, "charge"); });
      },
      {.faults = FaultModel::none().with({Fault::crash_at_effect})});
  EXPECT_EQ(audit.exploration.runs, 3U);
  EXPECT_EQ(audit.effect("charge").applied.in_all, (durasim::AuditRange{1, 2}));
  EXPECT_EQ(audit.effect("refund").applied.in_all, (durasim::AuditRange{1, 1}));
}

}  // namespace gtest_effects_test
