#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <durable/callback.hpp>
#include <durable/error_registry.hpp>

#include "durable/sdk/testing.hpp"

namespace durable::wait_for_callback_test {

using fake::World;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Status = InvocationOutcome::Status;

OperationPath inside(std::uint32_t number) { return OperationPath().child(1).child(number); }

void complete(World& world, OperationStatus status, Text result = {}, ErrorPtr error = nullptr) {
  Operation* const callback = world.service.find(inside(1));
  callback->status = status;
  callback->result = std::move(result);
  callback->error = std::move(error);
}

// [approval]
std::string ask_for_approval(Context& ctx) {
  try {
    const bool approved = ctx.wait_for_callback<bool>(
        "approval", [](const std::string& id) { std::puts(("please answer to " + id).c_str()); },
        {.timeout = std::chrono::days(9)});
    return approved ? "approved" : "rejected";
  } catch (const CallbackTimeoutError&) {
    return "nobody answered";
  }
}
// [/approval]

TEST(WaitForCallback, IsAContextWithACallbackAndAStep) {
  World world;
  EXPECT_EQ(world.invoke(ask_for_approval).status, Status::pending);
  EXPECT_EQ(world.engine->suspended_on(), inside(1));
  ASSERT_THAT(world.service.requests, SizeIs(2));
  EXPECT_EQ(world.service.updates(0), "START approval, START  777600s");
  EXPECT_EQ(world.service.updates(1), "START , SUCCEED  null");
  const OperationUpdate& context = world.service.requests[0].updates[0];
  EXPECT_EQ(context.type, OperationType::context);
  EXPECT_EQ(context.sub_type, OperationSubType::wait_for_callback);
  EXPECT_EQ(world.service.requests[0].updates[1].path, inside(1));
  EXPECT_EQ(world.service.requests[1].updates[0].path, inside(2));
  EXPECT_EQ(world.service.requests[1].updates[0].sub_type, OperationSubType::step);

  complete(world, OperationStatus::succeeded, Text("true"));
  EXPECT_EQ(world.invoke(ask_for_approval).result.view(), "\"approved\"");
  EXPECT_EQ(world.service.updates(2), "SUCCEED approval true");
  EXPECT_EQ(world.invoke(ask_for_approval).result.view(), "\"approved\"");
  EXPECT_THAT(world.service.requests, SizeIs(3));
}

TEST(WaitForCallback, TellsTheSubmitterTheIdOnceAndAgainAfterACrash) {
  World world;
  std::vector<std::string> told;
  const auto body = [&](Context& ctx) {
    return ctx.wait_for_callback("approval", [&](const std::string& id, StepContext& step) {
      told.push_back(id + " in attempt " + std::to_string(step.attempt()));
    });
  };
  world.service.script.push_back(
      [&](const Request& request) { return world.service.apply(request); });
  world.service.script.push_back(fake::fate(Fate::dead));
  world.invoke(body);
  world.invoke(body);
  world.invoke(body);
  EXPECT_THAT(told, ElementsAre("callback-1.1 in attempt 1", "callback-1.1 in attempt 1"));
}

template <class T>
InvocationOutcome receive(Text sent, std::shared_ptr<const Serdes> serdes = nullptr) {
  World world;
  const auto body = [&](Context& ctx) -> T {
    return ctx.wait_for_callback<T>("approval", [](const std::string&) {}, {.serdes = serdes});
  };
  world.invoke(body);
  complete(world, OperationStatus::succeeded, std::move(sent));
  const auto first = world.invoke(body);
  EXPECT_EQ(world.invoke(body).result, first.result);
  return first;
}

class Shouting final : public Serdes {
 public:
  nlohmann::json deserialize(std::string_view text, const SerdesContext&) const override {
    return std::string(text) + "!";
  }
};

TEST(WaitForCallback, ReturnsWhatWasSentAsACallbackDoes) {
  EXPECT_EQ(receive<std::string>(Text("{\"a\"")).result.view(), R"("{\"a\"")");
  EXPECT_EQ(receive<int>(Text("42")).result.view(), "42");
  EXPECT_EQ(receive<std::optional<int>>({}).result.view(), "null");
  EXPECT_EQ(receive<std::string>({}).result.view(), "\"\"");
  EXPECT_EQ(receive<void>(Text("whatever it is")).result.view(), "null");
  EXPECT_EQ(receive<std::string>(Text("yes"), std::make_shared<Shouting>()).result.view(),
            "\"yes!\"");
}

/// What was thrown: class, operation, type, message, data, stack.
template <class Submitter>
std::string caught(World& world, Submitter submitter) {
  std::string what;
  const auto describe = [&](const char* kind, const OperationError& error) {
    what = fmt::format("{} {} {} {} {} {} {}", kind, error.operation(), error.path().to_string(),
                       error.error_type(), error.error_message(), error.error().data,
                       error.error().stack_trace.size());
  };
  world.run([&](Context& ctx) {
    try {
      ctx.wait_for_callback("approval", submitter, {.retry = retry::fixed(2, seconds(1))});
    } catch (const CallbackTimeoutError& error) {
      describe("timeout", error);
    } catch (const CallbackExternalError& error) {
      describe("external", error);
    } catch (const CallbackSubmitterError& error) {
      describe("submitter", error);
    } catch (const ChildContextError& error) {
      describe("context", error);
    }
  });
  return what;
}

TEST(WaitForCallbackFailure, IsThatOfTheCallbackOnTheFirstRunAndOnReplay) {
  const auto error = [](std::string type) {
    return std::make_shared<const ErrorObject>(
        ErrorObject{type, "too expensive", "limit 100", {"at the desk"}});
  };
  const std::vector<std::tuple<OperationStatus, ErrorPtr, std::string>> all = {
      {OperationStatus::failed, error("Rejected"),
       "external approval 1 Rejected too expensive limit 100 1"},
      {OperationStatus::failed, error("CallbackSubmitterError: x"),
       "external approval 1 CallbackSubmitterError: x too expensive limit 100 1"},
      {OperationStatus::timed_out, error("Callback.Timeout"),
       "timeout approval 1 Callback.Timeout too expensive limit 100 1"},
      {OperationStatus::timed_out, error("Callback.Heartbeat"),
       "timeout approval 1 Callback.Heartbeat too expensive limit 100 1"},
      {OperationStatus::failed, nullptr,
       "external approval 1 CallbackExternalError Callback failed  0"}};
  for (const auto& [status, failure, expected] : all) {
    World world;
    const auto submitter = [](const std::string&) {};
    caught(world, submitter);
    complete(world, status, {}, failure);
    EXPECT_EQ(caught(world, submitter), expected);
    ASSERT_THAT(world.service.requests, SizeIs(3));
    EXPECT_THAT(world.service.updates(2), HasSubstr("FAIL approval Callback"));
    EXPECT_EQ(caught(world, submitter), expected);
    EXPECT_THAT(world.service.requests, SizeIs(3));
  }
}

TEST(WaitForCallbackFailure, IsThatOfASubmitterWhoseRetriesAreUsedUp) {
  World world;
  int calls = 0;
  const auto submitter = [&](const std::string&) {
    ++calls;
    throw std::runtime_error("no mail");
  };
  const auto* const expected = "submitter approval 1 std::runtime_error no mail  0";
  EXPECT_EQ(caught(world, submitter), expected);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(world.service.find(inside(1))->status, OperationStatus::started);
  EXPECT_EQ(caught(world, submitter), expected);
  EXPECT_EQ(calls, 2);
}

struct NoMail : std::runtime_error {
  using std::runtime_error::runtime_error;
};
const bool kRegistered = register_error<NoMail>("wait_for_callback_test.NoMail");

TEST(WaitForCallbackFailure, OfASubmitterIsThatAlsoWhereItsTypeIsRegistered) {
  World world;
  EXPECT_EQ(caught(world, [](const std::string&) { throw NoMail("none"); }),
            "submitter approval 1 wait_for_callback_test.NoMail none  0");
}

TEST(WaitForCallbackFailure, OfAnyOtherKindIsThatOfAContext) {
  World world;
  const auto body = [](Context& ctx) {
    return ctx.wait_for_callback<int>("approval", [](const std::string&) {});
  };
  world.invoke(body);
  complete(world, OperationStatus::succeeded, Text("yes"));
  for (int run = 0; run < 2; ++run) {
    const auto outcome = world.invoke(body);
    EXPECT_EQ(outcome.error->type, "ChildContextError");
    EXPECT_THAT(outcome.error->message,
                AllOf(HasSubstr("SerDesError"), HasSubstr("the result of callback operation 1.1")));
  }
}

TEST(WaitForCallbackTimeouts, OutsideTheirRangeAreValidationErrorsThatTakeNoPlace) {
  World world;
  world.invoke([&](Context& ctx) {
    const auto submitter = [](const std::string&) {};
    EXPECT_THAT([&] { ctx.wait_for_callback("approval", submitter, {.timeout = seconds(-1)}); },
                ThrowsMessage<ValidationError>(HasSubstr(
                    "the timeout of callback \"approval\" at wait_for_callback_test.cpp:")));
    EXPECT_THAT(
        [&] {
          ctx.wait_for_callback("approval", submitter,
                                {.heartbeat_timeout = kLongestWait + seconds(1)});
        },
        ThrowsMessage<ValidationError>(HasSubstr("the heartbeat timeout")));
    EXPECT_THAT(world.observer.events, IsEmpty());
    ctx.wait_for_callback("approval", submitter, {.heartbeat_timeout = seconds(5)});
  });
  EXPECT_EQ(world.service.updates(0), "START approval, START  heartbeat 5s");
  EXPECT_EQ(world.service.requests[0].updates[0].path, OperationPath().child(1));
}

TEST(WaitForCallbackSubmitter, MakesNoDurableCalls) {
  World world;
  const auto outcome = world.invoke([](Context& ctx) {
    ctx.wait_for_callback("approval", [&](const std::string&) { ctx.wait("settle", seconds(1)); });
  });
  EXPECT_EQ(outcome.error->type, "ContextMisuseError");
}

TEST(CallbackOfTheContextAround, MayBeWaitedForInAChildContext) {
  World world;
  const auto body = [](Context& ctx) {
    const auto callback = ctx.create_callback<int>("approval");
    return ctx.run_in_child_context("inside", [&](Context&) { return callback.get(); });
  };
  EXPECT_EQ(world.invoke(body).status, Status::pending);
  world.complete(1, OperationStatus::succeeded, Text("7"));
  EXPECT_EQ(world.invoke(body).result.view(), "7");
}

}  // namespace durable::wait_for_callback_test
