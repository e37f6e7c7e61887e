#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using durable::ExecutionStatus;
using durable::Text;

TEST(EnvironmentRecorder, KeepsTheOutcomeOfEveryAttemptInOrderOfExecution) {
  EnvironmentRecorder recorder;
  Script script(recorder);
  script.of_execution(2);
  script.history("StepSucceeded", 1, 1, Text("7"));
  script.of_execution(1);
  script.history("StepStarted", 1);
  script.history("StepFailed", 1, 1, {}, failure("Declined", "no funds"));
  script.history("WaitSucceeded", 2, 0);
  script.history("StepSucceeded", 1, 2, Text("5"));

  const auto& attempts = recorder.environment().attempts;
  ASSERT_EQ(attempts.size(), 3U);
  EXPECT_EQ(attempts[0].execution, 1U);
  EXPECT_EQ(attempts[0].attempt, 1U);
  EXPECT_EQ(attempts[0].error->type, "Declined");
  EXPECT_FALSE(attempts[0].interrupted);
  EXPECT_EQ(attempts[1].path, op(1));
  EXPECT_EQ(attempts[1].attempt, 2U);
  EXPECT_EQ(attempts[1].value, Text("5"));
  EXPECT_EQ(attempts[2].execution, 2U);
}

TEST(EnvironmentRecorder, KnowsWhichInterruptedBodiesRanToTheirEnd) {
  EnvironmentRecorder recorder;
  Script script(recorder);
  script.at_most_once_body(1, 1);
  script.body_ends(1, 1);
  script.history("StepFailed", 1, 1, {}, failure("StepInterruptedError", ""));
  script.at_most_once_body(2, 1, 2);
  script.history("StepFailed", 1, 2, {}, failure("StepInterruptedError", ""));
  script.history("StepFailed", 1, 3, {},
                 failure("StepInterruptedError", ""));  // crashed before the body
  script.at_most_once_body(3, 1, 4);
  script.body_ends(3, 1, 4);
  script.history("StepSucceeded", 1, 4, Text("1"));

  const auto& attempts = recorder.environment().attempts;
  ASSERT_EQ(attempts.size(), 4U);
  EXPECT_TRUE(attempts[0].interrupted && attempts[0].body_ended);
  EXPECT_TRUE(attempts[1].interrupted && !attempts[1].body_ended);
  EXPECT_TRUE(attempts[2].interrupted && !attempts[2].body_ended);
  EXPECT_FALSE(attempts[3].interrupted);
  EXPECT_FALSE(attempts[3].body_ended);
}

TEST(EnvironmentRecorder, LearnsOfABodyThatEndsAfterItsAttemptWasHeldInterrupted) {
  EnvironmentRecorder recorder;
  Script script(recorder);
  script.at_most_once_body(1, 1);
  script.history("StepFailed", 1, 1, {}, failure("StepInterruptedError", ""));  // by a successor
  EXPECT_FALSE(recorder.environment().attempts[0].body_ended);
  script.body_ends(1, 1);
  EXPECT_TRUE(recorder.environment().attempts[0].body_ended);
}

TEST(EnvironmentHash, IsEqualForEqualEnvironmentsWhateverTheOutcome) {
  const auto recorded = [](std::string value, bool ended) {
    EnvironmentRecorder recorder;
    Script script(recorder);
    script.history("StepSucceeded", 1, 1, Text(std::move(value)));
    if (ended) script.end_execution(ExecutionStatus::succeeded, returned("1"));
    return recorder.environment().hash();
  };
  EXPECT_EQ(recorded("5", false), recorded("5", true));
  EXPECT_NE(recorded("5", false), recorded("6", false));
}

TEST(EnvironmentHash, DependsOnEveryDecision) {
  const Environment::Attempt plain{1, op(1), 1, false, false, {}, {}};
  std::vector<Environment::Attempt> variants(8, plain);
  variants[1].execution = 2;
  variants[2].path = op(2);
  variants[3].attempt = 2;
  variants[4].interrupted = true;
  variants[5].body_ended = true;
  variants[6].value = Text("");
  variants[7].error = failure("Declined", "");
  variants.push_back(plain);
  variants[8].path = op(1).child(1);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE((Environment{{variants[i]}, {}}.hash()), (Environment{{variants[j]}, {}}.hash()))
          << i << " and " << j;
    }
  }
}

/// The sentences of result-agreement about two runs of one execution.
inline std::vector<Finding> compared(Environment::Outcome reference, Environment::Outcome run) {
  Findings findings;
  check_result_agreement({{}, {std::move(reference)}}, {{}, {std::move(run)}}, findings);
  return findings.all();
}

TEST(ResultAgreement, IsSilentAboutEqualOutcomes) {
  EXPECT_TRUE(compared({1, ExecutionStatus::succeeded, Text("5"), {}},
                       {1, ExecutionStatus::succeeded, Text("5"), {}})
                  .empty());
  EXPECT_TRUE(compared({1, ExecutionStatus::failed, {}, failure("Declined", "no funds")},
                       {1, ExecutionStatus::failed, {}, failure("Declined", "no funds")})
                  .empty());
}

TEST(ResultAgreement, FindsAnotherResult) {
  const auto findings = compared({1, ExecutionStatus::succeeded, Text("5"), {}},
                                 {1, ExecutionStatus::succeeded, Text("6"), {}});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].oracle, Oracle::result_agreement);
  EXPECT_THAT(findings[0].what, ::testing::HasSubstr("execution 1 ended SUCCEEDED with 6"));
  EXPECT_THAT(findings[0].what, ::testing::HasSubstr("ended SUCCEEDED with 5"));
  EXPECT_FALSE(findings[0].remedy.empty());
}

TEST(ResultAgreement, FindsAnotherStatusOrError) {
  const Environment::Outcome declined{
      1, ExecutionStatus::failed, {}, failure("Declined", "no funds")};
  EXPECT_EQ(compared({1, ExecutionStatus::succeeded, Text("5"), {}}, declined).size(), 1U);
  EXPECT_EQ(
      compared({1, ExecutionStatus::failed, {}, failure("Declined", "limit")}, declined).size(),
      1U);
  EXPECT_EQ(
      compared({1, ExecutionStatus::failed, {}, failure("Refused", "no funds")}, declined).size(),
      1U);
  EXPECT_EQ(compared({1, ExecutionStatus::failed, {}, {}}, declined).size(), 1U);
  EXPECT_TRUE(compared(declined, {1, ExecutionStatus::timed_out, {}, {}}).empty());
}

TEST(ResultAgreement, ComparesOnlyExecutionsThatEndedInBothRuns) {
  Findings findings;
  const Environment::Outcome first{1, ExecutionStatus::succeeded, Text("5"), {}};
  const Environment::Outcome second{2, ExecutionStatus::succeeded, Text("6"), {}};
  check_result_agreement({{}, {first}}, {{}, {second}}, findings);
  check_result_agreement({{}, {}}, {{}, {first, second}}, findings);
  check_result_agreement({{}, {first, second}}, {{}, {second}}, findings);
  EXPECT_TRUE(findings.empty());
}

/// An execution that is answered by a callback and an invoke, and ends.
Environment answered(std::string_view end_of_callback, std::string answer, std::string result,
                     std::uint32_t invoked_as = 2) {
  EnvironmentRecorder recorder;
  Script script(recorder);
  script.history("CallbackStarted", 1);
  script.history(end_of_callback, 1, 0, Text(std::move(answer)));
  TraceEvent started = script.event(Script::Kind::execution_started);
  started.execution = invoked_as;
  started.caller = 1;
  started.path = op(2);
  script.tell(started);
  script.end_execution(ExecutionStatus::succeeded, returned(std::move(result)));
  return recorder.environment();
}

std::size_t disagreements(const Environment& reference, const Environment& run) {
  Findings findings;
  check_result_agreement(reference, run, findings);
  return findings.all().size();
}

TEST(ResultAgreement, JudgesExecutionsWhoseCallbacksEndedAsInTheReference) {
  const Environment reference = answered("CallbackSucceeded", "yes", "1");
  EXPECT_EQ(disagreements(reference, answered("CallbackSucceeded", "yes", "1")), 0U);
  EXPECT_EQ(disagreements(reference, answered("CallbackSucceeded", "yes", "2")), 1U);
}

TEST(ResultAgreement, IsSilentWhereTheOutsideDecidedOtherwise) {
  const Environment reference = answered("CallbackSucceeded", "yes", "1");
  EXPECT_EQ(disagreements(reference, answered("CallbackSucceeded", "no", "2")), 0U);
  EXPECT_EQ(disagreements(reference, answered("CallbackTimedOut", "yes", "2")), 0U);
  EXPECT_EQ(disagreements(reference, answered("CallbackSucceeded", "yes", "2", 3)), 0U)
      << "the executions have other numbers";
}

}  // namespace durasim::oracle
