#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using ::testing::HasSubstr;
using Value = durable::Text;

TEST(FirstRunParity, FindsAnotherValueOnReplay) {
  Script script(make_first_run_parity);
  script.gives(1, 1, Value("5"));
  script.gives(2, 1, Value("6"));
  ASSERT_EQ(script.sentence(), "operation 1 gave the handler 6, but 5 when it ran before");
  EXPECT_EQ(script.findings()[0].oracle, Oracle::first_run_parity);
  EXPECT_EQ(script.findings()[0].path, op(1));
  EXPECT_FALSE(script.findings()[0].remedy.empty());
}

TEST(FirstRunParity, ComparesByteByByte) {
  Script script(make_first_run_parity);
  script.gives(1, 1, Value("{\"a\":1}"));
  script.gives(2, 1, Value("{\"a\": 1}"));
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(FirstRunParity, FindsAnotherErrorAndAValueInPlaceOfOne) {
  Script script(make_first_run_parity);
  script.throws(1, 1, failure("Declined", "no funds"));
  script.throws(2, 1, failure("Declined", "at noon"));
  EXPECT_THAT(script.sentence(), HasSubstr("the error Declined: at noon, but the error Declined: "
                                           "no funds when it ran before"));
  Script swallowed(make_first_run_parity);
  swallowed.throws(1, 1, failure("Declined", "no funds"));
  swallowed.gives(2, 1, Value("null"));
  EXPECT_THAT(swallowed.sentence(), HasSubstr("gave the handler null"));
}

TEST(FirstRunParity, TellsAbsentFromEmpty) {
  Script script(make_first_run_parity);
  script.gives(1, 1, {});
  script.gives(2, 1, Value(""));
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(FirstRunParity, FindsADifferenceInAShadowReplay) {
  Script script(make_first_run_parity);
  script.gives(1, 1, Value("5"));
  TraceEvent replayed = script.event(TraceEvent::Kind::value_returned, 0, 1);
  replayed.shadow = true;
  replayed.payload = Value("null");
  script.tell(replayed);
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(FirstRunParity, ReportsAnExecutionOnce) {
  Script script(make_first_run_parity);
  for (const std::uint32_t number : {1U, 2U}) script.gives(1, number, Value("5"));
  for (const std::uint32_t number : {1U, 2U}) script.gives(2, number, Value("6"));
  EXPECT_EQ(script.findings().size(), 1U);
}

TEST(FirstRunParity, IsSilentAboutEqualReplaysInAnyOrder) {
  Script script(make_first_run_parity);
  const auto run = [&](std::uint32_t invocation, std::initializer_list<std::uint32_t> order) {
    for (const std::uint32_t number : order)
      script.gives(invocation, number, Value(std::to_string(number)));
    script.throws(invocation, 9, failure("Declined", "no funds"));
  };
  run(1, {1, 2});
  run(2, {1, 2, 3, 4});
  run(3, {4, 2, 1, 3});
  EXPECT_TRUE(script.findings().empty());
}

TEST(FirstRunParity, KeepsExecutionsApart) {
  Script script(make_first_run_parity);
  script.gives(1, 1, Value("5"));
  script.of_execution(2);
  script.gives(2, 1, Value("6"));
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
