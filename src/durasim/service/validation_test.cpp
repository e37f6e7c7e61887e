#include "durasim/service/validation.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "durasim/service/test_bed.hpp"

namespace durasim::validation_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;
using durable::Operation;
using durable::OperationAction;
using durable::OperationStatus;
using durable::OperationType;
using durable::OperationUpdate;
using durable::Text;

constexpr std::size_t kLimit = 100;

std::string verdict(const std::vector<OperationUpdate>& updates,
                    const std::vector<Operation>& operations = {}) {
  durable::OperationIndex index;
  ServiceConfig config;
  config.payload_limit_bytes = config.error_limit_bytes = kLimit;
  return first_violation(operations, index, updates, config);
}

durable::OperationSubType sub_type_of(OperationType type) {
  switch (type) {
    case OperationType::wait:
      return durable::OperationSubType::wait;
    case OperationType::context:
      return durable::OperationSubType::run_in_child_context;
    case OperationType::callback:
      return durable::OperationSubType::callback;
    case OperationType::chained_invoke:
      return durable::OperationSubType::chained_invoke;
    default:
      return durable::OperationSubType::step;
  }
}

Operation recorded(OperationType type, OperationStatus status) {
  Operation operation;
  operation.path = path(1);
  operation.type = type;
  operation.status = status;
  operation.sub_type = sub_type_of(type);
  operation.name = Text("charge");
  return operation;
}

/// The verdicts on `update` for an operation that is in each status in turn, "-" for none, "." for
/// allowed. Order: not recorded, started, pending, ready, succeeded, failed.
std::string allowed(const OperationUpdate& update) {
  const auto mark = [](const std::string& message) { return message.empty() ? '.' : '-'; };
  std::string marks(1, mark(verdict({update})));
  for (const OperationStatus status :
       {OperationStatus::started, OperationStatus::pending, OperationStatus::ready,
        OperationStatus::succeeded, OperationStatus::failed}) {
    marks += mark(verdict({update}, {recorded(update.type, status)}));
  }
  return marks;
}

TEST(StepRules, AllowWhatTheProtocolAllows) {
  EXPECT_EQ(allowed(start(1)), ".--.--");
  EXPECT_EQ(allowed(succeed(1, "1")), "..-.--");
  EXPECT_EQ(allowed(fail(1, error("E"))), "..-.--");
  EXPECT_EQ(allowed(retry(1, error("E"), 1s)), "..-.--");
  EXPECT_EQ(allowed(step(1, OperationAction::cancel)), "------");
}

TEST(StepRules, SayWhichStateIsWrong) {
  const std::vector<Operation> done = {recorded(OperationType::step, OperationStatus::succeeded)};
  EXPECT_EQ(verdict({start(1)}, done), "Invalid current STEP state to start.");
  EXPECT_EQ(verdict({succeed(1, "1")}, done), "Invalid current STEP state to close.");
  EXPECT_EQ(verdict({fail(1, error("E"))}, done), "Invalid current STEP state to close.");
  EXPECT_EQ(verdict({retry(1, error("E"), 1s)}, done), "Invalid current STEP state to re-attempt.");
  EXPECT_EQ(verdict({step(1, OperationAction::cancel)}),
            "Invalid action for the given operation type.");
}

TEST(StepRules, AllowNeitherErrorsOfSuccessesNorPayloadsOfFailures) {
  OperationUpdate update = succeed(1, "1");
  update.error = error("E");
  EXPECT_EQ(verdict({update}), "Cannot provide an Error for SUCCEED action.");
  update.action = OperationAction::fail;
  EXPECT_EQ(verdict({update}), "Cannot provide a Payload for FAIL action.");
  update.action = OperationAction::retry;
  update.delay = 1s;
  EXPECT_EQ(verdict({update}), "Cannot provide both error and payload to RETRY a STEP.");
}

TEST(StepRules, WantTheDelayOfARetry) {
  EXPECT_EQ(verdict({retry(1, error("E"), 0s)}), "Invalid StepOptions for the given action.");
  EXPECT_EQ(verdict({start(2), retry(1, error("E"), durable::kLongestWait + 1s)}),
            "1 validation error detected: Value '31622401' at "
            "'updates.2.member.stepOptions.nextAttemptDelaySeconds' failed to satisfy constraint: "
            "Member must have value less than or equal to 31622400");
  EXPECT_EQ(verdict({retry(1, error("E"), durable::kLongestWait)}), "");
}

TEST(WaitRules, AllowWhatTheProtocolAllows) {
  EXPECT_EQ(allowed(wait(1, 1s)), ".-----");
  EXPECT_EQ(allowed(cancel(1)), "-.----");
  OperationUpdate odd = wait(1, 1s);
  odd.action = OperationAction::succeed;
  EXPECT_EQ(verdict({odd}), "Invalid action for the given operation type.");
}

TEST(WaitRules, SayWhatIsWrong) {
  const std::vector<Operation> done = {recorded(OperationType::wait, OperationStatus::succeeded)};
  EXPECT_EQ(verdict({wait(1, 1s)}, done), "Cannot start a WAIT that already exist.");
  EXPECT_EQ(verdict({cancel(1)}, done),
            "Cannot cancel a WAIT that does not exist or has already completed.");
}

TEST(WaitRules, HoldDurationsBetweenOneSecondAndAYear) {
  EXPECT_EQ(verdict({wait(1, 0s)}),
            "1 validation error detected: Value '0' at 'updates.1.member.waitOptions.waitSeconds' "
            "failed to satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(verdict({wait(1, durable::kLongestWait + 1s)}),
            "1 validation error detected: Value '31622401' at "
            "'updates.1.member.waitOptions.waitSeconds' failed to satisfy constraint: Member must "
            "have value less than or equal to 31622400");
  EXPECT_EQ(verdict({wait(1, 1s), wait(2, durable::kLongestWait)}), "");
}

TEST(ExecutionRules, WantTheEndOnceAndLast) {
  const OperationUpdate over = end(OperationAction::succeed);
  EXPECT_EQ(verdict({start(1), over}), "");
  EXPECT_EQ(verdict({over, start(1)}), "EXECUTION checkpoint must be the last update.");
  EXPECT_EQ(verdict({over, over}), "Cannot checkpoint multiple EXECUTION updates.");
}

TEST(ExecutionRules, AllowOnlySuccessAndFailure) {
  EXPECT_EQ(verdict({end(OperationAction::fail)}), "");
  EXPECT_EQ(verdict({end(OperationAction::start)}), "Invalid action for the given operation type.");
  OperationUpdate both = end(OperationAction::succeed);
  both.error = error("E");
  EXPECT_EQ(verdict({both}), "Cannot provide an Error for SUCCEED action.");
  both = end(OperationAction::fail);
  both.payload = Text("1");
  EXPECT_EQ(verdict({both}), "Cannot provide a Payload for FAIL action.");
}

TEST(ExecutionRules, HoldResultsTo6Mebibytes) {
  OperationUpdate over = end(OperationAction::succeed);
  over.payload = Text(std::string(6'291'456, 'x'));
  EXPECT_EQ(verdict({over}), "");
  over.payload = Text(std::string(6'291'457, 'x'));
  EXPECT_EQ(verdict({over}),
            "1 validation error detected: Value at 'updates.1.member.payload' failed to satisfy "
            "constraint: Member must have length less than or equal to 6291456");
}

TEST(BatchRules, AStepMayStartAndEndInOneBatch) {
  const std::string twice = "Cannot checkpoint multiple operations with the same ID.";
  EXPECT_EQ(verdict({start(1), start(2), succeed(1, "1"), retry(2, error("E"), 1s)}), "");
  EXPECT_EQ(verdict({start(1), start(1)}), twice);
  EXPECT_EQ(verdict({succeed(1, "1"), start(1)}), twice);
  EXPECT_EQ(verdict({start(1), succeed(1, "1"), fail(1, error("E"))}), twice);
  EXPECT_EQ(verdict({wait(1, 1s), cancel(1)}), twice);
}

TEST(BatchRules, ARetryMayStartAndEndInOneBatch) {
  const std::vector<Operation> ready = {recorded(OperationType::step, OperationStatus::ready)};
  EXPECT_EQ(verdict({start(1), succeed(1, "1")}, ready), "");
  const std::vector<Operation> started = {recorded(OperationType::step, OperationStatus::started)};
  EXPECT_EQ(verdict({start(1), succeed(1, "1")}, started), "Invalid current STEP state to start.");
}

TEST(BatchRules, AParentIsARecordedContext) {
  OperationUpdate inner = start(1);
  inner.path = path(1).child(1);
  EXPECT_EQ(verdict({inner}), "Invalid parent operation id.");
  EXPECT_EQ(verdict({inner}, {recorded(OperationType::step, OperationStatus::started)}),
            "Invalid parent operation id.");
  EXPECT_EQ(verdict({inner}, {recorded(OperationType::context, OperationStatus::started)}), "");
}

TEST(BatchRules, AnOperationStaysWhatItWas) {
  const std::vector<Operation> step_one = {recorded(OperationType::step, OperationStatus::started)};
  EXPECT_EQ(verdict({cancel(1)}, step_one), "Inconsistent operation type.");
  EXPECT_EQ(verdict({wait(1, 1s)}, step_one), "Inconsistent operation type.");
  OperationUpdate update = succeed(1, "1");
  update.sub_type = durable::OperationSubType::wait;
  EXPECT_EQ(verdict({update}, step_one), "Inconsistent operation subtype.");
  update.sub_type = durable::OperationSubType::none;
  EXPECT_EQ(verdict({update}, step_one), "");
  update.name = Text("refund");
  EXPECT_EQ(verdict({update}, step_one), "Inconsistent operation name.");
  update.name = Text("charge");
  EXPECT_EQ(verdict({update}, step_one), "");
  EXPECT_EQ(verdict({start(1), update}), "Inconsistent operation name.");
}

TEST(Shapes, NamesArePrintableAndShort) {
  const auto named = [](std::string name) {
    OperationUpdate update = start(1);
    update.name = Text(std::move(name));
    return verdict({update});
  };
  const std::string value =
      "1 validation error detected: Value at 'updates.1.member.name' failed "
      "to satisfy constraint: Member must ";
  EXPECT_EQ(named(std::string(256, '~')), "");
  EXPECT_EQ(named(std::string(257, 'a')), value + "have length less than or equal to 256");
  EXPECT_EQ(named(""), value + "have length greater than or equal to 1");
  EXPECT_EQ(named("tab\t"), value + "satisfy regular expression pattern: [\\x20-\\x7E]+");
  EXPECT_EQ(named("naïve"), value + "satisfy regular expression pattern: [\\x20-\\x7E]+");
}

TEST(Shapes, OnlyTheExecutionHasNoPlace) {
  OperationUpdate update = start(1);
  update.path = {};
  EXPECT_EQ(verdict({update}),
            "1 validation error detected: Value at 'updates.1.member.id' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1");
}

TEST(Shapes, TypesThatTheServiceDoesNotHaveAreRefused) {
  OperationUpdate update = start(1);
  update.type = static_cast<OperationType>(17);
  EXPECT_EQ(verdict({update}), "Invalid operation type.");
}

TEST(ContextRules, AllowWhatTheProtocolAllows) {
  EXPECT_EQ(allowed(context(1, OperationAction::start)), ".-----");
  EXPECT_EQ(allowed(context(1, OperationAction::fail)), "..----");
  EXPECT_EQ(allowed(context(1, OperationAction::succeed)), "..----");
  EXPECT_EQ(allowed(context(1, OperationAction::retry)), "------");
  OperationUpdate both = context(1, OperationAction::succeed);
  both.error = error("E");
  EXPECT_EQ(verdict({both}), "Cannot provide an Error for SUCCEED action.");
}

TEST(CallbackRules, AllowAStart) {
  EXPECT_EQ(allowed(callback(1)), ".-----");
  for (const OperationAction action : {OperationAction::succeed, OperationAction::fail,
                                       OperationAction::retry, OperationAction::cancel}) {
    OperationUpdate update = callback(1);
    update.action = action;
    EXPECT_EQ(allowed(update), "------");
  }
}

TEST(InvokeRules, AllowAStartAndACancel) {
  EXPECT_EQ(allowed(invoke(1)), ".-----");
  OperationUpdate update = invoke(1);
  update.action = OperationAction::cancel;
  EXPECT_EQ(allowed(update), "-.----");
  update.action = OperationAction::succeed;
  EXPECT_EQ(allowed(update), "------");
  update = invoke(1);
  update.target = nullptr;
  EXPECT_EQ(verdict({update}), "Invalid ChainedInvokeOptions for the given action.");
}

TEST(BatchRules, AContextMayStartAndEndInOneBatchAroundItsOperations) {
  const OperationUpdate begin = context(1, OperationAction::start);
  const OperationUpdate finish = context(1, OperationAction::succeed);
  EXPECT_EQ(verdict({begin, inside(1, start(1)), inside(1, succeed(1, "1")), finish}), "");
  EXPECT_EQ(verdict({inside(1, start(1)), begin}), "Invalid parent operation id.");
  EXPECT_EQ(verdict({start(1), inside(1, start(1))}), "Invalid parent operation id.");
  EXPECT_EQ(verdict({callback(1), callback(1)}),
            "Cannot checkpoint multiple operations with the same ID.");
}

TEST(BatchRules, TheParentOfWhatIsInsideAVirtualContextIsTheOneAround) {
  OperationUpdate inner = start(1);
  inner.path = path(1).child(2).child(1);
  const std::vector<Operation> around = {
      recorded(OperationType::context, OperationStatus::started)};
  EXPECT_EQ(verdict({inner}, around), "Invalid parent operation id.");
  inner.virtual_contexts = 1;
  EXPECT_EQ(verdict({inner}, around), "");
  inner.virtual_contexts = 2;
  EXPECT_EQ(verdict({inner}), "");
}

TEST(BatchRules, AnOperationKeepsItsParent) {
  OperationUpdate inner = start(1);
  inner.path = path(1).child(2);
  OperationUpdate moved = inner;
  moved.action = OperationAction::succeed;
  moved.virtual_contexts = 1;
  EXPECT_EQ(verdict({inner, moved}, {recorded(OperationType::context, OperationStatus::started)}),
            "Inconsistent parent operation id.");
}

TEST(Shapes, TimeoutsOfCallbacksAreFrom0To366Days) {
  EXPECT_EQ(verdict({callback(1, 0s, 0s)}), "");
  EXPECT_EQ(verdict({callback(1, durable::kLongestWait, durable::kLongestWait)}), "");
  EXPECT_EQ(verdict({callback(1, -1s)}),
            "1 validation error detected: Value '-1' at "
            "'updates.1.member.callbackOptions.timeoutSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 0");
  EXPECT_EQ(verdict({callback(1, 0s, durable::kLongestWait + 1s)}),
            "1 validation error detected: Value '31622401' at "
            "'updates.1.member.callbackOptions.heartbeatTimeoutSeconds' failed to satisfy "
            "constraint: Member must have value less than or equal to 31622400");
}

TEST(Shapes, InvokesNameAFunctionAndATenant) {
  const std::string target =
      "1 validation error detected: Value at 'updates.1.member.chainedInvokeOptions.";
  EXPECT_EQ(verdict({invoke(1, "arn:aws:lambda:us-east-1:1:function:f:$LATEST", "1", "a b/c@d")}),
            "");
  EXPECT_EQ(verdict({invoke(1, "")}),
            target +
                "functionName' failed to satisfy constraint: Member must have length greater than "
                "or equal to 1");
  EXPECT_EQ(verdict({invoke(1, std::string(171, 'f'))}),
            target +
                "functionName' failed to satisfy constraint: Member must have length less than or "
                "equal to 170");
  EXPECT_EQ(verdict({invoke(1, "two words")}),
            target +
                "functionName' failed to satisfy constraint: Member must satisfy regular "
                "expression pattern: [a-zA-Z0-9-_.:$]+");
  EXPECT_EQ(verdict({invoke(1, "ship:1", "1", "50%")}),
            target +
                "tenantId' failed to satisfy constraint: Member must satisfy regular expression "
                "pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+");
  EXPECT_NE(verdict({invoke(1, "ship:1", "1", std::string(257, 't'))}), "");
}

TEST(Sizes, OfPayloadsAreLimited) {
  EXPECT_EQ(verdict({context(1, OperationAction::succeed, std::string(kLimit + 1, 'x'))}),
            "CONTEXT output payload size must be less than or equal to 100 bytes.");
  EXPECT_EQ(verdict({invoke(1, "ship:1", std::string(kLimit + 1, 'x'))}),
            "CHAINED_INVOKE input payload size must be less than or equal to 100 bytes.");
  EXPECT_EQ(verdict({invoke(1, "ship:1", std::string(kLimit, 'x'))}), "");
}

TEST(Sizes, OfStepResultsAreLimited) {
  EXPECT_EQ(verdict({succeed(1, std::string(kLimit, 'x'))}), "");
  EXPECT_EQ(verdict({succeed(1, std::string(kLimit + 1, 'x'))}),
            "STEP output payload size must be less than or equal to 100 bytes.");
}

TEST(Sizes, OfErrorsAreThoseOfTheirJson) {
  const std::string frame = R"({"ErrorType":"E","ErrorMessage":""})";
  const auto failing = [](std::string message) {
    return verdict({fail(1, error("E", std::move(message)))});
  };
  const std::size_t room = kLimit - frame.size();
  const std::string too_large = "Error object size must be less than or equal to 100 bytes.";
  EXPECT_EQ(failing(std::string(room, 'x')), "");
  EXPECT_EQ(failing(std::string(room + 1, 'x')), too_large);
  EXPECT_EQ(failing(std::string(room - 2, 'x') + "\n"), "");
  EXPECT_EQ(failing(std::string(room - 1, 'x') + "\n"), too_large);
  EXPECT_EQ(failing(std::string(room - 6, 'x') + "\x01"), "");
  EXPECT_EQ(failing(std::string(room - 5, 'x') + "\x01"), too_large);
}

}  // namespace durasim::validation_test
