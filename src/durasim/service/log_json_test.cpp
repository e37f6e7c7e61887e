#include <durasim/history.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "durasim/service/test_bed.hpp"

namespace log_json_test {

using namespace durasim;
using namespace durasim::test_bed;
using nlohmann::json;

TEST(LogJson, OfAStepKnowsItsExecutionInvocationOperationAndAttempt) {
  const TestBed bed;
  const LogLine line{.at = Timestamp(std::chrono::milliseconds(1'767'225'600'250)),
                     .invocation = 3,
                     .level = durable::LogLevel::warn,
                     .path = path(1),
                     .name = "charge",
                     .attempt = 2,
                     .text = "card declined"};
  EXPECT_EQ(log_json(bed.execution(), line),
            R"({"timestamp":"2026-01-01T00:00:00.250Z","level":"WARN","message":"card declined",)"
            R"("executionArn":"arn:aws:lambda:us-east-1:123456789012:function:pay:1/)"
            R"(durable-execution/execution-1/00000000-0000-4000-8000-000000000001",)"
            R"("durableExecutionArn":"arn:aws:lambda:us-east-1:123456789012:function:pay:1/)"
            R"(durable-execution/execution-1/00000000-0000-4000-8000-000000000001",)"
            R"("requestId":"00000003-0000-4000-9000-000000000001",)"
            R"("operationId":"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",)"
            R"("operationName":"charge","attempt":2})");
}

TEST(LogJson, KnowsTheTenantOfAnInvokedFunction) {
  TestBed bed;
  const std::uint32_t invoked = bed.service.start("ship", durable::Text("1"), "", {}, "acme");
  const json line = json::parse(log_json(bed.service.execution(invoked), {.text = "begin"}));
  EXPECT_EQ(line.at("tenantId"), "acme");
  EXPECT_FALSE(json::parse(log_json(bed.execution(), {})).contains("tenantId"));
}

TEST(LogJson, OfAHandlerNamesNoOperation) {
  const TestBed bed;
  const json line = json::parse(log_json(bed.execution(), {.text = "begin"}));
  EXPECT_EQ(line.at("level"), "INFO");
  for (const char* const key : {"operationId", "operationName", "parentId", "attempt"})
    EXPECT_FALSE(line.contains(key)) << key;
}

TEST(LogJson, OfANestedOperationNamesItsParent) {
  const TestBed bed;
  const json line = json::parse(
      log_json(bed.execution(), {.path = path(1).child(2).child(1), .parent = path(1)}));
  EXPECT_EQ(line.at("operationId"), path(1).child(2).child(1).wire_id());
  EXPECT_EQ(line.at("parentId"), path(1).wire_id());
}

TEST(LogJson, IsOneLineWhateverTheMessage) {
  const TestBed bed;
  const std::string line = log_json(bed.execution(), {.text = "two\nlines \"quoted\" \xff"});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(json::parse(line).at("message"), "two\nlines \"quoted\" \xef\xbf\xbd");
}

}  // namespace log_json_test
