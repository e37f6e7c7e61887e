#include <chrono>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// Every fault of the catalogue does something: the run in which it happens is told otherwise than the
/// one in which it does not.
namespace fault_effects_test {

using namespace std::chrono_literals;
using durable::Context;
using durable::StepContext;
using durasim::Fault;
using durasim::FaultInfo;
using durasim::FaultModel;
using durasim::Script;
using durasim::Simulation;
using testing::HasSubstr;
using testing::Not;

/// What the function's clock says, at two looks.
std::string stamp(const Simulation& sim, durasim::Timestamp start) {
  const auto first = sim.now() - start;
  const auto second = sim.now() - start;
  return std::to_string(first.count()) + " then " + std::to_string(second.count());
}

template <class Wait>
std::string outcome_of(Wait wait) {
  try {
    return std::to_string(wait());
  } catch (const durable::Error& error) {
    return error.code();
  }
}

/// A bit of everything: steps of both kinds, a retry, a wait, callbacks, an invoke. `runs` is what a warm
/// sandbox remembers.
std::string handler(Context& ctx, Simulation& sim, int runs) {
  std::string told = ctx.step("remember", [&] { return std::to_string(runs); });
  ctx.step("charge", [&](StepContext& step) {
    sim.effects().apply("charge", step.idempotency_key() + "/1", 1);
    sim.effects().apply("charge", step.idempotency_key() + "/2", 2);
  });
  ctx.step("flaky", [](StepContext& step) {
    if (step.attempt() == 1) throw std::runtime_error("not yet");
  });
  ctx.wait("settle", 60s);
  told += ctx.step("remember again", [&] { return std::to_string(runs); });
  auto approval = ctx.create_callback<int>("approval", {.timeout = 1h, .heartbeat_timeout = 10min});
  told += outcome_of([&] { return approval.get(); });
  auto deadline = ctx.create_callback<int>("deadline", {.timeout = 30min});
  told += outcome_of([&] { return deadline.get(); });
  return told + outcome_of([&] { return ctx.invoke<int>("price", "price", 2); });
}

void scenario(Simulation& sim) {
  sim.function_factory("handler", [&sim] {
    auto runs = std::make_shared<int>(0);
    return [runs, &sim](Context& ctx) { return handler(ctx, sim, ++*runs); };
  });
  sim.plain_function("price", [](int units) { return units * 5; });
  sim.on_callback("approval").after(20min).heartbeat_every(5min).succeed(7);
  sim.on_callback("deadline").after(30min).succeed(8);
  sim.run("handler");
}

/// Reads the clock, which no other fault changes.
void reads_clock(Simulation& sim) {
  const auto start = sim.now();
  sim.function("handler", [&sim, start](Context& ctx) {
    return ctx.step("look", [&] { return stamp(sim, start); });
  });
  sim.run("handler");
}

/// The answer comes from the outside; the state comes in pages of one.
void asks(Simulation& sim) {
  sim.function("handler", [&sim](Context& ctx) {
    const std::string told = ctx.run_in_child_context("order", [&](Context& order) {
      order.step("charge", [&] { sim.effects().apply("charge", "", 1); });
      order.wait("settle", 60s);
      return std::string("charged");
    });
    ctx.wait("deliver", 60s);
    const int agreed = ctx.create_callback<int>("agreed", {.timeout = 1h}).get();
    return told + std::to_string(agreed) +
           outcome_of([&] { return ctx.invoke<int>("price", "price", 2); });
  });
  sim.on_callback("agreed").after(1min).succeed(1);
  sim.on_invoke("price").after(1min).succeed(10);
  sim.run("handler");
}

/// Two executions at once, each of which runs a plain function.
void together(Simulation& sim) {
  sim.plain_function("note",
                     [&sim](const std::string& what) { sim.effects().apply("note", "", what); });
  sim.function("handler", [&sim](Context& ctx, const std::string& who) {
    ctx.wait("settle", 60s);
    ctx.step("charge", [&] { sim.effects().apply("charge", "", who); });
    ctx.invoke<void>("note", "note", who);
  });
  sim.start("handler", std::string("one"));
  sim.start("handler", std::string("two"));
  sim.run_until_idle();
}

struct Effect {
  Fault fault;
  std::string_view place;     ///< in the words of a script
  std::string_view shown_by;  ///< what the trace says then, and otherwise does not
  void (*run)(Simulation&) = &scenario;
  std::string_view point = {};  ///< of the taxonomy that it shows, if not those of the line before
};

const std::vector<Effect>& effects() {
  static const std::vector<Effect> effects = {
      {Fault::request_lost, "\"charge\"", " request 2 ["},
      {Fault::request_lost_for_good, "\"charge\"", " request 3 ["},
      {Fault::answer_lost, "\"charge\"", " request 2 ["},
      {Fault::answer_lost_for_good, "\"charge\"", " request 3 ["},
      {Fault::throttled, "\"charge\"", " request 2 ["},
      {Fault::server_error, "\"charge\"", " request 2 ["},
      {Fault::server_error, "execution", " request 2\n", &asks, "B02"},
      {Fault::server_error_applied, "\"charge\"", " request 2 ["},
      {Fault::answer_delayed, "\"charge\"", "1767225660000 e1 i1 value_returned 2"},
      {Fault::crash_before_sending, "\"charge\"", "Runtime.ExitError"},
      {Fault::crash_before_sending, "execution", "Runtime.ExitError", &asks, "C02"},
      {Fault::crash_after_applying, "\"charge\"", "Runtime.ExitError"},
      {Fault::throttled_for_good, "\"charge\"", " request 3 ["},
      {Fault::request_delayed, "\"charge\"", "1767225660000 e1 i0 history StepStarted 2"},
      {Fault::request_duplicated, "\"charge\"",
       "StepSucceeded 2 1 null -\n1767225600000 e1 i1 request 1 "},
      {Fault::answer_after_timeout, "\"charge\"", "Sandbox.Timedout"},
      {Fault::answer_without_token, "\"charge\"", "ended_abnormally"},
      {Fault::token_refused, "\"charge\"", "ended_abnormally"},
      {Fault::token_refused_applied, "\"charge\"", "ended_abnormally"},
      {Fault::overtaken_before_sending, "\"charge\"", "answer 400"},
      {Fault::request_rejected, "\"charge\"", "execution_ended FAILED"},
      {Fault::stopped_before_applying, "\"charge\"", "execution_ended STOPPED"},
      {Fault::crash_before_body, "\"charge\"", "Runtime.ExitError"},
      {Fault::crash_before_body_start_delivered, "\"charge\"", "[ 2 STARTED 0 absent - ]"},
      {Fault::crash_at_effect, "\"charge\", effect 2", "Runtime.ExitError"},
      {Fault::crash_after_body, "\"charge\"", "Runtime.ExitError"},
      {Fault::crash_after_body_start_delivered, "\"charge\"", "[ 2 STARTED 0 absent - ]"},
      {Fault::body_outlives_invocation, "\"charge\"", "Sandbox.Timedout"},
      {Fault::overtaken_before_body, "\"charge\"", "answer 400"},
      {Fault::overtaken_after_body, "\"charge\"", "answer 400"},
      {Fault::crash_at_effect_start_delivered, "\"charge\", effect 2", "[ 2 STARTED 0 absent - ]"},
      {Fault::body_fails, "\"charge\"", "StepFailed 2 1"},
      {Fault::body_fails_after_effects, "\"charge\"", "StepFailed 2 1"},
      {Fault::cold_start, "invocation 3", "value_returned 5 \"1\""},
      {Fault::late_delivery, "invocation 2", "1767229205000 e1 i2 invocation_started"},
      {Fault::redelivery_after_end, "invocation 1", "response_ignored"},
      {Fault::redelivery_after_end, "invocation 1 in execution 3", "response_ignored", &together,
       "G07"},
      {Fault::concurrent_delivery_older_first, "invocation 1", "answer 400"},
      {Fault::concurrent_delivery_newer_first, "invocation 1", "answer 400"},
      {Fault::crash_at_start, "invocation 2", "Runtime.ExitError"},
      {Fault::crash_at_start, "invocation 1 in execution 3", "Runtime.ExitError", &together, "G08"},
      {Fault::stale_redelivery, "invocation 1", "answer 400"},
      {Fault::clock_ahead, "invocation 1", "\"86400000 then 86400000\"", &reads_clock},
      {Fault::clock_behind, "invocation 1", "\"-86400000 then -86400000\"", &reads_clock},
      {Fault::clock_drifts, "invocation 1", "\"1000 then 2000\"", &reads_clock},
      {Fault::clock_steps_back, "invocation 1", "\"0 then -3600000\"", &reads_clock},
      {Fault::pages_of_one, "invocation 2", " request 1\n"},
      {Fault::pages_of_two, "invocation 2", " request 1\n"},
      {Fault::empty_first_page, "invocation 2", " request 1\n"},
      {Fault::operations_reversed, "invocation 2", "invocation_started [ 3 READY"},
      {Fault::insides_told, "invocation 3",
       "invocation_started [ 1 SUCCEEDED 0 \"charged\" - ] [ 1.1 ", &asks},
      {Fault::children_replayed, "\"order\"", "ContextSucceeded 1 0 empty", &asks},
      {Fault::crash_before_response, "invocation 1", "Runtime.ExitError"},
      {Fault::response_lost, "invocation 1", "Sandbox.Timedout"},
      {Fault::response_delayed, "invocation 3", "1767225781000 e1 i4 invocation_started", &asks},
      {Fault::spurious_wake_up, "invocation 1",
       "invocation_started [ 1 SUCCEEDED 1 \"1\" - ] [ 2 SUCCEEDED 1 null - ] [ 3 PENDING"},
      {Fault::stopped_while_suspended, "invocation 1", "execution_ended STOPPED"},
      {Fault::delivery_after_completion, "execution", "response_ignored"},
      {Fault::flush_now, "\"charge\"", "[ 2 START STEP Step \"charge\" absent - 0 ]\n"},
      {Fault::request_yields, "\"charge\"", "1767225660000 e3 i0 execution_started \"two\"",
       &together},
      {Fault::delivery_yields, "invocation 1", "e2 i1 invocation_started", &together},
      {Fault::timer_deferred, "\"deadline\"", "CallbackSucceeded 7"},
      {Fault::timer_late, "\"settle\"", "1767229265000 e1 i0 timer_fired 4"},
      {Fault::callback_early, "\"approval\"", "answer ok [ 6 SUCCEEDED 0 7 - ]"},
      {Fault::callback_twice, "\"approval\"", "outside 6 succeed 7 -\n"},
      {Fault::callback_twice_other, "\"approval\"", "outside 6 fail"},
      {Fault::callback_at_timeout, "\"approval\"", "CallbackTimedOut 6"},
      {Fault::callback_late, "\"approval\"", "CallbackTimedOut 6"},
      {Fault::callback_never, "\"approval\"", "CallbackTimedOut 6"},
      {Fault::callback_fails, "\"approval\"", "CallbackFailed 6"},
      {Fault::callback_malformed, "\"approval\"", "CallbackSucceeded 6 0 {not JSON"},
      {Fault::heartbeats_stop, "\"approval\"", "CallbackTimedOut 6"},
      {Fault::invoke_early, "\"price\"", "e1 i4 answer ok [ 4 SUCCEEDED 0 10 - ]", &asks},
      {Fault::invoke_fails, "\"price\"", "ChainedInvokeFailed 8"},
      {Fault::invoke_times_out, "\"price\"", "ChainedInvokeTimedOut 8"},
      {Fault::invoke_stopped, "\"price\"", "ChainedInvokeStopped 8"},
      {Fault::invoke_throttled, "\"price\"", "ChainedInvokeFailed 8"},
      {Fault::full_jitter, "\"flaky\"", "1767225601000 e1 i0 timer_fired 3"},
      {Fault::starts_on_leap_day, "execution", "1835481570000 e1 i0 execution_started"},
      {Fault::starts_at_month_end, "execution", "1769903970000 e1 i0 execution_started"},
      {Fault::starts_at_summer_time, "execution", "1774745970000 e1 i0 execution_started"},
      {Fault::starts_at_winter_time, "execution", "1792889970000 e1 i0 execution_started"},
      {Fault::starts_at_year_end, "execution", "1798761570000 e1 i0 execution_started"},
      {Fault::starts_before_2038, "execution", "2147483617000 e1 i0 execution_started"},
  };
  return effects;
}

/// What happened, without the choices that led to it.
std::string told(const std::string& trace) {
  std::istringstream lines(trace);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" choice ") == std::string::npos) text += line + '\n';
  }
  return text;
}

void PrintTo(const Effect& effect, std::ostream* out) {
  *out << to_string(effect.fault) << " at " << effect.place;
}

class FaultEffect : public testing::TestWithParam<Effect> {};

TEST_P(FaultEffect, ShowsInTheRun) {
  const Effect& effect = GetParam();
  const std::string id(to_string(effect.fault));
  durasim::CheckOptions options{.faults = FaultModel::none().with({effect.fault}), .name = id};
  options.simulation.service.state_page_size = effect.run == &asks ? 1 : 0;
  const std::string line = "at " + std::string(effect.place) + ": " + id;

  const auto nominal = durasim::trace_run(effect.run, durasim::Schedule{}, options);
  const auto faulty = durasim::trace_run(effect.run, Script::parse(line), options);
  EXPECT_THAT(faulty.unreached, testing::IsEmpty()) << line;
  EXPECT_EQ(faulty.script.to_text(), line + "\n");
  EXPECT_NE(told(faulty.trace), told(nominal.trace));
  EXPECT_THAT(told(faulty.trace), HasSubstr(std::string(effect.shown_by)));
  EXPECT_THAT(told(nominal.trace), Not(HasSubstr(std::string(effect.shown_by))));
}

/// By its fault; what shows a further point of the taxonomy, by that too.
std::string name_of(const Effect& effect) {
  const std::string id(to_string(effect.fault));
  return effect.point.empty() ? id : id + "_" + std::string(effect.point);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, FaultEffect, testing::ValuesIn(effects()),
                         [](const auto& row) { return name_of(row.param); });

/// "Suite.Case" of every test of this program.
std::set<std::string> all_tests() {
  std::set<std::string> names;
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *tests.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j)
      names.insert(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
  }
  return names;
}

TEST(FaultCatalogue, NamesTheTestThatShowsEachFault) {
  const std::set<std::string> tests = all_tests();
  for (const FaultInfo& info : durasim::fault_catalogue())
    EXPECT_TRUE(tests.contains(std::string(info.test))) << info.id << ": " << info.test;
}

TEST(FaultCatalogue, ClaimsThePointsThatHaveATestOfTheirOwn) {
  for (const Effect& effect : effects())
    EXPECT_THAT(std::string(durasim::fault_info(effect.fault).points),
                HasSubstr(std::string(effect.point)));
}

}  // namespace fault_effects_test
