#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <durable/error_registry.hpp>

#include "durable/sdk/testing.hpp"

namespace durable::error_registry_test {

using fake::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Made again from its message and its data.
struct CardDeclined : std::runtime_error {
  using std::runtime_error::runtime_error;
  int code = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(CardDeclined, code)
};
/// From its message alone.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct StillUnavailable : Unavailable {
  using Unavailable::Unavailable;
};
/// From its data alone; no std::exception.
struct OutOfStock {
  std::string sku;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(OutOfStock, sku)
};
template <class Tag>
struct Tagged : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Unmeasurable : std::runtime_error {
  using std::runtime_error::runtime_error;
  double value = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Unmeasurable, value)
};

const bool kCardDeclined = register_error<CardDeclined>("CardDeclined");
const bool kUnavailable = register_error<Unavailable>("Shop.Unavailable");
const bool kOutOfStock = register_error<OutOfStock>("OutOfStock");
const bool kTagged = register_error<Tagged<CardDeclined>>("Tagged");
const bool kUnmeasurable = register_error<Unmeasurable>("Unmeasurable");

const StepConfig kOnce{.retry = retry::none()};

CardDeclined declined(int code) {
  CardDeclined error("declined by the bank");
  error.code = code;
  return error;
}

/// What the nested StepError says.
std::string cause_of(const std::exception& error) {
  try {
    std::rethrow_if_nested(error);
  } catch (const StepError& cause) {
    return fmt::format("{} {} {} {}", cause.code(), cause.operation(), cause.path().to_string(),
                       cause.error_type());
  }
  return "no cause";
}

TEST(RegisteredError, IsThrownAsItselfOnTheFirstRunAndOnReplay) {
  World world;
  std::vector<std::string> seen;
  const auto body = [&](Context& ctx) {
    try {
      ctx.step("charge", [] { throw declined(51); }, kOnce);
    } catch (const CardDeclined& error) {
      seen.push_back(fmt::format("{} {} / {}", error.what(), error.code, cause_of(error)));
    }
  };
  world.invoke(body);
  world.invoke(body);
  const std::string once = "declined by the bank 51 / StepError charge 1 CardDeclined";
  EXPECT_THAT(seen, ElementsAre(once, once));
  EXPECT_EQ(world.service.updates(0), "START charge, FAIL charge CardDeclined");
  EXPECT_EQ(*world.service.operations[0].error,
            (ErrorObject{"CardDeclined", "declined by the bank", R"({"code":51})"}));
  EXPECT_THAT(world.observer.events, testing::Contains("threw 1 CardDeclined").Times(2));
}

TEST(RegisteredError, IsMadeAgainFromWhatItHas) {
  World world;
  std::vector<std::string> seen;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("ask", [] { throw Unavailable("closed"); }, kOnce);
    } catch (const Unavailable& error) {
      seen.emplace_back(error.what());
    }
    try {
      ctx.step("reserve", [] { throw OutOfStock{"BK-1"}; }, kOnce);
    } catch (const OutOfStock& error) {
      seen.push_back(error.sku);
    }
  });
  EXPECT_THAT(seen, ElementsAre("closed", "BK-1"));
  EXPECT_EQ(world.service.operations[0].error->data, "");
  EXPECT_EQ(world.service.operations[1].error->data, R"({"sku":"BK-1"})");
}

TEST(RegisteredError, ThatNobodyCatchesGivesItsNameToTheExecution) {
  World world;
  const auto outcome =
      world.invoke([](Context& ctx) { ctx.step("charge", [] { throw declined(5); }, kOnce); });
  EXPECT_EQ(*outcome.error, (ErrorObject{"CardDeclined", "declined by the bank", R"({"code":5})"}));
  World other;
  const auto thrown = other.invoke([](Context&) { throw Unavailable("closed"); });
  EXPECT_EQ(thrown.error->type, "Shop.Unavailable");
}

TEST(RegisteredError, ThatIsThrownOnByAnotherStepKeepsItsTypeAndData) {
  World world;
  std::string seen;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("inner", [] { throw declined(51); }, kOnce);
    } catch (const CardDeclined&) {
      try {
        ctx.step("outer", [] { throw; }, kOnce);
      } catch (const CardDeclined& error) {
        seen = fmt::format("{} / {}", error.code, cause_of(error));
      }
    }
  });
  EXPECT_EQ(seen, "51 / StepError outer 2 CardDeclined");
}

TEST(RegisteredError, OfATemplateIsKnownUnderItsCausesToo) {
  World world;
  const auto outcome = world.invoke([](Context&) {
    try {
      throw std::runtime_error("cause");
    } catch (...) {
      std::throw_with_nested(Tagged<CardDeclined>("effect"));
    }
  });
  EXPECT_EQ(outcome.error->type, "Tagged");
  EXPECT_EQ(outcome.error->message, "effect");
}

TEST(UnregisteredError, IsAStepErrorAlsoWhenItsBaseIsRegistered) {
  World world;
  std::string type;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("ask", [] { throw StillUnavailable("closed"); }, kOnce);
    } catch (const StepError& error) {
      type = error.error_type();
    }
  });
  EXPECT_EQ(type, "durable::error_registry_test::StillUnavailable");
}

TEST(UnregisteredError, WithACauseIsRecordedUnderItsOwnClass) {
  World world;
  const auto outcome = world.invoke([](Context&) {
    try {
      throw std::logic_error("cause");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("effect"));
    }
  });
  EXPECT_EQ(outcome.error->type, "std::runtime_error");
}

TEST(RegisteredError, WhoseDataJsonCannotHoldIsAFailureOfThatKind) {
  World world;
  std::string message;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step(
          "measure",
          [] {
            Unmeasurable error("too large");
            error.value = std::numeric_limits<double>::infinity();
            throw error;
          },
          kOnce);
    } catch (const StepError& error) {
      EXPECT_EQ(error.error_type(), "SerDesError");
      message = error.error_message();
    }
  });
  EXPECT_THAT(message,
              HasSubstr("the step's body threw an error whose data cannot be recorded: the number "
                        "at \"/value\" is not finite"));
}

TEST(RegisteredError, WhoseRecordNoLongerConvertsIsASerDesErrorThatNamesTheStep) {
  World world;
  auto& operation = world.recorded(1, "charge", OperationStatus::failed);
  operation.error = std::make_shared<ErrorObject>(ErrorObject{"CardDeclined", "no", "{}"});
  std::string message;
  world.invoke([&](Context& ctx) {
    try {
      ctx.step("charge", [] {});
    } catch (const SerDesError& error) {
      message = error.what();
    }
  });
  EXPECT_THAT(message, HasSubstr("the recorded failure of step \"charge\" (operation 1) at "
                                 "error_registry_test.cpp:"));
  EXPECT_THAT(message, HasSubstr("registered as \"CardDeclined\""));
  EXPECT_THAT(message, HasSubstr("key 'code' not found"));
}

TEST(ErrorRegistry, TakesTheSamePairAgainOnAnyThread) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 100; ++n) {
        register_error<CardDeclined>("CardDeclined");
        EXPECT_EQ(error_type<CardDeclined>(), "CardDeclined");
      }
    });
  }
}

TEST(ErrorRegistry, RefusesASecondNameAndASecondType) {
  EXPECT_THAT([] { register_error<CardDeclined>("Declined"); },
              ThrowsMessage<ValidationError>(HasSubstr(
                  "CardDeclined cannot be registered as \"Declined\": "
                  "durable::error_registry_test::CardDeclined is registered as \"CardDeclined\"")));
  EXPECT_THAT([] { register_error<StillUnavailable>("CardDeclined"); },
              ThrowsMessage<ValidationError>(HasSubstr("is registered as \"CardDeclined\"")));
}

TEST(ErrorRegistry, RefusesNamesThatAreNone) {
  EXPECT_THAT([] { register_error<StillUnavailable>(""); },
              ThrowsMessage<ValidationError>(HasSubstr("1 to 256 printable")));
  EXPECT_THAT([] { register_error<StillUnavailable>("two words"); },
              ThrowsMessage<ValidationError>(HasSubstr("without spaces")));
  EXPECT_THAT([] { register_error<StillUnavailable>("StepInterruptedError"); },
              ThrowsMessage<ValidationError>(HasSubstr("the SDK's own")));
}

TEST(ErrorType, IsTheNameThatIsRecorded) {
  EXPECT_EQ(error_type<Unavailable>(), "Shop.Unavailable");
  EXPECT_EQ(error_type<StillUnavailable>(), "durable::error_registry_test::StillUnavailable");
  EXPECT_EQ(error_type<std::runtime_error>(), "std::runtime_error");
  const auto strategy = retry::linear({.retryable_error_types = {error_type<Unavailable>()}});
  World world;
  world.invoke([&](Context& ctx) {
    ctx.step("ask", [] { throw Unavailable("closed"); }, {.retry = strategy});
  });
  EXPECT_EQ(world.service.updates(0), "START ask, RETRY ask Shop.Unavailable 1s");
}

}  // namespace durable::error_registry_test
