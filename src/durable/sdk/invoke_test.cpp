#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durable/sdk/testing.hpp"

namespace durable::invoke_test {

using fake::World;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

int ship(Context& ctx) { return ctx.invoke<int>("ship", "shipping:1", std::vector{1, 2}); }

// [ship]
std::string ship_or_apologise(Context& ctx) {
  try {
    const std::vector<std::string> items{"tea", "cup"};
    return "shipped as " + ctx.invoke<std::string>("ship", "shipping:1", items);
  } catch (const InvokeError& error) {
    return error.status() == OperationStatus::timed_out ? "still packing" : "sorry";
  }
}
// [/ship]

TEST(Invoke, OfTheReferencePageWorks) {
  World world;
  world.invoke(ship_or_apologise);
  EXPECT_EQ(world.service.updates(0), "START ship [\"tea\",\"cup\"] to shipping:1");
  world.complete(1, OperationStatus::succeeded, Text("\"T-1\""));
  EXPECT_EQ(world.invoke(ship_or_apologise).result.view(), "\"shipped as T-1\"");
  world.complete(1, OperationStatus::timed_out);
  EXPECT_EQ(world.invoke(ship_or_apologise).result.view(), "\"still packing\"");
}

TEST(Invoke, IsStartedWithTargetAndPayloadAndThenSuspends) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.invoke("ship", "shipping:1", std::vector{1, 2}, {.tenant_id = "eu/acme"});
  });
  EXPECT_EQ(outcome.status, Status::pending);
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START ship [1,2] to shipping:1");
  const OperationUpdate& start = world.service.requests[0].updates[0];
  EXPECT_EQ(start.type, OperationType::chained_invoke);
  EXPECT_EQ(start.sub_type, OperationSubType::chained_invoke);
  EXPECT_EQ(*start.target, (InvokeTarget{"shipping:1", "eu/acme"}));
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
}

TEST(Invoke, TakesPayloadsOfAllKinds) {
  const auto sent = [](const auto& payload) {
    World world;
    world.invoke([&](Context& ctx) { ctx.invoke("ship", "f", payload); });
    return world.service.updates(0);
  };
  const char* const pointer = "c";
  EXPECT_EQ(sent("a"), "START ship \"a\" to f");
  EXPECT_EQ(sent(std::string_view("b")), "START ship \"b\" to f");
  EXPECT_EQ(sent(pointer), "START ship \"c\" to f");
  EXPECT_EQ(sent(std::string("d")), "START ship \"d\" to f");
  EXPECT_EQ(sent(nullptr), "START ship null to f");
  EXPECT_EQ(sent(std::optional<int>()), "START ship null to f");
  EXPECT_EQ(sent(nlohmann::json{{"e", 1}}), "START ship {\"e\":1} to f");
}

TEST(Invoke, ReturnsTheResultOnceItIsRecordedAndStartsNothingMore) {
  World world;
  world.invoke(ship);
  EXPECT_EQ(world.invoke(ship).status, Status::pending);
  world.complete(1, OperationStatus::succeeded, Text("42"));
  EXPECT_EQ(world.invoke(ship).result.view(), "42");
  EXPECT_EQ(world.invoke(ship).result.view(), "42");
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.observer.events.back(), "returned 1 42");
}

TEST(Invoke, ReturnsAtOnceWhenTheAnswerToItsStartShowsItOver) {
  World world;
  world.service.script.push_back([&](const Request& request) {
    Response response = world.service.apply(request);
    response.operations[0].status = OperationStatus::succeeded;
    response.operations[0].result = Text("3");
    return response;
  });
  EXPECT_EQ(world.invoke(ship).result.view(), "3");
}

TEST(Invoke, WithoutAResultReturnsNull) {
  World world;
  const auto body = [](Context& ctx) {
    return ctx.invoke<std::optional<int>>("ship", "f", 1).has_value();
  };
  world.invoke(body);
  world.complete(1, OperationStatus::succeeded);
  EXPECT_EQ(world.invoke(body).result.view(), "false");
}

TEST(Invoke, OfTypeVoidTakesAnyResult) {
  World world;
  const auto body = [](Context& ctx) { ctx.invoke("ship", "f", 1); };
  world.invoke(body);
  world.complete(1, OperationStatus::succeeded, Text("no JSON"));
  EXPECT_EQ(world.invoke(body).status, Status::succeeded);
}

TEST(Invoke, WhoseResultDoesNotConvertIsASerDesErrorWithNameAndPlace) {
  World world;
  world.invoke(ship);
  world.complete(1, OperationStatus::succeeded, Text("\"x\""));
  const auto outcome = world.invoke(ship);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              HasSubstr("the result of invoke \"ship\" at invoke_test.cpp:"));
}

TEST(InvokeFailure, IsThrownWithItsStatusAndNeverInvokedAgain) {
  const auto failure = std::make_shared<const ErrorObject>(
      ErrorObject{"OutOfStock", "none left", "sku 7", {"at the shelf"}});
  const std::vector<std::tuple<OperationStatus, ErrorPtr, std::string>> all = {
      {OperationStatus::failed, failure, "FAILED OutOfStock none left sku 7 1"},
      {OperationStatus::timed_out, failure, "TIMED_OUT OutOfStock none left sku 7 1"},
      {OperationStatus::failed, nullptr, "FAILED InvokeError the invoked function failed  0"},
      {OperationStatus::timed_out, nullptr,
       "TIMED_OUT InvokeError the invoked function timed out  0"},
      {OperationStatus::stopped, nullptr,
       "STOPPED InvokeError the invoked function was stopped  0"},
      {OperationStatus::cancelled, nullptr, "CANCELLED InvokeError the invoke was cancelled  0"}};
  for (const auto& [status, recorded, expected] : all) {
    World world;
    world.invoke(ship);
    world.complete(1, status, {}, recorded);
    for (int replay = 0; replay < 2; ++replay) {
      std::string what;
      world.invoke([&](Context& ctx) {
        try {
          ship(ctx);
        } catch (const InvokeError& error) {
          what = fmt::format("{} {} {} {} {}", to_string(error.status()), error.error_type(),
                             error.error_message(), error.error().data,
                             error.error().stack_trace.size());
        }
      });
      EXPECT_EQ(what, expected);
    }
    EXPECT_THAT(world.service.requests, SizeIs(1));
    EXPECT_THAT(world.observer.events, Contains(HasSubstr("threw 1 ")));
  }
}

TEST(InvokeArguments, OutsideTheirRangeAreValidationErrorsThatTakeNoPlace) {
  World world;
  world.invoke([&](Context& ctx) {
    EXPECT_THAT([&] { ctx.invoke("ship", "", 1); },
                ThrowsMessage<ValidationError>(
                    AllOf(HasSubstr("invoke \"ship\" at invoke_test.cpp:"),
                          HasSubstr("names no function"), HasSubstr("\"ship:1\""))));
    for (const std::string& tenant : {std::string("caf\u00e9"), std::string("a#b"),
                                      std::string(257, 'a'), std::string("a\n")}) {
      EXPECT_THAT([&] { ctx.invoke("ship", "f", 1, {.tenant_id = tenant}); },
                  ThrowsMessage<ValidationError>(
                      AllOf(HasSubstr("tenant id"), HasSubstr("1 to 256 characters"))));
    }
    EXPECT_THAT([&] { ctx.invoke("caf\u00e9", "f", 1); },
                ThrowsMessage<ValidationError>(HasSubstr("the name")));
    EXPECT_THAT([&] { ctx.invoke("ship", "f", std::numeric_limits<double>::quiet_NaN()); },
                ThrowsMessage<SerDesError>(
                    HasSubstr("the payload of invoke \"ship\" at invoke_test.cpp:")));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.invoke("ship", "f", 1, {.tenant_id = std::string(239, 'a') + "Az09._:/=+-@ bcd"});
  });
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(InvokePayload, ThatIsTooLargeFailsTheExecutionAndSaysWhatToDo) {
  World world;
  world.service.script = {
      fake::refuse(400, "InvalidParameterValueException", "Payload size exceeds the limit.")};
  const auto outcome = world.invoke(
      [](Context& ctx) { ctx.invoke("ship", "f", std::string(kPayloadLimitBytes, 'x')); });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "InvalidParameterValueException");
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("\"ship\" (operation 1)"), HasSubstr("invoke_test.cpp:"),
                    HasSubstr("the payload has 262146 bytes and the limit is 262144"),
                    HasSubstr("send a reference")));
}

class Brackets final : public Serdes {
 public:
  std::string serialize(const nlohmann::json& value, const SerdesContext& context) const override {
    if (value == 13) throw std::runtime_error("unlucky");
    return "<" + std::string(context.operation) + value.dump() + ">";
  }
  nlohmann::json deserialize(std::string_view text, const SerdesContext&) const override {
    return "[" + std::string(text) + "]";
  }
};

TEST(InvokeSerdes, ConvertsPayloadAndResult) {
  World world;
  const auto brackets = std::make_shared<Brackets>();
  const auto body = [&](Context& ctx) {
    return ctx.invoke<std::string>("ship", "f", 1,
                                   {.payload_serdes = brackets, .result_serdes = brackets});
  };
  world.invoke(body);
  EXPECT_EQ(world.service.updates(0), "START ship <ship1> to f");
  world.complete(1, OperationStatus::succeeded, Text("ok"));
  EXPECT_EQ(world.invoke(body).result.view(), "\"[ok]\"");
}

TEST(InvokeSerdes, IsNotThatOfTheHandler) {
  World world;
  world.invoke([](Context& ctx) {
    detail::configure(ctx, {.serdes = std::make_shared<Brackets>()});
    ctx.invoke("ship", "f", 1);
  });
  EXPECT_EQ(world.service.updates(0), "START ship 1 to f");
}

TEST(InvokeSerdes, ThatThrowsFailsTheExecution) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.invoke("ship", "f", 13, {.payload_serdes = std::make_shared<Brackets>()});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "SerDesError");
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("the payload of invoke \"ship\" (operation 1) at invoke_test.cpp:"),
                    HasSubstr("unlucky")));
}

TEST(InvokeIdentity, ComprisesTargetTenantAndPayload) {
  const auto issued = [](std::string_view function, std::string payload, std::string tenant) {
    World world;
    world.invoke([&](Context& ctx) { ctx.invoke("a", function, payload, {.tenant_id = tenant}); });
    return world.observer.events.at(0);
  };
  const auto usual = issued("f", "x", "t");
  EXPECT_EQ(usual, issued("f", "x", "t"));
  EXPECT_NE(usual, issued("g", "x", "t"));
  EXPECT_NE(usual, issued("f", "y", "t"));
  EXPECT_NE(usual, issued("f", "x", ""));
  EXPECT_NE(issued("ft", "x", ""), issued("f", "x", "t"));
}

}  // namespace durable::invoke_test
