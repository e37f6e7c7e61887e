#include <array>
#include <chrono>

#include <gtest/gtest.h>

#include <durable/operation_inputs.hpp>

namespace operation_inputs_test {

using durable::digest;
using durable::OperationInput;
using std::chrono::seconds;

TEST(OperationInputs, HaveNoDigestWhereThereAreNone) { EXPECT_EQ(digest({}), 0U); }

TEST(OperationInputs, HaveANumberAsItsOwnDigest) {
  const std::array wait{OperationInput::of("duration", seconds(60))};
  EXPECT_EQ(digest(wait), 60U);
  const std::array child{OperationInput::of("is_virtual", true)};
  EXPECT_EQ(digest(child), 1U);
}

TEST(OperationInputs, HaveDigestsByValueAndPlace) {
  const auto of = [](std::string_view function, std::string_view payload) {
    const std::array inputs{OperationInput::text_of("function name", function),
                            OperationInput::json_of("payload", payload)};
    return digest(inputs);
  };
  EXPECT_EQ(of("ship:1", "7"), of("ship:1", "7"));
  EXPECT_NE(of("ship:1", "7"), of("ship:1", "8"));
  EXPECT_NE(of("ship:1", "7"), of("ship:17", "")) << "where one text ends counts";
  const auto timeouts = [](seconds timeout, seconds heartbeat) {
    const std::array inputs{OperationInput::of("timeout", timeout),
                            OperationInput::of("heartbeat timeout", heartbeat)};
    return digest(inputs);
  };
  EXPECT_NE(timeouts(seconds(60), seconds(0)), timeouts(seconds(0), seconds(60)));
}

TEST(OperationInputs, ShowTheirValuesInShort) {
  EXPECT_EQ(OperationInput::of("duration", seconds(60)).value(), "60 s");
  EXPECT_EQ(OperationInput::of("is_virtual", true).value(), "true");
  EXPECT_EQ(OperationInput::of("is_virtual", false).value(), "false");
  EXPECT_EQ(OperationInput::text_of("function name", "ship:1").value(), "\"ship:1\"");
  EXPECT_EQ(OperationInput::json_of("payload", "{\"id\":7}").value(), "{\"id\":7}");
}

}  // namespace operation_inputs_test
