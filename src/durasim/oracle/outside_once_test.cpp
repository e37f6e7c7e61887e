#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using durable::Text;

/// Execution 1 has started a callback, of which invocation 1 was told.
struct CallbackStarted : Script {
  CallbackStarted() : Script(make_outside_once) {
    start(1);
    history("CallbackStarted", 1);
    answer(1, {callback(1, "Y2I=")});
  }
  void invoke_starts(std::uint32_t started, std::uint32_t number) {
    TraceEvent event = this->event(Kind::execution_started);
    event.execution = started;
    event.caller = 1;
    event.path = op(number);
    tell(event);
  }
};

TEST(OutsideOnce, IsSilentWhenTheHandlerIsGivenWhatWasSentFirst) {
  CallbackStarted script;
  script.heartbeat(1);
  script.heartbeat(1);
  script.history("CallbackSucceeded", 1, 0, Text("yes"));
  script.send(1, "yes");
  script.send(1, "no", false);
  script.start(2, {callback(1, "Y2I=", OperationStatus::succeeded)});
  script.gives(2, 1, Text("yes"));
  script.history("ChainedInvokeStarted", 2);
  script.invoke_starts(2, 2);
  script.history("ChainedInvokeStarted", 3);
  script.invoke_starts(3, 3);
  script.history("ChainedInvokeSucceeded", 2);
  script.gives(2, 2, Text("null"));
  script.history("ChainedInvokeFailed", 3, 0, {}, failure("OutOfStock", "none"));
  script.throws(2, 3, failure("OutOfStock", "none"));
  EXPECT_TRUE(script.findings().empty());
}

TEST(OutsideOnce, FindsACallbackThatChangesItsId) {
  CallbackStarted script;
  script.start(2, {callback(1, "Y2M=")});
  ASSERT_EQ(script.sentence(),
            "callback operation 1 of execution 1 has the id Y2M=, but had the id Y2I= before");
  EXPECT_EQ(script.findings()[0].oracle, Oracle::outside_once);
  EXPECT_EQ(script.findings()[0].path, op(1));
  EXPECT_FALSE(script.findings()[0].remedy.empty());
  script.start(3, {callback(1, "Y2N=")});
  EXPECT_EQ(script.findings().size(), 1U) << "once is enough";
}

TEST(OutsideOnce, FindsAnIdThatIsUsedAgain) {
  CallbackStarted script;
  script.of_execution(2);
  script.start(2, {callback(4, "Y2I=")});
  EXPECT_EQ(script.sentence(),
            "callback operation 4 of execution 2 has the id of operation 1 of execution 1");
}

TEST(OutsideOnce, FindsASecondAnswerThatIsAccepted) {
  CallbackStarted script;
  script.send(1, "yes");
  script.send(1, "no");
  EXPECT_EQ(script.sentence(),
            "callback operation 1 of execution 1 was sent no after yes, and it was accepted: a "
            "callback ends once");
}

TEST(OutsideOnce, FindsARecordThatIsNotWhatWasSent) {
  CallbackStarted script;
  script.send(1, "yes");
  script.history("CallbackSucceeded", 1, 0, Text("no"));
  EXPECT_EQ(script.sentence(),
            "callback operation 1 of execution 1 was sent yes, but ended with no");
}

TEST(OutsideOnce, FindsAHandlerThatIsGivenSomethingElse) {
  CallbackStarted script;
  script.history("CallbackSucceeded", 1, 0, Text("yes"));
  script.gives(2, 1, Text("no"));
  EXPECT_EQ(script.sentence(),
            "callback operation 1 of execution 1 gave the handler no, but ended with yes");
  CallbackStarted failed;
  failed.history("CallbackFailed", 1, 0, {}, failure("Declined", "no funds"));
  failed.gives(2, 1, Text("yes"));
  EXPECT_THAT(failed.sentence(), ::testing::HasSubstr("ended with the error Declined: no funds"));
}

TEST(OutsideOnce, FindsAHandlerThatGoesOnBeforeTheEnd) {
  CallbackStarted script;
  script.gives(1, 1, Text("yes"));
  EXPECT_EQ(script.sentence(),
            "callback operation 1 of execution 1 gave the handler yes, but it has not ended");
  CallbackStarted thrown;
  thrown.throws(1, 1, failure("Callback.Timeout", "Callback timed out"));
  EXPECT_EQ(thrown.findings().size(), 1U);
}

TEST(OutsideOnce, FindsAnInvokeThatStartsTwoExecutions) {
  CallbackStarted script;
  script.history("ChainedInvokeStarted", 2);
  script.invoke_starts(2, 2);
  script.invoke_starts(3, 2);
  EXPECT_EQ(script.sentence(),
            "invoke operation 2 of execution 1 started execution 3, but had started execution 2 "
            "before");
}

}  // namespace durasim::oracle
