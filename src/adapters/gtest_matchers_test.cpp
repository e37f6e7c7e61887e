#include <durasim/gtest.hpp>

#include <map>
#include <stdexcept>
#include <string>

#include <gtest/gtest-spi.h>

#include <durasim/durasim.hpp>

/// Matchers for results and verdicts: each matches, and says why it does not.
namespace gtest_matchers_test {

using namespace std::chrono_literals;
using durasim::ExecutionResult;
using durasim::FailedWith;
using durasim::Holds;
using durasim::NotRefuted;
using durasim::Ran;
using durasim::Simulation;
using durasim::Succeeded;
using durasim::SucceededWith;
using testing::Not;

struct Receipt {
  std::string order;
  int cents = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Receipt, order, cents)
};

ExecutionResult run_of(const std::function<Receipt(durable::Context&)>& handler) {
  Simulation sim;
  sim.function("pay", [&](durable::Context& ctx) { return handler(ctx); });
  return sim.run("pay");
}

const ExecutionResult& success() {
  static const ExecutionResult result = run_of([](durable::Context& ctx) {
    ctx.wait("settle", 60s);
    return Receipt{"o-1", 4200};
  });
  return result;
}

const ExecutionResult& failure() {
  static const ExecutionResult result =
      run_of([](durable::Context&) -> Receipt { throw std::out_of_range("over the limit of 3"); });
  return result;
}

TEST(MatcherSucceeded, MatchesASuccessAndShowsTheTableOtherwise) {
  EXPECT_THAT(success(), Succeeded());
  EXPECT_THAT(failure(), Not(Succeeded()));
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), Succeeded()),
                          "Expected: an execution that succeeded\n");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), Succeeded()),
                          "execution 1 of pay: FAILED after 0s in 1 invocation");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), Succeeded()),
                          "error  std::out_of_range: over the limit of 3");
}

TEST(MatcherSucceededWith, ComparesTheSerialisedForm) {
  EXPECT_THAT(success(), SucceededWith(Receipt{"o-1", 4200}));
  EXPECT_THAT(success(), Not(SucceededWith(Receipt{"o-1", 4201})));
  EXPECT_THAT(failure(), Not(SucceededWith(Receipt{"o-1", 4200})));
}

TEST(MatcherSucceededWith, PrintsBothSerialisedForms) {
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(success(), SucceededWith(Receipt{"o-2", 1})),
      R"(Expected: an execution that succeeded with {"cents":1,"order":"o-2"})");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(success(), SucceededWith(Receipt{"o-2", 1})),
                          R"(whose result is {"cents":4200,"order":"o-1"})");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), SucceededWith(1)), "over the limit of 3");
}

template <class Value>
ExecutionResult returning(const Value& value) {
  Simulation sim;
  sim.function("value", [&](durable::Context&) { return value; });
  return sim.run("value");
}

TEST(MatcherSucceededWith, TakesTextNumbersAndContainers) {
  EXPECT_THAT(returning(std::string("a \"b\"")), SucceededWith("a \"b\""));
  EXPECT_THAT(returning(std::string("text")), SucceededWith(std::string("text")));
  EXPECT_THAT(returning(42), SucceededWith(42));
  EXPECT_THAT(returning(0.5), SucceededWith(0.5));
  EXPECT_THAT(returning(true), SucceededWith(true));
  EXPECT_THAT(returning(std::vector<int>{1, 2}), SucceededWith(std::vector<int>{1, 2}));
  EXPECT_THAT(returning(std::map<std::string, int>{{"a", 1}}),
              SucceededWith(std::map<std::string, int>{{"a", 1}}));
}

TEST(MatcherFailedWith, MatchesTypeAndPartOfTheMessage) {
  EXPECT_THAT(failure(), FailedWith("std::out_of_range"));
  EXPECT_THAT(failure(), FailedWith("std::out_of_range", "limit of 3"));
  EXPECT_THAT(failure(), FailedWith(std::string("std::out_of_range"), std::string("over")));
  EXPECT_THAT(failure(), Not(FailedWith("std::out_of_range", "limit of 4")));
  EXPECT_THAT(failure(), Not(FailedWith("std::runtime_error")));
  EXPECT_THAT(success(), Not(FailedWith("")));
}

TEST(MatcherFailedWith, SaysWhatWasExpectedAndWhatItWas) {
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), FailedWith("std::runtime_error")),
                          "Expected: an execution that failed with a std::runtime_error\n");
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(failure(), FailedWith("std::out_of_range", "limit of 4")),
      "an execution that failed with a std::out_of_range whose message contains \"limit of 4\"");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(failure(), FailedWith("std::runtime_error")),
                          "std::out_of_range: over the limit");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(success(), FailedWith("X")), "SUCCEEDED after 60s");
}

TEST(MatcherRan, CountsInvocations) {
  EXPECT_THAT(success(), Ran(2));
  EXPECT_THAT(success(), Ran(2U));
  EXPECT_THAT(failure(), Ran(1));
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(success(), Ran(5)),
                          "Expected: an execution that ran in 5 invocations");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(success(), Ran(5)), "which ran in 2");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(success(), Ran(1)),
                          "Expected: an execution that ran in 1 invocation\n");
}

durasim::Verification verdict(durasim::Verdict verdict) {
  durasim::Verification result;
  result.verdict = verdict;
  result.scenario = "Suite.Case";
  result.executions = 1;
  result.frontier = 7;
  return result;
}

TEST(MatcherHolds, MatchesNothingElse) {
  EXPECT_THAT(verdict(durasim::Verdict::holds), Holds());
  EXPECT_THAT(verdict(durasim::Verdict::refuted), Not(Holds()));
  EXPECT_THAT(verdict(durasim::Verdict::incomplete), Not(Holds()));
  EXPECT_THAT(verdict(durasim::Verdict::vacuous), Not(Holds()));
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(verdict(durasim::Verdict::vacuous), Holds()),
                          "Expected: a verdict HOLDS\n");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(verdict(durasim::Verdict::vacuous), Holds()),
                          "VACUOUS  Suite.Case: ");
}

TEST(MatcherNotRefuted, MatchesAlsoWhatIsIncomplete) {
  EXPECT_THAT(verdict(durasim::Verdict::holds), NotRefuted());
  EXPECT_THAT(verdict(durasim::Verdict::incomplete), NotRefuted());
  EXPECT_THAT(verdict(durasim::Verdict::refuted), Not(NotRefuted()));
  EXPECT_THAT(verdict(durasim::Verdict::vacuous), Not(NotRefuted()));
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(verdict(durasim::Verdict::refuted), NotRefuted()),
                          "Expected: a verdict HOLDS or INCOMPLETE");
}

}  // namespace gtest_matchers_test
