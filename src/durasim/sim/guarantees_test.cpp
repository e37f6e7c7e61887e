#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>
#include <durasim/gtest.hpp>

/// What is declared about effects, and what a finding then says.
namespace guarantees_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Fault;
using durasim::FaultModel;
using durasim::Finding;
using durasim::Simulation;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

/// Charges in a step, with the key that `key_of` gives; runs it under `script` once `declare` has spoken.
template <class KeyOf, class Declare>
Finding finding_of(const std::string& script, KeyOf key_of, Declare declare) {
  Simulation sim;
  sim.function("pay", [&](Context& ctx) {
    ctx.step("charge", [&](StepContext& step) { sim.effects().record("charge", key_of(step)); });
  });
  declare(sim.effects());
  sim.script(script);
  sim.run("pay");
  const auto findings = sim.findings().all();
  EXPECT_THAT(findings, SizeIs(1));
  return findings.empty() ? Finding{} : findings.front();
}

constexpr auto kOnce = [](durasim::Effects& effects) { effects.at_most(1, "charge"); };
constexpr auto kByKey = [](durasim::Effects& effects) { effects.idempotent_by_key("charge"); };
constexpr auto kCrash = "at \"charge\": crash_after_body";

TEST(DeclaredEffects, SayWhichOperationBrokeThemAndWhereTheyAreDeclared) {
  const Finding finding = finding_of(kCrash, [](StepContext&) { return "order-1"; }, kOnce);
  EXPECT_EQ(finding.oracle, durasim::Oracle::effects);
  EXPECT_EQ(finding.operation, "charge");
  EXPECT_NE(finding.line, 0U);
  EXPECT_THAT(
      finding.what,
      MatchesRegex("\"charge\" took effect 2 times, but is declared to do so at most once: step "
                   "\"charge\" \\(operation 1\\) at guarantees_test.cpp:[0-9]+ did so in "
                   "invocation 1 and again in invocation 2 "
                   "\\(declared at guarantees_test.cpp:[0-9]+\\)"));
}

TEST(DeclaredEffects, NameTheKeysOfAnEffectThatIsNotRecognised) {
  int runs = 0;
  const Finding finding =
      finding_of(kCrash, [&](StepContext&) { return std::to_string(++runs); }, kOnce);
  EXPECT_THAT(finding.what, HasSubstr("in invocation 2, with the keys \"1\" and \"2\""));
}

TEST(DeclaredEffects, NameBothOperations) {
  Simulation sim;
  sim.function("pay", [&](Context& ctx) {
    ctx.step("first", [&] { sim.effects().record("charge"); });
    ctx.step("second", [&] { sim.effects().record("charge"); });
  });
  sim.effects().exactly(1, "charge");
  sim.run("pay");
  ASSERT_THAT(sim.findings().all(), SizeIs(1));
  EXPECT_THAT(sim.findings().all()[0].what,
              MatchesRegex(".*exactly once: first by step \"first\" \\(operation 1\\) at "
                           "guarantees_test.cpp:[0-9]+, then by step \"second\" \\(operation 2\\) "
                           "at guarantees_test.cpp:[0-9]+ \\(declared at .*"));
}

TEST(DeclaredEffects, TellThatOneBodyMadeTwo) {
  Simulation sim;
  sim.function("pay", [&](Context& ctx) {
    ctx.step("charge", [&] {
      sim.effects().record("charge", "k");
      sim.effects().record("charge", "k");
    });
  });
  sim.effects().once_per_key("charge");
  sim.run("pay");
  ASSERT_THAT(sim.findings().all(), SizeIs(1));
  EXPECT_THAT(sim.findings().all()[0].what,
              HasSubstr("for the key \"k\", but is declared to do so once per key: step \"charge\" "
                        "(operation 1) at guarantees_test.cpp:"));
  EXPECT_THAT(sim.findings().all()[0].what, HasSubstr("did so twice in one run of its body"));
}

TEST(DeclaredEffects, TellWhatTheTestAndTheHandlerMade) {
  Simulation sim({.oracles = durasim::OracleSet::all()});
  sim.function("pay", [&](Context& ctx) {
    sim.effects().record("mail");
    ctx.step("charge", [] {});
  });
  sim.effects().at_most(1, "mail");
  sim.effects().record("mail");
  sim.run("pay");
  ASSERT_FALSE(sim.findings().all().empty());
  bool told = false;
  for (const Finding& finding : sim.findings().all())
    told = told ||
           (finding.what.find("first by the test at guarantees_test.cpp:") != std::string::npos &&
            finding.what.find("then by the handler at guarantees_test.cpp:") != std::string::npos);
  EXPECT_TRUE(told);
}

TEST(IdempotentByKey, HoldsForTheKeyOfTheStep) {
  const auto scenario = [](Simulation& sim) {
    sim.function("pay", [&sim](Context& ctx) {
      for (int i = 0; i < 2; ++i) {
        ctx.step("charge",
                 [&](StepContext& step) {
                   sim.effects().apply("charge", step.idempotency_key(), 1);
                   sim.effects().apply("charge", step.idempotency_key() + "/fee", 1);
                   if (step.attempt() == 1) throw std::runtime_error("again");
                 },
                 {.retry = durable::retry::fixed(2, 5s)});
      }
    });
    sim.effects().idempotent_by_key("charge");
    sim.run("pay");
    sim.run("pay");
  };
  EXPECT_THAT(durasim::verify(scenario, {.faults = FaultModel::hostile()}), durasim::Holds());
}

TEST(IdempotentByKey, FindsAKeyThatDiffersFromRunToRunOfTheBody) {
  const Finding finding =
      finding_of(kCrash, [](StepContext& step) { return std::to_string(step.random()); }, kByKey);
  EXPECT_THAT(finding.what, HasSubstr("\"charge\" was asked for with another key than before: step "
                                      "\"charge\" (operation 1) at guarantees_test.cpp:"));
  EXPECT_THAT(finding.what, HasSubstr("did so in invocation 1 and again in invocation 2, with the "
                                      "keys \""));
  EXPECT_THAT(finding.remedy, HasSubstr("StepContext::idempotency_key()"));
}

TEST(IdempotentByKey, FindsAKeyThatDiffersFromAttemptToAttempt) {
  Simulation sim;
  sim.function("pay", [&](Context& ctx) {
    ctx.step("charge",
             [&](StepContext& step) {
               sim.effects().apply("charge", "try-" + std::to_string(step.attempt()), 1);
               if (step.attempt() == 1) throw std::runtime_error("again");
             },
             {.retry = durable::retry::fixed(2, 5s)});
  });
  sim.effects().idempotent_by_key("charge");
  sim.run("pay");
  ASSERT_THAT(sim.findings().all(), SizeIs(1));
  EXPECT_THAT(sim.findings().all()[0].what, HasSubstr("with the keys \"try-1\" and \"try-2\""));
}

TEST(IdempotentByKey, FindsAKeyOfTwoOperations) {
  Simulation sim;
  sim.function("pay", [&](Context& ctx) {
    for (const char* item : {"book", "lamp"}) {
      ctx.step(item, [&] { sim.effects().apply("charge", "order-1", 1); });
    }
  });
  sim.effects().idempotent_by_key("charge");
  sim.run("pay");
  ASSERT_THAT(sim.findings().all(), SizeIs(1));
  EXPECT_THAT(sim.findings().all()[0].what,
              AllOf(HasSubstr("was asked for by two operations with one key, \"order-1\": first by "
                              "step \"book\" (operation 1) at guarantees_test.cpp:"),
                    HasSubstr("then by step \"lamp\" (operation 2) at guarantees_test.cpp:")));
}

TEST(IdempotentByKey, FindsACallWithoutAKey) {
  const Finding finding = finding_of("", [](StepContext&) { return ""; }, kByKey);
  EXPECT_THAT(finding.what, HasSubstr("\"charge\" was asked for without a key by step \"charge\""));
}

TEST(IdempotentByKey, FindsAReceiverThatDoesNotRecogniseTheKey) {
  const Finding finding =
      finding_of(kCrash, [](StepContext& step) { return step.idempotency_key(); }, kByKey);
  EXPECT_THAT(finding.what, HasSubstr("but is declared to do so once per key"));
}

// The key itself.

/// Keys of each step in all schedules: by name of the step, with the execution it belongs to.
using Keys = std::map<std::string, std::set<std::string>>;

Keys keys_in_all_schedules(durasim::VerifyOptions options) {
  Keys keys;
  const auto scenario = [&keys](Simulation& sim) {
    const auto handler = [&keys](Context& ctx, const std::string& run) {
      const auto note = [&keys, run](Context& in, const std::string& name) {
        in.step(name,
                [&keys, run, name](StepContext& step) {
                  keys[run + " " + name].insert(step.idempotency_key());
                  if (step.attempt() == 1 && name == "top") throw std::runtime_error("again");
                },
                {.retry = durable::retry::fixed(2, 5s)});
      };
      note(ctx, "top");
      ctx.run_in_child_context("child", [&](Context& child) {
        note(child, "in child");
        child.run_in_child_context("grandchild",
                                   [&](Context& inner) { note(inner, "in grandchild"); });
      });
      ctx.wait("rest", 10s);
      ctx.run_in_child_context("child", [&](Context& child) { note(child, "in second child"); });
      note(ctx, "last");
    };
    sim.function("pay", [handler](Context& ctx, std::string run) { handler(ctx, run); });
    sim.function("refund", [handler](Context& ctx, std::string run) { handler(ctx, run); });
    sim.run("pay", std::string("first"));
    sim.run("pay", std::string("second"));
    sim.run("refund", std::string("third"));
  };
  EXPECT_THAT(durasim::verify(scenario, std::move(options)), durasim::Holds());
  return keys;
}

TEST(IdempotencyKey, IsOneForEachOperationInAllSchedules) {
  const Keys keys = keys_in_all_schedules({.faults = FaultModel::hostile()});
  ASSERT_THAT(keys, SizeIs(3 * 5));
  std::set<std::string> all;
  for (const auto& [step, of_step] : keys) {
    EXPECT_THAT(of_step, SizeIs(1)) << step << " has another key in another attempt or replay";
    all.insert(of_step.begin(), of_step.end());
  }
  EXPECT_THAT(all, SizeIs(3 * 5)) << "two steps share a key";
}

TEST(Ledger, CountsWhatTookEffectAndWhatWasAskedFor) {
  Simulation sim;
  durasim::Effects& effects = sim.effects();
  EXPECT_EQ(effects.apply("charge", "a", 1), 1);
  EXPECT_EQ(effects.apply("charge", "a", 2), 1);
  EXPECT_EQ(effects.apply("charge", "b", 3), 3);
  effects.record("mail", "a");
  effects.record("mail", "a");
  EXPECT_EQ(effects.count("charge"), 2U);
  EXPECT_EQ(effects.calls("charge"), 3U);
  EXPECT_EQ(effects.count("charge", "a"), 1U);
  EXPECT_EQ(effects.calls("charge", "a"), 2U);
  EXPECT_EQ(effects.count("mail", "a"), 2U);
  EXPECT_EQ(effects.calls("mail", "a"), 2U);
  EXPECT_EQ(effects.calls("mail", "b"), 0U);
  EXPECT_EQ(effects.calls("fax"), 0U);
}

// Crashes between the effects of one body.

using Ledger = std::vector<std::size_t>;

/// What is in the ledger after each schedule of one crash at an effect.
template <class Body>
std::set<Ledger> ledgers_after_crashes(Body body) {
  std::set<Ledger> ledgers;
  const auto scenario = [&](Simulation& sim) {
    sim.function("pay", [&](Context& ctx) { ctx.step("charge", [&] { body(sim.effects()); }); });
    sim.run("pay");
  };
  durasim::VerifyOptions options{.faults = FaultModel::none().with({Fault::crash_at_effect})};
  options.after_run = [&](const Simulation& sim, const durasim::Schedule&) {
    auto& effects = const_cast<Simulation&>(sim).effects();
    ledgers.insert({effects.count("reserve"), effects.count("charge"), effects.count("mail")});
  };
  const auto result = durasim::verify(scenario, options);
  EXPECT_THAT(result, durasim::Holds());
  EXPECT_EQ(result.runs, 4U);  // one crash before each effect, and none
  return ledgers;
}

TEST(EffectsOfABody, CanEachBeTheLastBeforeACrash) {
  EXPECT_THAT(ledgers_after_crashes([](durasim::Effects& effects) {
                effects.record("reserve");
                effects.record("charge");
                effects.record("mail");
              }),
              ElementsAre(Ledger{1, 1, 1}, Ledger{2, 1, 1}, Ledger{2, 2, 1}));
}

TEST(EffectsOfABody, AreTornApartByACrashBetweenThem) {
  const durasim::VerifyOptions options{.faults = FaultModel::none().with({Fault::crash_at_effect})};
  const auto torn = [](Simulation& sim) {
    sim.function("transfer", [&sim](Context& ctx) {
      ctx.step("move",
               [&] {
                 sim.effects().record("out");
                 sim.effects().record("in");
               },
               {.retry = durable::retry::none(),
                .semantics = durable::StepSemantics::at_most_once_per_retry});
    });
    sim.run("transfer");
    EXPECT_EQ(sim.effects().count("out"), sim.effects().count("in")) << "money is lost";
  };
  durasim::Verification result;
  EXPECT_NONFATAL_FAILURE_ON_ALL_THREADS(result = durasim::verify(torn, options), "money is lost");
  ASSERT_EQ(result.verdict, durasim::Verdict::refuted) << result;
  EXPECT_EQ(result.counterexample_faults, 1U);
  EXPECT_THAT(result.history, AllOf(HasSubstr("effect \"out\" takes effect"),
                                    Not(HasSubstr("effect \"in\" takes effect"))));
  EXPECT_THAT(result.script.to_text(), HasSubstr("at \"move\", effect 2: crash_at_effect"));
}

struct Mail {
  durasim::Effects& effects;
  ~Mail() { effects.record("mail"); }
};

TEST(EffectsOfABody, OfDestructorsDoNotHappenWhenTheProcessDies) {
  EXPECT_THAT(ledgers_after_crashes([](durasim::Effects& effects) {
                const Mail mail{effects};
                effects.record("reserve");
                effects.record("charge");
              }),
              ElementsAre(Ledger{1, 1, 1}, Ledger{2, 1, 1}, Ledger{2, 2, 1}));
}

// In the handler they do: suspensions unwind it.

/// The finding about what a handler does when it is suspended.
template <class Handler>
Finding finding_while_unwinding(Handler handler) {
  Simulation sim;
  sim.function("hold", [&](Context& ctx) { handler(ctx, sim.effects()); });
  sim.run("hold");
  for (const Finding& finding : sim.findings().all()) {
    if (finding.what.find("while the stack was unwound") != std::string::npos) return finding;
  }
  ADD_FAILURE() << "nothing was found";
  return {};
}

TEST(EffectsWhileUnwinding, OfADestructorAreReportedWithTheirPlace) {
  std::uint32_t line = 0;
  const Finding finding = finding_while_unwinding([&](Context& ctx, durasim::Effects& effects) {
    struct Release {
      durasim::Effects& effects;
      std::uint32_t& line;
      ~Release() {
        line = __LINE__ + 1;
        effects.record("release");
      }
    } release{effects, line};
    ctx.wait("hold", 10s);
  });
  EXPECT_THAT(finding.what, HasSubstr("\"release\" took effect while the stack was unwound, after "
                                      "wait \"hold\" (operation 1) at guarantees_test.cpp:"));
  EXPECT_THAT(finding.file, HasSubstr("guarantees_test.cpp"));
  EXPECT_EQ(finding.line, line);
}

TEST(EffectsWhileUnwinding, OfACatchAllAreReportedWithTheirPlace) {
  std::uint32_t line = 0;
  const Finding finding = finding_while_unwinding([&](Context& ctx, durasim::Effects& effects) {
    try {
      ctx.wait("hold", 10s);
    } catch (...) {
      line = __LINE__ + 1;
      effects.record("release");
      throw;
    }
  });
  EXPECT_THAT(finding.what, HasSubstr("after wait \"hold\" (operation 1)"));
  EXPECT_EQ(finding.line, line);
}

TEST(EffectsOutsideSteps, AreReportedWithTheirPlace) {
  Simulation sim;
  std::uint32_t line = 0;
  sim.function("pay", [&](Context& ctx) {
    ctx.step("charge", [] {});
    line = __LINE__ + 1;
    sim.effects().record("mail");
  });
  sim.run("pay");
  ASSERT_FALSE(sim.findings().all().empty());
  EXPECT_THAT(sim.findings().all()[0].what, HasSubstr("took effect outside a step"));
  EXPECT_EQ(sim.findings().all()[0].line, line);
}

}  // namespace guarantees_test
