#include <durasim/trace.hpp>

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "durasim/core/hash.hpp"

namespace durasim {
namespace trace_test {

using Kind = TraceEvent::Kind;
using durable::OperationPath;
using durable::Text;

OperationPath second() { return OperationPath().child(2); }

durable::ErrorPtr error_of(std::string type) {
  return std::make_shared<const durable::ErrorObject>(
      durable::ErrorObject{std::move(type), "a message"});
}

TraceEvent event_of(Kind kind) {
  TraceEvent event;
  event.kind = kind;
  event.at = Timestamp(Duration(1'000));
  event.execution = 1;
  event.invocation = 2;
  return event;
}

/// The line of an event without its newline, and without its beginning, which is the same for all
/// here.
std::string line_of(const TraceEvent& event) {
  Trace trace;
  trace.on(event);
  const std::string beginning = "durasim-trace 1\n1000 e1 i2 ";
  EXPECT_EQ(trace.text().substr(0, beginning.size()), beginning);
  EXPECT_EQ(trace.text().back(), '\n');
  return trace.text().substr(beginning.size(), trace.text().size() - beginning.size() - 1);
}

std::string payload_line(const Text& payload) {
  auto event = event_of(Kind::execution_started);
  event.payload = payload;
  return line_of(event);
}

TEST(Trace, BeginsWithItsVersionAndHasOneLineAnEvent) {
  Trace trace;
  EXPECT_EQ(trace.text(), "");
  trace.on(event_of(Kind::unwinding));
  auto suspended = event_of(Kind::suspended);
  suspended.path = second();
  trace.on(suspended);
  EXPECT_EQ(trace.text(), "durasim-trace 1\n1000 e1 i2 unwinding ends\n1000 e1 i2 suspended 2\n");
}

TEST(Trace, HashesItsText) {
  Trace trace;
  EXPECT_EQ(trace.hash_text(), "cbf29ce484222325");
  trace.on(event_of(Kind::unwinding));
  EXPECT_EQ(trace.hash(), hash64("durasim-trace 1\n1000 e1 i2 unwinding ends\n"));
  EXPECT_EQ(trace.hash_text().size(), 16U);
}

TEST(Trace, LeavesOutShadowReplays) {
  Trace trace;
  trace.on(event_of(Kind::replay_started));
  auto shadow = event_of(Kind::operation_issued);
  shadow.shadow = true;
  trace.on(shadow);
  trace.on(event_of(Kind::replay_ended));
  EXPECT_EQ(trace.text(), "");
}

TEST(Trace, TellsAbsentAndEmptyPayloadsFromText) {
  EXPECT_EQ(payload_line({}), "execution_started absent");
  EXPECT_EQ(payload_line(Text("")), "execution_started empty");
  EXPECT_EQ(payload_line(Text(R"({"id":"o \" 1"})")), R"(execution_started {"id":"o \" 1"})");
}

TEST(Trace, KeepsPayloadsAndNamesOnOneLine) {
  EXPECT_EQ(payload_line(Text("{\n\t\"a\":1}")), "execution_started {\\u000a\\u0009\"a\":1}");
  auto event = event_of(Kind::effect);
  event.name = "say \"hi\"\\\n";
  EXPECT_EQ(line_of(event), R"(effect "say \"hi\"\\\u000a" "" absent)");
}

TEST(Trace, NamesOnlyErrorsOfTheSdk) {
  auto event = event_of(Kind::error_thrown);
  event.path = second();
  EXPECT_EQ(line_of(event), "error_thrown 2 -");
  for (const char* type : {"StepError", "StepInterruptedError", "SerDesError", "ValidationError",
                           "NonDeterministicExecutionError"}) {
    event.error = error_of(type);
    EXPECT_EQ(line_of(event), std::string("error_thrown 2 ") + type);
  }
  event.error = error_of("std::__cxx11::runtime_error");
  EXPECT_EQ(line_of(event), "error_thrown 2 user");
}

TEST(Trace, WritesHowExecutionsAndInvocationsEnd) {
  auto execution = event_of(Kind::execution_ended);
  execution.execution_status = durable::ExecutionStatus::succeeded;
  execution.payload = Text("7");
  EXPECT_EQ(line_of(execution), "execution_ended SUCCEEDED 7 -");
  auto invocation = event_of(Kind::invocation_ended);
  invocation.outcome = durable::InvocationOutcome::Status::function_error;
  invocation.error = error_of("Elsewhere");
  invocation.ended_abnormally = true;
  EXPECT_EQ(line_of(invocation), "invocation_ended FUNCTION_ERROR absent user ended_abnormally");
}

TEST(Trace, WritesTheStateThatAnInvocationIsGiven) {
  durable::Operation step;
  step.path = second();
  step.status = durable::OperationStatus::failed;
  step.attempt = 3;
  step.error = error_of("StepError");
  durable::Operation nested;
  nested.path = second().child(1);
  nested.status = durable::OperationStatus::succeeded;
  nested.result = Text("null");
  const std::vector operations = {step, nested};
  auto event = event_of(Kind::invocation_started);
  event.operations = operations;
  EXPECT_EQ(line_of(event),
            "invocation_started [ 2 FAILED 3 absent StepError ] [ 2.1 SUCCEEDED 0 null - ]");
}

TEST(Trace, WritesRequestsWithTheirUpdates) {
  durable::OperationUpdate wait;
  wait.path = second();
  wait.type = durable::OperationType::wait;
  wait.sub_type = durable::OperationSubType::wait;
  wait.name = Text("settle");
  wait.delay = std::chrono::seconds(60);
  durable::OperationUpdate retry;
  retry.path = OperationPath().child(3);
  retry.action = durable::OperationAction::retry;
  retry.error = error_of("Mine");
  const std::vector updates = {wait, retry};
  auto event = event_of(Kind::request);
  event.attempt = 2;
  event.updates = updates;
  EXPECT_EQ(
      line_of(event),
      R"(request 2 [ 2 START WAIT Wait "settle" absent - 60 ] [ 3 RETRY STEP - "" absent user 0 ])");
}

TEST(Trace, WritesAnswersAndRefusals) {
  durable::Operation wait;
  wait.path = second();
  const std::vector operations = {wait};
  auto event = event_of(Kind::answer);
  event.operations = operations;
  event.execution_over = true;
  EXPECT_EQ(line_of(event), "answer ok [ 2 STARTED 0 absent - ] execution_over");
  const durable::ServiceError refusal{400, "InvalidParameterValueException",
                                      "the message is left out"};
  event = event_of(Kind::answer);
  event.refusal = &refusal;
  EXPECT_EQ(line_of(event), "answer 400 InvalidParameterValueException");
}

TEST(Trace, WritesOperationsWithoutTheirSourceAndBodyType) {
  auto event = event_of(Kind::operation_issued);
  event.path = second();
  event.type = durable::OperationType::wait;
  event.sub_type = durable::OperationSubType::wait;
  event.name = "settle";
  event.inputs = 60;
  event.body = &typeid(int);
  event.where = std::source_location::current();
  EXPECT_EQ(line_of(event), R"(operation_issued 2 WAIT Wait "settle" 60)");
}

TEST(Trace, WritesBodies) {
  auto started = event_of(Kind::body_started);
  started.path = second();
  started.name = "charge";
  started.attempt = 1;
  started.max_attempts = 6;
  started.semantics = durable::StepSemantics::at_most_once_per_retry;
  started.start_queued = true;
  EXPECT_EQ(line_of(started), R"(body_started 2 "charge" 1 6 at_most_once start_queued)");
  auto ended = event_of(Kind::body_ended);
  ended.path = second();
  ended.attempt = 1;
  ended.payload = Text("true");
  EXPECT_EQ(line_of(ended), "body_ended 2 1 true -");
}

TEST(Trace, WritesEffectsWithTheirCircumstances) {
  auto event = event_of(Kind::effect);
  event.name = "charge";
  event.key = "k-1";
  event.payload = Text("42");
  event.applied = true;
  event.in_body = true;
  EXPECT_EQ(line_of(event), R"(effect "charge" "k-1" 42 applied in_body)");
}

TEST(Trace, WritesChoices) {
  const Decision decision{
      .site = {.kind = SiteKind::after_body, .execution = 1, .path = second(), .occurrence = 1},
      .bound = 3,
      .answer = 1,
      .fault = Fault::crash_after_body};
  auto event = event_of(Kind::choice);
  event.decision = &decision;
  EXPECT_EQ(line_of(event),
            "choice execution 1, after_body 2, occurrence 1 takes 1 of 3 crash_after_body");
}

TEST(Trace, WritesTimersHistoryAndMisuse) {
  auto timer = event_of(Kind::timer_fired);
  timer.due = Timestamp(Duration(990));
  EXPECT_EQ(line_of(timer), "timer_fired - 990");
  auto sent = event_of(Kind::outside);
  sent.path = second();
  sent.name = "succeed";
  sent.payload = Text("yes");
  sent.applied = true;
  EXPECT_EQ(line_of(sent), "outside 2 succeed yes - applied");
  auto history = event_of(Kind::history);
  history.event_type = "StepSucceeded";
  history.path = second();
  history.attempt = 1;
  history.payload = Text("7");
  EXPECT_EQ(line_of(history), "history StepSucceeded 2 1 7 -");
  durable::Misuse misuse;
  misuse.kind = durable::Misuse::Kind::nested_call;
  misuse.path = second();
  misuse.name = "inner";
  misuse.message = "left out";
  auto event = event_of(Kind::misuse);
  event.misuse = &misuse;
  EXPECT_EQ(line_of(event), R"(misuse nested_call 2 "inner")");
}

TEST(Trace, NamesEveryKindOfEvent) {
  Trace trace;
  const Decision decision;
  const durable::Misuse misuse;
  for (int kind = 0; kind <= static_cast<int>(Kind::history); ++kind) {
    auto event = event_of(static_cast<Kind>(kind));
    event.decision = &decision;
    event.misuse = &misuse;
    trace.on(event);
  }
  EXPECT_EQ(std::count(trace.text().begin(), trace.text().end(), '\n'), 1 + 22 - 2);
  EXPECT_EQ(trace.text().find('?'), std::string::npos);
}

TEST(FirstDifference, IsEmptyForEqualTexts) {
  EXPECT_EQ(first_difference("", ""), "");
  EXPECT_EQ(first_difference("a\nb\n", "a\nb\n"), "");
}

TEST(FirstDifference, QuotesBothVersionsOfTheLine) {
  EXPECT_EQ(first_difference("a\nb\nc\n", "a\nB\nC\n"), "line 2: expected `b`, got `B`");
}

TEST(FirstDifference, SaysWhichTextIsShorter) {
  EXPECT_EQ(first_difference("a", "a\nb"), "line 2: expected the end of the text, got `b`");
  EXPECT_EQ(first_difference("a\nb", "a"), "line 2: expected `b`, got the end of the text");
  EXPECT_EQ(first_difference("a\n", "a"), "line 2: expected ``, got the end of the text");
}

TEST(Hash, IsFnv1aOf64Bits) {
  EXPECT_EQ(hash64(""), 0xcbf29ce484222325U);
  EXPECT_EQ(hash64("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(hash64("foobar"), 0x85944171f73967e8U);
  EXPECT_EQ(hash64("bar", hash64("foo")), hash64("foobar"));
}

TEST(Hash, TellsApartWhatIsAdded) {
  const auto of = [](auto... parts) {
    Hash64 hash;
    (hash.add(parts), ...);
    return hash.value();
  };
  constexpr std::uint64_t kOne = 1;
  constexpr std::uint64_t kTwo = 2;
  EXPECT_EQ(of(kOne, "x"), of(kOne, "x"));
  EXPECT_NE(of(kOne, kTwo), of(kTwo, kOne));
  EXPECT_NE(of("a", "bc"), of("ab", "c"));
  EXPECT_NE(of("a"), of("a", ""));
  EXPECT_NE(of(), of(std::uint64_t{0}));
}

}  // namespace trace_test
}  // namespace durasim
