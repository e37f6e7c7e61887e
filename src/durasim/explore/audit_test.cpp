#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

#include "handlers/bugs/double_charge.hpp"
#include "handlers/bugs/effect_in_destructor.hpp"
#include "handlers/sound/at_most_once.hpp"
#include "handlers/sound/payment.hpp"

/// Small handlers whose table is known by hand.
namespace audit_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Audit;
using durasim::AuditFigure;
using durasim::AuditRange;
using durasim::Fault;
using durasim::FaultClass;
using durasim::FaultModel;
using durasim::Interruption;
using durasim::Simulation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const AuditRange kNever{0, 0};
const AuditRange kOnce{1, 1};
const AuditRange kOnceOrTwice{1, 2};
const AuditRange kAtMostOnce{0, 1};

AuditRange under_crashes(const AuditFigure& figure) { return figure.under.at(FaultClass::crashes); }

/// One step that charges, in a way that `charge` knows.
template <class Charge>
auto scenario_of(Charge charge, durable::StepConfig config = {}) {
  return [charge, config](Simulation& sim) {
    sim.function("pay", [&sim, charge, config](Context& ctx) {
      return ctx.step(
          "charge", [&](StepContext& step) { return charge(sim.effects(), step); }, config);
    });
    sim.run("pay");
  };
}

int record(durasim::Effects& effects, StepContext&) {
  effects.record("charge", "order-1");
  return 1;
}

int apply(durasim::Effects& effects, StepContext& step) {
  return effects.apply("charge", step.idempotency_key(), 1);
}

TEST(Audit, OfAStepWhoseReceiverRecognisesNothing) {
  const Audit audit = durasim::audit(scenario_of(record), {.faults = FaultModel::crashes()});
  EXPECT_TRUE(audit.is_complete());
  const durasim::AuditedStep& step = audit.step("charge");
  EXPECT_EQ(step.bodies.without_faults, kOnce);
  EXPECT_EQ(under_crashes(step.bodies), kOnceOrTwice);
  EXPECT_EQ(step.effect("charge").applied.without_faults, kOnce);
  EXPECT_EQ(under_crashes(step.effect("charge").applied), kOnceOrTwice);
  EXPECT_EQ(under_crashes(step.effect("charge").calls), kOnceOrTwice);
  EXPECT_EQ(under_crashes(step.effect("charge").keys), kOnce);
  EXPECT_EQ(step.bodies.under.size(), 1U) << "there were crashes only";
  EXPECT_FALSE(step.result_differs());
  EXPECT_EQ(step.interruption.in_all, Interruption::never);
  EXPECT_THAT(audit.remarks(),
              ElementsAre("\"charge\" in step \"charge\" takes effect up to 2 times in one "
                          "execution (crashes), as its receiver does not recognise a repetition: "
                          "have it deduplicate by a key, or make the step at_most_once_per_retry"));
}

TEST(Audit, OfAStepWhoseReceiverRecognisesItsKey) {
  const Audit audit = durasim::audit(scenario_of(apply), {.faults = FaultModel::crashes()});
  const durasim::AuditedEffect& charge = audit.step("charge").effect("charge");
  EXPECT_EQ(under_crashes(charge.applied), kOnce);
  EXPECT_EQ(under_crashes(charge.calls), kOnceOrTwice);
  EXPECT_THAT(audit.remarks(), IsEmpty());
}

TEST(Audit, OfAStepThatRunsAtMostOnce) {
  const Audit audit = durasim::audit(
      scenario_of(record, {.retry = durable::retry::none(),
                           .semantics = durable::StepSemantics::at_most_once_per_retry}),
      {.faults = FaultModel::crashes()});
  const durasim::AuditedStep& step = audit.step("charge");
  EXPECT_EQ(step.semantics, durable::StepSemantics::at_most_once_per_retry);
  EXPECT_EQ(step.bodies.without_faults, kOnce);
  EXPECT_EQ(under_crashes(step.bodies), kAtMostOnce);
  EXPECT_EQ(under_crashes(step.effect("charge").applied), kAtMostOnce);
  EXPECT_EQ(step.interruption.without_faults, Interruption::never);
  EXPECT_EQ(step.interruption.under.at(FaultClass::crashes), Interruption::fails_execution);
  EXPECT_EQ(step.interruption.in_all, Interruption::fails_execution);
  EXPECT_FALSE(step.result_differs()) << "none is no other one";
  EXPECT_THAT(audit.remarks(),
              ElementsAre("\"charge\" in step \"charge\" may never take effect (crashes)",
                          "step \"charge\" can be interrupted (crashes), when it is not known "
                          "whether it took effect: the execution then fails with "
                          "StepInterruptedError"));
}

TEST(Audit, OfAnInterruptionThatTheHandlerDealsWith) {
  const Audit audit =
      durasim::audit(at_most_once::scenario, {.max_faults = 2, .faults = FaultModel::crashes()});
  EXPECT_EQ(audit.step("charge").interruption.in_all, Interruption::reaches_handler);
  EXPECT_EQ(under_crashes(audit.step("charge").bodies), kAtMostOnce);
  const durasim::AuditedStep& ask = audit.step("ask-a-person");
  EXPECT_EQ(ask.bodies.without_faults, kNever);
  EXPECT_EQ(under_crashes(ask.bodies), (AuditRange{0, 2}));
  EXPECT_EQ(under_crashes(ask.effect("ticket").applied), kAtMostOnce);
  EXPECT_EQ(under_crashes(ask.effect("ticket").calls), (AuditRange{0, 2}));
  EXPECT_THAT(audit.remarks(),
              Contains("\"ticket\" in step \"ask-a-person\" takes effect up to once in one "
                       "execution (crashes), and without faults never"));
}

TEST(Audit, OfAnInterruptionThatIsFollowedByAnotherAttempt) {
  const Audit audit = durasim::audit(
      scenario_of(record, {.retry = durable::retry::fixed(3, 5s),
                           .semantics = durable::StepSemantics::at_most_once_per_retry}),
      {.faults = FaultModel::crashes()});
  EXPECT_EQ(audit.step("charge").interruption.in_all, Interruption::retried);
  EXPECT_EQ(under_crashes(audit.step("charge").bodies), kOnceOrTwice);
}

TEST(Audit, OfTheStandardFaultsClassByClass) {
  const Audit audit = durasim::audit(scenario_of(record));
  const AuditFigure& bodies = audit.step("charge").bodies;
  ASSERT_EQ(bodies.under.size(), 3U);
  EXPECT_EQ(bodies.under.at(FaultClass::crashes), kOnceOrTwice);
  EXPECT_EQ(bodies.under.at(FaultClass::requests), kOnceOrTwice) << "one is lost for good";
  EXPECT_EQ(bodies.under.at(FaultClass::deliveries), kOnceOrTwice)
      << "an event that is delivered once more tells of the record that was";
  EXPECT_EQ(bodies.in_all, kOnceOrTwice);
  const Audit without =
      durasim::audit(scenario_of(record),
                     {.faults = FaultModel::standard().without({Fault::redelivery_after_end})});
  EXPECT_EQ(without.step("charge").bodies.under.at(FaultClass::deliveries), kOnce);
}

TEST(Audit, OfADeliveryOnceMoreWhereTheBodyRunsAtMostOnce) {
  const Audit audit = durasim::audit(
      scenario_of(record, {.retry = durable::retry::none(),
                           .semantics = durable::StepSemantics::at_most_once_per_retry}),
      {.faults = FaultModel::none().with({Fault::redelivery_after_end})});
  EXPECT_EQ(audit.step("charge").bodies.in_all, kOnce) << "its START is refused for the old token";
}

TEST(Audit, OfTheFaultsOfCalendarsIsATimingColumn) {
  const Audit audit = durasim::audit(scenario_of(record), {.faults = FaultModel::calendar()});
  EXPECT_EQ(audit.exploration.runs, 1 + FaultModel::calendar().faults().size());
  ASSERT_EQ(audit.step("charge").bodies.under.size(), 1U);
  EXPECT_EQ(audit.step("charge").bodies.under.at(FaultClass::timing), kOnce);
}

TEST(Audit, CountsFaultsOfSeveralClassesUnderAllOnly) {
  const Audit audit = durasim::audit(scenario_of(record), {.max_faults = 2});
  const AuditFigure& bodies = audit.step("charge").bodies;
  EXPECT_EQ(bodies.under.at(FaultClass::crashes), (AuditRange{1, 3}));
  EXPECT_EQ(bodies.in_all, (AuditRange{1, 3}));
}

TEST(Audit, SaysWhoseResultDiffers) {
  const auto random = [](durasim::Effects&, StepContext& step) { return step.random() % 1000; };
  const Audit audit = durasim::audit(scenario_of(random), {.faults = FaultModel::crashes()});
  ASSERT_EQ(audit.step("charge").results.size(), 2U);
  EXPECT_FALSE(audit.step("charge").differs.without_faults);
  EXPECT_TRUE(audit.step("charge").differs.under.at(FaultClass::crashes));
  EXPECT_THAT(audit.remarks(),
              ElementsAre(HasSubstr("step \"charge\" has not always the same result (crashes): ")));
}

TEST(Audit, TakesOperationsOfOneNameTogether) {
  const auto scenario = [](Simulation& sim) {
    sim.function("pay", [&sim](Context& ctx) {
      for (int i = 0; i < 3; ++i) ctx.step("charge", [&] { sim.effects().record("charge"); });
      ctx.step("", [] {});
    });
    sim.run("pay");
  };
  const Audit audit = durasim::audit(scenario, {.faults = FaultModel::crashes()});
  EXPECT_EQ(audit.step("charge").operations, 3U);
  EXPECT_EQ(audit.step("charge").bodies.in_all, kOnceOrTwice) << "each of them";
  EXPECT_EQ(audit.effect("charge").applied.without_faults, (AuditRange{3, 3})) << "all of them";
  EXPECT_EQ(audit.effect("charge").applied.in_all, (AuditRange{3, 4}));
  EXPECT_EQ(audit.step("operation 4").bodies.in_all, kOnceOrTwice);
}

TEST(Audit, CountsBranchesThatAreNotTakenAsNever) {
  const auto scenario = [](Simulation& sim) {
    sim.function("pay", [&sim](Context& ctx, bool card) {
      ctx.step(card ? "charge" : "invoice", [&] { sim.effects().record("money"); });
    });
    sim.run("pay", true);
    sim.run("pay", false);
  };
  const Audit audit = durasim::audit(scenario, {.faults = FaultModel::crashes()});
  EXPECT_EQ(audit.step("charge").bodies.without_faults, kAtMostOnce) << "in one execution of two";
  EXPECT_EQ(audit.step("invoice").bodies.in_all, (AuditRange{0, 2}));
  EXPECT_EQ(audit.effect("money").applied.in_all, (AuditRange{2, 3}));
}

TEST(Audit, TellsWhereEffectsComeFrom) {
  const auto scenario = [](Simulation& sim) {
    effect_in_destructor::scenario(sim);
    sim.function("greet", [&sim](Context& ctx) {
      sim.effects().record("mail");
      ctx.wait("rest", 60s);
    });
    sim.effects().record("seed");
    sim.run("greet");
  };
  const Audit audit = durasim::audit(scenario, {.max_faults = 0});
  using Place = durasim::AuditedEffect::Place;
  ASSERT_EQ(audit.function("hold").effects.size(), 2U);
  EXPECT_EQ(audit.function("hold").effects[0].place, Place::handler);
  EXPECT_EQ(audit.function("hold").effects[1].place, Place::unwinding);
  EXPECT_EQ(audit.function("hold").effects[1].applied.without_faults, kOnce);
  ASSERT_EQ(audit.function("greet").effects.size(), 1U);
  EXPECT_EQ(audit.function("greet").effects[0].applied.without_faults, (AuditRange{2, 2}));
  EXPECT_EQ(audit.function("").effects.at(0).place, Place::test);
  EXPECT_THAT(audit.text(), HasSubstr("\"mail\" takes effect outside a step"));
  EXPECT_THAT(audit.text(), HasSubstr("\"release\" takes effect while a stack is unwound"));
}

TEST(Audit, FitsIntoAReview) {
  const Audit audit =
      durasim::audit(at_most_once::scenario, {.max_faults = 2, .faults = FaultModel::all()});
  std::istringstream text(audit.text());
  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 120U) << line;
  EXPECT_THAT(audit.table(), HasSubstr("left out  more than 2 faults; other inputs"));
  const Audit quiet = durasim::audit(at_most_once::scenario, {.max_faults = 0, .name = "quiet"});
  EXPECT_THAT(quiet.table(), testing::StartsWith(R"(audit  quiet
  explored  the one schedule that there is
  left out  all faults; other inputs; what fakes do not report

  in one execution                       no fault   all
  charge-once
    charge          body (at most once)         1     1
                    result                   same  same
                    interrupted                no    no
      charge        takes effect                1     1
    longest run     virtual time               0s    0s
)"));
}

TEST(Audit, OfAFunctionThatIsNotDurable) {
  const auto scenario = [](Simulation& sim) {
    sim.function("pay", [](Context& ctx) { return ctx.invoke<int>("price", "price", 2); });
    sim.plain_function("price", [&sim](int units) {
      sim.effects().record("quote");
      return units * 5;
    });
    sim.run("pay");
  };
  const Audit audit = durasim::audit(scenario, {.faults = FaultModel::crashes()});
  ASSERT_EQ(audit.function("price").steps.size(), 1U);
  EXPECT_EQ(audit.function("price").steps[0].bodies.in_all, kOnceOrTwice);
  EXPECT_EQ(audit.function("price").steps[0].effect("quote").applied.in_all, kOnceOrTwice);
}

TEST(Audit, KnowsTheLongestVirtualTime) {
  const auto scenario = [](Simulation& sim) {
    sim.function("rest", [](Context& ctx) { ctx.wait("rest", 60s); });
    sim.run("rest");
  };
  const Audit audit = durasim::audit(
      scenario, {.faults = FaultModel::none().with({Fault::request_lost, Fault::response_lost})});
  const AuditFigure& elapsed = audit.function("rest").elapsed;
  EXPECT_EQ(elapsed.without_faults, (AuditRange{60'000, 60'000}));
  EXPECT_GT(elapsed.under.at(FaultClass::requests).most, 60'000U);
  EXPECT_GT(elapsed.under.at(FaultClass::deliveries).most, 60'000U);
}

TEST(Audit, GoesOnWhereVerifyEndsAtAFailure) {
  const auto scenario = [](Simulation& sim) {
    scenario_of(record)(sim);
    sim.effects().at_most(0, "charge");
    EXPECT_EQ(sim.effects().count("charge"), 7U);
  };
  const Audit audit = durasim::audit(scenario, {.faults = FaultModel::crashes()});
  EXPECT_EQ(audit.exploration.verdict, durasim::Verdict::holds);
  EXPECT_EQ(under_crashes(audit.effect("charge").applied), kOnceOrTwice);
}

TEST(Audit, GoesOnWhereTheScenarioThrows) {
  for (const bool always : {true, false}) {
    const auto scenario = [always](Simulation& sim) {
      scenario_of(record)(sim);
      if (always || sim.effects().count("charge") > 1) throw std::runtime_error("not as I like it");
    };
    const Audit audit = durasim::audit(scenario, {.faults = FaultModel::crashes()});
    EXPECT_TRUE(audit.is_complete()) << audit;
    EXPECT_EQ(under_crashes(audit.effect("charge").applied), kOnceOrTwice);
  }
}

TEST(Audit, OfAHandlerThatFails) {
  const auto fails = [](durasim::Effects& effects, StepContext&) -> int {
    effects.record("charge");
    throw std::runtime_error("declined");
  };
  const Audit audit = durasim::audit(scenario_of(fails, {.retry = durable::retry::fixed(2, 5s)}),
                                     {.faults = FaultModel::crashes()});
  EXPECT_TRUE(audit.is_complete()) << audit;
  EXPECT_EQ(audit.step("charge").bodies.without_faults, (AuditRange{2, 2}));
  EXPECT_EQ(audit.step("charge").bodies.in_all, (AuditRange{2, 3}));
  EXPECT_FALSE(audit.step("charge").result_differs()) << "the failure is the result";
}

TEST(Audit, IsTheSameForAnyNumberOfJobs) {
  for (const bool is_wrong : {false, true}) {
    payment::Order order;
    order.id = "o-1";
    order.card = "ok";
    const auto scenario =
        durasim::scenario_for(order, is_wrong ? &double_charge::scenario<> : &payment::scenario);
    durasim::VerifyOptions options{.max_faults = 2};
    const Audit one = durasim::audit(scenario, options);
    EXPECT_GT(one.exploration.runs, 1000U);
    for (const std::uint32_t jobs : {2U, 3U}) {
      options.jobs = jobs;
      const Audit several = durasim::audit(scenario, options);
      EXPECT_EQ(several.to_json(), one.to_json()) << jobs << " jobs";
      EXPECT_EQ(several.text(), one.text()) << jobs << " jobs";
    }
  }
}

TEST(Audit, TellsTheTwinOfThePaymentHandlerFromIt) {
  payment::Order order;
  order.id = "o-1";
  order.card = "ok";
  const auto audit_of = [&](auto scenario) {
    return durasim::audit(durasim::scenario_for(order, scenario), {.name = "payment"});
  };
  const Audit sound = audit_of(payment::scenario);
  EXPECT_EQ(sound.effect("charge").applied.in_all, kOnce);
  EXPECT_EQ(sound.effect("mail").applied.in_all, kOnce);
  EXPECT_THAT(sound.remarks(), IsEmpty());
  const Audit wrong = audit_of(double_charge::scenario<>);
  EXPECT_EQ(wrong.effect("charge").applied.in_all, kOnceOrTwice);
  EXPECT_THAT(wrong.remarks(),
              ElementsAre(HasSubstr("takes effect up to 2 times in one execution (crashes, "
                                    "requests, deliveries), with another key each time")));
}

TEST(Audit, IsIncompleteWhereItIsCut) {
  const Audit audit = durasim::audit(scenario_of(record), {.max_runs = 5});
  EXPECT_FALSE(audit.is_complete());
  EXPECT_THAT(audit.text(), HasSubstr("5 schedules of at most 1 fault; there are others: crashes"));
  EXPECT_THAT(audit.text(), HasSubstr("INCOMPLETE"));
}

TEST(Audit, EndsAtAnExecutionWithoutAnEnd) {
  const auto scenario = [](Simulation& sim) {
    sim.function("poll", [](Context& ctx) {
      for (;;) ctx.wait("rest", 1s);
    });
    sim.run("poll");
  };
  durasim::VerifyOptions options{.name = "endless"};
  options.simulation.invocations_limit = 20;
  const Audit audit = durasim::audit(scenario, options);
  EXPECT_EQ(audit.exploration.verdict, durasim::Verdict::refuted);
  EXPECT_THAT(audit.text(), HasSubstr("execution 1 was invoked 20 times and is not over"));
}

TEST(Audit, ForProgramsHasEachFigure) {
  const Audit audit =
      durasim::audit(scenario_of(record), {.faults = FaultModel::crashes(), .name = "pay"});
  const auto json = nlohmann::json::parse(audit.to_json());
  EXPECT_EQ(json["format"], "durasim-audit");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["scenario"], "pay");
  EXPECT_EQ(json["verdict"], "HOLDS");
  const auto& step = json["functions"][0]["steps"][0];
  EXPECT_EQ(step["name"], "charge");
  EXPECT_EQ(step["bodies"], nlohmann::json::parse(R"({"none":[1,1],"crashes":[1,2],"all":[1,2]})"));
  EXPECT_EQ(step["effects"][0]["applied"]["crashes"], nlohmann::json::parse("[1,2]"));
  EXPECT_EQ(step["effects"][0]["place"], "body");
  EXPECT_EQ(step["differs"],
            nlohmann::json::parse(R"({"none":false,"crashes":false,"all":false})"));
  EXPECT_EQ(step["interruption"]["all"], "never");
  EXPECT_EQ(json["effects"][0]["kind"], "charge");
  EXPECT_EQ(json["remarks"].size(), 1U);
}

TEST(Audit, SaysWhatThereIsInPlaceOfWhatThereIsNot) {
  const Audit audit = durasim::audit(scenario_of(record), {.max_faults = 0});
  EXPECT_THAT([&] { audit.step("refund"); },
              testing::ThrowsMessage<std::out_of_range>(
                  "durasim: the audit has no step \"refund\"; it has: \"charge\""));
  EXPECT_THAT([&] { audit.effect("refund"); },
              testing::ThrowsMessage<std::out_of_range>(HasSubstr("it has: \"charge\"")));
  EXPECT_THAT([&] { audit.function("refund"); },
              testing::ThrowsMessage<std::out_of_range>(HasSubstr("it has: \"pay\"")));
}

TEST(FaultClasses, GroupTheCatalogue) {
  for (const Fault fault : FaultModel::crashes().faults())
    EXPECT_EQ(class_of(fault), FaultClass::crashes) << to_string(fault);
  EXPECT_EQ(class_of(Fault::body_outlives_invocation), FaultClass::crashes);
  EXPECT_EQ(class_of(Fault::request_lost), FaultClass::requests);
  EXPECT_EQ(class_of(Fault::answer_delayed), FaultClass::requests);
  EXPECT_EQ(class_of(Fault::cold_start), FaultClass::deliveries);
  EXPECT_EQ(class_of(Fault::redelivery_after_end), FaultClass::deliveries);
  EXPECT_EQ(class_of(Fault::response_lost), FaultClass::deliveries);
  EXPECT_EQ(class_of(Fault::concurrent_delivery_newer_first), FaultClass::overlaps);
  EXPECT_EQ(class_of(Fault::overtaken_after_body), FaultClass::overlaps);
  EXPECT_EQ(class_of(Fault::timer_late), FaultClass::timing);
  EXPECT_EQ(class_of(Fault::clock_ahead), FaultClass::timing);
  EXPECT_EQ(class_of(Fault::full_jitter), FaultClass::timing);
  EXPECT_EQ(class_of(Fault::starts_on_leap_day), FaultClass::timing);
  EXPECT_EQ(class_of(Fault::body_fails), FaultClass::failures);
  EXPECT_EQ(class_of(Fault::callback_never), FaultClass::answers);
  EXPECT_EQ(class_of(Fault::invoke_fails), FaultClass::answers);
  EXPECT_THROW(class_of(Fault::none), std::invalid_argument);
  EXPECT_EQ(to_string(FaultClass::deliveries), "deliveries");
}

}  // namespace audit_test
