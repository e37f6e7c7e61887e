#include "durasim/report/vicinity.hpp"

#include <gtest/gtest.h>

namespace vicinity_test {

using durasim::TraceEvent;
using durasim::Vicinity;

constexpr durable::OperationPath kRoot;

void call(Vicinity& vicinity, std::string_view name, std::uint32_t number, bool shadow = false) {
  TraceEvent event;
  event.kind = TraceEvent::Kind::operation_issued;
  event.execution = 1;
  event.path = kRoot.child(number);
  event.name = name;
  event.shadow = shadow;
  vicinity.on(event);
}

void strike(Vicinity& vicinity, durable::OperationPath path, std::uint16_t answer = 1) {
  durasim::Decision decision;
  decision.site.execution = 1;
  decision.site.path = path;
  decision.answer = answer;
  TraceEvent event;
  event.kind = TraceEvent::Kind::choice;
  event.decision = &decision;
  vicinity.on(event);
}

TEST(Vicinity, IsNowhereBeforeTheFirstCall) {
  Vicinity vicinity;
  strike(vicinity, kRoot);
  EXPECT_EQ(vicinity.last_call(), "");
  EXPECT_EQ(vicinity.last_fault(), "");
}

TEST(Vicinity, IsTheLastCallOrTheOneThatTheFaultStruck) {
  Vicinity vicinity;
  call(vicinity, "reserve", 1);
  call(vicinity, "", 2);
  EXPECT_EQ(vicinity.last_fault().find("after operation 2 at "), 0U) << vicinity.last_fault();
  strike(vicinity, kRoot.child(1));
  strike(vicinity, kRoot.child(2), 0);  // nothing happened there
  call(vicinity, "ship", 3);
  EXPECT_EQ(vicinity.last_fault().find("the fault struck \"reserve\" at "), 0U);
  EXPECT_NE(vicinity.last_fault().find("; the last durable call was \"ship\" at "),
            std::string::npos);
  EXPECT_EQ(vicinity.last_call().find("after \"ship\" at "), 0U);
}

TEST(Vicinity, OfAFaultBetweenOperationsIsTheCallBeforeIt) {
  Vicinity vicinity;
  call(vicinity, "reserve", 1);
  strike(vicinity, kRoot);
  call(vicinity, "ship", 2);
  EXPECT_EQ(vicinity.last_fault().find("the fault struck \"reserve\" at "), 0U);
}

TEST(Vicinity, KnowsNothingOfShadowsAndOfWhatComesAfterTheFinding) {
  Vicinity vicinity;
  call(vicinity, "reserve", 1);
  call(vicinity, "shadow", 2, true);
  TraceEvent found;
  found.kind = TraceEvent::Kind::finding;
  vicinity.on(found);
  call(vicinity, "ship", 2);
  EXPECT_EQ(vicinity.last_call().find("after \"reserve\" at "), 0U);
}

}  // namespace vicinity_test
