#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/callback.hpp>

#include "durable/sdk/testing.hpp"

namespace durable::callback_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

ErrorPtr error(std::string type, std::string message, std::string data = {}) {
  return std::make_shared<const ErrorObject>(ErrorObject{type, message, data, {"at the desk"}});
}

std::string approval(Context& ctx) { return ctx.create_callback("approval").get(); }

// [approval]
std::string ask_for_approval(Context& ctx) {
  const auto approval = ctx.create_callback<bool>("approval", {.timeout = std::chrono::days(9)});
  ctx.step("send-mail", [&] { return "please answer to " + approval.id(); });
  try {
    return approval.get() ? "approved" : "rejected";
  } catch (const CallbackTimeoutError&) {
    return "nobody answered";
  }
}
// [/approval]

TEST(Callback, OfTheReferencePageWorks) {
  World world;
  world.invoke(ask_for_approval);
  EXPECT_EQ(world.service.updates(1),
            "START send-mail, SUCCEED send-mail \"please answer to callback-1\"");
  world.complete(1, OperationStatus::succeeded, Text("false"));
  EXPECT_EQ(world.invoke(ask_for_approval).result.view(), "\"rejected\"");
  world.complete(1, OperationStatus::timed_out);
  EXPECT_EQ(world.invoke(ask_for_approval).result.view(), "\"nobody answered\"");
}

TEST(Callback, IsStartedAtOnceAndSuspendsWhenItsResultIsAskedFor) {
  World world;
  std::string id;
  const auto outcome = world.invoke([&](Context& ctx) {
    const auto callback = ctx.create_callback("approval", {.timeout = std::chrono::days(9)});
    id = callback.id();
    return callback.get();
  });
  EXPECT_EQ(outcome.status, Status::pending);
  EXPECT_EQ(id, "callback-1");
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.updates(0), "START approval 777600s");
  EXPECT_EQ(world.service.requests[0].updates[0].type, OperationType::callback);
  EXPECT_EQ(world.service.requests[0].updates[0].sub_type, OperationSubType::callback);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
}

TEST(Callback, SendsItsHeartbeatTimeout) {
  World world;
  world.invoke([](Context& ctx) {
    ctx.create_callback("approval", {.heartbeat_timeout = seconds(10)}).get();
  });
  EXPECT_EQ(world.service.updates(0), "START approval heartbeat 10s");
}

TEST(Callback, IsNotStartedAgainAndHasTheSameIdOnReplay) {
  World world;
  std::vector<std::string> ids;
  const auto body = [&](Context& ctx) {
    const auto callback = ctx.create_callback("approval");
    ids.push_back(callback.id());
    return callback.get();
  };
  world.invoke(body);
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  world.complete(1, OperationStatus::succeeded, Text("yes"));
  EXPECT_EQ(world.invoke(body).result.view(), "\"yes\"");
  EXPECT_THAT(world.service.requests, SizeIs(1));
  EXPECT_THAT(ids, ElementsAre("callback-1", "callback-1", "callback-1"));
  EXPECT_EQ(world.observer.events.back(), "returned 1 yes");
}

TEST(Callback, ThatIsNotWaitedForDoesNotHoldTheHandler) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) { return ctx.create_callback("a").id(); });
  EXPECT_EQ(outcome.status, Status::succeeded);
}

TEST(Callback, MayBeWaitedForInAnyOrderAndTwice) {
  World world;
  const auto body = [](Context& ctx) {
    const auto first = ctx.create_callback("first");
    const auto second = ctx.create_callback<int>("second");
    const int number = second.get();
    return std::tuple(number, first.get(), second.get());
  };
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(2));
  world.complete(2, OperationStatus::succeeded, Text("7"));
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  EXPECT_EQ(world.engine->suspended_on(), OperationPath().child(1));
  world.complete(1, OperationStatus::succeeded, Text("one"));
  EXPECT_EQ(world.invoke(body).result.view(), R"([7,"one",7])");
}

TEST(Callback, ReturnsAtOnceWhenTheAnswerToItsStartShowsItOver) {
  World world;
  world.service.script.push_back([&](const Request& request) {
    Response response = world.service.apply(request);
    response.operations[0].status = OperationStatus::succeeded;
    response.operations[0].result = Text("quick");
    return response;
  });
  EXPECT_EQ(world.invoke(approval).result.view(), "\"quick\"");
}

template <class T>
InvocationOutcome receive(Text sent, std::shared_ptr<const Serdes> serdes = nullptr) {
  World world;
  const auto body = [&](Context& ctx) -> T {
    return ctx.create_callback<T>("approval", {.serdes = serdes}).get();
  };
  world.invoke(body);
  world.complete(1, OperationStatus::succeeded, std::move(sent));
  return world.invoke(body);
}

TEST(CallbackResult, OfTypeStringIsTheTextAsItWasSent) {
  EXPECT_EQ(receive<std::string>(Text("{\"a\": 1}")).result.view(), R"("{\"a\": 1}")");
  EXPECT_EQ(receive<std::string>(Text("")).result.view(), "\"\"");
  EXPECT_EQ(receive<std::string>({}).result.view(), "\"\"");
}

TEST(CallbackResult, OfAnyOtherTypeIsReadAsJson) {
  EXPECT_EQ(receive<int>(Text("42")).result.view(), "42");
  EXPECT_EQ(receive<std::vector<int>>(Text("[1, 2]")).result.view(), "[1,2]");
  EXPECT_EQ(receive<nlohmann::json>(Text("{\"a\": 1}")).result.view(), "{\"a\":1}");
  EXPECT_EQ(receive<nlohmann::json>({}).result.view(), "null");
  EXPECT_EQ(receive<std::optional<int>>({}).result.view(), "null");
  EXPECT_EQ(receive<void>(Text("whatever it is")).result.view(), "null");
}

TEST(CallbackResult, ThatDoesNotConvertIsASerDesErrorWithNameAndPlace) {
  for (const Text& sent : {Text("yes"), Text("\"1\""), Text("1e99"), Text()}) {
    const auto outcome = receive<int>(sent);
    ASSERT_EQ(outcome.status, Status::failed) << sent.view();
    EXPECT_EQ(outcome.error->type, "SerDesError");
    EXPECT_THAT(
        outcome.error->message,
        HasSubstr("the result of callback \"approval\" (operation 1) at callback_test.cpp:"));
  }
}

class Shouting final : public Serdes {
 public:
  nlohmann::json deserialize(std::string_view text, const SerdesContext& context) const override {
    if (text.empty()) throw std::runtime_error("nothing to shout");
    return std::string(text) + "! from " + std::string(context.operation);
  }
};

TEST(CallbackResult, IsReadByTheSerdesOfItsConfig) {
  const auto shouting = std::make_shared<Shouting>();
  EXPECT_EQ(receive<std::string>(Text("yes"), shouting).result.view(), "\"yes! from approval\"");
  EXPECT_EQ(receive<std::string>({}, shouting).result.view(), "\"\"");
  EXPECT_EQ(receive<std::optional<int>>({}, shouting).result.view(), "null");
  EXPECT_THAT(receive<std::string>(Text(""), shouting).error->message,
              AllOf(HasSubstr("callback \"approval\""), HasSubstr("nothing to shout")));
}

TEST(CallbackResult, IsNotReadByTheSerdesOfTheHandler) {
  World world;
  const auto body = [](Context& ctx) {
    detail::configure(ctx, {.serdes = std::make_shared<Shouting>()});
    return approval(ctx);
  };
  world.invoke(body);
  world.complete(1, OperationStatus::succeeded, Text("yes"));
  EXPECT_EQ(world.invoke(body).result.view(), "\"yes\"");
}

/// What get() threw: class, type, message, data, stack.
std::string caught(World& world) {
  std::string what;
  const auto outcome = world.invoke([&](Context& ctx) {
    const auto callback = ctx.create_callback("approval");
    const auto describe = [&](const char* kind, const CallbackError& error) {
      what = fmt::format("{} {} {} {} {} {} {}", kind, error.code(), error.path().to_string(),
                         error.error_type(), error.error_message(), error.error().data,
                         error.error().stack_trace.size());
    };
    try {
      callback.get();
    } catch (const CallbackTimeoutError& error) {
      describe("timeout", error);
    } catch (const CallbackExternalError& error) {
      describe("external", error);
    }
  });
  EXPECT_EQ(outcome.status, Status::succeeded);
  return what;
}

TEST(CallbackFailure, IsThrownByTheResultAndNeverByTheCreation) {
  World world;
  world.invoke(approval);
  world.complete(1, OperationStatus::failed, {}, error("Rejected", "too expensive", "limit 100"));
  const auto* const first = "external CallbackExternalError 1 Rejected too expensive limit 100 1";
  EXPECT_EQ(caught(world), first);
  EXPECT_EQ(caught(world), first);
  EXPECT_THAT(world.observer.events, Contains("threw 1 Rejected"));
  EXPECT_THAT(world.service.requests, SizeIs(1));
}

TEST(CallbackFailure, HasTheClassOfItsStatus) {
  const std::vector<std::tuple<OperationStatus, ErrorPtr, std::string>> all = {
      {OperationStatus::timed_out, error("Callback.Timeout", "9 days passed"),
       "timeout CallbackTimeoutError 1 Callback.Timeout 9 days passed  1"},
      {OperationStatus::timed_out, error("Callback.Heartbeat", "no beat"),
       "timeout CallbackTimeoutError 1 Callback.Heartbeat no beat  1"},
      {OperationStatus::timed_out, nullptr,
       "timeout CallbackTimeoutError 1 Callback.Timeout Callback timed out  0"},
      {OperationStatus::failed, nullptr,
       "external CallbackExternalError 1 CallbackExternalError Callback failed  0"},
      {OperationStatus::failed, error("", ""),
       "external CallbackExternalError 1 CallbackExternalError Callback failed  1"},
      {OperationStatus::cancelled, error("Gone", "cancelled"),
       "external CallbackExternalError 1 Gone cancelled  1"},
      {OperationStatus::stopped, error("Gone", "stopped"),
       "external CallbackExternalError 1 Gone stopped  1"}};
  for (const auto& [status, failure, expected] : all) {
    World world;
    world.invoke(approval);
    world.complete(1, status, {}, failure);
    EXPECT_EQ(caught(world), expected);
  }
}

TEST(CallbackFailure, ThatIsNotCaughtFailsTheExecutionWithItsMessage) {
  World world;
  world.invoke(approval);
  world.complete(1, OperationStatus::failed, {}, error("Rejected", "too expensive"));
  const auto outcome = world.invoke(approval);
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "CallbackExternalError");
  EXPECT_THAT(outcome.error->message, HasSubstr("too expensive"));
}

TEST(CallbackTimeouts, OutsideTheirRangeAreValidationErrorsThatTakeNoPlace) {
  World world;
  world.invoke([&](Context& ctx) {
    for (const std::int64_t length : {std::int64_t{-1}, std::int64_t{31'622'401}}) {
      EXPECT_THAT([&] { ctx.create_callback("approval", {.timeout = seconds(length)}); },
                  ThrowsMessage<ValidationError>(
                      AllOf(HasSubstr("the timeout of callback \"approval\" at callback_test.cpp:"),
                            HasSubstr(std::to_string(length) + " s"), HasSubstr("366 days"))));
      EXPECT_THAT([&] { ctx.create_callback("approval", {.heartbeat_timeout = seconds(length)}); },
                  ThrowsMessage<ValidationError>(HasSubstr("the heartbeat timeout of callback")));
    }
    EXPECT_THAT([&] { ctx.create_callback("caf\u00e9"); },
                ThrowsMessage<ValidationError>(HasSubstr("the name")));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.create_callback("approval", {.timeout = kLongestWait, .heartbeat_timeout = kLongestWait});
  });
  ASSERT_THAT(world.service.requests, SizeIs(1));
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(CallbackTimeouts, WithAFractionOfASecondAreValidationErrorsThatSayWhatToDo) {
  World world;
  const auto outcome = world.invoke([&](Context& ctx) {
    EXPECT_THAT(
        [&] { ctx.create_callback("approval", {.timeout = std::chrono::milliseconds(1500)}); },
        ThrowsMessage<ValidationError>(
            AllOf(HasSubstr("the timeout of callback \"approval\" at callback_test.cpp:"),
                  HasSubstr(" is 1.5 s; it takes 1 s to 31622400 s (366 days), or 0 for none"),
                  HasSubstr("round it, with std::chrono::ceil<std::chrono::seconds>"))));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.create_callback("approval", {.heartbeat_timeout = std::chrono::duration<double>(0.1)});
  });
  EXPECT_EQ(outcome.status, Status::failed);
  EXPECT_EQ(outcome.error->type, "ValidationError");
  EXPECT_THAT(outcome.error->message, HasSubstr("the heartbeat timeout of callback"));
}

TEST(CallbackIdentity, ComprisesBothTimeouts) {
  const auto issued = [](seconds timeout, seconds heartbeat) {
    World world;
    world.invoke([&](Context& ctx) {
      ctx.create_callback("a", {.timeout = timeout, .heartbeat_timeout = heartbeat});
    });
    return world.observer.events.at(0);
  };
  const auto five_and_none = issued(seconds(5), seconds(0));
  EXPECT_EQ(five_and_none, issued(seconds(5), seconds(0)));
  EXPECT_NE(five_and_none, issued(seconds(6), seconds(0)));
  EXPECT_NE(five_and_none, issued(seconds(0), seconds(5)));
}

TEST(CallbackMisuse, IsToWaitForItInAStepsBody) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    const auto callback = ctx.create_callback("approval");
    ctx.step("send", [&] { callback.get(); });
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
  EXPECT_THAT(outcome.error->message,
              AllOf(HasSubstr("\"approval\" (operation 1)"), HasSubstr("\"send\" (operation 2)")));
}

TEST(CallbackMisuse, IsToSwallowItsSuspension) {
  World world;
  world.invoke([](Context& ctx) {
    const auto callback = ctx.create_callback("approval");
    ctx.step("send", [] {});
    try {
      callback.get();
    } catch (...) {
    }
  });
  EXPECT_THAT(world.observer.events, Contains(HasSubstr("swallowed 1 approval")));
}

TEST(CallbackMisuse, OfTheServiceIsToGiveNoId) {
  World world;
  world.service.script.push_back([&](const Request& request) {
    Response response = world.service.apply(request);
    response.operations[0].callback_id = {};
    return response;
  });
  const auto outcome = world.invoke(approval);
  EXPECT_EQ(outcome.status, Status::function_error);
  EXPECT_EQ(outcome.error->type, "ServiceProtocolError");
}

}  // namespace durable::callback_test
