#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// What handlers are told whose calls depend on how often they ran before: on anything, that is, that
/// is neither their input nor recorded.
namespace divergence_reports_test {

using durable::Context;
using std::chrono::seconds;

// First, so that edits below leave the lines in the golden file as they are.
int waits(Context& ctx, int run) {
  ctx.step("order", [] {});
  ctx.wait("pause", seconds(10 * run));
  return 1;
}

using durasim::Divergence;
using durasim::Verification;

/// `run` counts from 1.
using Handler = std::function<int(Context& ctx, int run)>;

Verification verified(const Handler& handler, bool shadow_replay = true, std::uint32_t jobs = 1) {
  durasim::SimulationOptions options;
  options.shadow_replay = shadow_replay;
  return durasim::verify(
      [&](durasim::Simulation& sim) {
        auto& runs = sim.make<int>(0);
        sim.function("count", [&](Context& ctx) { return handler(ctx, ++runs); });
        sim.plain_function("echo", [](const int& number) { return number; });
        sim.run("count");
      },
      {.max_faults = 0, .jobs = jobs, .name = "divergence", .simulation = options});
}

/// What follows the headline, up to the history; without folders.
std::string told(const Verification& found) {
  const std::string report = found.report();
  const auto begin = report.find('\n') + 1;
  const std::string text = report.substr(begin, report.find("  history", begin) - begin);
  return std::regex_replace(text, std::regex("at [^ ]*/([a-z_]*.cpp:)"), "at $1");
}

/// Likewise, without numbers of lines.
std::string told_without_lines(const Verification& found) {
  return std::regex_replace(told(found), std::regex("(_test.cpp):[0-9]+"), "$1");
}

const Divergence& divergence_of(const Verification& found) {
  static const Divergence none;
  EXPECT_FALSE(found.findings.empty());
  if (found.findings.empty() || !found.findings.front().divergence) return none;
  return *found.findings.front().divergence;
}

void expect(const Handler& handler, Divergence::Kind by_shadow, Divergence::Kind by_replay,
            std::string_view input = "") {
  const Verification shadowed = verified(handler);
  EXPECT_EQ(divergence_of(shadowed).kind, by_shadow) << shadowed;
  EXPECT_TRUE(divergence_of(shadowed).shadow) << shadowed;
  EXPECT_EQ(divergence_of(shadowed).input, input) << shadowed;
  const Verification replayed = verified(handler, false);
  EXPECT_EQ(divergence_of(replayed).kind, by_replay) << replayed;
  EXPECT_FALSE(divergence_of(replayed).shadow) << replayed;
  EXPECT_EQ(divergence_of(replayed).input, input) << replayed;
}

TEST(DivergenceReport, OfAWait) {
  const std::string report = told(verified(&waits));
  const std::string path = DURASIM_SOURCE_DIR "/fixtures/golden/divergence.txt";
  if (std::getenv("DURASIM_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << report;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(report, golden.str()) << "DURASIM_UPDATE_GOLDEN=1 accepts it";
  expect(&waits, Divergence::Kind::another_input, Divergence::Kind::another_input, "duration");
}

TEST(DivergenceReport, IsTheSameFromAnotherProcess) {
  EXPECT_EQ(divergence_of(verified(&waits, true, 2)), divergence_of(verified(&waits)));
}

TEST(DivergenceReport, OfEveryOtherInput) {
  using enum Divergence::Kind;
  const auto pay = [](Context& ctx, int run) {
    const int paid = ctx.invoke<int>("pay", "echo", run);
    ctx.wait("pause", seconds(1));
    return paid;
  };
  expect(pay, another_input, another_input, "payload");
  const auto choose = [](Context& ctx, int run) {
    return ctx.invoke<int>("pay", run == 1 ? "echo" : "echoes", 1);
  };
  expect(choose, another_input, another_input, "function name");
  const auto call_back = [](Context& ctx, int run) {
    try {
      return static_cast<int>(
          ctx.create_callback("approval", {.timeout = seconds(60 * run)}).get().size());
    } catch (const durable::CallbackTimeoutError&) {
      return 0;
    }
  };
  expect(call_back, another_input, another_input, "timeout");
  const auto wait_for_callback = [](Context& ctx, int run) {
    try {
      ctx.wait_for_callback("approval", [](const std::string&) {},
                            {.timeout = seconds(60), .heartbeat_timeout = seconds(10 + run)});
    } catch (const durable::CallbackTimeoutError&) {
    }
    return 1;
  };
  expect(wait_for_callback, another_input, another_input, "heartbeat timeout");
  const auto poll = [](Context& ctx, int run) {
    return ctx.wait_for_condition(
        "ready", run, [](const int& state) { return state + 1; },
        {.continue_while = [](const int& state) { return state < 9; }, .polling = {}});
  };
  expect(poll, another_input, another_input, "initial state");
  const auto poll_otherwise = [](Context& ctx, int run) {
    return ctx.wait_for_condition("ready", 1, [](const int& state) { return state + 1; },
                                  {.continue_while = [](const int& state) { return state < 9; },
                                   .polling = {.initial = seconds(run)}});
  };
  expect(poll_otherwise, another_input, another_input, "polling options");
  const auto retry = [](Context& ctx, int run) {
    ctx.step("order", [] {}, {.retry = durable::retry::fixed(static_cast<std::uint32_t>(run))});
    ctx.wait("pause", seconds(1));
    return 1;
  };
  expect(retry, another_input, another_input, "retry strategy");
}

TEST(DivergenceReport, OfInputsOfAContextThatHasEnded) {
  // A replay does not make the calls inside: those that the context itself was given are compared.
  const auto retry = [](Context& ctx, int run) {
    ctx.with_retry("order", [](Context& block) { block.step("pay", [] {}); },
                   {.retry = durable::retry::fixed(static_cast<std::uint32_t>(1 + run))});
    ctx.wait("pause", seconds(1));
    return 1;
  };
  using enum Divergence::Kind;
  expect(retry, another_input, another_input, "retry strategy");
}

TEST(DivergenceReport, OfOperationsThatAreNotMadeAgain) {
  using enum Divergence::Kind;
  const auto returns_early = [](Context& ctx, int run) {
    ctx.step("order", [] {});
    if (run > 1) return 0;
    ctx.wait("pause", seconds(1));
    return 1;
  };
  expect(returns_early, early_end, early_end);
  const auto throws_early = [](Context& ctx, int run) {
    ctx.step("order", [] {});
    if (run > 1) throw std::runtime_error("the moon is full");
    ctx.wait("pause", seconds(1));
    return 1;
  };
  expect(throws_early, early_end, early_end);
  const auto passes_over = [](Context& ctx, int run) {
    const auto approval = ctx.create_callback("approval", {.timeout = seconds(60)});
    if (run == 1) ctx.step("notify", [] {});
    try {
      approval.get();
    } catch (const durable::CallbackTimeoutError&) {
    }
    return 1;
  };
  expect(passes_over, missing_operation, early_end);
}

TEST(DivergenceReport, OfAContextThatEndsEarly) {
  using enum Divergence::Kind;
  const auto ends_early = [](Context& ctx, int run) {
    return ctx.run_in_child_context("order", [&](Context& order) {
      order.step("pay", [] {});
      if (run == 1) order.wait("pause", seconds(1));
      return 1;
    });
  };
  expect(ends_early, missing_operation, unconsumed_operations);
  EXPECT_EQ(told_without_lines(verified(ends_early, false)),
            "  oracle   replay-agreement: on replay the body of a context ended without durable "
            "calls that "
            "are recorded in it\n"
            "  where    \"pause\" at divergence_reports_test.cpp\n"
            "  expected wait \"pause\" (operation 1.2), made at divergence_reports_test.cpp\n"
            "  actual   context \"order\" (operation 1) ended SUCCEEDED, made at "
            "divergence_reports_test.cpp\n"
            "  position durable call 3 of the replay by invocation 2; the last that "
            "agreed "
            "is step \"pay\" (operation 1.1), made at divergence_reports_test.cpp\n");
}

TEST(DivergenceReport, OfACallThatWasNotMadeBefore) {
  const auto goes_on = [](Context& ctx, int run) {
    ctx.step("order", [] {});
    if (run > 1) ctx.step("audit", [] {});
    return 1;
  };
  EXPECT_EQ(divergence_of(verified(goes_on)).kind, Divergence::Kind::extra_operation);
}

TEST(DivergenceReport, OfAResult) {
  const Verification found = verified([](Context& ctx, int run) {
    ctx.step("order", [] {});
    return run;
  });
  EXPECT_EQ(divergence_of(found).kind, Divergence::Kind::another_end);
  EXPECT_EQ(divergence_of(found).expected.end, "SUCCEEDED with 1");
  EXPECT_EQ(divergence_of(found).actual.end, "SUCCEEDED with 2");
}

TEST(DivergenceReport, OfAName) {
  using enum Divergence::Kind;
  const auto numbered = [](Context& ctx, int run) {
    ctx.step("order-" + std::to_string(run), [] {});
    ctx.wait("pause", seconds(1));
    return 1;
  };
  expect(numbered, another_operation, another_operation);
  EXPECT_THAT(verified(numbered).findings.front().remedy,
              testing::HasSubstr("build the name from"));
}

}  // namespace divergence_reports_test
