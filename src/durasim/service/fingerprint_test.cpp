#include <gtest/gtest.h>

#include "durasim/service/test_bed.hpp"

namespace durasim::fingerprint_test {

using namespace std::chrono_literals;
using namespace durasim::test_bed;

std::uint64_t state_after(const std::vector<durable::OperationUpdate>& updates) {
  TestBed bed;
  bed.begin();
  bed.send(updates);
  return bed.service.durable_state();
}

TEST(DurableState, DependsOnWhatIsRecordedOfOperations) {
  EXPECT_EQ(state_after({start(1)}), state_after({start(1)}));
  EXPECT_NE(state_after({start(1)}), state_after({}));
  EXPECT_NE(state_after({start(1)}), state_after({start(2)}));
  EXPECT_NE(state_after({start(1)}), state_after({succeed(1, "1")}));
  EXPECT_NE(state_after({succeed(1, "1")}), state_after({succeed(1, "2")}));
  EXPECT_NE(state_after({fail(1, error("A"))}), state_after({fail(1, error("B"))}));
  EXPECT_NE(state_after({fail(1, error("A", "a"))}), state_after({fail(1, error("A", "b"))}));
  EXPECT_NE(state_after({start(1), start(2)}), state_after({start(2), start(1)}));
}

TEST(DurableState, IsTheSameHoweverItWasReached) {
  TestBed bed;
  bed.begin();
  bed.send({start(1)});
  bed.service.durable_state();
  bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
  bed.begin();
  bed.service.durable_state();
  bed.clock.advance_to(bed.clock.now() + 1s);
  bed.send({succeed(1, "1")});
  EXPECT_EQ(bed.service.durable_state(), state_after({start(1), succeed(1, "1")}));
}

TEST(DurableState, KnowsDueTimesRelativeToNow) {
  EXPECT_NE(state_after({wait(1, 5s)}), state_after({wait(1, 6s)}));
  TestBed bed;
  bed.begin();
  bed.send({wait(1, 6s)});
  bed.clock.advance_to(bed.clock.now() + 1s);
  EXPECT_EQ(bed.service.durable_state(), state_after({wait(1, 5s)}));
  bed.advance();
  const std::uint64_t over = bed.service.durable_state();
  bed.clock.advance_to(bed.clock.now() + 1h);
  EXPECT_EQ(bed.service.durable_state(), over);
}

TEST(DurableState, KnowsInputsAndResultsOfExecutions) {
  const auto state_of = [](const char* input, const char* result) {
    TestBed bed;
    const std::uint32_t number = bed.service.start("ship", durable::Text(input));
    const durable::CheckpointToken token = bed.service.begin_invocation(number).token;
    if (result) bed.service.end_invocation(token, succeeded(result));
    return bed.service.durable_state();
  };
  EXPECT_EQ(state_of("1", "1"), state_of("1", "1"));
  EXPECT_NE(state_of("1", "1"), state_of("2", "1"));
  EXPECT_NE(state_of("1", "1"), state_of("1", "2"));
  EXPECT_NE(state_of("1", "1"), state_of("1", nullptr));
}

TEST(DurableState, CountsFailuresOnlyWhereTheyAreLimited) {
  const auto states = [](const ServiceConfig& config) {
    TestBed bed(config);
    bed.begin();
    const std::uint64_t before = bed.service.durable_state();
    bed.service.fail_invocation(bed.token, {"Runtime.ExitError", ""});
    return std::pair(before, bed.service.durable_state());
  };
  const auto [before, after] = states({});
  EXPECT_EQ(before, after);
  const auto [before_limited, after_limited] = states(ServiceConfig::emulator());
  EXPECT_NE(before_limited, after_limited);
}

TEST(DurableState, DependsOnWhenCallbacksTimeOut) {
  EXPECT_EQ(state_after({callback(1, 5s)}), state_after({callback(1, 5s)}));
  EXPECT_NE(state_after({callback(1, 5s)}), state_after({callback(1, 6s)}));
  EXPECT_NE(state_after({callback(1, 5s)}), state_after({callback(1, 0s, 5s)}));
  EXPECT_NE(state_after({callback(1, 5s)}), state_after({callback(1)}));
}

TEST(DurableState, TakesAHeartbeatForTheMomentOfAStart) {
  const auto after_a_heartbeat = [](std::chrono::seconds heartbeat_timeout) {
    TestBed bed;
    bed.begin();
    bed.send({callback(1, 0s, heartbeat_timeout)});
    bed.pass(2s);
    const std::uint64_t before = bed.service.durable_state();
    bed.service.heartbeat_callback(bed.id_of(1));
    EXPECT_NE(bed.service.durable_state(), before);
    return bed.service.durable_state();
  };
  EXPECT_EQ(after_a_heartbeat(5s), state_after({callback(1, 0s, 5s)}));
}

TEST(DurableState, DependsOnHowLongAHeartbeatWillLast) {
  TestBed bed;
  bed.begin();
  bed.send({callback(1, 0s, 7s)});
  bed.pass(2s);  // the same due time, but not after the next heartbeat
  EXPECT_NE(bed.service.durable_state(), state_after({callback(1, 0s, 5s)}));
}

TEST(DurableState, DependsOnWhatIsInvoked) {
  EXPECT_EQ(state_after({invoke(1, "ship:1")}), state_after({invoke(1, "ship:1")}));
  EXPECT_NE(state_after({invoke(1, "ship:1")}), state_after({invoke(1, "bill:1")}));
  EXPECT_NE(state_after({invoke(1, "ship:1", "7")}), state_after({invoke(1, "ship:1", "8")}));
  EXPECT_NE(state_after({invoke(1, "ship:1", "7")}), state_after({invoke(1, "ship:1", "7", "b")}));
  TestBed bed;
  bed.begin();
  bed.send({invoke(1)});
  bed.service.take_invokes();
  EXPECT_NE(bed.service.durable_state(), state_after({invoke(1)}));
}

TEST(DurableState, DependsOnWhetherChildrenAreReplayed) {
  durable::OperationUpdate plain = context(1, durable::OperationAction::succeed);
  durable::OperationUpdate replaying = plain;
  replaying.replay_children = true;
  EXPECT_NE(state_after({plain}), state_after({replaying}));
}

}  // namespace durasim::fingerprint_test
