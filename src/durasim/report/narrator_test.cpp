#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// What a person reads when an operation fails: a history for each kind.
namespace narrator_test {

using namespace std::chrono_literals;
using durable::Context;
using durasim::Simulation;
using testing::HasSubstr;

/// The history in the report of a run of `handler` that something is found about.
template <class Handler, class Outside>
std::string history_of(Handler handler, Outside outside) {
  const auto verification = durasim::verify([&](Simulation& sim) {
    sim.function("handler", handler);
    outside(sim);
    if (!sim.run("handler").succeeded()) throw std::runtime_error("the handler failed");
  });
  return verification.history;
}

const auto kNothing = [](Simulation&) {};

TEST(FailureReport, OfAChildContext) {
  const std::string history = history_of(
      [](Context& ctx) {
        ctx.run_in_child_context("book", [](Context& child) {
          child.step("seat", [] { return 12; });
          throw std::runtime_error("no seat\nleft");
        });
      },
      kNothing);
  EXPECT_THAT(history, HasSubstr("step \"seat\": body returns 12\n"));
  EXPECT_THAT(history,
              HasSubstr("context \"book\": fails with std::runtime_error: no seat left\n"));
}

TEST(FailureReport, OfACallback) {
  const std::string history = history_of(
      [](Context& ctx) {
        auto approval = ctx.create_callback("approval", {.timeout = 1h});
        return approval.get();
      },
      [](Simulation& sim) { sim.on_callback("approval").late().succeed("yes"); });
  EXPECT_THAT(history, HasSubstr("callback \"approval\": is created\n"));
  EXPECT_THAT(history, HasSubstr("callback \"approval\": times out: Callback.Timeout: the callback "
                                 "timed out after 3600 s without an end\n"));
  EXPECT_THAT(history,
              HasSubstr("callback \"approval\": an answer is refused: CallbackTimeoutException\n"));
}

TEST(FailureReport, OfAWaitForCallback) {
  const std::string history = history_of(
      [](Context& ctx) {
        return ctx.wait_for_callback("approval", [](const std::string&) {}, {.timeout = 24h});
      },
      [](Simulation& sim) { sim.on_callback("approval").after(1h).fail("Rejected", "too dear"); });
  EXPECT_THAT(history, HasSubstr("callback \"approval\": submitter starts\n"));
  EXPECT_THAT(history,
              HasSubstr("callback \"approval\": is answered with the failure Rejected: too "
                        "dear\n"));
  EXPECT_THAT(history,
              HasSubstr("context \"approval\": fails with CallbackExternalError: Rejected: "
                        "too dear\n"));
}

TEST(FailureReport, OfASubmitter) {
  const std::string history = history_of(
      [](Context& ctx) {
        return ctx.wait_for_callback(
            "approval", [](const std::string&) { throw std::runtime_error("mailbox full"); },
            {.timeout = 24h, .retry = durable::retry::fixed(2, 60s)});
      },
      kNothing);
  EXPECT_THAT(history, HasSubstr("callback \"approval\": submitter starts (attempt 2)\n"));
  EXPECT_THAT(history,
              HasSubstr("callback \"approval\": submitter throws std::runtime_error: mailbox "
                        "full\n"));
  EXPECT_THAT(history, HasSubstr("context \"approval\": fails with CallbackSubmitterError: "
                                 "std::runtime_error: mailbox full\n"));
}

TEST(FailureReport, OfInvokesOfADurableAndOfAPlainFunction) {
  const std::string history = history_of(
      [](Context& ctx) { ctx.invoke("order", "order", nullptr); },
      [](Simulation& sim) {
        sim.function("order",
                     [](Context& ctx) { ctx.invoke("ship", "ship:1", std::string("box")); });
        sim.plain_function("ship", [](const std::string&) { throw std::runtime_error("no van"); });
      });
  EXPECT_THAT(history, HasSubstr("1    invoke \"order\": is asked for with null\n"));
  EXPECT_THAT(history, HasSubstr("2    execution 2 of order starts, invoked by 1\n"));
  EXPECT_THAT(history, HasSubstr("3#1  plain function \"ship\" starts\n"));
  EXPECT_THAT(history,
              HasSubstr("3#1  plain function \"ship\" throws std::runtime_error: no van\n"));
  EXPECT_THAT(history, HasSubstr("2    invoke \"ship\": fails with std::runtime_error: no van\n"));
}

TEST(FailureReport, OfAScriptedInvoke) {
  const std::string history =
      history_of([](Context& ctx) { ctx.invoke("ship", "ship:1", std::string("box")); },
                 [](Simulation& sim) { sim.on_invoke("ship").after(1h).stop(); });
  EXPECT_THAT(history, HasSubstr("invoke \"ship\": is asked for with \"box\"\n"));
  EXPECT_THAT(history, HasSubstr("+1h 00m 00s       invoke \"ship\": its function was stopped\n"));
}

TEST(FailureReport, OfAFunctionThatIsNotPublished) {
  const std::string history =
      history_of([](Context& ctx) { ctx.invoke("ship", "shp", std::string("box")); }, kNothing);
  EXPECT_THAT(history,
              HasSubstr("invoke \"ship\": fails with ResourceNotFoundException: Function not "
                        "found: shp; published: handler\n"));
}

TEST(FailureReport, OfACondition) {
  const std::string history = history_of(
      [](Context& ctx) {
        ctx.wait_for_condition("stock", 0, [](int seen) { return seen + 1; },
                               {.continue_while = [](const int&) { return true; },
                                .polling = {.max_attempts = 2, .initial = 60s}});
      },
      kNothing);
  EXPECT_THAT(history, HasSubstr("condition \"stock\": check returns 1\n"));
  EXPECT_THAT(history, HasSubstr("condition \"stock\": check starts (attempt 2)\n"));
  EXPECT_THAT(history, HasSubstr("execution 1 FAILED: WaitForConditionError: "));
}

TEST(FailureReport, OfWithRetry) {
  const std::string history = history_of(
      [](Context& ctx) {
        ctx.with_retry("pay",
                       [](Context& attempt) {
                         attempt.step("card", [] { throw std::runtime_error("declined"); },
                                      {.retry = durable::retry::none()});
                       },
                       {.retry = durable::retry::fixed(2, 60s)});
      },
      kNothing);
  EXPECT_THAT(history, HasSubstr("step \"card\": body throws std::runtime_error: declined\n"));
  EXPECT_THAT(history, HasSubstr("wait \"pay-backoff-1\": 60s\n"));
  EXPECT_THAT(history, HasSubstr("context \"pay\": fails with StepError: "));
}

TEST(FailureReport, OfAResultThatIsTooLargeToRecord) {
  const std::string history = history_of(
      [](Context& ctx) {
        ctx.run_in_child_context("export", [](Context&) { return std::string(300'000, 'x'); });
        throw std::runtime_error("enough");
      },
      kNothing);
  EXPECT_THAT(history, HasSubstr("context \"export\": returns more than can be recorded\n"));
}

}  // namespace narrator_test
