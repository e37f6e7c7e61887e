#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durasim/report/divergence_json.hpp"

namespace divergence_json_test {

using durasim::Divergence;
using durasim::divergence_from_json;
using durasim::divergence_json;

durable::OperationPath operation_2_1() { return durable::OperationPath().child(2).child(1); }

Divergence of_a_payload() {
  const Divergence::Call call{operation_2_1(),
                              durable::OperationType::chained_invoke,
                              durable::OperationSubType::chained_invoke,
                              "ship",
                              "shop.cpp",
                              12};
  return {.kind = Divergence::Kind::another_input,
          .expected = {call, "{\"id\":7}", ""},
          .actual = {call, "{\"id\":8}", ""},
          .input = "payload",
          .last_agreeing = Divergence::Call{durable::OperationPath().child(2)},
          .path = operation_2_1(),
          .ordinal = 3,
          .unconsumed = 1,
          .execution = 2,
          .invocation = 4,
          .shadow = true,
          .advice = "make it in a step"};
}

TEST(DivergenceJson, IsReadAsItWasWritten) {
  EXPECT_EQ(divergence_from_json(divergence_json(of_a_payload())), of_a_payload());
  EXPECT_EQ(divergence_from_json(divergence_json({})), Divergence{});
  for (std::size_t kind = 0; kind < durasim::kDivergenceKindCount; ++kind) {
    Divergence divergence;
    divergence.kind = static_cast<Divergence::Kind>(kind);
    EXPECT_EQ(divergence_from_json(divergence_json(divergence)), divergence) << kind;
  }
}

TEST(DivergenceJson, HasTheWordsOfTheWire) {
  const nlohmann::ordered_json json = divergence_json(of_a_payload());
  EXPECT_EQ(json["kind"], "another_input");
  EXPECT_EQ(json["operation"], "2.1");
  EXPECT_EQ(json["expected"].dump(),
            R"({"call":{"operation":"2.1","type":"CHAINED_INVOKE","sub_type":"ChainedInvoke",)"
            R"("name":"ship","file":"shop.cpp","line":12},"input":"{\"id\":7}","end":""})");
  EXPECT_EQ(divergence_json({})["expected"].dump(), R"({"call":null,"input":"","end":""})");
}

TEST(DivergenceJson, RefusesWhatItDoesNotWrite) {
  for (const auto& [field, value] :
       {std::pair("kind", "odd"), {"operation", "2..1"}, {"operation", "0"}, {"operation", "2x"}}) {
    nlohmann::ordered_json json = divergence_json(of_a_payload());
    json[field] = value;
    EXPECT_THROW(divergence_from_json(json), std::invalid_argument) << value;
  }
}

}  // namespace divergence_json_test
