#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;

inline TraceEvent effect_in(const Script& script, std::uint32_t invocation, bool in_body) {
  TraceEvent event = script.event(TraceEvent::Kind::effect, invocation, in_body ? 1 : 0);
  event.name = "mail";
  event.key = "order-1";
  event.applied = true;
  event.in_body = in_body;
  return event;
}

TEST(EffectsOracle, IsSilentAboutEffectsInBodies) {
  Script script(make_effects);
  script.start(1);
  script.issue(1, 1);
  script.tell(effect_in(script, 1, true));
  EXPECT_TRUE(script.findings().empty());
}

TEST(EffectsOracle, FindsAnEffectOutsideAStep) {
  Script script(make_effects);
  script.start(1);
  script.issue(1, 1);
  script.tell(effect_in(script, 1, false));
  ASSERT_THAT(script.sentence(), HasSubstr("\"mail\" took effect outside a step, after step "
                                           "\"charge\" (operation 1) at testing.hpp:"));
  EXPECT_EQ(script.findings()[0].oracle, Oracle::effects);
  EXPECT_EQ(script.findings()[0].operation, "mail");
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(EffectsOracle, FindsAnEffectBeforeTheFirstDurableCall) {
  Script script(make_effects);
  script.start(1);
  script.issue(1, 1);
  script.end(1, suspended());
  script.start(2);
  script.tell(effect_in(script, 2, false));
  EXPECT_THAT(script.sentence(), HasSubstr("before the first durable call"));
}

TEST(EffectsOracle, FindsAnEffectDuringUnwindingOnceAndOnlyAsThat) {
  Script script(make_effects);
  script.start(1);
  script.issue(1, 1);
  script.refuse(1, true);
  script.end(1, suspended());
  TraceEvent effect = effect_in(script, 1, false);
  effect.unwinding = true;
  script.tell(effect);
  EXPECT_THAT(script.sentence(), HasSubstr("while the stack was unwound, after step \"charge\""));

  Script inside(make_effects);
  inside.start(1);
  inside.issue(1, 1);
  effect.in_body = true;
  inside.tell(effect);
  EXPECT_EQ(inside.findings().size(), 1U);
}

TEST(EffectsOracle, FindsAnEffectAfterItsInvocationWasToldThatTheExecutionIsOver) {
  Script script(make_effects);
  script.start(1);
  script.start(2);
  script.issue(1, 1);
  script.refuse(1, true);
  script.tell(effect_in(script, 1, true));
  ASSERT_THAT(script.sentence(), HasSubstr("had been told that the execution is over"));
  EXPECT_EQ(script.findings()[0].operation, "charge");
}

TEST(EffectsOracle, IsSilentAboutAnInvocationThatWasNotToldThatTheExecutionIsOver) {
  Script script(make_effects);
  script.start(1);
  script.start(2);
  script.refuse(1, true);
  script.end_execution(durable::ExecutionStatus::succeeded);
  script.tell(effect_in(script, 2, true));
  EXPECT_TRUE(script.findings().empty());
}

TEST(EffectsOracle, IsSilentAboutTheScenarioItselfAndAboutShadows) {
  Script script(make_effects);
  script.tell(effect_in(script, 0, false));
  script.start(1);
  TraceEvent effect = effect_in(script, 1, false);
  effect.shadow = true;
  script.tell(effect);
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
