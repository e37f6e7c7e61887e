#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"
#include "durasim/oracle/wording.hpp"

/// Each kind of divergence, told in full.
namespace divergence_test {

using namespace durasim;
using namespace durasim::oracle;
using durable::OperationInput;
using durable::OperationOptions;
using durable::OperationSubType;
using durable::OperationType;
using durable::RetryStrategy;
using durable::StepSemantics;
using std::chrono::seconds;
using Divergent = Divergence::Kind;

std::string here() { return oracle::place(kHere); }
std::string elsewhere() { return oracle::place(kElsewhere); }

/// A durable call with what it is given.
struct Call {
  OperationType type = OperationType::step;
  OperationSubType sub_type = OperationSubType::step;
  std::string name = "charge";
  std::vector<OperationInput> inputs = {};
  OperationOptions options = {};
  std::source_location where = kHere;
};

void issue(Script& script, std::uint32_t invocation, std::uint32_t number, const Call& call) {
  TraceEvent event = script.issue_event(invocation, number, call.name);
  const durable::IssuedOperation issued{event.path,  call.type,    call.sub_type, call.name,
                                        call.inputs, call.options, event.body,    call.where};
  event.type = call.type;
  event.sub_type = call.sub_type;
  event.inputs = durable::digest(call.inputs);
  event.issued = &issued;
  event.where = call.where;
  script.tell(event);
}

Finding only(const Script& script) {
  EXPECT_EQ(script.findings().size(), 1U);
  if (!script.findings().empty()) return script.findings()[0];
  Finding none;
  none.divergence.emplace();  // so that a test that fails goes on to say more
  return none;
}

/// What is found if operation 2 is made as `before`, and on replay as `now`.
Finding found(const Call& before, const Call& now) {
  Script script(make_replay_agreement);
  const Operations record{step(1, OperationStatus::succeeded, 1),
                          wait(2, OperationStatus::started)};
  script.start(1);
  issue(script, 1, 1, {.name = "order"});
  script.history("StepStarted", 1);
  issue(script, 1, 2, before);
  script.history("StepStarted", 2);
  script.end(1, suspended(), record);
  script.start(2, record);
  issue(script, 2, 1, {.name = "order"});
  issue(script, 2, 2, now);
  return only(script);
}

Call pause(seconds span) {
  return {
      OperationType::wait, OperationSubType::wait, "pause", {OperationInput::of("duration", span)}};
}
Call ship(std::string_view function, std::string_view tenant, std::string_view payload) {
  return {
      OperationType::chained_invoke,
      OperationSubType::chained_invoke,
      "ship",
      {OperationInput::text_of("function name", function),
       OperationInput::text_of("tenant id", tenant), OperationInput::json_of("payload", payload)}};
}
Call approval(seconds timeout, seconds heartbeat_timeout) {
  return {OperationType::callback,
          OperationSubType::callback,
          "approval",
          {OperationInput::of("timeout", timeout),
           OperationInput::of("heartbeat timeout", heartbeat_timeout)}};
}
Call ready(std::string_view initial, const RetryStrategy& polling) {
  return {OperationType::step,
          OperationSubType::wait_for_condition,
          "ready",
          {OperationInput::json_of("initial state", initial)},
          {&polling}};
}
Call tried(const RetryStrategy& retry,
           StepSemantics semantics = StepSemantics::at_least_once_per_retry) {
  return {.options = {&retry, semantics}};
}

TEST(Divergence, OfADurationTellsAll) {
  const Finding finding = found(pause(seconds(5)), pause(seconds(7)));
  EXPECT_EQ(finding.what,
            fmt::format("wait \"pause\" (operation 2) at {} is recorded with the duration 5 s, but "
                        "on replay the handler made it with 7 s",
                        here()));
  EXPECT_EQ(finding.remedy,
            "let the duration follow from constants, the input, the results of steps or "
            "ctx.execution().started_at: a clock, a random number, a counter or the environment "
            "gives another one on each replay");
  ASSERT_TRUE(finding.divergence);
  const Divergence& divergence = *finding.divergence;
  EXPECT_EQ(divergence.to_text(),
            fmt::format("expected duration 5 s, given at {0}\n"
                        "actual   duration 7 s, given at {0}\n"
                        "position durable call 2 of the replay by invocation 2; the last "
                        "that agreed is step \"order\" (operation 1), made at {0}\n",
                        here()));
  EXPECT_EQ(divergence.kind, Divergent::another_input);
  EXPECT_EQ(divergence.input, "duration");
  EXPECT_EQ(divergence.expected.input, "5 s");
  EXPECT_EQ(divergence.actual.input, "7 s");
  EXPECT_EQ(divergence.path, op(2));
  EXPECT_EQ(divergence.ordinal, 2U);
  EXPECT_EQ(divergence.invocation, 2U);
  EXPECT_FALSE(divergence.shadow);
  ASSERT_TRUE(divergence.last_agreeing);
  EXPECT_EQ(divergence.last_agreeing->name, "order");
  EXPECT_EQ(divergence.last_agreeing->line, kHere.line());
  EXPECT_EQ(divergence.advice, finding.remedy);
}

TEST(Divergence, NamesTheInputThatDiffersWithBothValues) {
  const RetryStrategy standard;
  const RetryStrategy fixed = durable::retry::fixed(2, seconds(3));
  const RetryStrategy linear = durable::retry::linear({.retryable_errors = {"busy"}});
  const RetryStrategy other = durable::retry::linear({.retryable_errors = {"slow"}});
  const RetryStrategy custom = durable::retry::custom(
      [](const durable::ErrorObject&, std::uint32_t) { return durable::RetryDecision{}; });
  struct Row {
    Call before;
    Call now;
    std::string input;
    std::string expected;
    std::string actual;
  };
  const OperationInput is_virtual = OperationInput::of("is_virtual", true);
  const OperationInput is_not = OperationInput::of("is_virtual", false);
  const auto child = [](const OperationInput& option) {
    return Call{.type = OperationType::context,
                .sub_type = OperationSubType::run_in_child_context,
                .options = {.others = {&option, 1}}};
  };
  const Row rows[] = {
      {ship("ship:1", "", "{}"), ship("ship:2", "", "{}"), "function name", "\"ship:1\"",
       "\"ship:2\""},
      {ship("ship:1", "", "{}"), ship("ship:1", "x", "{}"), "tenant id", "\"\"", "\"x\""},
      {ship("ship:1", "", "{\"id\":7}"), ship("ship:1", "", "{\"id\":8}"), "payload", "{\"id\":7}",
       "{\"id\":8}"},
      {approval(seconds(60), seconds(0)), approval(seconds(61), seconds(0)), "timeout", "60 s",
       "61 s"},
      {approval(seconds(60), seconds(9)), approval(seconds(60), seconds(0)), "heartbeat timeout",
       "9 s", "0 s"},
      {ready("1", standard), ready("2", standard), "initial state", "1", "2"},
      {ready("1", standard), ready("1", fixed), "polling options",
       "exponential: 6 attempts, 5 s to 60 s, backoff rate 2, full jitter",
       "exponential: 2 attempts, 3 s to 3 s, backoff rate 1, no jitter"},
      {tried(fixed), tried(linear), "retry strategy",
       "exponential: 2 attempts, 3 s to 3 s, backoff rate 1, no jitter",
       "linear: 6 attempts, 1 s to 300 s, increment 1 s, full jitter, for some failures only"},
      {tried(linear), tried(other), "retry strategy",
       "linear: 6 attempts, 1 s to 300 s, increment 1 s, full jitter, for some failures only",
       "the same for other failures"},
      {tried(standard), tried(custom), "retry strategy",
       "exponential: 6 attempts, 5 s to 60 s, backoff rate 2, full jitter", "a function"},
      {tried(standard), tried(standard, StepSemantics::at_most_once_per_retry), "semantics",
       "at least once per retry", "at most once per retry"},
      {child(is_not), child(is_virtual), "is_virtual", "false", "true"},
  };
  for (const Row& row : rows) {
    const Finding finding = found(row.before, row.now);
    ASSERT_TRUE(finding.divergence) << row.input;
    EXPECT_EQ(finding.divergence->kind, Divergent::another_input) << row.input;
    EXPECT_EQ(finding.divergence->input, row.input);
    EXPECT_EQ(finding.divergence->expected.input, row.expected);
    EXPECT_EQ(finding.divergence->actual.input, row.actual);
    EXPECT_THAT(finding.what,
                testing::HasSubstr(fmt::format("is recorded with the {} {}, but on replay the "
                                               "handler made it with {}",
                                               row.input, row.expected, row.actual)));
    EXPECT_THAT(finding.remedy, testing::HasSubstr(row.input));
  }
}

TEST(Divergence, OfALongPayloadShowsWhereItDiffers) {
  const std::string same(500, 'x');
  const Finding finding =
      found(ship("ship:1", "", same + "1" + same), ship("ship:1", "", same + "2" + same));
  ASSERT_TRUE(finding.divergence);
  EXPECT_LT(finding.divergence->expected.input.size(), 150U);
  EXPECT_THAT(finding.divergence->expected.input, testing::HasSubstr("xxx1xxx"));
  EXPECT_THAT(finding.divergence->actual.input, testing::HasSubstr("xxx2xxx"));
}

TEST(Divergence, OfInputsIsNoneWhereFunctionsCannotBeCompared) {
  const auto function = [](int) {
    return durable::retry::custom(
        [](const durable::ErrorObject&, std::uint32_t) { return durable::RetryDecision{}; });
  };
  const RetryStrategy one = function(1);
  const RetryStrategy another = function(2);
  Script script(make_replay_agreement);
  script.start(1);
  issue(script, 1, 1, tried(one));
  script.end(1, suspended(), {step(1, OperationStatus::pending, 1)});
  script.start(2, {step(1, OperationStatus::pending, 1)});
  issue(script, 2, 1, tried(another));
  EXPECT_TRUE(script.findings().empty());
}

TEST(Divergence, OfANameTellsBothCalls) {
  const Finding finding = found({.name = "print"}, {.name = "mail", .where = kElsewhere});
  EXPECT_EQ(finding.what,
            fmt::format("operation 2 is recorded as step \"print\" made at {}, but on replay the "
                        "handler made step \"mail\" at {}",
                        here(), elsewhere()));
  EXPECT_EQ(finding.divergence->kind, Divergent::another_operation);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected step \"print\" (operation 2), made at {0}\n"
                        "actual   step \"mail\" (operation 2), made at {1}\n"
                        "position durable call 2 of the replay by invocation 2; the "
                        "last that agreed is step \"order\" (operation 1), made at {0}\n",
                        here(), elsewhere()));
  EXPECT_EQ(finding.remedy,
            "decide which durable call comes next by the input and the results of steps only: make "
            "a step of what the handler decided by");
}

TEST(Divergence, OfANameInOnePlaceAdvisesOnTheName) {
  EXPECT_EQ(found({.name = "at-12:00"}, {.name = "at-12:01"}).remedy,
            "build the name from constants, the input and the results of steps: a time, a random "
            "number or a counter in it is another one on each replay");
}

TEST(Divergence, OfASubTypeTellsBoth) {
  const Finding finding = found({}, {.sub_type = OperationSubType::wait_for_condition});
  EXPECT_EQ(finding.divergence->kind, Divergent::another_operation);
  EXPECT_EQ(finding.what,
            fmt::format("step \"charge\" (operation 2) is recorded with the sub-type Step at {0}, "
                        "but on replay the handler made it with WaitForCondition at {0}",
                        here()));
  EXPECT_THAT(finding.divergence->to_text(),
              testing::HasSubstr("actual   step \"charge\" (operation 2) of sub-type "
                                 "WaitForCondition, made at "));
}

TEST(Divergence, OfLikeNamedCallsTellsBothPlaces) {
  const Finding finding = found({}, {.where = kElsewhere});
  EXPECT_EQ(finding.divergence->kind, Divergent::another_call);
  EXPECT_EQ(finding.what,
            fmt::format("step \"charge\" (operation 2) is recorded as made at {}, but "
                        "on replay the handler made it at {}",
                        here(), elsewhere()));
  EXPECT_EQ(finding.remedy,
            "the two calls look alike to the service, which hands the result of one to the other: "
            "give each a name of its own, and decide between them by the input and the results of "
            "steps only");
}

/// Invocation 1 orders, charges and waits: operations 1, 2 and 3.
struct Ordered : Script {
  Ordered() : Script(make_replay_agreement) {
    start(1);
    for (const auto& [number, name] : {std::pair(1U, "order"), {2U, "charge"}, {3U, "pause"}}) {
      divergence_test::issue(*this, 1, number, {.name = name});
      history("StepStarted", number);
    }
    end(1, suspended(), record());
  }
  static Operations record(OperationStatus waited = OperationStatus::started) {
    return {step(1, OperationStatus::succeeded, 1), step(2, OperationStatus::succeeded, 1),
            wait(3, waited)};
  }
};

TEST(Divergence, OfACallThatWasPassedOverNamesIt) {
  Ordered script;
  script.start(2, Ordered::record());
  issue(script, 2, 1, {.name = "order"});
  issue(script, 2, 2, {.name = "pause"});
  EXPECT_EQ(only(script).remedy,
            "the handler passed over step \"charge\" (operation 2): decide whether to make it by "
            "the input and the results of steps only");
}

TEST(Divergence, OfAnEarlyReturnCountsWhatIsLeftBehind) {
  Ordered script;
  script.start(2, Ordered::record(OperationStatus::succeeded));
  issue(script, 2, 1, {.name = "order"});
  script.end(2, returned("5"), Ordered::record(OperationStatus::succeeded));
  const Finding finding = only(script);
  EXPECT_EQ(finding.what,
            fmt::format("step \"charge\" (operation 2) at {} was made before, but on replay the "
                        "handler did not make it, nor 1 more: it ended SUCCEEDED with 5",
                        here()));
  EXPECT_EQ(finding.divergence->kind, Divergent::early_end);
  EXPECT_EQ(finding.divergence->unconsumed, 2U);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected step \"charge\" (operation 2), made at {0}\n"
                        "actual   the handler ended SUCCEEDED with 5\n"
                        "position durable call 2 of the replay by invocation 2; the "
                        "last that agreed is step \"order\" (operation 1), made at {0}\n",
                        here()));
  EXPECT_EQ(finding.remedy,
            "decide when to return by the input and the results of steps only: a replay that "
            "returns early leaves recorded operations behind");
  EXPECT_EQ(finding.operation, "charge");
}

TEST(Divergence, OfAnExceptionThatComesEarlyAdvisesToThrowInAStep) {
  Ordered script;
  script.start(2, Ordered::record(OperationStatus::succeeded));
  issue(script, 2, 1, {.name = "order"});
  script.end(2, threw("Moon", "full"), Ordered::record(OperationStatus::succeeded));
  const Finding finding = only(script);
  EXPECT_EQ(finding.divergence->kind, Divergent::early_end);
  EXPECT_EQ(finding.divergence->actual.end, "FAILED with Moon: full");
  EXPECT_EQ(finding.remedy,
            "let what may throw do so in a step, whose failure is recorded: an exception of the "
            "handler's own ends only those runs that it is thrown in");
}

TEST(Divergence, OfASuspensionBeforeARecordedCallNamesWhatItSuspendedOn) {
  Script script(make_replay_agreement);
  const Operations record{callback(1, "id"), step(2, OperationStatus::succeeded, 1)};
  const Call approve = approval(seconds(60), seconds(0));
  script.start(1);
  issue(script, 1, 1, approve);
  issue(script, 1, 2, {.name = "notify"});
  script.answer(1, record);
  script.end(1, suspended(), record);
  script.replay(record, suspended());
  TraceEvent again = script.issue_event(0, 1, "approval");
  again.shadow = true;
  again.type = OperationType::callback;
  again.sub_type = OperationSubType::callback;
  again.inputs = durable::digest(approve.inputs);
  script.tell(again);
  script.replay_end(suspended());
  const Finding finding = only(script);
  EXPECT_EQ(finding.what,
            fmt::format("step \"notify\" (operation 2) at {} was made before, but on replay the "
                        "handler did not make it: it ended PENDING on callback \"approval\" "
                        "(operation 1)",
                        here()));
  EXPECT_EQ(finding.divergence->kind, Divergent::missing_operation);
  EXPECT_TRUE(finding.divergence->shadow);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected step \"notify\" (operation 2), made at {0}\n"
                        "actual   the handler ended PENDING on callback \"approval\" (operation "
                        "1)\n"
                        "position durable call 2 of the shadow replay after invocation "
                        "1; the last that agreed is callback \"approval\" (operation 1), made at "
                        "{0}\n",
                        here()));
  EXPECT_EQ(finding.remedy,
            "make the same durable calls before the handler suspends, in every run of it: decide "
            "whether to make one by the input and the results of steps only");
}

TEST(Divergence, OfACallThatWasNotMadeBeforeTellsHowTheHandlerHadEnded) {
  Script script(make_replay_agreement);
  const Operations record{step(1, OperationStatus::succeeded, 1)};
  script.start(1);
  script.issue(1, 1);
  script.history("StepStarted", 1);
  script.answer(1, record);
  script.end(1, returned("5"), record);
  script.replay(record, returned("5"));
  script.replay_issue(1);
  script.replay_issue(2, "audit");
  script.replay_end(suspended());
  const Finding finding = only(script);
  EXPECT_EQ(finding.what, fmt::format("on replay the handler made step \"audit\" (operation 2) at "
                                      "{}, which it had not made before",
                                      here()));
  EXPECT_EQ(finding.divergence->kind, Divergent::extra_operation);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected the handler ended SUCCEEDED with 5\n"
                        "actual   step \"audit\" (operation 2), made at {0}\n"
                        "position durable call 2 of the shadow replay after invocation "
                        "1; the last that agreed is step \"charge\" (operation 1), made at {0}\n",
                        here()));
  EXPECT_EQ(finding.remedy,
            "decide whether to make this call by the input and the results of steps only: make a "
            "step of what the handler decided by");
}

TEST(Divergence, OfAResultTellsBoth) {
  Script script(make_replay_agreement);
  const Operations record{step(1, OperationStatus::succeeded, 1)};
  script.start(1);
  script.issue(1, 1);
  script.answer(1, record);
  script.end(1, returned("5"), record);
  script.replay(record, returned("5"));
  script.replay_issue(1);
  script.replay_end(returned("6"));
  const Finding finding = only(script);
  EXPECT_EQ(finding.divergence->kind, Divergent::another_end);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected the handler ended SUCCEEDED with 5\n"
                        "actual   the handler ended SUCCEEDED with 6\n"
                        "position the end, after durable call 1 of the shadow replay after "
                        "invocation 1; the last that agreed is step \"charge\" (operation 1), made "
                        "at {}\n",
                        here()));
  EXPECT_EQ(finding.remedy,
            "make what is new in the result, such as an id or a time, in a step: what the handler "
            "makes up by itself is another one on each replay");
}

TEST(Divergence, OfAFailureThatDoesNotComeAgainAdvisesOnFailures) {
  Script script(make_replay_agreement);
  const Operations record{step(1, OperationStatus::succeeded, 1)};
  script.start(1);
  script.issue(1, 1);
  script.answer(1, record);
  script.end(1, threw("Moon", "full"), record);
  script.replay(record, threw("Moon", "full"));
  script.replay_issue(1);
  script.replay_end(returned("6"));
  EXPECT_EQ(only(script).remedy,
            "let what may throw do so in a step, whose failure is recorded, and decide how to end "
            "by the input and the results of steps only");
}

/// Invocation 1 suspends in a child context that has made two steps.
struct InContext : Script {
  InContext() : Script(make_replay_agreement) {
    start(1);
    divergence_test::issue(*this, 1, 1, kContext);
    issue_inside(1, 1, 1);
    issue_inside(1, 1, 2);
    end(1, suspended(), record());
    start(2, record());
    divergence_test::issue(*this, 2, 1, kContext);
    issue_inside(2, 1, 1);
  }
  static Operations record(OperationStatus status = OperationStatus::started) {
    return {context(1, status), inside(1, step(1, OperationStatus::succeeded, 1)),
            inside(1, step(2, OperationStatus::succeeded, 1))};
  }
  static inline const Call kContext{OperationType::context, OperationSubType::run_in_child_context,
                                    "order"};
};

TEST(Divergence, OfAContextThatEndsEarlyIsFoundWhenItEnds) {
  InContext script;
  script.answer(2, {context(1, OperationStatus::succeeded)});
  const Finding finding = only(script);
  EXPECT_EQ(finding.what,
            fmt::format("step \"charge\" (operation 1.2) at {} was made before, but on replay the "
                        "handler did not make it: context \"order\" (operation 1) ended SUCCEEDED",
                        here()));
  EXPECT_EQ(finding.divergence->kind, Divergent::unconsumed_operations);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected step \"charge\" (operation 1.2), made at {0}\n"
                        "actual   context \"order\" (operation 1) ended SUCCEEDED, made at {0}\n"
                        "position durable call 3 of the replay by invocation 2; the "
                        "last that agreed is step \"charge\" (operation 1.1), made at {0}\n",
                        here()));
}

TEST(Divergence, OfAContextIsNoneWhenAllThatItRecordedIsMadeAgain) {
  InContext script;
  script.issue_inside(2, 1, 2);
  script.answer(2, {context(1, OperationStatus::succeeded)});
  script.end(2, returned("5"), {context(1, OperationStatus::succeeded)});
  EXPECT_TRUE(script.findings().empty());
}

TEST(Divergence, OfAContextThatMakesItsResultAgainIsToldByTheSdk) {
  const Operations record{context(1, OperationStatus::succeeded, true),
                          inside(1, step(1, OperationStatus::succeeded, 1))};
  const auto replayed = [&](std::uint32_t calls) {
    Script script(make_replay_agreement);
    script.start(1);
    issue(script, 1, 1, InContext::kContext);
    script.issue_inside(1, 1, 1);
    script.end(1, suspended(), record);
    script.start(2, record);
    issue(script, 2, 1, InContext::kContext);
    for (std::uint32_t call = 1; call <= calls; ++call) script.issue_inside(2, 1, call);
    script.end(2, threw("NonDeterministicExecutionError", "said by the SDK"), record);
    EXPECT_EQ(script.sentence(), "said by the SDK");
    return only(script);
  };
  EXPECT_EQ(replayed(2).divergence->kind, Divergent::extra_operation);
  EXPECT_EQ(replayed(2).divergence->to_text(),
            fmt::format("expected context \"order\" (operation 1) ended SUCCEEDED, made at {0}\n"
                        "actual   step \"charge\" (operation 1.2), made at {0}\n"
                        "position durable call 3 of the replay by invocation 2; the "
                        "last that agreed is step \"charge\" (operation 1.1), made at {0}\n",
                        here()));
  EXPECT_EQ(replayed(1).divergence->kind, Divergent::another_end);
  EXPECT_EQ(
      replayed(1).divergence->to_text(),
      fmt::format("expected context \"order\" (operation 1) ended SUCCEEDED, made at {0}\n"
                  "actual   context \"order\" (operation 1) ended FAILED, made at {0}\n"
                  "position the end of operation 1, after durable call 2 of the replay by "
                  "invocation 2; the last that agreed is step \"charge\" (operation 1.1), made "
                  "at {0}\n",
                  here()));
}

TEST(Divergence, OfARecordThatWasMadeElsewhereSaysThatNothingIsKnown) {
  Script script(make_replay_agreement);
  script.start(1, {step(1, OperationStatus::succeeded, 1)});
  issue(script, 1, 1, {.name = "refund"});
  script.end(1, threw("NonDeterministicExecutionError", "operation 1 is recorded with name \"x\""));
  const Finding finding = only(script);
  EXPECT_EQ(finding.divergence->kind, Divergent::another_operation);
  EXPECT_EQ(finding.divergence->to_text(),
            fmt::format("expected nothing is known of it\n"
                        "actual   step \"refund\" (operation 1), made at {}\n"
                        "position durable call 1 of the replay by invocation 1; no "
                        "durable call agreed before it\n",
                        here()));
}

TEST(Divergence, OutOfTurnIsADefectOfTheSdk) {
  Script script(make_replay_agreement);
  script.start(1);
  script.issue(1, 1);
  script.issue(1, 3, "pause");
  const Finding finding = only(script);
  EXPECT_EQ(finding.divergence->kind, Divergent::out_of_turn);
  EXPECT_EQ(finding.remedy, kDefectOfTheSdk);
}

}  // namespace divergence_test
