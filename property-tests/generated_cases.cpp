#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generators/run.hpp"

/// What the generators make: whether it is worth anything as evidence.
namespace generated_cases {

using durasim::Fault;
using generated::Case;
using generated::Operation;
using generated::Program;

Case nth_case(std::uint64_t n) {
  return rc::gen::arbitrary<Case>()(rc::Random(n), static_cast<int>(n % 101)).value();
}

/// How many of the cases show what.
std::map<std::string, int> seen_in(int cases) {
  std::map<std::string, int> seen;
  for (int n = 0; n < cases; ++n) {
    const Case one = nth_case(static_cast<std::uint64_t>(n));
    generated::Run run(one);
    generated::Outside outside(run.simulation());
    run.go(outside);
    for (const Fault fault : durasim::FaultModel::hostile().faults()) {
      if (run.was_injected(fault)) ++seen[std::string(to_string(fault))];
    }
    std::size_t faults = 0;
    for (const auto& decision : run.simulation().decisions())
      faults += decision.answer != 0 ? 1 : 0;
    if (faults >= 1) ++seen["a fault"];
    if (faults >= 2) ++seen["two faults"];
    ++seen[run.result().succeeded() ? "success" : "failure"];
    for (const durable::Operation& operation : run.result().operations()) {
      const bool interrupted =
          operation.error && operation.error->type == durable::kStepInterrupted;
      if (interrupted) ++seen["an interrupted step"];
      if (operation.name.view().ends_with(" fallback")) ++seen["a fallback"];
      if (operation.name.view().ends_with("[1]")) ++seen["a loop"];
      if (operation.attempt > 1) ++seen["a retry"];
      if (operation.virtual_contexts > 0) ++seen["a virtual context"];
      if (operation.type == durable::OperationType::context && !operation.path.parent().is_root())
        ++seen["a context in a context"];
      if (operation.error && operation.error->type.starts_with("CallbackSubmitterError"))
        ++seen["a submitter that gave up"];
      ++seen[std::string(to_string(operation.sub_type))];
      ++seen[fmt::format("{} {}", to_string(operation.type), to_string(operation.status))];
    }
  }
  return seen;
}

TEST(GeneratedCases, MeetEveryFaultAndEveryKindOfEnd) {
  std::map<std::string, int> seen = seen_in(3'000);
  for (const Fault fault : durasim::FaultModel::hostile().faults()) {
    EXPECT_GE(seen[std::string(to_string(fault))], 3) << to_string(fault);
  }
  for (const char* common : {"a fault",
                             "two faults",
                             "success",
                             "failure",
                             "an interrupted step",
                             "a fallback",
                             "a loop",
                             "a retry",
                             "a virtual context",
                             "a context in a context",
                             "a submitter that gave up",
                             "Step",
                             "Wait",
                             "RunInChildContext",
                             "WithRetry",
                             "Callback",
                             "WaitForCallback",
                             "ChainedInvoke",
                             "WaitForCondition",
                             "CONTEXT FAILED",
                             "CALLBACK SUCCEEDED",
                             "CALLBACK FAILED",
                             "CALLBACK TIMED_OUT",
                             "CHAINED_INVOKE SUCCEEDED",
                             "CHAINED_INVOKE FAILED"}) {
    EXPECT_GE(seen[common], 50) << common;
  }
}

TEST(GeneratedCases, BeginWithTheSimplest) {
  const Case simplest = rc::gen::arbitrary<Case>()(rc::Random(7), 0).value();
  EXPECT_EQ(simplest.program, Program{{Operation{}}});
  EXPECT_TRUE(simplest.schedule.choices.empty());
}

/// Goes down, always to the last of the simpler cases, until there is none.
TEST(GeneratedCases, ShrinkToTheSimplestInAFewSteps) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    auto current = rc::gen::arbitrary<Case>()(rc::Random(n), 100);
    int steps = 0;
    for (;; ++steps) {
      ASSERT_LT(steps, 1'000);
      auto simpler = current.shrinks();
      auto next = simpler.next();
      if (!next) break;
      while (auto another = simpler.next()) next = std::move(another);
      current = std::move(*next);
    }
    const Case simplest = current.value();
    EXPECT_EQ(simplest.program, Program{{Operation{}}});
    EXPECT_TRUE(simplest.input.empty());
    EXPECT_TRUE(simplest.schedule.choices.empty());
  }
}

TEST(GeneratedCases, AreScenariosWhoseInputsSayEverything) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    const Case one = nth_case(n);
    const std::string inputs = generated::scenario_of(one).inputs();
    const auto [program, input] =
        durable::deserialize<std::pair<Program, generated::Input>>(inputs);
    EXPECT_EQ(program, one.program);
    EXPECT_EQ(input, one.input);
  }
}

TEST(GeneratedCases, AreShownAsPseudoCode) {
  Case shown;
  shown.program.operations = {
      {.kind = Operation::Kind::wait, .seconds = 90},
      {.at_most_once = true, .caught = true, .returns = generated::Returns::nothing},
      {.kind = Operation::Kind::loop,
       .retry = generated::Retry::fixed,
       .attempts = 3,
       .interval = 2,
       .failures = 1,
       .effect = true,
       .operand = 4}};
  shown.input = {1, 2};
  shown.schedule.choices = {{5, 2}};
  std::ostringstream text;
  showValue(shown, text);
  EXPECT_EQ(text.str(),
            "handler(input):\n"
            "  wait(\"s1\", 90s);\n"
            "  step(\"s2\", { return }, no retry, at most once) catch: step(\"s2 fallback\");\n"
            "  for each i of input: step(\"s3[i]\", { effect(idempotency_key()); if (attempt() <= "
            "1) throw; "
            "return 4 + f(input, results) }, retry::fixed(3, 2s), at least once);\n"
            "input: [1, 2]\n"
            "schedule: alternative 2 at choice 5");
}

TEST(GeneratedCases, ShowWhatIsInsideOfWhat) {
  Program program;
  program.operations = {
      {.kind = Operation::Kind::child,
       .caught = true,
       .inside = {{.kind = Operation::Kind::callback, .seconds = 9, .submitted = true},
                  {.kind = Operation::Kind::condition, .failures = 1}}},
      {.kind = Operation::Kind::invoke, .operand = 4, .answer = generated::Answer::failure},
      {.kind = Operation::Kind::retried, .failures = 1, .is_virtual = false}};
  std::ostringstream text;
  showValue(program, text);
  EXPECT_EQ(text.str(),
            "  child(\"s1\") catch: step(\"s1 fallback\");\n"
            "    wait_for_callback(\"s1.s1\", answered with 0 after 9s, no retry);\n"
            "    wait_for_condition(\"s1.s2\", met by check 2 of 2, 1s);\n"
            "  invoke(\"s2\", 4 + f(results), throws);\n"
            "  with_retry(\"s3\", 2 attempts 1s apart, throws in the first 1);\n");
}

}  // namespace generated_cases
